/**
 * NumPy arrays, as pickles hold them.
 *
 * @module
 */

/** The numbers of an array, as they lie in memory. */
export type NumpyData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** An array, or a scalar, which has no axes. */
export interface NumpyArray {
  /** Lengths of its axes; the product is the length of `data`. */
  readonly shape: readonly number[];
  /** Its numbers, the last axis fastest; 1 and 0 for booleans. */
  readonly data: NumpyData;
  /** NumPy's name of the type, without byte order: `i8`, `f4`, `b1`. */
  readonly type: string;
}

/** A type of numbers: how many bytes each takes, and how one or many of them are seen. */
export interface NumberType {
  readonly size: number;
  readonly view: (buffer: ArrayBuffer) => NumpyData;
  readonly one: (view: DataView, isLittle: boolean) => number | bigint;
}

/** Types of numbers by NumPy's names without byte order. */
export const numberTypes: ReadonlyMap<string, NumberType> = new Map<string, NumberType>([
  ["b1", { size: 1, view: (buffer) => new Uint8Array(buffer), one: (view) => view.getUint8(0) }],
  ["i1", { size: 1, view: (buffer) => new Int8Array(buffer), one: (view) => view.getInt8(0) }],
  ["u1", { size: 1, view: (buffer) => new Uint8Array(buffer), one: (view) => view.getUint8(0) }],
  ["i2", {
    size: 2,
    view: (buffer) => new Int16Array(buffer),
    one: (view, isLittle) => view.getInt16(0, isLittle),
  }],
  ["u2", {
    size: 2,
    view: (buffer) => new Uint16Array(buffer),
    one: (view, isLittle) => view.getUint16(0, isLittle),
  }],
  ["i4", {
    size: 4,
    view: (buffer) => new Int32Array(buffer),
    one: (view, isLittle) => view.getInt32(0, isLittle),
  }],
  ["u4", {
    size: 4,
    view: (buffer) => new Uint32Array(buffer),
    one: (view, isLittle) => view.getUint32(0, isLittle),
  }],
  ["i8", {
    size: 8,
    view: (buffer) => new BigInt64Array(buffer),
    one: (view, isLittle) => view.getBigInt64(0, isLittle),
  }],
  ["u8", {
    size: 8,
    view: (buffer) => new BigUint64Array(buffer),
    one: (view, isLittle) => view.getBigUint64(0, isLittle),
  }],
  ["f4", {
    size: 4,
    view: (buffer) => new Float32Array(buffer),
    one: (view, isLittle) => view.getFloat32(0, isLittle),
  }],
  ["f8", {
    size: 8,
    view: (buffer) => new Float64Array(buffer),
    one: (view, isLittle) => view.getFloat64(0, isLittle),
  }],
]);

/**
 * Reads an array's numbers from its bytes.
 *
 * @param type A name in {@linkcode numberTypes}.
 * @param isBig Whether the highest byte of a number comes first.
 * @param isFortran Whether the first axis is the fastest.
 * @returns Undefined where the bytes are not those of an array of this shape.
 * @example
 * ```ts
 * import { numpyArray } from "./numpy_array.ts";
 * import assert from "node:assert";
 *
 * const bytes = Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4); // 1, 2, 3, 4
 * const array = numpyArray("i2", [2, 2], bytes, true, true);
 * assert.deepStrictEqual(array?.data, Int16Array.of(1, 3, 2, 4));
 * ```
 */
export function numpyArray(
  type: string,
  shape: readonly number[],
  bytes: Uint8Array,
  isBig: boolean,
  isFortran: boolean,
): NumpyArray | undefined {
  const { size, view } = numberTypes.get(type) ?? { size: 0, view: undefined };
  const length = shape.reduce((product, axis) => product * axis, 1);
  if (view === undefined || !shape.every(isLength) || bytes.length !== length * size) {
    return undefined;
  }
  const own = bytes.slice();
  if (isBig) {
    for (let at = 0; at < own.length; at += size) {
      own.subarray(at, at + size).reverse();
    }
  }
  const data = view(own.buffer);
  return { type, shape, data: isFortran ? lastAxisFastest(data, shape) : data };
}

function isLength(axis: number): boolean {
  return Number.isSafeInteger(axis) && axis >= 0;
}

/** The numbers of an array whose first axis is the fastest, in the usual order. */
function lastAxisFastest(data: NumpyData, shape: readonly number[]): NumpyData {
  if (shape.length < 2 || data.length === 0) return data;
  const sorted = data.slice();
  const place = new Array<number>(shape.length).fill(0);
  // How far apart neighbours along each axis lie.
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  for (let to = 0, from = 0; to < sorted.length; to++) {
    sorted[to] = data[from]!; // both have a number for each place
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return sorted;
}
