/**
 * What Fourier cropping does along an axis: the coefficients of its matrix `C + iS`, see
 * `fourier_crop.ts`.
 *
 * @module
 */

/** Rows of coefficients that are packed together. */
export const VALUES = 2;

/** What happens along an axis. Coordinates count from the centre voxel; C is even + odd in both of them. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  /** Even part of C at coordinates 0 to floor(to / 2) by 0 to floor(from / 2), see {@linkcode packed}. */
  readonly even: Float64Array;
  /** Odd part of C, from coordinate 1 on. */
  readonly odd: Float64Array;
  /** C, to x from. */
  readonly full: Float64Array;
  /** S = u v^T; absent where all frequencies have partners. */
  readonly lone: { readonly u: Float64Array; readonly v: Float64Array } | undefined;
}

/** Those used last: an ensemble's maps are of one box. */
const known = new Map<string, Axis>();
const MOST_KNOWN = 4;

/** The coefficients from one box to another. */
export function axisOf(from: number, to: number): Axis {
  const key = `${from} ${to}`;
  const axis = known.get(key) ?? makeAxis(from, to);
  if (known.size >= MOST_KNOWN && !known.has(key)) known.clear();
  known.set(key, axis);
  return axis;
}

function makeAxis(from: number, to: number): Axis {
  const smaller = Math.min(from, to);
  const isEven = smaller % 2 === 0;
  const waves = Math.ceil(smaller / 2); // frequencies 0 to waves - 1, and the lone one
  const [cosFrom, sinFrom] = circle(from), [cosTo, sinTo] = circle(to);
  const evens = { rows: half(to), columns: half(from) };
  const even = new Float64Array(evens.rows * evens.columns);
  const odd = new Float64Array(even.length);
  for (let i = 0; i < evens.rows; i++) {
    for (let j = 0; j < evens.columns; j++) {
      let cosines = 0, sines = 0;
      for (let k = 1; k < waves; k++) {
        const a = k * i % to, b = k * j % from;
        cosines += cosTo[a]! * cosFrom[b]!;
        sines += sinTo[a]! * sinFrom[b]!;
      }
      const a = waves * i % to, b = waves * j % from;
      const last = isEven ? cosTo[a]! * cosFrom[b]! : 0;
      const lastOdd = isEven ? sinTo[a]! * sinFrom[b]! : 0;
      even[i * evens.columns + j] = (1 + 2 * cosines + last) / from;
      odd[i * evens.columns + j] = (2 * sines + lastOdd) / from;
    }
  }
  const full = new Float64Array(to * from);
  const [middle, centre] = [Math.floor(to / 2), Math.floor(from / 2)];
  for (let i = 0; i < to; i++) {
    for (let j = 0; j < from; j++) {
      const at = Math.abs(i - middle) * evens.columns + Math.abs(j - centre);
      const sign = Math.sign(i - middle) * Math.sign(j - centre);
      full[i * from + j] = even[at]! + sign * odd[at]!;
    }
  }
  return {
    from,
    to,
    even: packed(even, evens.columns, 0, evens.rows, evens.columns),
    odd: packed(odd, evens.columns, 1, Math.ceil(to / 2), Math.ceil(from / 2)),
    full,
    lone: isEven ? loneWave(from, to) : undefined,
  };
}

/** Coordinates from 0 on, where an even box has one that only its negative half holds. */
export const half = (box: number) => Math.floor(box / 2) + 1;

/** Cosines and sines of a full turn in `steps`. */
function circle(steps: number): [Float64Array, Float64Array] {
  const angles = Float64Array.from({ length: steps }, (_, i) => 2 * Math.PI * i / steps);
  return [angles.map(Math.cos), angles.map(Math.sin)];
}

/** The imaginary part of C + iS: that of the frequency without a partner. */
function loneWave(from: number, to: number): NonNullable<Axis["lone"]> {
  const wave = Math.min(from, to) / 2;
  const sine = (box: number, i: number) => {
    const turns = wave * (i - Math.floor(box / 2)) % box;
    return Math.sin(2 * Math.PI * turns / box);
  };
  const alternating = (box: number, i: number) => (i - Math.floor(box / 2)) % 2 === 0 ? 1 : -1;
  const isCropped = to < from;
  return {
    u: Float64Array.from(
      { length: to },
      (_, i) => isCropped ? alternating(to, i) : -sine(to, i),
    ),
    v: Float64Array.from(
      { length: from },
      (_, i) => (isCropped ? sine(from, i) : alternating(from, i)) / from,
    ),
  };
}

/**
 * Rows and columns from `first` up to `rows` and `columns` of a matrix, in the order that
 * cropping reads: `VALUES` rows together, column by column, zeros for what is missing.
 */
function packed(
  matrix: Float64Array,
  width: number,
  first: number,
  rows: number,
  columns: number,
): Float64Array {
  const [height, length] = [Math.max(0, rows - first), Math.max(0, columns - first)];
  const result = new Float64Array(Math.ceil(height / VALUES) * VALUES * length);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < length; j++) {
      const block = (i - i % VALUES) * length;
      result[block + j * VALUES + i % VALUES] = matrix[(i + first) * width + j + first]!;
    }
  }
  return result;
}
