/**
 * From densities to occupancy.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { toFloats } from "../mrc/decode.ts";
import { axisOrder, sizeOf } from "../mrc/grid.ts";
import type { MrcHeader } from "../mrc/header.ts";
import { voxelBytes } from "../mrc/modes.ts";
import type { VoxelSink } from "../mrc/stream.ts";
import { comparer, type VoxelFormat } from "./compare.ts";

/** The occupancy of one volume. */
export interface Binarised {
  /** Bit `i & 31` of word `i >> 5` says whether voxel `i` is occupied; bits past the last voxel are zero. */
  readonly bits: Uint32Array;
  /** Number of occupied voxels. */
  readonly occupied: number;
}

/** Words of 32 bits that hold a bit for each of `voxels` voxels. */
export function wordsFor(voxels: number): number {
  return Math.ceil(voxels / 32);
}

const FLOATS: VoxelFormat = { mode: 2, byteOrder: "little" };

/**
 * Binarises a volume: a voxel is occupied where its density is above the threshold, strictly.
 *
 * @param data Density by flat voxel index.
 * @param threshold Finite.
 * @param name What to call the file in messages.
 * @param bits Where to write the bits, `wordsFor(data.length)` words; may lie over shared memory.
 * @throws {InputError} Where a voxel or the threshold is not finite.
 * @example
 * ```ts
 * import { binarise } from "./binarise.ts";
 * import assert from "node:assert";
 *
 * const { bits, occupied } = binarise(Float32Array.of(0.5, 0.6, -1, 2), 0.5, "a.mrc");
 * assert.deepStrictEqual([bits[0], occupied], [0b1010, 2]);
 * ```
 */
export function binarise(
  data: Float32Array,
  threshold: number,
  name: string,
  bits: Uint32Array = new Uint32Array(wordsFor(data.length)),
): Binarised {
  checkThreshold(threshold, name);
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const occupied = comparer().compare(FLOATS, raw, threshold, bits);
  if (occupied >= 0) return { bits, occupied };
  const voxel = data.findIndex((density) => !Number.isFinite(density));
  const box = Math.round(Math.cbrt(data.length));
  throw notFinite(name, data[voxel]!, voxel, { x: box, y: box });
}

/**
 * Binarises a volume piece by piece, as `streamMap` reads it, with a piece's memory: in any order of
 * axes, the bits go straight to their voxels.
 *
 * @param header A header without errors (see `validateHeader`).
 * @param threshold Finite.
 * @param name What to call the file in messages.
 * @param bits Where to write the bits by flat index of (z, y, x), as {@linkcode binarise} does.
 * @throws {InputError} Where the threshold is not finite, or, at the end, a voxel is not.
 * @example
 * ```ts
 * import { makeHeader } from "../mrc/header.ts";
 * import { binariser } from "./binarise.ts";
 * import assert from "node:assert";
 *
 * // Signed bytes whose columns run along z: the second in the file is voxel 4.
 * const header = makeHeader({ nx: 2, ny: 2, nz: 2, mode: 0, mapc: 3, mapr: 2, maps: 1 });
 * const volume = binariser(header, 0, "a.mrc");
 * volume.add(Uint8Array.of(1, 2, 0, 0, 0xff, 0, 0, 0));
 * const { bits, occupied } = volume.end();
 * assert.deepStrictEqual([bits[0], occupied], [0b10001, 2]);
 * ```
 */
export function binariser(
  header: MrcHeader,
  threshold: number,
  name: string,
  bits: Uint32Array = new Uint32Array(wordsFor(header.nx * header.ny * header.nz)),
): VoxelSink<Binarised> {
  checkThreshold(threshold, name);
  const { compare } = comparer();
  const placeOf = placing(header);
  let occupied = 0;
  /** Voxels so far, in the order of the file. */
  let voxels = 0;
  /** The first voxel, by flat index, that is not finite. */
  let broken: { voxel: number; density: number } | undefined;
  let scratch = new Uint32Array();
  if (placeOf !== undefined) bits.fill(0);

  function findBroken(raw: Uint8Array): void {
    const values = toFloats(header, raw);
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i]!)) continue;
      const voxel = placeOf === undefined ? voxels + i : placeOf(voxels + i);
      if (broken === undefined || voxel < broken.voxel) broken = { voxel, density: values[i]! };
    }
  }

  return {
    add(raw) {
      const count = raw.length / voxelBytes(header.mode);
      const words = wordsFor(count);
      if (scratch.length < words && placeOf !== undefined) scratch = new Uint32Array(words);
      const target = placeOf === undefined ? bits.subarray(voxels / 32) : scratch;
      const above = compare(header, raw, threshold, target);
      if (above < 0) findBroken(raw);
      else {
        occupied += above;
        if (placeOf !== undefined) scatter(scratch.subarray(0, words), voxels, placeOf, bits);
      }
      voxels += count;
    },
    end() {
      if (broken !== undefined) {
        throw notFinite(name, broken.density, broken.voxel, sizeOf(header));
      }
      return { bits, occupied };
    },
  };
}

/** From a voxel's place in the file to its flat index, or undefined where they are the same. */
function placing(header: MrcHeader): ((place: number) => number) | undefined {
  const order = axisOrder(header);
  if (order.every((axis, i) => axis === i)) return undefined;
  const { x, y } = sizeOf(header);
  const strides = [1, x, x * y];
  const [column, row, section] = [strides[order[0]]!, strides[order[1]]!, strides[order[2]]!];
  const { nx, ny } = header;
  return (place) => {
    const line = Math.floor(place / nx);
    const c = place - line * nx, s = Math.floor(line / ny);
    return c * column + (line - s * ny) * row + s * section;
  };
}

/** Sets the bits of occupied voxels, `words` in the order of the file, at their flat indices. */
function scatter(
  words: Uint32Array,
  first: number,
  placeOf: (place: number) => number,
  bits: Uint32Array,
): void {
  for (let w = 0; w < words.length; w++) {
    for (let left = words[w]!; left !== 0; left &= left - 1) {
      const voxel = placeOf(first + 32 * w + 31 - Math.clz32(left & -left));
      bits[Math.floor(voxel / 32)]! |= 1 << voxel % 32;
    }
  }
}

function checkThreshold(threshold: number, name: string): void {
  if (Number.isFinite(threshold)) return;
  throw new InputError(
    `Cannot binarise ${name}: its threshold is not a finite number (${threshold})`,
  );
}

function notFinite(
  name: string,
  density: number,
  voxel: number,
  { x, y }: { x: number; y: number },
): InputError {
  const place = `(${Math.floor(voxel / (x * y))}, ${Math.floor(voxel / x) % y}, ${voxel % x})`;
  return new InputError(
    `Cannot binarise ${name}: its density is ${density} at voxel (z, y, x) = ${place}`,
    "Make the map anew, or take it out of the folder.",
  );
}
