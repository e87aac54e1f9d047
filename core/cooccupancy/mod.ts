/**
 * Co-occupancy: in how many volumes two voxels are both occupied, and which pairs that links.
 *
 * @module
 */
export * from "./bit_matrix.ts";
export * from "./choose_engine.ts";
export { findCuda } from "./cuda.ts";
export * from "./engine.ts";
export * from "./engines.ts";
export * from "./found.ts";
export { findNative, nativeEngine } from "./native.ts";
export * from "./pruning.ts";
export * from "./reference.ts";
export { findTfjs, tfjsEngine } from "./tfjs.ts";
export * from "./try_engine.ts";
export * from "./wasm.ts";
export { findWebgpu, webgpuEngine } from "./webgpu.ts";
