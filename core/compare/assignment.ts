/**
 * The assignment problem: pairs, each row and each column in one at most, of the greatest total score.
 *
 * @module
 */

/**
 * Pairs rows and columns one to one so that the sum of their scores is greatest (Kuhn, "The Hungarian method
 * for the assignment problem", Naval Res. Logist. Q. 2:83, 1955; by shortest augmenting paths with
 * potentials, as Jonker & Volgenant, Computing 38:325, 1987). Takes time rows^2 x columns, rows being the
 * fewer.
 *
 * @param scores `rows` x `columns`, row by row, finite.
 * @returns For each row its column, or -1 where there are fewer columns than rows and it got none. Every
 *   row or every column is in a pair, whatever its score. Of assignments with one total, the same one is
 *   found every time.
 * @throws {RangeError} The scores are not rows x columns, or one is not finite.
 * @example
 * ```ts
 * import { assign } from "./assignment.ts";
 * import assert from "node:assert";
 *
 * // Taking the best pair first (0.9) would leave 0 for the other.
 * assert.deepStrictEqual([...assign(Float64Array.of(0.9, 0.8, 0.7, 0), 2, 2)], [1, 0]);
 * ```
 */
export function assign(scores: Float64Array, rows: number, columns: number): Int32Array {
  if (scores.length !== rows * columns || scores.some((score) => !Number.isFinite(score))) {
    throw new RangeError(
      `Cannot assign ${rows} rows and ${columns} columns: the scores are not ${
        rows * columns
      } finite numbers`,
    );
  }
  if (rows > columns) {
    const turned = new Float64Array(scores.length);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) turned[c * rows + r] = scores[r * columns + c]!;
    }
    const result = new Int32Array(rows).fill(-1);
    assign(turned, columns, rows).forEach((row, column) => result[row] = column);
    return result;
  }
  // Rows and columns count from 1 here; 0 is the row that looks for a column, and where its path begins.
  const rowOf = new Int32Array(columns + 1), before = new Int32Array(columns + 1);
  const ofRow = new Float64Array(rows + 1), ofColumn = new Float64Array(columns + 1);
  const slack = new Float64Array(columns + 1), isDone = new Uint8Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    slack.fill(Infinity);
    isDone.fill(0);
    let column = 0;
    do {
      isDone[column] = 1;
      const r = rowOf[column]!;
      let least = Infinity, next = 0;
      for (let c = 1; c <= columns; c++) {
        if (isDone[c]) continue;
        const cost = -scores[(r - 1) * columns + c - 1]! - ofRow[r]! - ofColumn[c]!;
        if (cost < slack[c]!) {
          slack[c] = cost;
          before[c] = column;
        }
        if (slack[c]! < least) {
          least = slack[c]!;
          next = c;
        }
      }
      for (let c = 0; c <= columns; c++) {
        if (isDone[c]) {
          ofRow[rowOf[c]!]! += least;
          ofColumn[c]! -= least;
        } else slack[c]! -= least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]!]!;
      column = before[column]!;
    }
  }
  const result = new Int32Array(rows).fill(-1);
  for (let c = 1; c <= columns; c++) if (rowOf[c]! > 0) result[rowOf[c]! - 1] = c - 1;
  return result;
}
