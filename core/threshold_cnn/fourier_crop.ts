/**
 * Fourier cropping: a map of another box, with the frequencies that both boxes hold and no others.
 *
 * The discrete Fourier transform is taken about the centre voxel, `floor(box / 2)`; of each axis the
 * frequencies from `-floor(m / 2)` on are kept, m of them, where m is the smaller box; a larger box is
 * filled with zeros. The real part is taken, and densities keep their level. This is linear and acts on
 * each axis alone, but for the real part: along an axis it is the matrix `C + iS`, where S is of rank one,
 * as only the frequency -m/2 of an even m has no partner. So the real part of all three is
 * `CCC - (CSS + SCS + SSC)`, which takes no fast transform: any box goes, section by section.
 *
 * @module
 */
import type { MapGrid, Vector } from "../mrc/grid.ts";
import { type Axis, axisOf } from "./fourier_axis.ts";
import { transformRows } from "./fourier_rows.ts";

/** Sections that are added to the result together. */
type Sections = readonly [...Four<Float64Array>, ...Four<Float64Array>];
type Four<T> = [T, T, T, T];
const SECTIONS = 8;

/** Takes a map section by section. */
export interface FourierCropper {
  /** Takes the next section: box^2 values, which are not kept. */
  add(section: Float32Array): void;
  /** Once all sections were taken: the map in the other box. */
  end(): Float32Array<ArrayBuffer>;
}

/**
 * Brings a map into another box section by section, with memory for the result and a few sections.
 *
 * @param from Edge of the map's box in voxels, 1 or more.
 * @param to Edge of the other box in voxels, 1 or more; if it is the same, the map is copied.
 */
export function fourierCropper(from: number, to: number): FourierCropper {
  return from === to ? copier(from) : cropper(axisOf(from, to));
}

/**
 * Brings a map into another box.
 *
 * @param data Densities: from^3 values, x running fastest.
 * @param from Edge of the map's box in voxels.
 * @param to Edge of the other box in voxels.
 * @returns to^3 values.
 * @throws {RangeError} The data are not from^3 values.
 * @example
 * ```ts
 * import { fourierCrop } from "./fourier_crop.ts";
 * import assert from "node:assert";
 *
 * const cropped = fourierCrop(new Float32Array(6 ** 3).fill(0.5), 6, 4);
 * assert.strictEqual(cropped.length, 64);
 * assert.ok(cropped.every((density) => Math.abs(density - 0.5) < 1e-6));
 * ```
 */
export function fourierCrop(
  data: Float32Array,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  if (data.length !== from ** 3) {
    throw new RangeError(`Cannot crop a map: box ${from} has ${from ** 3} voxels (${data.length})`);
  }
  const crop = fourierCropper(from, to);
  const size = from * from;
  for (let z = 0; z < from; z++) crop.add(data.subarray(z * size, (z + 1) * size));
  return crop.end();
}

/**
 * Where the voxels of a cropped map lie: the same cube, its centre voxel in place. A first voxel that is
 * given as an index alone becomes a position; of the same box, the grid is as it was.
 */
export function croppedGrid(grid: MapGrid, to: number): MapGrid {
  const { box, apix, origin, nstart } = grid;
  if (box === to) return grid;
  const zero = { x: 0, y: 0, z: 0 };
  if (apix === undefined) return { box: to, apix, origin, nstart: zero };
  const apixTo = apix * box / to;
  const isGiven = origin.x !== 0 || origin.y !== 0 || origin.z !== 0;
  const move = Math.floor(box / 2) * apix - Math.floor(to / 2) * apixTo;
  const along = (axis: keyof Vector) => (isGiven ? origin[axis] : nstart[axis] * apix) + move;
  return {
    box: to,
    apix: apixTo,
    origin: { x: along("x"), y: along("y"), z: along("z") },
    nstart: zero,
  };
}

