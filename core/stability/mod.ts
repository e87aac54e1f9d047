/**
 * Stability: what becomes of blocks when the ensemble is drawn again.
 *
 * @module
 */
export * from "./agreement.ts";
export * from "./match_blocks.ts";
export * from "./recommend.ts";
export * from "./screen_table.ts";
export * from "./stability.ts";
export * from "./stability_picture.ts";
export * from "./stability_table.ts";
export * from "./surface_confidence.ts";
export * from "./take_volumes.ts";
