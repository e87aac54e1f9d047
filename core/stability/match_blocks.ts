/**
 * Which block of one set is which of another, of the same voxels.
 *
 * @module
 */
import { jaccardIndex, overlaps } from "../blocks/overlaps.ts";
import { assign } from "../compare/assignment.ts";

/** How the blocks of one set fare in another. */
export interface BlockMatches {
  /** Place of the other set's block that is each block's match, -1 where there is none. */
  readonly matches: Int32Array;
  /** Jaccard index of the two, 0 to 1; 0 where there is no match. */
  readonly jaccards: Float64Array<ArrayBuffer>;
  /** Voxels shared by each block and each other one: blocks x others, row by row. */
  readonly shared: Uint32Array;
}

/**
 * Matches blocks one to one, so that the sum of their Jaccard indices is greatest, as `compareBlocks` does.
 * So a block that holds two others is the match of one of them, and the other has lost its own. Above an
 * index of 0.5 blocks that do not overlap have no other choice: there it does not matter how they are
 * matched.
 *
 * @param blocks Rows of the voxels of each block, no voxel twice in a block; blocks may overlap.
 * @param others The same of the other set.
 * @example
 * ```ts
 * import { matchBlocks } from "./match_blocks.ts";
 * import assert from "node:assert";
 *
 * const { matches, jaccards } = matchBlocks([[0, 1, 2], [3, 4]], [[0, 1, 2, 3, 4], [5]]);
 * assert.deepStrictEqual([...matches], [0, -1]);
 * assert.deepStrictEqual([...jaccards], [0.6, 0]);
 * ```
 */
export function matchBlocks(
  blocks: readonly ArrayLike<number>[],
  others: readonly ArrayLike<number>[],
): BlockMatches {
  const { both: shared } = overlaps(blocks, others);
  const width = others.length;
  const scores = Float64Array.from(shared, (both, i) => {
    const block = Math.floor(i / width);
    return jaccardIndex(both, blocks[block]!.length, others[i - block * width]!.length);
  });
  const jaccards = new Float64Array(blocks.length);
  const matches = assign(scores, blocks.length, width).map((other, block) => {
    const jaccard = other < 0 ? 0 : scores[block * width + other]!;
    jaccards[block] = jaccard;
    return jaccard > 0 ? other : -1;
  });
  return { matches, jaccards, shared };
}
