/**
 * MRC2014 maps: reading, writing, judging.
 *
 * @module
 */
export * from "./decode.ts";
export * from "./grid.ts";
export * from "./header.ts";
export * from "./modes.ts";
export * from "./read.ts";
export * from "./statistics.ts";
export * from "./stream.ts";
export * from "./validate.ts";
export * from "./write.ts";
