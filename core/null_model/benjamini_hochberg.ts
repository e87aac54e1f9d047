/**
 * False discovery rate control (Benjamini & Hochberg, "Controlling the false discovery rate", J. R.
 * Stat. Soc. B 1995) over p-values that come with counts.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/**
 * The bound of the step-up procedure: hypotheses with p at most this are rejected. It is the largest p
 * that stands at rank i, of m in ascending order, with p <= level i / m.
 *
 * @param pValues Distinct or not, in any order, each 0 to 1. Values above `level` may be left out: they
 *   are never rejected.
 * @param counts How many hypotheses have each p-value, 1 or more.
 * @param hypotheses Number m of all hypotheses, at least the sum of `counts`.
 * @param level The false discovery rate, 0 to 1.
 * @returns 0 to `level`, or -1 if nothing is rejected.
 * @throws {UsageError} If `level` is out of range.
 * @example
 * ```ts
 * import { stepUpBound } from "./benjamini_hochberg.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(stepUpBound([0.01, 0.02, 0.9], [1, 1, 2], 4, 0.05), 0.02);
 * assert.strictEqual(stepUpBound([0.04], [1], 4, 0.05), -1);
 * ```
 */
export function stepUpBound(
  pValues: ArrayLike<number>,
  counts: ArrayLike<number>,
  hypotheses: number,
  level: number,
): number {
  if (!(level >= 0 && level <= 1)) {
    throw new UsageError(`Cannot control false discoveries: the level must be 0 to 1 (${level})`);
  }
  const sorted = Float64Array.from(pValues).sort();
  // Ranks by counting: what falls on each place of the sorted values, then the sum from below.
  const ranks = new Float64Array(sorted.length);
  for (let k = 0; k < sorted.length; k++) ranks[lastPlace(sorted, pValues[k]!)]! += counts[k]!;
  for (let k = 1; k < ranks.length; k++) ranks[k]! += ranks[k - 1]!;
  for (let k = sorted.length - 1; k >= 0; k--) {
    if (sorted[k]! <= (level * ranks[k]!) / hypotheses) return sorted[k]!;
  }
  return -1;
}

/** The last place of a value that is among `sorted`. */
function lastPlace(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sorted[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Adjusted p-values of the same procedure: the least level at which each hypothesis is rejected.
 *
 * @param pValues All of the hypotheses', each 0 to 1.
 * @returns In the same order; never below the p-value, at most 1.
 * @example
 * ```ts
 * import { adjustedPValues } from "./benjamini_hochberg.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(adjustedPValues([0.5, 0.0625, 0.25, 1]), [0.6666666666666666, 0.25, 0.5, 1]);
 * ```
 */
export function adjustedPValues(pValues: readonly number[]): number[] {
  const byValue = pValues.map((_, i) => i).sort((i, j) => pValues[j]! - pValues[i]!);
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  byValue.forEach((i, k) => {
    least = Math.min(least, pValues[i]! * (pValues.length / (pValues.length - k)));
    adjusted[i] = least;
  });
  return adjusted;
}
