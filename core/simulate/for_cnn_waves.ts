/**
 * Maps as sums of cosines and sines, and back, for filters that depend on the frequency alone.
 *
 * Along each axis a row of n values becomes n coefficients: that of the cosine of k waves stands at place
 * k, from 0 to n / 2, that of the sine of k waves at place n - k. A filter that is the same for k and -k
 * along every axis multiplies both alike, so no complex numbers are needed. Each axis is a product with a
 * matrix, which at these boxes is about as fast as a fast transform, and crops in passing.
 *
 * @module
 */

/** Columns of a matrix product that are computed together: few enough for the cache. */
const TILE = 512;
/** Rows that are added at once. */
const ROWS = 4;

/** A matrix, row after row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Turns the values of a finer box into coefficients, and coefficients into values. */
export interface Waves {
  /** Edge of the box of values that are transformed, even. */
  readonly from: number;
  /** Number of coefficients along each axis, and edge of the box that they are turned into; even. */
  readonly box: number;
  /**
   * @param values from^3 values, x running fastest.
   * @returns box^3 coefficients, those of x running fastest: sums over the values, not divided.
   */
  forward(values: Float64Array): Float64Array;
  /**
   * @param coefficients box^3 of them; they are not changed.
   * @returns box^3 values, x running fastest.
   */
  back(coefficients: Float64Array): Float64Array;
}

/**
 * Prepares the transforms of a box.
 *
 * @param from Edge of the box that is transformed: even, and `box` or more. Frequencies that `box` cannot
 *   hold are left out.
 * @param box Edge of the box that is made: even.
 */
export function waves(from: number, box: number): Waves {
  const half = box / 2;
  const wide = from / 2;
  const angle = (k: number, j: number, n: number) => 2 * Math.PI * (k * j % n) / n;
  const cosines = matrix(half + 1, wide + 1, (k, j) => Math.cos(angle(k, j, from)));
  const sines = matrix(half - 1, wide - 1, (k, j) => Math.sin(angle(k + 1, j + 1, from)));
  // Every wave but those of frequency 0 and n / 2 has a partner of negative frequency.
  const weight = (k: number) => (k === 0 || k === half ? 1 : 2) / box;
  const cosinesBack = matrix(half + 1, half + 1, (j, k) => weight(k) * Math.cos(angle(k, j, box)));
  const sinesBack = matrix(
    half - 1,
    half - 1,
    (j, k) => 2 / box * Math.sin(angle(k + 1, j + 1, box)),
  );
  return {
    from,
    box,
    forward(values) {
      let data = values;
      // Each time the slowest axis is transformed and becomes the fastest.
      for (let axis = 0; axis < 3; axis++) {
        const width = data.length / from;
        const folded = fold(data, from, width);
        const result = new Float64Array(box * width);
        multiply(cosines, folded, 0, width, result, 0, 1);
        multiply(sines, folded, wide + 1, width, result, box - 1, -1);
        data = transposed(result, box, width);
      }
      return data;
    },
    back(coefficients) {
      let data = coefficients;
      const width = box * box;
      for (let axis = 0; axis < 3; axis++) {
        const sums = new Float64Array(data.length);
        multiply(cosinesBack, data, 0, width, sums, 0, 1);
        const sineCoefficients = reversed(data, box, width);
        multiply(sinesBack, sineCoefficients, 0, width, sums, half + 1, 1);
        data = transposed(unfold(sums, box, width), box, width);
      }
      return data;
    },
  };
}

function matrix(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Matrix {
  // A multiple of ROWS columns, so that the product has no rest.
  const padded = Math.ceil(columns / ROWS) * ROWS;
  const data = new Float64Array(rows * padded);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) data[i * padded + j] = at(i, j);
  }
  return { rows, columns, data };
}

/** Rows j and n - j: their sums come first, rows 0 to n / 2, then their differences, from j = 1 on. */
function fold(data: Float64Array, n: number, width: number): Float64Array {
  return sumsAndDifferences(data, n, width, (j) => n - j, (j) => n / 2 + j);
}

/** The inverse of {@linkcode fold}, but for a factor of 2: rows of cosines and rows of sines, added. */
function unfold(data: Float64Array, n: number, width: number): Float64Array {
  return sumsAndDifferences(data, n, width, (j) => n / 2 + j, (j) => n - j);
}

/**
 * Adds and subtracts n rows in pairs; rows 0 and n / 2 stay as they are.
 *
 * @param partner Row that is added to row j, and subtracted from it, for j from 1 to n / 2 - 1.
 * @param difference Row of the result that the difference becomes; the sum becomes row j.
 */
function sumsAndDifferences(
  data: Float64Array,
  n: number,
  width: number,
  partner: (j: number) => number,
  difference: (j: number) => number,
): Float64Array {
  const half = n / 2;
  const result = new Float64Array(data.length);
  result.set(data.subarray(0, width));
  result.set(data.subarray(half * width, (half + 1) * width), half * width);
  for (let j = 1; j < half; j++) {
    const a = j * width, b = partner(j) * width, d = difference(j) * width;
    for (let i = 0; i < width; i++) {
      const first = data[a + i]!, second = data[b + i]!;
      result[a + i] = first + second;
      result[d + i] = first - second;
    }
  }
  return result;
}

/** The rows of sines, which stand in falling order, in rising order. */
function reversed(data: Float64Array, n: number, width: number): Float64Array {
  const half = n / 2;
  const result = new Float64Array((half - 1) * width);
  for (let k = 1; k < half; k++) {
    result.set(data.subarray((n - k) * width, (n - k + 1) * width), (k - 1) * width);
  }
  return result;
}

/**
 * A matrix times rows of values.
 *
 * @param first Row of `values` that the first column is multiplied with.
 * @param to Row of the result that the first row of the matrix gives.
 * @param step From there to the next: 1 or -1.
 */
function multiply(
  { rows, columns, data }: Matrix,
  values: Float64Array,
  first: number,
  width: number,
  result: Float64Array,
  to: number,
  step: number,
): void {
  const padded = Math.ceil(columns / ROWS) * ROWS;
  const empty = new Float64Array(width);
  const row = (j: number) =>
    j < columns ? values.subarray((first + j) * width, (first + j + 1) * width) : empty;
  for (let start = 0; start < width; start += TILE) {
    const end = Math.min(start + TILE, width);
    for (let j = 0; j < padded; j += ROWS) {
      const v0 = row(j), v1 = row(j + 1), v2 = row(j + 2), v3 = row(j + 3);
      for (let i = 0; i < rows; i++) {
        const at = i * padded + j;
        const m0 = data[at]!, m1 = data[at + 1]!, m2 = data[at + 2]!, m3 = data[at + 3]!;
        const out = result.subarray((to + step * i) * width, (to + step * i + 1) * width);
        for (let c = start; c < end; c++) {
          out[c]! += m0 * v0[c]! + m1 * v1[c]! + m2 * v2[c]! + m3 * v3[c]!;
        }
      }
    }
  }
}

/** Rows and columns exchanged, in tiles that fit the cache. */
function transposed(data: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(data.length);
  const tile = 32;
  for (let r = 0; r < rows; r += tile) {
    const lastRow = Math.min(r + tile, rows);
    for (let c = 0; c < columns; c += tile) {
      const lastColumn = Math.min(c + tile, columns);
      for (let i = r; i < lastRow; i++) {
        for (let j = c; j < lastColumn; j++) result[j * rows + i] = data[i * columns + j]!;
      }
    }
  }
  return result;
}
