/**
 * Thresholds predicted by a network: SIREn's second half.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./engine.ts";
export * from "./fourier_crop.ts";
export * from "./labels.ts";
export * from "./map_statistics.ts";
export * from "./network.ts";
export * from "./normalise.ts";
export * from "./normalised_maps.ts";
export * from "./weights_file/mod.ts";
