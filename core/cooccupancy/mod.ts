/**
 * Co-occupancy: in how many volumes two voxels are both occupied, and which pairs that links.
 *
 * @module
 */
export * from "./bit_matrix.ts";
export * from "./choose_engine.ts";
export * from "./engine.ts";
export * from "./pruning.ts";
export * from "./reference.ts";
export * from "./wasm.ts";
