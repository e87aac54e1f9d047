/**
 * Counting sampled pairs by totals and count, for rules that look at all pairs before they link any.
 *
 * @module
 */
import type { Engine, Tile } from "../cooccupancy/engine.ts";
import type { PairCounts } from "./pair_counts.ts";

/**
 * Counts every pair (row, column) with column > row of some tiles.
 *
 * @param engine Over the sample, as rows and as columns.
 * @param classes Class of each voxel of the sample among the totals of `counts`.
 * @param counts The pairs are added to it.
 */
export async function countPairs(
  engine: Engine,
  tiles: readonly Tile[],
  classes: Uint16Array,
  counts: PairCounts,
): Promise<void> {
  for (const tile of tiles) {
    const { rowStart, rowEnd, columnStart, columnEnd } = tile;
    const both = await engine.counts(tile);
    const width = columnEnd - columnStart;
    for (let row = rowStart; row < rowEnd; row++) {
      const at = (row - rowStart) * width - columnStart;
      for (let column = Math.max(columnStart, row + 1); column < columnEnd; column++) {
        counts.add(classes[row]!, classes[column]!, both[at + column]!, 1);
      }
    }
  }
}
