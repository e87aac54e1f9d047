/**
 * Simulated ensembles with known blocks.
 *
 * @module
 */
export * from "./assembly_tree.ts";
export * from "./atomic_model.ts";
export * from "./blocks_from_chains.ts";
export * from "./ensemble.ts";
export * from "./for_cnn.ts";
export * from "./for_cnn_density.ts";
export * from "./for_cnn_level.ts";
export * from "./for_cnn_options.ts";
export * from "./for_cnn_particle.ts";
export * from "./for_cnn_write.ts";
export * from "./model.ts";
export * from "./noise.ts";
export * from "./output_folder.ts";
export * from "./phantom.ts";
export * from "./simulate.ts";
export * from "./truth.ts";
export * from "./write_ensemble.ts";
