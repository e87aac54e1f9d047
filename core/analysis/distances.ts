/**
 * Distances between the rows or the columns of a table, each pair once.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/** Most items that are compared each with each: 400 MB of distances. */
export const MOST_ITEMS = 10_000;

/** Values that are all the same differ from their mean by less than this share of it. */
export const ROUNDING = 1e-12;

/** Distances of n items. */
export interface Distances {
  readonly size: number;
  /** n (n - 1) / 2 of them: (0, 1), (0, 2), ..., (1, 2), ..., as SciPy's condensed form. */
  readonly values: Float64Array<ArrayBuffer>;
}

/** Where the distance of items i and j stands; i < j. */
export function placeOfPair(size: number, i: number, j: number): number {
  return i * (2 * size - i - 3) / 2 + j - 1;
}

/** Distance of two items, in either order; 0 of an item to itself. */
export function distanceOf({ size, values }: Distances, i: number, j: number): number {
  if (i === j) return 0;
  return values[i < j ? placeOfPair(size, i, j) : placeOfPair(size, j, i)]!;
}

/**
 * Euclidean distances of n points.
 *
 * @param points n x d, row by row.
 * @param dimensions d.
 * @throws {InputError} There are more than {@linkcode MOST_ITEMS} points.
 * @example
 * ```ts
 * import { euclideanDistances } from "./distances.ts";
 * import assert from "node:assert";
 *
 * const { values } = euclideanDistances(Float64Array.of(0, 0, 3, 4, 0, 1), 2);
 * assert.deepStrictEqual(values, Float64Array.of(5, 1, Math.sqrt(18)));
 * ```
 */
export function euclideanDistances(points: Float64Array, dimensions: number): Distances {
  const size = points.length / dimensions;
  if (size > MOST_ITEMS) {
    throw new InputError(
      `Cannot compare all with all: there are more than ${MOST_ITEMS} (${size})`,
      "Analyse a part of the volumes.",
    );
  }
  const values = new Float64Array(size * (size - 1) / 2);
  for (let i = 0, pair = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      let square = 0;
      for (let a = i * dimensions, b = j * dimensions; a < (i + 1) * dimensions; a++, b++) {
        const difference = points[a]! - points[b]!;
        square += difference * difference;
      }
      values[pair++] = Math.sqrt(square);
    }
  }
  return { size, values };
}

/**
 * The columns of a table as points whose Euclidean distance is sqrt(2 (1 - r)), r being Pearson's
 * correlation of the columns: each is centred and scaled to length 1. A column that is the same in all
 * rows is the point 0, which is 1 away from every other.
 *
 * @param values n x k, row by row.
 * @param columns k.
 * @returns k x n, row by row.
 */
export function standardColumns(
  values: Float64Array,
  columns: number,
): Float64Array<ArrayBuffer> {
  const rows = values.length / columns;
  const points = new Float64Array(values.length);
  for (let c = 0; c < columns; c++) {
    const point = points.subarray(c * rows, (c + 1) * rows);
    let sum = 0, square = 0;
    for (let r = 0; r < rows; r++) sum += values[r * columns + c]!;
    for (let r = 0; r < rows; r++) {
      point[r] = values[r * columns + c]! - sum / rows;
      square += point[r]! * point[r]!;
    }
    // What is left of a constant column by rounding is no variation.
    const isConstant = Math.sqrt(square / rows) <= ROUNDING * Math.abs(sum / rows);
    const scale = isConstant ? 0 : 1 / Math.sqrt(square);
    for (let r = 0; r < rows; r++) point[r]! *= scale;
  }
  return points;
}
