/**
 * Which block of one set is which of another, of the same voxels.
 *
 * @module
 */

/** How the blocks of one set fare in another. */
export interface BlockMatches {
  /** Place of the other set's block that is each block's match, -1 where there is none. */
  readonly matches: Int32Array<ArrayBuffer>;
  /** Jaccard index of the two, 0 to 1; 0 where there is no match. */
  readonly jaccards: Float64Array<ArrayBuffer>;
  /** Voxels shared by each block and each other one: blocks x others, row-major. */
  readonly shared: Uint32Array<ArrayBuffer>;
}

/**
 * Matches blocks one to one: the pair with the highest Jaccard index |both| / |either| first, then the
 * highest among the blocks that are left, and so on while two share a voxel; of equal pairs the one whose
 * blocks come first. So a block that holds two others is the match of one of them, and the other has lost
 * its own. Above an index of 0.5 blocks that do not overlap have no other choice: there it does not matter
 * how they are matched.
 *
 * @param blocks Rows of the voxels of each block, 0 to `voxels` - 1, no voxel twice in a block; blocks may
 *   overlap.
 * @param others The same of the other set.
 * @param voxels Number of voxels that the rows are of.
 * @example
 * ```ts
 * import { matchBlocks } from "./match_blocks.ts";
 * import assert from "node:assert";
 *
 * const { matches, jaccards } = matchBlocks([[0, 1, 2], [3, 4]], [[0, 1, 2, 3, 4], [5]], 6);
 * assert.deepStrictEqual([...matches], [0, -1]);
 * assert.deepStrictEqual([...jaccards], [0.6, 0]);
 * ```
 */
export function matchBlocks(
  blocks: readonly ArrayLike<number>[],
  others: readonly ArrayLike<number>[],
  voxels: number,
): BlockMatches {
  const shared = sharedVoxels(blocks, others, voxels);
  const width = others.length;
  const pairs: { readonly block: number; readonly other: number; readonly jaccard: number }[] = [];
  for (const [block, own] of blocks.entries()) {
    for (const [other, theirs] of others.entries()) {
      const both = shared[block * width + other]!;
      if (both === 0) continue;
      pairs.push({ block, other, jaccard: both / (own.length + theirs.length - both) });
    }
  }
  pairs.sort((a, b) => b.jaccard - a.jaccard || a.block - b.block || a.other - b.other);
  const matches = new Int32Array(blocks.length).fill(-1);
  const jaccards = new Float64Array(blocks.length);
  const taken = new Uint8Array(width);
  for (const { block, other, jaccard } of pairs) {
    if (matches[block]! >= 0 || taken[other] === 1) continue;
    matches[block] = other;
    jaccards[block] = jaccard;
    taken[other] = 1;
  }
  return { matches, jaccards, shared };
}

/** How many voxels each block shares with each other one: blocks x others, row-major. */
function sharedVoxels(
  blocks: readonly ArrayLike<number>[],
  others: readonly ArrayLike<number>[],
  voxels: number,
): Uint32Array<ArrayBuffer> {
  // The others of each voxel, one list after the other, as blocks may overlap.
  const starts = new Uint32Array(voxels + 1);
  for (const rows of others) for (let i = 0; i < rows.length; i++) starts[rows[i]! + 1]!++;
  for (let v = 0; v < voxels; v++) starts[v + 1]! += starts[v]!;
  const lists = new Uint32Array(starts[voxels]!);
  const next = starts.slice();
  for (const [other, rows] of others.entries()) {
    for (let i = 0; i < rows.length; i++) lists[next[rows[i]!]!++] = other;
  }
  const shared = new Uint32Array(blocks.length * others.length);
  for (const [block, rows] of blocks.entries()) {
    for (let i = 0; i < rows.length; i++) {
      for (let at = starts[rows[i]!]!; at < starts[rows[i]! + 1]!; at++) {
        shared[block * others.length + lists[at]!]!++;
      }
    }
  }
  return shared;
}
