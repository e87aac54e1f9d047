/**
 * Least counts too many for a buffer: only those that some tiles need, and where these are still too
 * many, fewer rows at a time.
 *
 * @module
 */
import type { LeastCounts, Tile } from "../engine.ts";

/** Classes that occur in ranges, in order, and the place of each among them. */
function presentClasses(classes: Uint16Array, ranges: readonly (readonly [number, number])[]) {
  const places = new Int32Array(65536).fill(-1);
  for (const [start, end] of ranges) {
    for (let v = start; v < end; v++) places[classes[v]!] = 0;
  }
  const present: number[] = [];
  places.forEach((place, own) => {
    if (place === 0) places[own] = present.push(own) - 1;
  });
  return { present, places };
}

/**
 * The same least counts for the pairs of some tiles, in a table of the classes that occur in these.
 *
 * @returns Classes of voxels outside the tiles are of no meaning.
 */
export function compactLeast(tiles: readonly Tile[], thresholds: LeastCounts): LeastCounts {
  const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
  const rows = presentClasses(rowClasses, tiles.map((tile) => [tile.rowStart, tile.rowEnd]));
  const columns = presentClasses(
    columnClasses,
    tiles.map((tile) => [tile.columnStart, tile.columnEnd]),
  );
  const width = columns.present.length;
  const compact = new Uint16Array(rows.present.length * width);
  rows.present.forEach((row, i) => {
    const from = row * columnClassCount, to = i * width;
    for (let j = 0; j < width; j++) compact[to + j] = least[from + columns.present[j]!]!;
  });
  return {
    rowClasses: rowClasses.map((own) => Math.max(0, rows.places[own]!)),
    columnClasses: columnClasses.map((own) => Math.max(0, columns.places[own]!)),
    columnClassCount: Math.max(1, width),
    least: compact,
  };
}

/** Tiles with least counts that are few enough. */
export interface FittingTiles {
  readonly tiles: readonly Tile[];
  readonly thresholds: LeastCounts;
}

/**
 * Cuts tiles until the least counts of each part are few enough: the parts one after the other have the
 * pairs of the tiles, in the same order.
 *
 * @param most Most least counts; where a single row needs more, it gets them.
 */
export function* fittingTiles(
  tiles: readonly Tile[],
  thresholds: LeastCounts,
  most: number,
): Generator<FittingTiles> {
  if (thresholds.least.length <= most) {
    yield { tiles, thresholds };
    return;
  }
  const compact = compactLeast(tiles, thresholds);
  const [tile] = tiles;
  const height = tile === undefined ? 0 : tile.rowEnd - tile.rowStart;
  if (compact.least.length <= most || tiles.length === 1 && height <= 1) {
    yield { tiles, thresholds: compact };
  } else if (tiles.length > 1) {
    const half = tiles.length >> 1;
    yield* fittingTiles(tiles.slice(0, half), thresholds, most);
    yield* fittingTiles(tiles.slice(half), thresholds, most);
  } else {
    const middle = tile!.rowStart + (height >> 1);
    yield* fittingTiles([{ ...tile!, rowEnd: middle }], thresholds, most);
    yield* fittingTiles([{ ...tile!, rowStart: middle }], thresholds, most);
  }
}
