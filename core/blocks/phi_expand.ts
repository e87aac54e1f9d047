/**
 * Expansion by rule `phi`: every union voxel joins the block whose presence it follows best.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import { leastSignificantCount } from "../null_model/hypergeometric.ts";
import type { Joined } from "./expand.ts";
import { nearestProfiles, type Profile } from "./phi_profile.ts";
import { PHI_JOIN } from "./phi_seeds.ts";

/** What decides whether a voxel joins a block. */
export interface PhiExpandOptions {
  /** Least phi of the voxel and the block's profile, above 0, at most 1. Default {@linkcode PHI_JOIN}. */
  readonly join?: number;
  /**
   * Probability, 0 to 1, with which a voxel that is independent of all blocks may join one: each block is
   * tested at this over their number, by Fisher's exact test. It decides only where volumes are few.
   * Default 0.01.
   */
  readonly level?: number;
}

/**
 * The voxels of [rowStart, rowEnd) and the block each joins: the one whose profile it has the highest phi
 * with, of equal ones the first, if that is at least `join` and significant. A voxel joins one block or
 * none. Voxels are judged one by one, so that shards of any size give the same answer.
 *
 * @param matrix Bits of the union.
 * @param profiles Profile of each block (`presenceProfile` of its voxels), over the same volumes.
 * @returns In order of (block, row); the scores are phi.
 * @example
 * ```ts
 * import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
 * import { phiExpand } from "./phi_expand.ts";
 * import { presenceProfile } from "./phi_profile.ts";
 * import assert from "node:assert";
 *
 * const matrix = bitMatrix(4, 8);
 * matrix.words.set([0b00001111, 0b11001100, 0b00001111, 0b11110000]);
 * const profiles = [presenceProfile(matrix, [0]), presenceProfile(matrix, [3])];
 * const joined = phiExpand(matrix, 0, 4, profiles, { level: 0.05 });
 * assert.deepStrictEqual([...joined.rows], [0, 2, 3]);
 * assert.deepStrictEqual([...joined.blocks], [0, 0, 1]);
 * ```
 */
export function phiExpand(
  matrix: BitMatrix,
  rowStart: number,
  rowEnd: number,
  profiles: readonly Profile[],
  { join = PHI_JOIN, level = 0.01 }: PhiExpandOptions = {},
): Joined {
  const nearest = nearestProfiles(matrix, rowStart, rowEnd, profiles, join);
  const isSignificant = significance(matrix, profiles, level / profiles.length);
  const rows: number[][] = profiles.map(() => []);
  nearest.profiles.forEach((p, i) => {
    if (p >= 0 && isSignificant(rowStart + i, p)) rows[p]!.push(rowStart + i);
  });
  return {
    rows: Uint32Array.from(rows.flat()),
    blocks: Uint32Array.from(rows.flatMap((own, p) => own.map(() => p))),
    scores: Float64Array.from(rows.flat(), (row) => nearest.phi[row - rowStart]!),
  };
}

/** Whether a voxel and a profile are occupied together more often than by chance. */
function significance(
  { volumes, wordsPerVoxel, words }: BitMatrix,
  profiles: readonly Profile[],
  level: number,
): (row: number, profile: number) => boolean {
  // The least count depends on two totals alone, and most voxels share theirs with others.
  const least = new Map<number, number>();
  return (row, p) => {
    const profile = profiles[p]!;
    let total = 0, both = 0;
    for (let w = 0, at = row * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
      total += popcount(words[at]!);
      both += popcount(words[at]! & profile.words[w]!);
    }
    const key = total * (volumes + 1) + profile.total;
    let needed = least.get(key);
    if (needed === undefined) {
      needed = leastSignificantCount(volumes, total, profile.total, level);
      least.set(key, needed);
    }
    return both >= needed;
  };
}
