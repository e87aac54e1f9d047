/**
 * Voxels that are there in the volumes of one class, and not in those of the other.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import type { VolumeClasses } from "./classes.ts";

/** In how many volumes of each class voxels are occupied. */
export interface ClassCounts {
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
}

/** What is asked of a voxel. */
export interface TellingBounds {
  /** Least share of the high volumes in which it is occupied, above 0 to 1. */
  readonly inHigh: number;
  /** Most low volumes in which it is occupied. */
  readonly inLow: number;
}

/** Counts, for each row of a matrix, the volumes of each class in which the voxel is occupied. */
export function countClasses(
  { voxels, wordsPerVoxel, words }: BitMatrix,
  { high, low }: VolumeClasses,
): { readonly high: Uint32Array; readonly low: Uint32Array } {
  const count = (volumes: readonly number[]) => {
    const mask = new Uint32Array(wordsPerVoxel);
    for (const volume of volumes) mask[volume >> 5]! |= 1 << (volume & 31);
    const counts = new Uint32Array(voxels);
    for (let row = 0, at = 0; row < voxels; row++) {
      for (let k = 0; k < wordsPerVoxel; k++) counts[row]! += popcount(words[at++]! & mask[k]!);
    }
    return counts;
  };
  return { high: count(high), low: count(low) };
}

/**
 * The voxels that tell two classes apart: occupied in at least a share of the high volumes and in at most some
 * of the low ones. SIREn's `id_blocks` takes all of the high volumes and at most one of the low ones.
 *
 * @param counts Of each voxel.
 * @param classes At least one volume is high.
 * @returns Places of the voxels, ascending.
 * @example
 * ```ts
 * import { tellingVoxels } from "./telling_voxels.ts";
 * import assert from "node:assert";
 *
 * const counts = { high: [2, 2, 1, 2], low: [0, 3, 0, 1] };
 * const classes = { high: [4, 5], low: [0, 1, 2] };
 * assert.deepStrictEqual([...tellingVoxels(counts, classes, { inHigh: 1, inLow: 1 })], [0, 3]);
 * ```
 */
export function tellingVoxels(
  { high, low }: ClassCounts,
  classes: VolumeClasses,
  { inHigh, inLow }: TellingBounds,
): Uint32Array {
  // Through whole numbers: 0.7 of ten volumes are seven, whatever 0.7 * 10 is.
  const least = Math.ceil(inHigh * classes.high.length - 1e-9);
  const found: number[] = [];
  for (let voxel = 0; voxel < high.length; voxel++) {
    if (high[voxel]! >= Math.max(1, least) && low[voxel]! <= inLow) found.push(voxel);
  }
  return Uint32Array.from(found);
}
