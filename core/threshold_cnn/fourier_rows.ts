/**
 * Fourier cropping of rows of voxels along their axis, see `fourier_crop.ts`.
 *
 * @module
 */
import { type Axis, half, VALUES } from "./fourier_axis.ts";

/** Rows that are transformed together. */
const ROWS = 4;

/**
 * Transforms rows along their axis, and gives the result with rows and columns exchanged. Values on both
 * sides of the centre are taken together: their sum meets the even part, their difference the odd one.
 *
 * @param rows Number of rows, each of `from` values.
 * @param result to x rows.
 */
export function transformRows(
  { from, to, even, odd }: Axis,
  data: Float32Array | Float64Array,
  rows: number,
  result: Float64Array,
): void {
  const evens = half(from), odds = Math.ceil(from / 2) - 1;
  const centre = Math.floor(from / 2), middle = Math.floor(to / 2);
  const sums = new Float64Array(evens * ROWS), differences = new Float64Array(odds * ROWS);
  const p = new Float64Array(ROWS * VALUES), q = new Float64Array(ROWS * VALUES);
  for (let row = 0; row < rows; row += ROWS) {
    const height = Math.min(ROWS, rows - row);
    for (let r = 0; r < height; r++) {
      const at = (row + r) * from + centre;
      sums[r] = data[at]!;
      for (let j = 1; j <= odds; j++) {
        const right = data[at + j]!, left = data[at - j]!;
        sums[j * ROWS + r] = left + right;
        differences[(j - 1) * ROWS + r] = right - left;
      }
      // The odd part is 0 at the edge that an even box has on one side alone.
      if (evens > odds + 1) sums[centre * ROWS + r] = data[at - centre]!;
    }
    for (let value = 0; value <= middle; value += VALUES) {
      dot(even, value * evens, sums, evens, p);
      for (let i = 0; i < VALUES && value + i <= middle; i++) {
        const right = (middle + value + i) * rows + row, left = (middle - value - i) * rows + row;
        for (let r = 0; r < height; r++) {
          if (middle + value + i < to) result[right + r] = p[i * ROWS + r]!;
          result[left + r] = p[i * ROWS + r]!;
        }
      }
    }
    for (let value = 1; middle + value < to; value += VALUES) {
      dot(odd, (value - 1) * odds, differences, odds, q);
      for (let i = 0; i < VALUES && middle + value + i < to; i++) {
        const right = (middle + value + i) * rows + row, left = (middle - value - i) * rows + row;
        for (let r = 0; r < height; r++) {
          result[right + r]! += q[i * ROWS + r]!;
          result[left + r]! -= q[i * ROWS + r]!;
        }
      }
    }
  }
}

/** `VALUES` rows of coefficients times `ROWS` columns of values. */
function dot(
  coefficients: Float64Array,
  start: number,
  values: Float64Array,
  length: number,
  result: Float64Array,
): void {
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
  for (let j = 0; j < length; j++) {
    const a = coefficients[start + 2 * j]!, b = coefficients[start + 2 * j + 1]!;
    const v0 = values[4 * j]!, v1 = values[4 * j + 1]!;
    const v2 = values[4 * j + 2]!, v3 = values[4 * j + 3]!;
    a0 += a * v0;
    a1 += a * v1;
    a2 += a * v2;
    a3 += a * v3;
    b0 += b * v0;
    b1 += b * v1;
    b2 += b * v2;
    b3 += b * v3;
  }
  result[0] = a0;
  result[1] = a1;
  result[2] = a2;
  result[3] = a3;
  result[4] = b0;
  result[5] = b1;
  result[6] = b2;
  result[7] = b3;
}
