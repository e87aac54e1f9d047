/**
 * Puts links that a device found in any order into the order that engines give them in.
 *
 * @module
 */
import { noLinks } from "./by_tile.ts";
import type { Links, Tile } from "./engine.ts";

/** Turns numbers of things into the place where each kind begins. */
function startsFromCounts(counts: Uint32Array): void {
  let start = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    counts[i] = start;
    start += count;
  }
}

/**
 * Puts links in the order in which {@linkcode Engine.links} gives them: tile after tile, those of a tile
 * by (row, column). Takes time in proportion to the links and the rows and columns of the tiles (two
 * counting sorts: by column, then by tile and row).
 *
 * @param links Links in any order; left as they are.
 * @param tileOf For each link the index of its tile: length `links.rows.length`.
 * @param tiles In the order wanted. They may overlap: it is `tileOf` that says which tile a link is of.
 * @throws {RangeError} If a link is not in its tile.
 * @example
 * ```ts
 * import { sortLinks } from "./sort_links.ts";
 * import assert from "node:assert";
 *
 * const links = {
 *   rows: Uint32Array.of(0, 1, 0),
 *   columns: Uint32Array.of(7, 2, 3),
 *   both: Uint16Array.of(30, 10, 20),
 * };
 * const left = { rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 4 };
 * const right = { ...left, columnStart: 4, columnEnd: 8 };
 * const sorted = sortLinks(links, Uint16Array.of(1, 0, 0), [left, right]);
 * assert.deepStrictEqual([...sorted.rows], [0, 1, 0]);
 * assert.deepStrictEqual([...sorted.columns], [3, 2, 7]);
 * assert.deepStrictEqual([...sorted.both], [20, 10, 30]);
 * ```
 */
export function sortLinks(
  links: Links,
  tileOf: Uint16Array | Uint32Array,
  tiles: readonly Tile[],
): Links {
  const { rows, columns, both } = links;
  const size = rows.length;
  const result = noLinks(size);
  if (size === 0) return result;
  // Each row of each tile is a bucket; row r of tile t is bucket `offsets[t] + r`.
  let buckets = 0;
  const offsets = tiles.map(({ rowStart, rowEnd }) => {
    const offset = buckets - rowStart;
    buckets += rowEnd - rowStart;
    return offset;
  });
  const firstColumn = tiles.reduce((first, tile) => Math.min(first, tile.columnStart), Infinity);
  const endColumn = tiles.reduce((end, tile) => Math.max(end, tile.columnEnd), 0);
  const ofBucket = new Uint32Array(buckets);
  const ofColumn = new Uint32Array(endColumn - firstColumn);
  for (let i = 0; i < size; i++) {
    const t = tileOf[i]!, row = rows[i]!, column = columns[i]!, tile = tiles[t];
    if (
      tile === undefined || row < tile.rowStart || row >= tile.rowEnd ||
      column < tile.columnStart || column >= tile.columnEnd
    ) {
      throw new RangeError(
        `Cannot sort links: a link is not in its tile (tile ${t}, row ${row}, column ${column})`,
      );
    }
    ofBucket[offsets[t]! + row]!++;
    ofColumn[column - firstColumn]!++;
  }

  // By column first. What is read below in order of column needs no copy of the columns.
  startsFromCounts(ofColumn);
  const bucketByColumn = new Uint32Array(size);
  const bothByColumn = new Uint16Array(size);
  for (let i = 0; i < size; i++) {
    const to = ofColumn[columns[i]! - firstColumn]!++;
    bucketByColumn[to] = offsets[tileOf[i]!]! + rows[i]!;
    bothByColumn[to] = both[i]!;
  }
  startsFromCounts(ofBucket);
  // By now each column's entry says where the column ends.
  for (let c = 0, i = 0; c < ofColumn.length; c++) {
    for (const end = ofColumn[c]!; i < end; i++) {
      const to = ofBucket[bucketByColumn[i]!]!++;
      result.columns[to] = firstColumn + c;
      result.both[to] = bothByColumn[i]!;
    }
  }
  // Likewise each bucket's.
  let start = 0;
  tiles.forEach(({ rowStart, rowEnd }, t) => {
    for (let row = rowStart; row < rowEnd; row++) {
      const end = ofBucket[offsets[t]! + row]!;
      result.rows.fill(row, start, end);
      start = end;
    }
  });
  return result;
}
