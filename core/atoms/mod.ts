/**
 * Atomic models and their densities.
 *
 * @module
 */
export * from "./chain_names.ts";
export * from "./chains.ts";
export * from "./density.ts";
export * from "./elements.ts";
export * from "./mmcif.ts";
export * from "./pdb.ts";
export * from "./read_model.ts";
export * from "./sparse_density.ts";
