/**
 * The hypergeometric distribution: how often two voxels are both occupied when their totals are what
 * they are and nothing else ties them. Its upper tail is Fisher's exact test (one-sided).
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { MAX_TRIALS } from "./binomial.ts";
import {
  type Distribution,
  type TableOptions,
  tabulate,
  upperQuantile,
  upperTail,
} from "./distribution.ts";

/**
 * The distribution of `both` given the totals of two voxels, in the style of {@linkcode binomial}.
 *
 * @param volumes Number of volumes N, 0 to 65534.
 * @param f1 Total of one voxel, 0 to N.
 * @param f2 Total of the other, 0 to N.
 * @throws {UsageError} If an argument is out of range.
 */
export function hypergeometric(
  volumes: number,
  f1: number,
  f2: number,
  options?: TableOptions,
): Distribution {
  const isCount = (x: number, most: number) => Number.isInteger(x) && x >= 0 && x <= most;
  if (!(isCount(volumes, MAX_TRIALS) && isCount(f1, volumes) && isCount(f2, volumes))) {
    throw new UsageError(
      `Cannot make a hypergeometric distribution: totals must be 0 to the number of volumes, and that at most ${MAX_TRIALS} (totals ${f1} and ${f2}, ${volumes} volumes)`,
    );
  }
  const least = Math.max(0, f1 + f2 - volumes);
  const greatest = Math.min(f1, f2);
  const mode = Math.floor(((f1 + 1) * (f2 + 1)) / (volumes + 2));
  return tabulate({
    least,
    greatest,
    mode: Math.min(greatest, Math.max(least, mode)),
    up: (k) => (f1 - k) * (f2 - k),
    down: (k) => k * (volumes - f1 - f2 + k),
  }, options);
}

/**
 * Fisher's exact test, one-sided: the probability that two independent voxels of these totals are both
 * occupied in `both` volumes or more (Fisher 1922).
 *
 * @example
 * ```ts
 * import { fisherTail } from "./hypergeometric.ts";
 * import assert from "node:assert";
 *
 * // The lady tasting tea: all four of four cups right, of eight (Fisher 1935).
 * assert.strictEqual(fisherTail(8, 4, 4, 4).toFixed(6), (1 / 70).toFixed(6));
 * ```
 */
export function fisherTail(volumes: number, f1: number, f2: number, both: number): number {
  return upperTail(hypergeometric(volumes, f1, f2), both - 1);
}

/**
 * The least `both` whose {@linkcode fisherTail} is at most `level`; min(f1, f2) + 1 if there is none.
 *
 * @param level 0 to 1.
 * @throws {UsageError} If an argument is out of range.
 */
export function leastSignificantCount(
  volumes: number,
  f1: number,
  f2: number,
  level: number,
): number {
  const distribution = hypergeometric(volumes, f1, f2);
  // P(X >= first) is 1, whatever rounding makes of the sum.
  return level === 1 ? distribution.first : upperQuantile(distribution, level) + 1;
}
