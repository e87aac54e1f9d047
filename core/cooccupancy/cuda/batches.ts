/**
 * Tiles as the kernels take them: several in one launch, but not more than there is room for.
 *
 * @module
 */
import type { Tile } from "../engine.ts";

const LANES = 32;
/** Words of a packed tile: `Tile` of kernel.cu. */
const PACKED = 6;
/** Rows are cut at multiples of this, so that no square of pairs is cut. */
const SIDE = 128;

/** Words of link bits of one row of a tile. */
const wordsAcross = (tile: Tile) => Math.ceil((tile.columnEnd - tile.columnStart) / LANES);

/**
 * Cuts tiles into parts that follow each other, each with at most so many words of link bits, but at
 * least a row. Tiles without pairs are left out.
 *
 * @param most Words of 32 pairs of a row each, at least 1.
 * @example
 * ```ts
 * import { batches } from "./batches.ts";
 * import assert from "node:assert";
 *
 * const tile = { rowStart: 0, rowEnd: 3, columnStart: 0, columnEnd: 40 };
 * assert.deepStrictEqual([...batches([tile], 4)], [
 *   [{ ...tile, rowEnd: 2 }],
 *   [{ ...tile, rowStart: 2 }],
 * ]);
 * ```
 */
export function* batches(tiles: Iterable<Tile>, most: number): Generator<Tile[]> {
  let batch: Tile[] = [], left = most;
  for (const tile of tiles) {
    const across = wordsAcross(tile);
    if (across === 0) continue;
    for (let rowStart = tile.rowStart; rowStart < tile.rowEnd;) {
      const wanted = tile.rowEnd - rowStart, fit = Math.max(0, Math.floor(left / across));
      let rows = Math.min(wanted, fit);
      if (rows < wanted) rows -= rows % SIDE;
      if (rows === 0 && batch.length > 0) {
        yield batch;
        batch = [];
        left = most;
        continue;
      }
      if (rows === 0) rows = Math.max(1, fit);
      batch.push({ ...tile, rowStart, rowEnd: rowStart + rows });
      left -= rows * across;
      rowStart += rows;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Tiles as a launch needs them. */
export interface PackedTiles {
  /** Rows of kernel.cu's `Tile`. */
  readonly tiles: Uint32Array<ArrayBuffer>;
  /** Number of tiles. */
  readonly count: number;
  /** Words of link bits. */
  readonly words: number;
  /** Thread blocks. */
  readonly blocks: number;
}

/**
 * Packs a batch.
 *
 * @param batch Tiles with pairs.
 * @param side Rows and columns of a thread block.
 */
export function packTiles(batch: readonly Tile[], side: number): PackedTiles {
  const tiles = new Uint32Array(PACKED * batch.length);
  let words = 0, blocks = 0;
  batch.forEach((tile, i) => {
    const { rowStart, rowEnd, columnStart, columnEnd } = tile;
    tiles.set([rowStart, rowEnd, columnStart, columnEnd, words, blocks], PACKED * i);
    words += (rowEnd - rowStart) * wordsAcross(tile);
    blocks += Math.ceil((rowEnd - rowStart) / side) * Math.ceil((columnEnd - columnStart) / side);
  });
  return { tiles, count: batch.length, words, blocks };
}
