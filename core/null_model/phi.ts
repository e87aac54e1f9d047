/**
 * The phi coefficient of two voxels: the Pearson correlation of their occupancies (Yule, "On the methods
 * of measuring association between two attributes", J. R. Stat. Soc. 1912), and the rule that links
 * voxels by it.
 *
 * @module
 */
import { NEVER } from "../cooccupancy/engine.ts";
import { UsageError } from "../errors.ts";
import { checkTotals } from "./cutoffs.ts";
import { leastSignificantCount } from "./hypergeometric.ts";

/**
 * (N both - f1 f2) / sqrt(f1 (N - f1) f2 (N - f2)), -1 to 1; exactly 1 for voxels that are occupied in
 * the same volumes. A voxel that is occupied always or never tells nothing: phi is 0.
 *
 * @param volumes Number of volumes N, up to 65534.
 * @param f1 Total of one voxel, 0 to N.
 * @param f2 Total of the other, 0 to N.
 * @param both Number of volumes where both are occupied.
 * @example
 * ```ts
 * import { phi } from "./phi.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(phi(100, 50, 50, 50), 1);
 * assert.strictEqual(phi(100, 50, 50, 40), 0.6);
 * assert.strictEqual(phi(100, 50, 50, 25), 0);
 * assert.strictEqual(phi(100, 100, 50, 50), 0);
 * ```
 */
export function phi(volumes: number, f1: number, f2: number, both: number): number {
  const spread = (f1 * (volumes - f1)) * (f2 * (volumes - f2));
  return spread === 0 ? 0 : (volumes * both - f1 * f2) / Math.sqrt(spread);
}

/** What {@linkcode phiLeastCounts} needs. */
export interface PhiRule {
  /** The totals that occur, strictly ascending, each 0 to `volumes`: C classes. */
  readonly totals: ArrayLike<number>;
  /** Number of volumes N, 1 to 65534. */
  readonly volumes: number;
  /** Least phi of a linked pair, above 0, at most 1. */
  readonly bound: number;
  /** Largest tail of Fisher's exact test (one-sided) of a linked pair, 0 to 1. */
  readonly tailLevel: number;
}

/**
 * Least counts of every pair of classes: the least `both` with phi >= `bound` and a tail of at most
 * `tailLevel`, {@linkcode NEVER} where there is none.
 *
 * @returns C x C, symmetric.
 * @throws {UsageError} If an option is out of range.
 * @example
 * ```ts
 * import { phiLeastCounts } from "./phi.ts";
 * import assert from "node:assert";
 *
 * const rule = { totals: [2, 50], volumes: 100, bound: 0.8, tailLevel: 1e-6 };
 * assert.deepStrictEqual([...phiLeastCounts(rule)], [0xffff, 0xffff, 0xffff, 45]);
 * ```
 */
export function phiLeastCounts(rule: PhiRule): Uint16Array<ArrayBuffer> {
  const { volumes, bound, tailLevel } = rule;
  const totals = checkTotals(rule.totals, volumes);
  if (!(bound > 0 && bound <= 1)) {
    throw new UsageError(`Cannot link by phi: the bound must be above 0 and at most 1 (${bound})`);
  }
  if (!(tailLevel >= 0 && tailLevel <= 1)) {
    throw new UsageError(`Cannot link by phi: the tail level must be 0 to 1 (${tailLevel})`);
  }
  const count = totals.length;
  const least = new Uint16Array(count * count).fill(NEVER);
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      const f1 = totals[i]!;
      const f2 = totals[j]!;
      let both = leastByPhi(volumes, f1, f2, bound);
      // The tail is the costly part, and most pairs of totals are too far apart to come so far.
      if (both > f1) continue;
      both = Math.max(both, leastSignificantCount(volumes, f1, f2, tailLevel));
      if (both <= f1) least[i * count + j] = least[j * count + i] = both;
    }
  }
  return least;
}

/** The least `both` with phi >= `bound`; f1 + 1 if there is none. f1 <= f2. */
function leastByPhi(volumes: number, f1: number, f2: number, bound: number): number {
  let low = Math.max(0, f1 + f2 - volumes);
  let high = f1 + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (phi(volumes, f1, f2, middle) >= bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
