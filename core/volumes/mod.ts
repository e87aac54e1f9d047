/**
 * Volumes: the maps of an ensemble, their thresholds, and their occupancy.
 *
 * @module
 */
export * from "./binarise.ts";
export * from "./compare.ts";
export * from "./csv_text.ts";
export * from "./ensemble.ts";
export * from "./filter.ts";
export * from "./find_maps.ts";
export * from "./info.ts";
export * from "./map_table.ts";
export * from "./precision.ts";
export * from "./sections.ts";
export * from "./thresholds.ts";
export * from "./union.ts";
