/**
 * Expansion by rule `phi`: every union voxel joins the block whose presence it follows best.
 *
 * @module
 */
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import type { Joined } from "./expand.ts";
import { nearestProfiles, type Profile } from "./phi_profile.ts";
import { PHI_JOIN } from "./phi_seeds.ts";

/**
 * The voxels of [rowStart, rowEnd) and the block each joins: the one whose profile it has the highest phi
 * with, of equal ones the first, if that is at least `join`. A voxel joins one block or none. Voxels are
 * judged one by one, so that shards of any size give the same answer.
 *
 * @param matrix Bits of the union.
 * @param profiles Profile of each block (`presenceProfile` of its voxels), over the same volumes.
 * @param join Least phi, above 0, at most 1.
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
 * const joined = phiExpand(matrix, 0, 4, profiles);
 * assert.deepStrictEqual([...joined.rows], [0, 2, 3]);
 * assert.deepStrictEqual([...joined.blocks], [0, 0, 1]);
 * ```
 */
export function phiExpand(
  matrix: BitMatrix,
  rowStart: number,
  rowEnd: number,
  profiles: readonly Profile[],
  join = PHI_JOIN,
): Joined {
  const nearest = nearestProfiles(matrix, rowStart, rowEnd, profiles, join);
  const sizes = new Uint32Array(profiles.length + 1);
  for (const p of nearest.profiles) if (p >= 0) sizes[p + 1]!++;
  for (let p = 0; p < profiles.length; p++) sizes[p + 1]! += sizes[p]!;
  const count = sizes[profiles.length]!;
  const rows = new Uint32Array(count), blocks = new Uint32Array(count);
  const scores = new Float64Array(count);
  nearest.profiles.forEach((p, i) => {
    if (p < 0) return;
    const at = sizes[p]!++;
    rows[at] = rowStart + i;
    blocks[at] = p;
    scores[at] = nearest.phi[i]!;
  });
  return { rows, blocks, scores };
}
