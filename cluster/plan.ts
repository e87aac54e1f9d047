/**
 * How the pairs of a stage are split into shards. The plan depends on the run alone, never on threads or
 * machines, so that a shard computed anywhere is the same to the byte.
 *
 * @module
 */
import type { Tile } from "../core/cooccupancy/mod.ts";

/** Side of a sketch tile in voxels. */
export const TILE_SIDE = 1024;
/** Fewest pairs worth a file of their own. */
const FEWEST_PAIRS = 2 ** 21;
/** Most shards of a stage: more would be tens of thousands of small files. */
const MOST_SHARDS = 1024;

/** Pairs of all tiles of a shard; those of a tile on the diagonal count twice. */
export function pairsOfTiles(tiles: readonly Tile[]): number {
  return tiles.reduce((sum, tile) => sum + pairsOf(tile), 0);
}

/** Comparisons of each range of rows with `columns` others. */
export function pairsOfRanges(
  ranges: readonly { readonly start: number; readonly end: number }[],
  columns: number,
): number[] {
  return ranges.map(({ start, end }) => (end - start) * columns);
}

const pairsOf = (tile: Tile) => (tile.rowEnd - tile.rowStart) * (tile.columnEnd - tile.columnStart);

/** Splits tiles, kept in order, into shards of about equal numbers of pairs. */
export function planSketch(tiles: readonly Tile[]): Tile[][] {
  const total = pairsOfTiles(tiles);
  const target = Math.max(FEWEST_PAIRS, total / MOST_SHARDS);
  const shards: Tile[][] = [];
  let shard: Tile[] = [], pairs = 0;
  for (const tile of tiles) {
    shard.push(tile);
    pairs += pairsOf(tile);
    if (pairs >= target) {
      shards.push(shard);
      shard = [];
      pairs = 0;
    }
  }
  if (shard.length > 0) shards.push(shard);
  return shards;
}

/**
 * Splits union voxels into ranges of rows, one a shard.
 *
 * @param voxels Number of union voxels.
 * @param columns Number of comparisons for each.
 */
export function planExpand(voxels: number, columns: number): { start: number; end: number }[] {
  const target = Math.max(FEWEST_PAIRS * 2, voxels * columns / MOST_SHARDS);
  // Whole groups of 64 rows, so that no engine has to pad inside a stage.
  const rows = Math.max(64, Math.ceil(target / Math.max(columns, 1) / 64) * 64);
  const shards = [];
  for (let start = 0; start < voxels; start += rows) {
    shards.push({ start, end: Math.min(start + rows, voxels) });
  }
  return shards;
}
