/**
 * Occupancies: how much of each block, or of what a mask covers, is there in each volume.
 *
 * @module
 */
export * from "./table.ts";
