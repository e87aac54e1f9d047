/**
 * The oracle: the plainest engine there can be, which all others are tested against.
 *
 * @module
 */
import { popcount } from "./bit_matrix.ts";
import { byTile } from "./by_tile.ts";
import { checkMatrices } from "./checks.ts";
import type { SyncEngineFactory } from "./engine.ts";
import type { Found } from "./found.ts";

/**
 * Makes an engine in plain TypeScript.
 *
 * @throws {RangeError} Where matrices, tile and least counts do not match each other.
 * @example
 * ```ts
 * import { bitMatrix } from "./bit_matrix.ts";
 * import { referenceEngine } from "./reference.ts";
 * import assert from "node:assert";
 *
 * const voxels = bitMatrix(2, 5);
 * voxels.words.set([0b10111, 0b00110]);
 * const tile = { rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 2 };
 * assert.deepStrictEqual([...referenceEngine(voxels, voxels).counts(tile)], [4, 2, 2, 2]);
 * ```
 */
export const referenceEngine: SyncEngineFactory = (rows, columns) => {
  checkMatrices(rows, columns);
  const { wordsPerVoxel } = rows;

  function both(row: number, column: number): number {
    let count = 0;
    for (let w = 0; w < wordsPerVoxel; w++) {
      const ofRow = rows.words[row * wordsPerVoxel + w]!;
      const ofColumn = columns.words[column * wordsPerVoxel + w]!;
      count += popcount(ofRow & ofColumn);
    }
    return count;
  }

  return byTile(
    {
      name: "reference",

      counts(tile) {
        const { rowStart, rowEnd, columnStart, columnEnd } = tile;
        const result = new Uint16Array((rowEnd - rowStart) * (columnEnd - columnStart));
        let i = 0;
        for (let row = rowStart; row < rowEnd; row++) {
          for (let column = columnStart; column < columnEnd; column++) {
            result[i++] = both(row, column);
          }
        }
        return result;
      },

      links(tile, thresholds, triangular) {
        const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
        const linked: { row: number; column: number; count: number }[] = [];
        for (let row = tile.rowStart; row < tile.rowEnd; row++) {
          const first = triangular ? Math.max(tile.columnStart, row + 1) : tile.columnStart;
          for (let column = first; column < tile.columnEnd; column++) {
            const count = both(row, column);
            const needed = least[rowClasses[row]! * columnClassCount + columnClasses[column]!]!;
            if (count >= needed) linked.push({ row, column, count });
          }
        }
        return {
          rows: Uint32Array.from(linked, (link) => link.row),
          columns: Uint32Array.from(linked, (link) => link.column),
          both: Uint16Array.from(linked, (link) => link.count),
        };
      },

      tally(tile, columnClasses, columnClassCount, least) {
        const { rowStart, rowEnd, columnStart, columnEnd } = tile;
        const result = new Uint32Array(rowEnd - rowStart);
        for (let row = rowStart; row < rowEnd; row++) {
          for (let column = columnStart; column < columnEnd; column++) {
            const needed = least[(row - rowStart) * columnClassCount + columnClasses[column]!]!;
            if (both(row, column) >= needed) result[row - rowStart]!++;
          }
        }
        return result;
      },
      close() {},
    },
    rows,
    columns,
  );
};

/** The reference works everywhere. */
export function findReference(): Found {
  return {
    works: true,
    what: "plain TypeScript",
    on: "cpu",
    devices: 1,
    open: () => referenceEngine,
  };
}
