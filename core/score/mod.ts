/**
 * Scoring found blocks against the truth of a simulated ensemble.
 *
 * @module
 */
export * from "./adjusted_rand.ts";
export * from "./load_union.ts";
export * from "./oracle.ts";
export * from "./read_blocks.ts";
export * from "./score.ts";
