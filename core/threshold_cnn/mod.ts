/**
 * Thresholds predicted by a network: SIREn's second half.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./engine.ts";
export * from "./network.ts";
