/**
 * Atomic models and their densities.
 *
 * @module
 */
export * from "./density.ts";
export * from "./pdb.ts";
export * from "./sparse_density.ts";
