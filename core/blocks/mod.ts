/**
 * Blocks: finding them among sampled voxels, and giving them the rest.
 *
 * @module
 */
export * from "./block.ts";
export * from "./consolidate.ts";
export * from "./expand.ts";
export * from "./overlaps.ts";
export { PHI_BOUND } from "./phi_modes.ts";
export * from "./phi_expand.ts";
export * from "./phi_profile.ts";
export * from "./phi_seeds.ts";
