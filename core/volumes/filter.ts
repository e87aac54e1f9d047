/**
 * The reference's filter of junk volumes (SIREn's `--filter`).
 *
 * @module
 */

/** Volumes whose threshold is further from the mean than this many standard deviations are dropped. */
const MAX_DEVIATIONS = 2;

/**
 * Which volumes to keep: those whose threshold is within two population standard deviations of the mean
 * of all thresholds, bounds included.
 *
 * @param thresholds One for each volume.
 * @example
 * ```ts
 * import { keepByThreshold } from "./filter.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(keepByThreshold([1, 1, 1, 1, 1, 9]), [true, true, true, true, true, false]);
 * ```
 */
export function keepByThreshold(thresholds: ArrayLike<number>): boolean[] {
  const values = Array.from(thresholds);
  const mean = values.reduce((sum, t) => sum + t, 0) / values.length;
  const variance = values.reduce((sum, t) => sum + (t - mean) ** 2, 0) / values.length;
  const reach = MAX_DEVIATIONS * Math.sqrt(variance);
  return values.map((t) => Math.abs(t - mean) <= reach);
}
