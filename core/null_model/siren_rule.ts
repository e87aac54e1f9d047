/**
 * The reference's edge between two voxels of totals f1 <= f2 (Kinman, Carreira, Powell & Davis, "SIREn",
 * Structure 2025), all comparisons strict:
 *
 *     both    > min(F positive, f1)
 *     neither > min(G negative, N - f2)      neither = N - f1 - f2 + both
 *
 * with cutoffs `positive` and `negative` of the null model, F a factor that grows with the distance of
 * the voxels, and G 1 unless set. Both conditions rise with `both`, so each pair of totals has one least
 * count that decides.
 *
 * @module
 */
import { NEVER } from "../cooccupancy/engine.ts";
import { UsageError } from "../errors.ts";
import type { Cutoffs } from "./cutoffs.ts";

/**
 * The factor F on the positive cutoff: 1 at distance 0 (a voxel against a block's own median, in the
 * expansion), max(1.25, 0.02 d + 0.95) below 40 Angstrom, 1.75 from there on.
 *
 * @param distance Distance d between two voxels, or a voxel and a block's median, in Angstrom, 0 or more.
 * @throws {UsageError} If the distance is negative or not a number.
 * @example
 * ```ts
 * import { distanceFactor } from "./siren_rule.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual([0, 8, 20, 40, 100].map(distanceFactor), [1, 1.25, 1.35, 1.75, 1.75]);
 * ```
 */
export function distanceFactor(distance: number): number {
  if (!(distance >= 0)) {
    throw new UsageError(`Cannot weigh a distance: it must be 0 or more (${distance})`);
  }
  if (distance === 0) return 1;
  return distance < 40 ? Math.max(1.25, 0.02 * distance + 0.95) : 1.75;
}

/** A pair of totals with its cutoffs. */
export interface PairCutoffs {
  /** Number of volumes N. */
  readonly volumes: number;
  /** Total of one voxel, 0 to N. */
  readonly f1: number;
  /** Total of the other, 0 to N. */
  readonly f2: number;
  /** Cutoff of `both`, 0 or more. */
  readonly positive: number;
  /** Cutoff of `neither`, 0 or more. */
  readonly negative: number;
}

/**
 * The least `both` at which two voxels are linked, or {@linkcode NEVER}. Products of factor and cutoff
 * are rounded as doubles before they are compared; everything else is exact.
 *
 * @param factor F, 0 or more.
 * @param negativeFactor G, 0 or more.
 * @throws {UsageError} If a factor or a cutoff is negative or not a number.
 * @example
 * ```ts
 * import { leastCount } from "./siren_rule.ts";
 * import assert from "node:assert";
 *
 * const pair = { volumes: 100, f1: 40, f2: 50, positive: 30, negative: 40 };
 * assert.strictEqual(leastCount(pair, 1.25), 38);
 * ```
 */
export function leastCount(pair: PairCutoffs, factor: number, negativeFactor = 1): number {
  const { volumes, positive, negative } = pair;
  const smaller = Math.min(pair.f1, pair.f2);
  const larger = Math.max(pair.f1, pair.f2);
  const bothBound = factor * positive;
  const neitherBound = negativeFactor * negative;
  if (!(bothBound >= 0 && neitherBound >= 0)) {
    throw new UsageError(
      `Cannot compare with cutoffs: factors and cutoffs must be 0 or more (${factor} x ${positive}, ${negativeFactor} x ${negative})`,
    );
  }
  const leastBoth = Math.floor(bothBound) + 1;
  const leastNeither = Math.floor(neitherBound) + 1;
  if (leastBoth > smaller || leastNeither > volumes - larger) return NEVER;
  return Math.max(leastBoth, leastNeither - (volumes - smaller - larger));
}

/**
 * Least counts of every pair of classes at one factor.
 *
 * @param volumes Number of volumes N.
 * @param factor F, 0 or more: {@linkcode distanceFactor} or a number that overrides it.
 * @param negativeFactor G, 0 or more.
 * @returns C x C, symmetric.
 * @throws {UsageError} If a factor or a cutoff is negative or not a number.
 */
export function leastCounts(
  cutoffs: Cutoffs,
  volumes: number,
  factor: number,
  negativeFactor = 1,
): Uint16Array<ArrayBuffer> {
  const { totals, positive, negative } = cutoffs;
  const count = totals.length;
  const least = new Uint16Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      const at = i * count + j;
      const pair = {
        volumes,
        f1: totals[i]!,
        f2: totals[j]!,
        positive: positive[at]!,
        negative: negative[at]!,
      };
      least[at] = least[j * count + i] = leastCount(pair, factor, negativeFactor);
    }
  }
  return least;
}
