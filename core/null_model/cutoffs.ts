/**
 * Cutoffs of the null model: how often two independent voxels of given totals are both occupied, or
 * both empty, at most. For voxels of totals f1 and f2 in N volumes, `both` is Binomial(N, f1 f2 / N^2)
 * and `neither` is Binomial(N, (1 - f1/N)(1 - f2/N)) (Kinman, Carreira, Powell & Davis, "SIREn",
 * Structure 2025).
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { type Random, random } from "../random.ts";
import { binomial, MAX_TRIALS } from "./binomial.ts";
import { bootstrapPercentile, NEGLIGIBLE } from "./bootstrap.ts";
import { upperQuantile } from "./distribution.ts";

/** How cutoffs are computed; see {@linkcode computeCutoffs}. */
export type CutoffMethod = "bootstrap" | "quantile" | "exact";

/** Cutoffs by pair of classes; a class is a total that occurs. */
export interface Cutoffs {
  /** The totals that occur, ascending: C classes. */
  readonly totals: Uint32Array<ArrayBuffer>;
  /** C x C, symmetric: `both` is significant above it. */
  readonly positive: Float64Array<ArrayBuffer>;
  /** C x C, symmetric: `neither` is significant above it. */
  readonly negative: Float64Array<ArrayBuffer>;
}

/** What {@linkcode computeCutoffs} needs. */
export interface CutoffOptions {
  /**
   * - `quantile`: the median of the largest of `trials` draws: the value about which the reference's
   *   bootstrap scatters at the small levels it is run at (within 3 counts for nine pairs of totals in
   *   ten, at 100 to 160 volumes). Takes no level and no seed.
   * - `bootstrap`: percentile 100 (1 - level) of `trials` draws, as the reference, seeded.
   * - `exact`: the smallest count that is exceeded with a probability of at most the level.
   */
  readonly method: CutoffMethod;
  /** The totals that occur, strictly ascending, each 0 to `volumes`. */
  readonly totals: ArrayLike<number>;
  /** Number of volumes N, 1 to 65534. */
  readonly volumes: number;
  /** Level of the positive cutoff, corrected for the number of tests; 0 to 1. */
  readonly positiveLevel: number;
  /** Level of the negative cutoff, corrected for the number of tests; 0 to 1. */
  readonly negativeLevel: number;
  /** Number of bootstrap draws, 1 to 10^6; the reference takes 1000. */
  readonly trials: number;
  /** Each pair of totals has a stream of its own from (seed, f1, f2). */
  readonly seed: number;
}

/**
 * Level of one test among all pairs of a sample, Bonferroni-corrected: p / C(sampled, 2).
 *
 * @param p Level of the whole family.
 * @param sampled Number of sampled voxels; with fewer than two there is nothing to correct for.
 */
export function sketchLevel(p: number, sampled: number): number {
  return p / Math.max(1, (sampled * (sampled - 1)) / 2);
}

/**
 * Level of one test of every voxel of the union against every voxel of every block,
 * Bonferroni-corrected: p / (union voxels x sum of block sizes).
 *
 * @param p Level of the whole family.
 */
export function expandLevel(p: number, unionVoxels: number, blockSizes: readonly number[]): number {
  return p / Math.max(1, unionVoxels * blockSizes.reduce((sum, size) => sum + size, 0));
}

/**
 * Sorts voxels into classes of equal total.
 *
 * @param totals Total of each voxel.
 * @returns The totals that occur, ascending, and for each voxel the index of its own among them.
 * @example
 * ```ts
 * import { totalClasses } from "./cutoffs.ts";
 * import assert from "node:assert";
 *
 * const { totals, classes } = totalClasses([7, 3, 7]);
 * assert.deepStrictEqual([...totals], [3, 7]);
 * assert.deepStrictEqual([...classes], [1, 0, 1]);
 * ```
 */
export function totalClasses(
  totals: ArrayLike<number>,
): { totals: Uint32Array<ArrayBuffer>; classes: Uint16Array<ArrayBuffer> } {
  const distinct = Uint32Array.from(new Set(Array.from(totals))).sort();
  const index = new Map(Array.from(distinct, (total, i) => [total, i]));
  return { totals: distinct, classes: Uint16Array.from(totals, (total) => index.get(total)!) };
}

/**
 * Checks totals and takes a copy of them.
 *
 * @throws {UsageError} If they are not strictly ascending integers of 0 to `volumes`.
 */
export function checkTotals(totals: ArrayLike<number>, volumes: number): Uint32Array<ArrayBuffer> {
  let before = -1;
  for (const total of Array.from(totals)) {
    if (!(Number.isInteger(total) && total > before && total <= volumes)) {
      throw new UsageError(
        `Cannot use totals: they must be ascending integers of 0 to the number of volumes (${total} after ${before}, ${volumes} volumes)`,
      );
    }
    before = total;
  }
  return Uint32Array.from(totals);
}

