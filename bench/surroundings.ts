/**
 * What work in benchmarks is given: all threads of the machine, and nobody to tell news.
 *
 * @module
 */
import type { Surroundings } from "../cluster/progress.ts";

/** Surroundings on all threads of the machine. */
export const surroundings: Surroundings = {
  threads: navigator.hardwareConcurrency,
  engine: "auto",
  host: "",
  command: "bench",
  signal: new AbortController().signal,
  tell: () => {},
};
