/**
 * Python pickles, read without running anything.
 *
 * @module
 */
export * from "./numpy_array.ts";
export * from "./numpy_globals.ts";
export * from "./numpy_writer.ts";
export * from "./pickle_reader.ts";
export * from "./pickle_values.ts";
export type { PickleHandlers } from "./pickle_machine.ts";
