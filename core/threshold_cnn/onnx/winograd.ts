/**
 * Convolutions along one axis with fewer multiplications (Winograd, "Arithmetic Complexity of
 * Computations", SIAM 1980; Lavin & Gray, CVPR 2016), by the method of Toom and Cook.
 *
 * Take the kernel for the coefficients of a polynomial. Polynomials are multiplied by multiplying their
 * values at some points, and a convolution as networks mean it is the transpose of that. For m outputs of
 * a kernel of r taps this takes m + r - 1 multiplications instead of m r. The results are the same but
 * for rounding, which grows with the number of points.
 *
 * @module
 */

/** A matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** How outputs are computed: `output (kernel x taps * input x inputs)`, where * goes number by number. */
export interface Winograd {
  /** Outputs that are computed together, m. */
  readonly tile: number;
  /** Multiplications, m + r - 1, of as many inputs. */
  readonly products: number;
  /** Products x inputs. */
  readonly input: Matrix;
  /** Products x taps. */
  readonly kernel: Matrix;
  /** Outputs x products. */
  readonly output: Matrix;
}

/** Coefficients of the product of (x - root) over all roots, the constant one first. */
function polynomial(roots: readonly number[]): number[] {
  let coefficients = [1];
  for (const root of roots) {
    const own = coefficients;
    coefficients = [0, ...own].map((value, i) => value - root * (own[i] ?? 0));
  }
  return coefficients;
}

function matrix(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Matrix {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = at(Math.floor(i / columns), i % columns);
  return { rows, columns, data };
}

/**
 * The matrices for a kernel of so many taps.
 *
 * @param taps 1 or more.
 * @param points Where the polynomials are evaluated, besides infinity: `taps - 1` or more different
 *   numbers. Every one beyond gives an output more to a tile.
 * @throws {RangeError} There are too few points.
 * @example 4 outputs of 5 taps, by 8 multiplications instead of 20.
 * ```ts
 * import { winograd } from "./winograd.ts";
 * import assert from "node:assert";
 *
 * const { tile, products } = winograd(5, [0, 1, -1, 2, -2, 1 / 2, -1 / 2]);
 * assert.deepStrictEqual([tile, products], [4, 8]);
 * ```
 */
export function winograd(taps: number, points: readonly number[]): Winograd {
  const products = points.length + 1;
  const tile = products - taps + 1;
  if (tile < 1) {
    throw new RangeError(`Cannot convolve: too few points (${points.length}) for ${taps} taps`);
  }
  const others = points.map((point) => points.filter((other) => other !== point));
  // The last row stands for infinity, where a polynomial's value is its last coefficient.
  const polynomials = [...others.map((roots) => [...polynomial(roots), 0]), polynomial(points)];
  const power = (row: number, column: number, columns: number) => {
    const point = points[row];
    return point === undefined ? Number(column === columns - 1) : point ** column;
  };
  const scales = points.map((point, i) =>
    others[i]!.reduce((product, other) => product * (point - other), 1) // each point has its others
  );
  return {
    tile,
    products,
    input: matrix(products, products, (row, column) => polynomials[row]![column]!), // square
    kernel: matrix(products, taps, (row, tap) => power(row, tap, taps) / (scales[row] ?? 1)),
    output: matrix(tile, products, (row, column) => power(column, row, tile)),
  };
}

/**
 * Points for kernels of so many taps: those of few products first, which round the least; symmetric sets
 * of small fractions, the best by trying in single precision.
 */
const pointsOf = [
  { taps: 1, points: [] },
  { taps: 3, points: [0, 1, -1, 2] },
  { taps: 9, points: [0, 3 / 8, -3 / 8, 5 / 6, -5 / 6, 5 / 4, -5 / 4, 2, -2] },
];

/** A transform for a kernel's edge, 1 to 9: the fewest multiplications that stay precise to some 10^-6. */
export function kernelTransform(taps: number): Winograd {
  const found = pointsOf.find((one) => taps <= one.taps);
  if (found === undefined) {
    throw new RangeError(`Cannot convolve: the kernel is too large (${taps})`);
  }
  return winograd(taps, found.points);
}

/** Tiles that `outputs` outputs take; the last may stick out. */
export function tileCount({ tile }: Winograd, outputs: number): number {
  return Math.ceil(outputs / tile);
}

/**
 * The input transform of all tiles of an axis at once: (tiles x products) x inputs. Inputs beyond the end,
 * which the last tile may want, are 0.
 *
 * @param inputs Length of the axis.
 * @param taps Of the kernel.
 */
export function axisTransform(transform: Winograd, inputs: number, taps: number): Matrix {
  const { tile, products, input } = transform;
  const tiles = tileCount(transform, inputs - taps + 1);
  return matrix(tiles * products, inputs, (row, column) => {
    const within = column - Math.floor(row / products) * tile;
    if (within < 0 || within >= products) return 0;
    return input.data[row % products * products + within]!; // within the tile
  });
}

/** A matrix with rows and columns changed over. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  return matrix(columns, rows, (row, column) => data[column * columns + row]!); // within the matrix
}
