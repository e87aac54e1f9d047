/**
 * Which pairs of voxels to look at: all pairs cut into tiles, without the tiles that cannot hold a link.
 *
 * Two voxels are both occupied in at most as many volumes as the rarer of them is. Where that is below the
 * least count of every pair of a tile, the tile is dead and need not be read. This is exact: no link
 * is lost. With voxels sorted by total, whole corners of the triangle of pairs fall away. (Engines
 * prune in the same way within a tile.)
 *
 * @module
 */
import { type LeastCounts, NEVER, type Tile } from "./engine.ts";

/**
 * Cuts the pairs (u, v), u < v, of one list of voxels into tiles, row-major. The tiles on the diagonal
 * hold other pairs too: engines leave those out where told that the pairs are triangular.
 *
 * @param voxels Number of voxels.
 * @param side Rows and columns of a tile, but for the last ones; at least 1.
 * @throws {RangeError} If `side` is not a positive integer.
 * @example
 * ```ts
 * import { triangularTiles } from "./pruning.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(triangularTiles(5, 3), [
 *   { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 3 },
 *   { rowStart: 0, rowEnd: 3, columnStart: 3, columnEnd: 5 },
 *   { rowStart: 3, rowEnd: 5, columnStart: 3, columnEnd: 5 },
 * ]);
 * ```
 */
export function triangularTiles(voxels: number, side: number): Tile[] {
  if (!Number.isInteger(side) || side < 1) {
    throw new RangeError(`Cannot cut pairs into tiles: side must be a positive integer (${side})`);
  }
  const result: Tile[] = [];
  for (let rowStart = 0; rowStart < voxels; rowStart += side) {
    const rowEnd = Math.min(rowStart + side, voxels);
    for (let columnStart = rowStart; columnStart < voxels; columnStart += side) {
      const columnEnd = Math.min(columnStart + side, voxels);
      result.push({ rowStart, rowEnd, columnStart, columnEnd });
    }
  }
  return result;
}

/** For each class of voxels [start, end), the greatest total: pairs of (class, total). */
function greatestTotals(
  classes: Uint16Array,
  totals: ArrayLike<number>,
  start: number,
  end: number,
): [number, number][] {
  const greatest = new Map<number, number>();
  for (let v = start; v < end; v++) {
    const known = greatest.get(classes[v]!) ?? 0;
    if (totals[v]! >= known) greatest.set(classes[v]!, totals[v]!);
  }
  return [...greatest];
}

/** Whether no pair of a tile can be linked, by the voxels' totals alone. */
function isDead(
  rows: [number, number][],
  columns: [number, number][],
  { least, columnClassCount }: LeastCounts,
): boolean {
  return rows.every(([rowClass, f1]) =>
    columns.every(([columnClass, f2]) => {
      const needed = least[rowClass * columnClassCount + columnClass]!;
      return needed === NEVER || needed > Math.min(f1, f2);
    })
  );
}

/**
 * The tiles, in their order, that may hold a link.
 *
 * @param rowTotals Number of volumes in which each row voxel is occupied: length `rows.voxels`.
 * @param columnTotals The same of the column voxels.
 */
export function liveTiles(
  tiles: readonly Tile[],
  thresholds: LeastCounts,
  rowTotals: ArrayLike<number>,
  columnTotals: ArrayLike<number>,
): Tile[] {
  // Tiles share their ranges of rows and of columns.
  const held = (classes: Uint16Array, totals: ArrayLike<number>) => {
    const known = new Map<string, [number, number][]>();
    return (start: number, end: number) => {
      const key = `${start} ${end}`;
      const found = known.get(key) ?? greatestTotals(classes, totals, start, end);
      known.set(key, found);
      return found;
    };
  };
  const ofRows = held(thresholds.rowClasses, rowTotals);
  const ofColumns = held(thresholds.columnClasses, columnTotals);
  return tiles.filter((tile) => {
    const rows = ofRows(tile.rowStart, tile.rowEnd);
    const columns = ofColumns(tile.columnStart, tile.columnEnd);
    return !isDead(rows, columns, thresholds);
  });
}
