/**
 * How many voxels blocks share, for all pairs of blocks at once.
 *
 * @module
 */

/** Voxels that blocks share. */
export interface Overlaps {
  /** A x B, row by row: `both[a * B + b]` voxels are in block a of the first set and in b of the second. */
  readonly both: Uint32Array;
  /** Length A: voxels of each block of the first set that are in no block of the second. */
  readonly alone: Uint32Array;
}

/**
 * Counts the voxels that blocks of two sets share. Takes time in proportion to the voxels, not to the pairs
 * of blocks.
 *
 * @param first Voxels of each of A blocks: whole numbers from 0, such as flat indices, none twice in a block.
 * @param second Voxels of each of B blocks; it may be the same set.
 * @example
 * ```ts
 * import { overlaps } from "./overlaps.ts";
 * import assert from "node:assert";
 *
 * const { both, alone } = overlaps([[1, 2, 3], [9]], [[2, 3, 4], [3]]);
 * assert.deepStrictEqual([...both], [2, 1, 0, 0]);
 * assert.deepStrictEqual([...alone], [1, 1]);
 * ```
 */
export function overlaps(
  first: readonly ArrayLike<number>[],
  second: readonly ArrayLike<number>[],
): Overlaps {
  const { starts, holders, rankOf } = holdersOf(second);
  const both = new Uint32Array(first.length * second.length);
  const alone = new Uint32Array(first.length);
  first.forEach((voxels, a) => {
    for (let i = 0; i < voxels.length; i++) {
      const rank = rankOf(voxels[i]!);
      const from = starts[rank] ?? 0, to = starts[rank + 1] ?? from;
      if (from === to) alone[a]!++;
      for (let k = from; k < to; k++) both[a * second.length + holders[k]!]!++;
    }
  });
  return { both, alone };
}

/** Voxels up to this are looked up in a table of them all, which is quicker than one of those that there are. */
const DENSE = 1 << 25;

/**
 * The blocks that hold each voxel: those of the voxel of rank r are `holders` from `starts[r]` to before
 * `starts[r + 1]`. A voxel that no block holds has a rank that is empty or not there.
 */
function holdersOf(blocks: readonly ArrayLike<number>[]) {
  let greatest = -1, entries = 0;
  for (const voxels of blocks) {
    entries += voxels.length;
    for (let i = 0; i < voxels.length; i++) greatest = Math.max(greatest, voxels[i]!);
  }
  const ranks = greatest < DENSE ? undefined : new Map<number, number>();
  if (ranks !== undefined) {
    for (const voxels of blocks) {
      for (let i = 0; i < voxels.length; i++) {
        if (!ranks.has(voxels[i]!)) ranks.set(voxels[i]!, ranks.size);
      }
    }
  }
  const rankOf = (voxel: number) => ranks === undefined ? voxel : ranks.get(voxel) ?? ranks.size;
  const starts = new Uint32Array((ranks?.size ?? greatest + 1) + 1);
  for (const voxels of blocks) {
    for (let i = 0; i < voxels.length; i++) starts[rankOf(voxels[i]!) + 1]!++;
  }
  for (let rank = 1; rank < starts.length; rank++) starts[rank]! += starts[rank - 1]!;
  const next = starts.slice();
  const holders = new Uint32Array(entries);
  blocks.forEach((voxels, b) => {
    for (let i = 0; i < voxels.length; i++) holders[next[rankOf(voxels[i]!)]!++] = b;
  });
  return { starts, holders, rankOf };
}

/**
 * The Jaccard index of two sets: what they share over what either holds.
 *
 * @param both Number of elements in both.
 * @param a Number of elements of the one.
 * @param b Number of elements of the other.
 * @returns 0 to 1; 0 where both are empty.
 */
export function jaccardIndex(both: number, a: number, b: number): number {
  return both === 0 ? 0 : both / (a + b - both);
}

/**
 * The overlap coefficient of two sets: what they share over the smaller of them, so that it is 1 where one
 * lies within the other.
 *
 * @returns 0 to 1; 0 where one is empty.
 */
export function overlapCoefficient(both: number, a: number, b: number): number {
  return both === 0 ? 0 : both / Math.min(a, b);
}
