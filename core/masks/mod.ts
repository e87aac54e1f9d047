/**
 * Masks: of voxels above a threshold, wider, and with a soft edge.
 *
 * @module
 */
export * from "./distances.ts";
export * from "./other_box.ts";
export * from "./soft_mask.ts";
