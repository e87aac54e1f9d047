/**
 * Presence profiles: in which volumes a block is there. A profile is the vote of many voxels, so it is
 * nearly free of the noise of any one of them, and two blocks that differ in a handful of volumes have
 * profiles that differ in exactly those.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import { phi } from "../null_model/phi.ts";

/** The volumes in which a block is present. */
export interface Profile {
  /** One bit for each volume, as in a row of a {@linkcode BitMatrix}. */
  readonly words: Uint32Array;
  /** Number of volumes in which the block is present. */
  readonly total: number;
}

/** The profile each voxel of a range of rows follows best. */
export interface NearestProfiles {
  /** Place of the profile in the list, -1 where no profile is followed well enough. */
  readonly profiles: Int32Array<ArrayBuffer>;
  /** Phi of the voxel and that profile; 0 where there is none. */
  readonly phi: Float64Array<ArrayBuffer>;
}

/**
 * The vote of voxels, volume by volume: present where more than half of them are occupied.
 *
 * @param matrix Bits of the voxels.
 * @param rows Rows of the voxels that vote, at least one.
 */
export function majorityProfile(matrix: BitMatrix, rows: ArrayLike<number>): Profile {
  const { volumes, wordsPerVoxel, words } = matrix;
  const votes = new Uint32Array(wordsPerVoxel * 32);
  for (let i = 0; i < rows.length; i++) {
    countBits(words, rows[i]! * wordsPerVoxel, wordsPerVoxel, votes);
  }
  const result = new Uint32Array(wordsPerVoxel);
  let total = 0;
  for (let k = 0; k < volumes; k++) {
    if (2 * votes[k]! > rows.length) {
      result[k >>> 5]! |= 1 << (k & 31);
      total++;
    }
  }
  return { words: result, total };
}

/**
 * The profile of a block given by its voxels: the vote of all of them and then, twice, of the half that
 * follows the vote best. Voxels on the rim of a block and where it touches others do not follow it well;
 * without their votes the profile is right even where they are many, as in a mask drawn by hand.
 *
 * @param matrix Bits of the voxels.
 * @param rows Rows of the block's voxels, at least one.
 * @example
 * ```ts
 * import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
 * import { presenceProfile } from "./phi_profile.ts";
 * import assert from "node:assert";
 *
 * const matrix = bitMatrix(3, 4);
 * matrix.words.set([0b0011, 0b0011, 0b0111]);
 * assert.deepStrictEqual(presenceProfile(matrix, [0, 1, 2]), {
 *   words: Uint32Array.of(0b0011),
 *   total: 2,
 * });
 * ```
 */
export function presenceProfile(matrix: BitMatrix, rows: ArrayLike<number>): Profile {
  let profile = majorityProfile(matrix, rows);
  for (let round = 0; round < 2; round++) {
    const follows = Float64Array.from(rows, (row) => phiWithProfile(matrix, row, profile));
    profile = majorityProfile(matrix, bestHalf(rows, follows));
  }
  return profile;
}

/** Those of `rows` whose score is at least the median of the scores. */
export function bestHalf(rows: ArrayLike<number>, scores: Float64Array): Uint32Array<ArrayBuffer> {
  const median = scores.slice().sort()[scores.length >> 1]!;
  return Uint32Array.from(rows).filter((_, i) => scores[i]! >= median);
}

/** Phi of a voxel and a profile. */
export function phiWithProfile(matrix: BitMatrix, row: number, profile: Profile): number {
  const { volumes, wordsPerVoxel, words } = matrix;
  let total = 0, both = 0;
  for (let w = 0, at = row * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
    total += popcount(words[at]!);
    both += popcount(words[at]! & profile.words[w]!);
  }
  return phi(volumes, total, profile.total, both);
}

/**
 * For each voxel of [rowStart, rowEnd) the profile it has the highest phi with, the first of them where
 * several are equal, if that phi is at least `join`. Each voxel is judged by itself, so any division of
 * the rows gives the same answers.
 *
 * @param matrix Bits of the voxels.
 * @param profiles Profiles over the same volumes.
 * @param join Least phi, above 0.
 */
export function nearestProfiles(
  matrix: BitMatrix,
  rowStart: number,
  rowEnd: number,
  profiles: readonly Profile[],
  join: number,
): NearestProfiles {
  const { volumes, wordsPerVoxel, words } = matrix;
  const table = new Uint32Array(profiles.length * wordsPerVoxel);
  profiles.forEach((profile, p) => table.set(profile.words, p * wordsPerVoxel));
  const best = new Int32Array(rowEnd - rowStart).fill(-1);
  const bestPhi = new Float64Array(rowEnd - rowStart);
  for (let row = rowStart; row < rowEnd; row++) {
    const from = row * wordsPerVoxel;
    let total = 0;
    for (let w = 0; w < wordsPerVoxel; w++) total += popcount(words[from + w]!);
    let nearest = -1, highest = 0;
    for (let p = 0, t = 0; p < profiles.length; p++) {
      let both = 0;
      for (let w = 0; w < wordsPerVoxel; w++) both += popcount(words[from + w]! & table[t++]!);
      const value = phi(volumes, total, profiles[p]!.total, both);
      if (value >= join && value > highest) {
        nearest = p;
        highest = value;
      }
    }
    best[row - rowStart] = nearest;
    bestPhi[row - rowStart] = highest;
  }
  return { profiles: best, phi: bestPhi };
}

/** Number of volumes in which two profiles differ. */
export function differingVolumes(a: Profile, b: Profile): number {
  let count = 0;
  for (let w = 0; w < a.words.length; w++) count += popcount(a.words[w]! ^ b.words[w]!);
  return count;
}

/** Phi of two profiles over `volumes` volumes. */
export function phiOfProfiles(volumes: number, a: Profile, b: Profile): number {
  let both = 0;
  for (let w = 0; w < a.words.length; w++) both += popcount(a.words[w]! & b.words[w]!);
  return phi(volumes, a.total, b.total, both);
}

/** Adds one to `counts[k]` for each bit k that is set in `count` words from `start` on. */
export function countBits(
  words: Uint32Array,
  start: number,
  count: number,
  counts: Uint32Array,
): void {
  for (let w = 0; w < count; w++) {
    for (let rest = words[start + w]!; rest !== 0; rest &= rest - 1) {
      counts[w * 32 + 31 - Math.clz32(rest & -rest)]!++;
    }
  }
}
