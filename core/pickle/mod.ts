/**
 * Python pickles, read without running anything.
 *
 * @module
 */
export * from "./pickle_reader.ts";
export * from "./pickle_values.ts";
export type { PickleHandlers } from "./pickle_machine.ts";
