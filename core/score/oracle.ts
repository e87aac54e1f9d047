/**
 * The oracle: the best that voxels' occupancies allow to one who knows the truth's presences.
 *
 * @module
 */
import { popcount, totals } from "../cooccupancy/bit_matrix.ts";
import type { Union } from "../volumes/union.ts";

/**
 * Gives every union voxel to the block whose presence it correlates best with; of equals, to the first.
 * The correlation is the phi coefficient of presence and occupancy, `(N both - f1 f2) / sqrt(f1 (N - f1) f2 (N - f2))`.
 * Voxels that are always or never occupied, and blocks that are always or never present, have none.
 *
 * @param presence Which volumes hold which blocks: N x K, 0 or 1.
 * @param bound A voxel whose best phi is not above this is given to no block.
 * @returns The flat indices of each block's voxels: K lists.
 */
export function oracleBlocks(
  presence: readonly ArrayLike<number>[],
  { voxels, matrix }: Union,
  bound = 0.5,
): Uint32Array[] {
  const { volumes, wordsPerVoxel, words } = matrix;
  const blocks = presence[0]?.length ?? 0;
  const present = new Uint32Array(blocks * wordsPerVoxel);
  const frequencies = new Uint32Array(blocks);
  presence.forEach((row, k) => {
    for (let b = 0; b < blocks; b++) {
      if (row[b] !== 1) continue;
      present[b * wordsPerVoxel + (k >> 5)]! |= 1 << (k & 31);
      frequencies[b]!++;
    }
  });

  const result: number[][] = Array.from({ length: blocks }, () => []);
  totals(matrix).forEach((f1, v) => {
    let best = -1, bestPhi = bound;
    for (let b = 0; b < blocks; b++) {
      const f2 = frequencies[b]!;
      let both = 0;
      for (let w = 0; w < wordsPerVoxel; w++) {
        both += popcount(words[v * wordsPerVoxel + w]! & present[b * wordsPerVoxel + w]!);
      }
      const phi = (volumes * both - f1 * f2) /
        Math.sqrt(f1 * (volumes - f1) * f2 * (volumes - f2));
      // Not a number where either is constant, and so not above the bound.
      if (phi > bestPhi) {
        best = b;
        bestPhi = phi;
      }
    }
    if (best !== -1) result[best]!.push(voxels[v]!);
  });
  return result.map((list) => Uint32Array.from(list));
}