function copier(box: number): FourierCropper {
  const data = new Float32Array(box ** 3);
  let length = 0;
  return {
    add(section) {
      data.set(section, length);
      length += section.length;
    },
    end: () => data,
  };
}

function cropper(axis: Axis): FourierCropper {
  const { from, to, lone } = axis;
  const size = to * to;
  const result = new Float64Array(to * size);
  const columns = new Float64Array(to * from);
  const section = () => new Float64Array(size);
  const four = (): Four<Float64Array> => [section(), section(), section(), section()];
  const waiting: Sections = [...four(), ...four()];
  const [sumsX, sumsY, sumsZ] = [
    new Float64Array(from),
    new Float64Array(from),
    new Float64Array(from),
  ];
  let done = 0;
  return {
    add(section) {
      if (lone !== undefined) addLone(section, done, lone.v, sumsX, sumsY, sumsZ);
      transformRows(axis, section, from, columns);
      transformRows(axis, columns, to, waiting[done % SECTIONS]!); // there are so many
      done++;
      if (done % SECTIONS === 0 || done === from) {
        const count = (done - 1) % SECTIONS + 1;
        for (const unused of waiting.slice(count)) unused.fill(0);
        addSections(axis, result, waiting, done - count, count);
      }
    },
    end() {
      if (lone === undefined) return Float32Array.from(result);
      const [x, y, z] = [sumsX, sumsY, sumsZ].map((sums) => along(axis, sums)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      return withoutLone(result, lone.u, x, y, z);
    },
  };
}

/** Adds sections, transformed already, to the sections of the result. */
function addSections(
  { from, to, full }: Axis,
  result: Float64Array,
  sections: Sections,
  first: number,
  count: number,
): void {
  const size = to * to;
  const [s0, s1, s2, s3, s4, s5, s6, s7] = sections;
  for (let z = 0; z < to; z++) {
    const start = z * from + first;
    const factors = full.subarray(start, start + count);
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0] = factors;
    const plane = result.subarray(z * size, (z + 1) * size);
    for (let i = 0; i < size; i++) {
      plane[i]! += c0 * s0[i]! + c1 * s1[i]! + c2 * s2[i]! + c3 * s3[i]! +
        c4 * s4[i]! + c5 * s5[i]! + c6 * s6[i]! + c7 * s7[i]!;
    }
  }
}

/** Sums over two axes, weighted by v, of what the lone frequency takes away: for each place on the third. */
function addLone(
  section: Float32Array,
  z: number,
  v: Float64Array,
  sumsX: Float64Array,
  sumsY: Float64Array,
  sumsZ: Float64Array,
): void {
  const box = v.length;
  const vz = v[z]!;
  let all = 0;
  for (let y = 0; y < box; y++) {
    const start = y * box, vy = v[y]!, vyz = vy * vz;
    let sum = 0;
    for (let x = 0; x < box; x++) {
      const density = section[start + x]!;
      sum += v[x]! * density;
      sumsX[x]! += vyz * density;
    }
    sumsY[y]! += vz * sum;
    all += vy * sum;
  }
  sumsZ[z] = all;
}

/** C times a vector. */
function along({ from, to, full }: Axis, vector: Float64Array): Float64Array {
  return Float64Array.from({ length: to }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < from; j++) sum += full[i * from + j]! * vector[j]!;
    return sum;
  });
}

function withoutLone(
  result: Float64Array,
  u: Float64Array,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
): Float32Array<ArrayBuffer> {
  const box = u.length;
  const map = new Float32Array(result.length);
  for (let k = 0, at = 0; k < box; k++) {
    for (let j = 0; j < box; j++) {
      const ofXY = z[k]! * u[j]! + y[j]! * u[k]!, ofYZ = u[k]! * u[j]!;
      for (let i = 0; i < box; i++, at++) {
        map[at] = result[at]! - (ofXY * u[i]! + ofYZ * x[i]!);
      }
    }
  }
  return map;
}
