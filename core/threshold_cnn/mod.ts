/**
 * Thresholds predicted by a network: SIREn's second half.
 *
 * @module
 */
export * from "./adam.ts";
export * from "./augment.ts";
export * from "./checkpoint.ts";
export * from "./default_weights.ts";
export * from "./emdb_table.ts";
export * from "./engine.ts";
export * from "./find_engine.ts";
export * from "./fourier_crop.ts";
export * from "./labels.ts";
export * from "./loss.ts";
export * from "./loss_picture.ts";
export * from "./map_levels.ts";
export * from "./map_statistics.ts";
export * from "./measures.ts";
export * from "./network.ts";
export * from "./normalise.ts";
export * from "./normalised_maps.ts";
export * from "./predict_maps.ts";
export * from "./prediction_picture.ts";
export * from "./predictions.ts";
export * from "./running_statistics.ts";
export * from "./split.ts";
export * from "./training.ts";
export * from "./training_history.ts";
export * from "./training_maps.ts";
export * from "./training_options.ts";
export * from "./weights_file/mod.ts";
