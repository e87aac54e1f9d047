/**
 * Regions that tell volumes with a block from volumes without it.
 *
 * @module
 */
export * from "./class_moments.ts";
export * from "./classes.ts";
export * from "./connected_pieces.ts";
export * from "./telling_voxels.ts";
