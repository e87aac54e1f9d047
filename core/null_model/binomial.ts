/**
 * The binomial distribution, exact in the tails.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { type Distribution, type TableOptions, tabulate } from "./distribution.ts";

/** Most trials that {@linkcode binomial} takes: a count of volumes. */
export const MAX_TRIALS = 65534;

/**
 * Binomial(n, p) with p = success / (success + failure). Giving the two chances as integers of the same
 * unit, instead of p, keeps every ratio of the recurrence free of the rounding of p, which would
 * otherwise be raised to the n-th power.
 *
 * Probabilities and tails down to 1e-300 are right to a relative 1e-12.
 *
 * @param n Number of trials, 0 to 65534.
 * @param success Chance of success in any unit, 0 or more.
 * @param failure Chance of failure in the same unit, 0 or more; not both 0.
 * @throws {UsageError} If an argument is out of range.
 * @example
 * ```ts
 * import { binomial } from "./binomial.ts";
 * import { probability, upperQuantile } from "./distribution.ts";
 * import assert from "node:assert";
 *
 * // Two voxels, each occupied in 50 of 100 volumes, are both occupied in a quarter by chance.
 * const both = binomial(100, 50 * 50, 100 * 100 - 50 * 50);
 * assert.strictEqual(probability(both, 25).toFixed(4), "0.0918");
 * assert.strictEqual(upperQuantile(both, 0.01), 35);
 * ```
 */
export function binomial(
  n: number,
  success: number,
  failure: number,
  options?: TableOptions,
): Distribution {
  if (!(Number.isInteger(n) && n >= 0 && n <= MAX_TRIALS)) {
    throw new UsageError(
      `Cannot make a binomial distribution: trials must be 0 to ${MAX_TRIALS} (${n})`,
    );
  }
  const whole = success + failure;
  if (!(success >= 0 && failure >= 0 && whole > 0 && whole < Infinity)) {
    throw new UsageError(
      `Cannot make a binomial distribution: the chances must be 0 or more and not both 0 (${success}, ${failure})`,
    );
  }
  return tabulate({
    least: 0,
    greatest: n,
    mode: Math.min(n, Math.floor((n + 1) * (success / whole))),
    up: (k) => (n - k) * success,
    down: (k) => k * failure,
  }, options);
}
