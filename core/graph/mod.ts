/**
 * Graphs of voxels and of blocks.
 *
 * @module
 */
export * from "./block_graph.ts";
export * from "./csr.ts";
export * from "./label_propagation.ts";
export * from "./louvain.ts";
