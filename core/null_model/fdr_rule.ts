/**
 * The rule that controls the false discovery rate: voxels are linked when they are both occupied more
 * often than independent voxels of their totals would be, by the exact two-sided binomial test, with the
 * level set by Benjamini & Hochberg over all sampled pairs.
 *
 * @module
 */
import { NEVER } from "../cooccupancy/engine.ts";
import { stepUpBound } from "./benjamini_hochberg.ts";
import { binomial } from "./binomial.ts";
import { checkTotals } from "./cutoffs.ts";
import type { Distribution } from "./distribution.ts";
import type { PairCounts } from "./pair_counts.ts";

/** Outcomes this much likelier than the observed one still count as no likelier, as in R and scipy. */
const TIE = 1 + 1e-7;

/**
 * p-values of the exact two-sided test of each outcome of a distribution with a single peak: the
 * probability of all outcomes no likelier than it, up to a relative 1e-7, as R's `binom.test` and scipy's
 * `binomtest` have it.
 *
 * @returns One for each of the distribution's probabilities.
 * @example
 * ```ts
 * import { binomial } from "./binomial.ts";
 * import { twoSidedPValues } from "./fdr_rule.ts";
 * import assert from "node:assert";
 *
 * // Mendel's peas: 682 of 925 yellow where three quarters are expected (Conover 1971).
 * const yellow = binomial(925, 3, 1);
 * assert.strictEqual(twoSidedPValues(yellow)[682 - yellow.first]!.toFixed(4), "0.3825");
 * ```
 */
export function twoSidedPValues({ probabilities }: Distribution): Float64Array<ArrayBuffer> {
  const pValues = new Float64Array(probabilities.length);
  // The least likely outcomes left are at one end or the other: they are taken in from both ends, in
  // order, and the sum so far is the p-value once all that tie with an outcome are in.
  let low = 0;
  let high = probabilities.length - 1;
  let sum = 0;
  const take = (limit: number) => {
    for (; low <= high && probabilities[low]! <= limit; low++) sum += probabilities[low]!;
    for (; low <= high && probabilities[high]! <= limit; high--) sum += probabilities[high]!;
  };
  for (let i = 0, j = probabilities.length - 1; i <= j;) {
    const lower = probabilities[i]! <= probabilities[j]!;
    take((lower ? probabilities[i]! : probabilities[j]!) * TIE);
    pValues[lower ? i++ : j--] = Math.min(1, sum);
  }
  return pValues;
}

/** Two-sided p-values of `both` for two totals; the first is that of `first`. */
function pairPValues(
  volumes: number,
  f1: number,
  f2: number,
  scratch: Float64Array<ArrayBuffer>,
): { first: number; pValues: Float64Array } {
  const product = f1 * f2;
  const both = binomial(volumes, product, volumes * volumes - product, { scratch });
  return { first: both.first, pValues: twoSidedPValues(both) };
}

/**
 * The largest p-value that is still a discovery among all pairs counted.
 *
 * @param counts All sampled pairs.
 * @param level The false discovery rate, 0 to 1.
 * @returns The bound for {@linkcode fdrLeastCounts}; -1 if there are no discoveries.
 * @throws {UsageError} If `level` is out of range.
 */
export function benjaminiHochberg(counts: PairCounts, level: number): number {
  const { totals, volumes } = counts;
  const scratch = new Float64Array(volumes + 1);
  const found: number[] = [];
  const multiplicities: number[] = [];
  let pairs = 0;
  let pairOfTable = -1;
  let table: { first: number; pValues: Float64Array } | undefined;
  counts.forEach((row, column, both, count) => {
    pairs += count;
    const pair = row * totals.length + column;
    if (table === undefined || pair !== pairOfTable) {
      table = pairPValues(volumes, totals[row]!, totals[column]!, scratch);
      pairOfTable = pair;
    }
    // Outside the table the probability is below what a double holds.
    const p = table.pValues[both - table.first] ?? 0;
    if (p <= level) {
      found.push(p);
      multiplicities.push(count);
    }
  });
  return stepUpBound(found, multiplicities, pairs, level);
}

/**
 * Least counts of every pair of classes: the least `both` above its expectation f1 f2 / N with a
 * two-sided p-value of at most `bound`; {@linkcode NEVER} where there is none.
 *
 * @param totals The totals that occur, strictly ascending, each 0 to `volumes`: C classes.
 * @param volumes Number of volumes N, 1 to 65534.
 * @param bound From {@linkcode benjaminiHochberg}.
 * @returns C x C, symmetric.
 * @throws {UsageError} If the totals are out of range.
 * @example
 * ```ts
 * import { fdrLeastCounts } from "./fdr_rule.ts";
 * import assert from "node:assert";
 *
 * // Of two voxels that are occupied in 2 of 100 volumes, one shared volume is significant at 0.05.
 * assert.deepStrictEqual([...fdrLeastCounts([2], 100, 0.05)], [1]);
 * ```
 */
export function fdrLeastCounts(
  totals: ArrayLike<number>,
  volumes: number,
  bound: number,
): Uint16Array<ArrayBuffer> {
  const classes = checkTotals(totals, volumes);
  const count = classes.length;
  const scratch = new Float64Array(volumes + 1);
  const least = new Uint16Array(count * count).fill(NEVER);
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      const f1 = classes[i]!;
      const f2 = classes[j]!;
      const { first, pValues } = pairPValues(volumes, f1, f2, scratch);
      // p-values only fall above the expectation, so the first from above that is too large ends it.
      let both = f1 + 1;
      while (
        (both - 1) * volumes > f1 * f2 && (pValues[both - 1 - first] ?? 0) <= bound
      ) both--;
      if (both <= f1) least[i * count + j] = least[j * count + i] = both;
    }
  }
  return least;
}
