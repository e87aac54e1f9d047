/**
 * Thresholds without a network.
 *
 * @module
 */
export * from "./find_level.ts";
export * from "./otsu.ts";
export * from "./volume.ts";
