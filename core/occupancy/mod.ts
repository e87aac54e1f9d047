/**
 * Occupancies: how much of each block, or of what a mask covers, is there in each volume.
 *
 * @module
 */
export * from "./block_occupancy.ts";
export * from "./mask.ts";
export { formatMavenCsv, modelAndChain } from "./maven.ts";
export * from "./measure.ts";
export { formatOccupancyCsv, occupancyArrow } from "./occupancy_file.ts";
export * from "./read_occupancy.ts";
export * from "./references.ts";
export * from "./region_weights.ts";
export * from "./table.ts";
