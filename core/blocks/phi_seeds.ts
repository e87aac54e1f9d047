/**
 * The seeds of rule `phi`: blocks of the sampled voxels.
 *
 * @module
 */
import { type BitMatrix, totals } from "../cooccupancy/bit_matrix.ts";
import type { Links } from "../cooccupancy/engine.ts";
import { UsageError } from "../errors.ts";
import { groupVoxels, mergeGroups, refineProfiles, splitGroups } from "./phi_clusters.ts";
import { findModes } from "./phi_modes.ts";
import { dropSpurious } from "./phi_spurious.ts";

/**
 * The phi with a block's profile from which on a voxel may belong to it: above it, more than half of what
 * the one tells is told by the other, and a voxel is correlated better with its block than with noise.
 */
export const PHI_JOIN = 0.5;

/** What decides which groups of sampled voxels are blocks. */
export interface PhiSeedOptions {
  /** Fewest sampled voxels of a block, 2 or more. Default 6, as the reference's communities. */
  readonly minBlockSize?: number;
  /** Least phi of a voxel and its block's profile, above 0, at most 1. Default {@linkcode PHI_JOIN}. */
  readonly join?: number;
}

/**
 * The level of a link's exact test at which blocks of independent voxels are as rare as wanted. A seed
 * needs a voxel with `minBlockSize - 1` = k links. If the M sampled voxels were independent, each of
 * that voxel's links would have a probability of at most p (Fisher's exact test, given its own occupancy
 * and the totals of the others), so the probability that any voxel has k of them is at most
 * M * binomial(M - 1, k) * p^k <= M^(k + 1) p^k / k!. The level is the p that makes this `alpha`: the
 * probability that independent voxels give a seed at all is at most `alpha`.
 *
 * @param voxels Number of sampled voxels M, 1 or more.
 * @param minBlockSize Fewest sampled voxels of a block, 2 or more.
 * @param alpha Family-wise error rate, above 0, at most 1.
 * @returns At most 1; about 0.19 / M for M = 5,500 and blocks of 6.
 * @example
 * ```ts
 * import { phiTailLevel } from "./phi_seeds.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(phiTailLevel(1000, 2, 0.01), 0.01 / 1000 ** 2);
 * assert.ok(Math.abs(phiTailLevel(5500, 6, 0.01) * 5500 - 0.186) < 0.001);
 * ```
 */
export function phiTailLevel(voxels: number, minBlockSize = 6, alpha = 0.01): number {
  checkMinBlockSize(minBlockSize);
  const k = minBlockSize - 1;
  let ways = alpha / voxels;
  for (let i = 2; i <= k; i++) ways *= i;
  return Math.min(1, ways ** (1 / k) / voxels);
}

/**
 * Finds the blocks among sampled voxels.
 *
 * 1. Modes: patterns of presence shared by many linked voxels, on scales of phi from 0.95 to 0.65
 *    (`findModes`). Each starts from significant links (see {@linkcode phiTailLevel}).
 * 2. Profiles: voxels go to the mode they follow best, and the better half of each group votes.
 * 3. Groups that are not separate are merged, groups that hold two blocks are split (`areSeparate`): two
 *    blocks that differ in a few volumes only are told apart by the votes in those volumes.
 * 4. Rims and interfaces are dropped (`dropSpurious`), what is left is merged and looked through once
 *    more; the voxels of what was dropped go to the blocks.
 *
 * No step depends on a random number, nor on the order of the voxels but for exact ties.
 *
 * @param matrix Bits of the sampled voxels.
 * @param links Linked pairs of sampled voxels, row < column: phi at least {@linkcode PHI_BOUND} and
 *   significant at {@linkcode phiTailLevel}.
 * @returns Rows of each block's sampled voxels, ascending; the largest block first, of equal ones the one
 *   with the lowest row. A voxel is in one block or none.
 * @throws {UsageError} If an option is out of range.
 */
export function phiSeeds(
  matrix: BitMatrix,
  links: Links,
  options: PhiSeedOptions = {},
): Uint32Array[] {
  const { minBlockSize: fewest = 6, join = PHI_JOIN } = options;
  checkMinBlockSize(fewest);
  if (!(join > 0 && join <= 1)) {
    throw new UsageError(
      `Cannot find blocks: the least phi of a voxel and its block must be above 0 and at most 1 (${join})`,
    );
  }
  let profiles = findModes(matrix, totals(matrix), links, fewest);
  profiles = refineProfiles(matrix, profiles, join, fewest);
  profiles = mergeGroups(matrix, profiles, join, fewest);
  profiles = splitGroups(matrix, profiles, join, fewest);
  profiles = refineProfiles(matrix, profiles, join, fewest);
  // Before interfaces of different blocks merge with each other, and after, for what only then shows.
  profiles = dropSpurious(matrix, profiles, join, fewest);
  profiles = mergeGroups(matrix, profiles, join, fewest);
  profiles = dropSpurious(matrix, profiles, join, fewest);
  profiles = refineProfiles(matrix, profiles, join, fewest);
  return groupVoxels(matrix, profiles, join)
    .map((group) => group.rows)
    .filter((rows) => rows.length >= fewest)
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

function checkMinBlockSize(minBlockSize: number): void {
  if (!(Number.isInteger(minBlockSize) && minBlockSize >= 2)) {
    throw new UsageError(
      `Cannot find blocks: the fewest voxels of a block must be an integer of 2 or more (${minBlockSize})`,
    );
  }
}
