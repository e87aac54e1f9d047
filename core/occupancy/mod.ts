/**
 * Occupancies: how much of each block, or of what a mask covers, is there in each volume.
 *
 * @module
 */
export * from "./block_occupancy.ts";
export { formatOccupancyCsv, occupancyArrow } from "./occupancy_file.ts";
export * from "./table.ts";
