/**
 * Distances to the voxels of a set.
 *
 * The squared Euclidean distance transform by lower envelopes of parabolas, exact and in linear time
 * (Felzenszwalb & Huttenlocher, Theory of Computing 8:415, 2012).
 *
 * @module
 */

/** Voxels along x, y and z. */
export type Size = readonly [number, number, number];

/** Lines that are worked on together, side by side in memory. */
const LINES = 16;

/**
 * The squared distance, in voxels, from every voxel to the nearest voxel of a set.
 *
 * @param inside Not 0 for the voxels of the set, by (z, y, x), x fastest: as many as there are voxels.
 * @param size Voxels along x, y and z, each at most 2048.
 * @param reach Distances beyond this need not be known: they may come out as Infinity.
 * @returns Whole numbers; 0 within the set, Infinity everywhere if the set is empty.
 * @example
 * ```ts
 * import { squaredDistances } from "./distances.ts";
 * import assert from "node:assert";
 *
 * const inside = Uint8Array.of(1, 0, 0, 0, 0, 0);
 * assert.deepStrictEqual([...squaredDistances(inside, [3, 2, 1])], [0, 1, 4, 1, 2, 5]);
 * ```
 */
export function squaredDistances(
  inside: Uint8Array,
  size: Size,
  reach = Infinity,
): Float32Array<ArrayBuffer> {
  const [nx, ny, nz] = size;
  // Squares of up to 3 * 2048^2 are exact in 32-bit floats.
  const squares = new Float32Array(nx * ny * nz);
  for (let row = 0; row < squares.length; row += nx) alongRow(inside, squares, row, nx, reach);
  const most = Math.max(ny, nz);
  const work: Envelope = {
    lines: new Float64Array(LINES * most),
    places: new Int32Array(most),
    heights: new Float64Array(most),
    borders: new Float64Array(most + 1),
  };
  for (let z = 0; z < nz; z++) alongLines(squares, work, z * ny * nx, nx, ny, nx);
  for (let y = 0; y < ny; y++) alongLines(squares, work, y * nx, nx, nz, ny * nx);
  return squares;
}

/** Distances along a row of voxels that lie next to each other. */
function alongRow(
  inside: Uint8Array,
  squares: Float32Array,
  row: number,
  length: number,
  reach: number,
): void {
  let distance = Infinity;
  for (let i = 0; i < length; i++) {
    distance = inside[row + i] === 0 ? distance + 1 : 0;
    squares[row + i] = distance;
  }
  distance = Infinity;
  for (let i = length - 1; i >= 0; i--) {
    distance = inside[row + i] === 0 ? distance + 1 : 0;
    const least = Math.min(distance, squares[row + i]!);
    squares[row + i] = least > reach ? Infinity : least * least;
  }
}

interface Envelope {
  /** Squares along {@linkcode LINES} lines, one line after the other. */
  readonly lines: Float64Array;
  /** Lowest points of the parabolas of the envelope: where, and how high. */
  readonly places: Int32Array;
  readonly heights: Float64Array;
  /** From where on each of them is the lowest. */
  readonly borders: Float64Array;
}

/** Takes a second or third axis into account, for lines that begin next to each other. */
function alongLines(
  squares: Float32Array,
  work: Envelope,
  first: number,
  lines: number,
  length: number,
  stride: number,
): void {
  const { lines: own } = work;
  for (let from = 0; from < lines; from += LINES) {
    const count = Math.min(LINES, lines - from);
    for (let i = 0, at = first + from; i < length; i++, at += stride) {
      for (let line = 0; line < count; line++) own[line * length + i] = squares[at + line]!;
    }
    for (let line = 0; line < count; line++) alongLine(work, line * length, length);
    for (let i = 0, at = first + from; i < length; i++, at += stride) {
      for (let line = 0; line < count; line++) squares[at + line] = own[line * length + i]!;
    }
  }
}

function alongLine(
  { lines, places, heights, borders }: Envelope,
  start: number,
  length: number,
): void {
  let last = -1;
  for (let i = 0; i < length; i++) {
    const height = lines[start + i]!;
    if (height === Infinity) continue;
    let border = -Infinity;
    for (; last >= 0; last--) {
      const place = places[last]!;
      border = (height + i * i - heights[last]! - place * place) / (2 * (i - place));
      if (border > borders[last]!) break;
      border = -Infinity;
    }
    last++;
    places[last] = i;
    heights[last] = height;
    borders[last] = border;
  }
  if (last < 0) return;
  borders[last + 1] = Infinity;
  for (let i = 0, k = 0; i < length; i++) {
    while (borders[k + 1]! < i) k++;
    const steps = i - places[k]!;
    lines[start + i] = steps * steps + heights[k]!;
  }
}
