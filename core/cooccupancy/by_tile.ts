/**
 * For engines that work on one tile at a time.
 *
 * @module
 */
import { checkBlocks, checkLeastCounts, checkTile } from "./checks.ts";
import type { BitMatrix } from "./bit_matrix.ts";
import type { LeastCounts, Links, SyncEngine, Tile } from "./engine.ts";

/** What such an engine does. What it is given has been checked. */
export interface TileEngine {
  readonly name: string;
  /** As {@linkcode SyncEngine.counts}. */
  counts(tile: Tile): Uint16Array;
  /** The linked pairs of one tile, in order of (row, column). */
  links(tile: Tile, thresholds: LeastCounts, triangular: boolean): Links;
  /**
   * For each row of the tile, how many of its columns it is linked with.
   *
   * @param least (rowEnd - rowStart) x columnClassCount least counts, row-major: each row has its own.
   * @returns Length rowEnd - rowStart.
   */
  tally(
    tile: Tile,
    columnClasses: Uint16Array,
    columnClassCount: number,
    least: Uint16Array,
  ): Uint32Array;
  close(): void;
}

/** Room for links. */
export const noLinks = (size: number): Links => ({
  rows: new Uint32Array(size),
  columns: new Uint32Array(size),
  both: new Uint16Array(size),
});

/** Links one after the other. */
export function joinLinks(parts: readonly Links[]): Links {
  if (parts.length === 1) return parts[0]!;
  const result = noLinks(parts.reduce((sum, part) => sum + part.rows.length, 0));
  let at = 0;
  for (const { rows, columns, both } of parts) {
    result.rows.set(rows, at);
    result.columns.set(columns, at);
    result.both.set(both, at);
    at += rows.length;
  }
  return result;
}

/** Makes an engine of one that works on one tile at a time, and checks what it is given. */
export function byTile(engine: TileEngine, rows: BitMatrix, columns: BitMatrix): SyncEngine {
  return {
    name: engine.name,
    counts(tile) {
      checkTile(tile, rows, columns);
      return engine.counts(tile);
    },
    links(tiles, thresholds, triangular) {
      for (const tile of tiles) {
        checkTile(tile, rows, columns);
        checkLeastCounts(tile, thresholds, rows, columns);
      }
      return joinLinks(tiles.map((tile) => engine.links(tile, thresholds, triangular)));
    },
    tally(rowStart, rowEnd, blocks, least) {
      checkBlocks(rowStart, rowEnd, blocks, least, rows, columns);
      const { starts, classes, classCounts } = blocks;
      const width = classCounts.length;
      const result = new Uint32Array((rowEnd - rowStart) * width);
      for (let block = 0, from = 0; block < width; block++) {
        const classCount = classCounts[block]!, to = from + (rowEnd - rowStart) * classCount;
        const columnStart = starts[block]!, columnEnd = starts[block + 1]!;
        const tile = { rowStart, rowEnd, columnStart, columnEnd };
        const found = engine.tally(tile, classes, classCount, least.subarray(from, to));
        found.forEach((linked, i) => result[i * width + block] = linked);
        from = to;
      }
      return result;
    },
    close: () => engine.close(),
  };
}
