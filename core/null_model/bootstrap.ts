/**
 * Bootstrapped percentiles without the bootstrap: only the order statistics that the percentile reads
 * are drawn.
 *
 * The largest of n uniform draws is distributed as V^(1/n) with V uniform; the next largest is that times
 * W^(1/(n - 1)), and so on (Devroye, "Non-Uniform Random Variate Generation", 1986, V.3). Their quantiles
 * in a distribution are the largest, second largest, ... of n draws from it.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Distribution, upperQuantile } from "./distribution.ts";
import { interpolate, percentilePosition } from "./percentile.ts";

/**
 * Outcomes this many times less likely than the mode are as good as never drawn: the smallest tail that
 * {@linkcode bootstrapPercentile} can ask for is 2^-53 / trials.
 */
export const NEGLIGIBLE = 1e-24;

/**
 * Draws the value that `numpy.percentile(draws, 100 * (1 - level))` has for `trials` draws from a
 * distribution. The value is distributed exactly as if all had been drawn.
 *
 * @param trials Number of draws, 1 to 10^6.
 * @param level 0 to 1: the share of draws that should lie above the value.
 * @param rng One number is taken from it for each rank from the top that the percentile needs.
 * @throws {UsageError} If `trials` or `level` is out of range.
 * @example
 * ```ts
 * import { random } from "../random.ts";
 * import { binomial } from "./binomial.ts";
 * import { bootstrapPercentile } from "./bootstrap.ts";
 * import assert from "node:assert";
 *
 * // At a level of 1e-9 the percentile of 1000 draws is all but their maximum.
 * const value = bootstrapPercentile(binomial(500, 1, 4), 1000, 1e-9, random(1));
 * assert(value > 115 && value < 150);
 * ```
 */
export function bootstrapPercentile(
  distribution: Distribution,
  trials: number,
  level: number,
  rng: Random,
): number {
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= 1e6)) {
    throw new UsageError(`Cannot bootstrap: trials must be an integer of 1 to 10^6 (${trials})`);
  }
  if (!(level >= 0 && level <= 1)) {
    throw new UsageError(`Cannot bootstrap: the level must be 0 to 1 (${level})`);
  }
  const { lower, upper, fraction } = percentilePosition(trials, 100 * (1 - level));
  // Logarithms keep the distance of the uniforms from 1, which is what the quantile needs.
  let logarithm = 0;
  let remaining = trials;
  const draw = (rank: number) => {
    while (remaining > rank) logarithm += Math.log(1 - rng.uniform()) / remaining--;
    return upperQuantile(distribution, -Math.expm1(logarithm));
  };
  const high = draw(upper);
  const low = draw(lower);
  return interpolate(low, high, fraction);
}
