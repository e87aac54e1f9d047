/**
 * Statistics of a map.
 *
 * @module
 */

/** Statistics over the finite voxels of a map, in double precision. */
export interface Statistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Population rms deviation from the mean. */
  readonly rms: number;
  /** Voxels that are not numbers. */
  readonly nans: number;
  /** Voxels that are infinite. */
  readonly infinities: number;
}

/**
 * Least, greatest and mean density and the rms deviation from the mean. Voxels that are not finite are
 * counted and left out; where none is finite the four numbers are NaN.
 *
 * @example
 * ```ts
 * import { statistics } from "./statistics.ts";
 * import assert from "node:assert";
 *
 * const { mean, rms, nans } = statistics(Float32Array.of(1, 3, NaN));
 * assert.deepStrictEqual([mean, rms, nans], [2, 1, 1]);
 * ```
 */
export function statistics(data: Float32Array): Statistics {
  let min = Infinity, max = -Infinity, sum = 0, finite = 0, nans = 0;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x - x === 0) {
      if (x < min) min = x;
      if (x > max) max = x;
      sum += x;
      finite++;
    } else if (x !== x) nans++;
  }
  const infinities = data.length - finite - nans;
  if (finite === 0) return { min: NaN, max: NaN, mean: NaN, rms: NaN, nans, infinities };
  // A second pass: the sum of squares alone would lose the deviation of a map far from zero.
  const mean = sum / finite;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const deviation = data[i]! - mean;
    if (deviation - deviation === 0) squares += deviation * deviation;
  }
  return { min, max, mean, rms: Math.sqrt(squares / finite), nans, infinities };
}
