/**
 * Other volumes of the same voxels: what a bootstrap draws.
 *
 * @module
 */
import { type BitMatrix, bitMatrix } from "../cooccupancy/bit_matrix.ts";

/**
 * Takes the given volumes, in the given order, into a new matrix; one may be taken more than once.
 *
 * @param matrix Bits of M voxels in N volumes.
 * @param volumes Places of the volumes, each 0 to N - 1: 1 to 65534 of them.
 * @returns Bits of the M voxels in these volumes.
 * @example
 * ```ts
 * import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
 * import { takeVolumes } from "./take_volumes.ts";
 * import assert from "node:assert";
 *
 * const matrix = bitMatrix(2, 3);
 * matrix.words.set([0b011, 0b100]);
 * assert.deepStrictEqual([...takeVolumes(matrix, [2, 2, 0, 1]).words], [0b1100, 0b0011]);
 * ```
 */
export function takeVolumes(matrix: BitMatrix, volumes: ArrayLike<number>): BitMatrix {
  const { voxels, wordsPerVoxel, words } = matrix;
  const result = bitMatrix(voxels, volumes.length);
  const { wordsPerVoxel: width } = result;
  // Where each volume's bit comes from, worked out once for all voxels.
  const word = Uint32Array.from(volumes, (volume) => volume >>> 5);
  const bit = Uint8Array.from(volumes, (volume) => volume & 31);
  for (let v = 0; v < voxels; v++) {
    const from = v * wordsPerVoxel, to = v * width;
    for (let k = 0; k < width; k++) {
      let packed = 0;
      const first = 32 * k, end = Math.min(first + 32, volumes.length);
      for (let i = first; i < end; i++) {
        packed |= ((words[from + word[i]!]! >>> bit[i]!) & 1) << (i - first);
      }
      result.words[to + k] = packed;
    }
  }
  return result;
}
