/**
 * From densities to occupancy.
 *
 * @module
 */
import { InputError } from "../errors.ts";

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
  if (!Number.isFinite(threshold)) {
    throw new InputError(
      `Cannot binarise ${name}: its threshold is not a finite number (${threshold})`,
    );
  }
  let occupied = 0;
  // The sum of all densities stays finite, in double precision, unless one of them is not: a test for free.
  let sum = 0;
  for (let w = 0, i = 0; w < bits.length; w++) {
    const end = Math.min(32, data.length - i);
    let word = 0;
    for (let b = 0; b < end; b++) {
      const density = data[i++]!;
      sum += density;
      const above = density > threshold ? 1 : 0;
      word |= above << b;
      occupied += above;
    }
    bits[w] = word;
  }
  if (!Number.isFinite(sum)) throw notFinite(data, name);
  return { bits, occupied };
}

function notFinite(data: Float32Array, name: string): InputError {
  const voxel = data.findIndex((density) => !Number.isFinite(density));
  const box = Math.round(Math.cbrt(data.length));
  const [z, y, x] = [Math.floor(voxel / box ** 2), Math.floor(voxel / box) % box, voxel % box];
  return new InputError(
    `Cannot binarise ${name}: its density is ${
      data[voxel]
    } at voxel (z, y, x) = (${z}, ${y}, ${x})`,
    "Make the map anew, or take it out of the folder.",
  );
}