/**
 * Computes the cutoffs of every pair of totals that occurs. A pair's cutoffs do not depend on which
 * other totals occur.
 *
 * @throws {UsageError} If an option is out of range.
 * @example
 * ```ts
 * import { computeCutoffs } from "./cutoffs.ts";
 * import assert from "node:assert";
 *
 * const { positive } = computeCutoffs({
 *   method: "exact",
 *   totals: [20, 50],
 *   volumes: 100,
 *   positiveLevel: 0.01,
 *   negativeLevel: 0.05,
 *   trials: 1000,
 *   seed: 0,
 * });
 * assert.deepStrictEqual([...positive], [9, 18, 18, 35]);
 * ```
 */
export function computeCutoffs(options: CutoffOptions): Cutoffs {
  const { method, volumes, trials } = options;
  const { positiveLevel, negativeLevel } = options;
  if (!(Number.isInteger(volumes) && volumes >= 1 && volumes <= MAX_TRIALS)) {
    throw new UsageError(
      `Cannot compute cutoffs: volumes must be 1 to ${MAX_TRIALS} (${volumes})`,
    );
  }
  const totals = checkTotals(options.totals, volumes);
  for (const level of [positiveLevel, negativeLevel]) {
    if (!(level >= 0 && level <= 1)) {
      throw new UsageError(`Cannot compute cutoffs: levels must be 0 to 1 (${level})`);
    }
  }
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= 1e6)) {
    throw new UsageError(
      `Cannot compute cutoffs: trials must be an integer of 1 to 10^6 (${trials})`,
    );
  }
  const empty = totals.map((total) => volumes - total);
  if (method === "bootstrap") return { totals, ...bootstrapAll(options, totals, empty) };
  // The largest of n draws is at most x with probability F(x)^n, which is 1/2 at this tail.
  const medianOfLargest = -Math.expm1(-Math.LN2 / trials);
  const quantiles = (factors: Uint32Array, level: number) =>
    quantilesOfProducts(volumes, factors, method === "quantile" ? medianOfLargest : level);
  return {
    totals,
    positive: quantiles(totals, positiveLevel),
    negative: quantiles(empty, negativeLevel),
  };
}

/** Bootstrapped cutoffs of every pair; `empty` is N - total. */
function bootstrapAll(
  { volumes, trials, seed, positiveLevel, negativeLevel }: CutoffOptions,
  totals: Uint32Array,
  empty: Uint32Array,
): Pick<Cutoffs, "positive" | "negative"> {
  const classCount = totals.length;
  const positive = new Float64Array(classCount * classCount);
  const negative = new Float64Array(classCount * classCount);
  const table = { floor: NEGLIGIBLE, scratch: new Float64Array(volumes + 1) };
  const draw = (product: number, level: number, rng: Random) => {
    const both = binomial(volumes, product, volumes * volumes - product, table);
    return bootstrapPercentile(both, trials, level, rng);
  };
  for (let i = 0; i < classCount; i++) {
    for (let j = i; j < classCount; j++) {
      const rng = random(seed, totals[i]! * 0x10000 + totals[j]!);
      const at = i * classCount + j;
      const mirrored = j * classCount + i;
      positive[at] = positive[mirrored] = draw(totals[i]! * totals[j]!, positiveLevel, rng);
      negative[at] = negative[mirrored] = draw(empty[i]! * empty[j]!, negativeLevel, rng);
    }
  }
  return { positive, negative };
}

/**
 * Upper quantiles of Binomial(N, a b / N^2) for every pair (a, b) of `factors`. They depend on the
 * product alone and never fall as it grows, so only the steps need to be found: by bisection of the
 * products that occur.
 */
function quantilesOfProducts(
  volumes: number,
  factors: Uint32Array,
  tail: number,
): Float64Array<ArrayBuffer> {
  const count = factors.length;
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) products[i * count + j] = factors[i]! * factors[j]!;
  }
  if (count === 0) return products;
  const scratch = new Float64Array(volumes + 1);
  const quantileOf = (product: number) =>
    upperQuantile(binomial(volumes, product, volumes * volumes - product, { scratch }), tail);

  const sorted = products.toSorted();
  /** Ascending: the largest product of each step, and the quantile up to it. */
  const steps: { product: number; quantile: number }[] = [];
  const split = (low: number, high: number, atLow: number, atHigh: number) => {
    if (atLow === atHigh) return;
    if (high - low === 1) {
      steps.push({ product: sorted[low]!, quantile: atLow });
      return;
    }
    const middle = (low + high) >>> 1;
    const atMiddle = quantileOf(sorted[middle]!);
    split(low, middle, atLow, atMiddle);
    split(middle, high, atMiddle, atHigh);
  };
  const last = sorted.length - 1;
  const greatest = quantileOf(sorted[last]!);
  split(0, last, quantileOf(sorted[0]!), greatest);
  steps.push({ product: sorted[last]!, quantile: greatest });

  return products.map((product) => {
    let low = 0;
    let high = steps.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (steps[middle]!.product < product) low = middle + 1;
      else high = middle;
    }
    return steps[low]!.quantile;
  });
}
