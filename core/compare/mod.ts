/**
 * Two sets of blocks side by side.
 *
 * @module
 */
export * from "./assignment.ts";
export * from "./compare_blocks.ts";
export * from "./compare_files.ts";
