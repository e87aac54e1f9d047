/**
 * The precision in which densities and thresholds are compared.
 *
 * @module
 */

/**
 * Rounds a threshold to the precision of a map's densities, as NumPy does when it compares an array with
 * a number: a density that was written as the threshold itself is then equal to it, not above it.
 *
 * @param mode MRC mode of the map: 12 holds 16-bit floats, 2 holds 32-bit floats, others integers.
 * @param threshold Any finite number.
 * @returns The threshold to compare with, as a double; integers are compared with it unrounded.
 * @example
 * ```ts
 * import { thresholdFor } from "./precision.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(thresholdFor(12, 0.1), 0.0999755859375);
 * assert.strictEqual(thresholdFor(1, 0.1), 0.1);
 * ```
 */
export function thresholdFor(mode: number, threshold: number): number {
  if (mode === 12) return Math.f16round(threshold);
  return mode === 2 ? Math.fround(threshold) : threshold;
}
