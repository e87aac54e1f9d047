/**
 * The union: the voxels that are occupied often enough to be worth comparing, with their occupancy.
 *
 * @module
 */
import { type BitMatrix, bitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import { InputError } from "../errors.ts";

/** Voxels of the union and their occupancy. */
export interface Union {
  /** Flat voxel indices, ascending. */
  readonly voxels: Uint32Array<ArrayBuffer>;
  /** Row `i` is the occupancy of `voxels[i]`; column `j` is the volume of row `rows[j]`. */
  readonly matrix: BitMatrix;
}

/** Neighbouring words of a volume's row, a few cache lines, that are worked on together. */
const GROUP = 64;

/** Bits of the greatest number of volumes, 65534. */
const PLANES = 16;

/**
 * Finds the voxels that are occupied in strictly more than 1 % of the volumes, and turns their bits
 * from volume-major to voxel-major.
 *
 * @param bits Occupancy as `binarise` writes it, `wordsPerVolume` words for each volume, one volume
 *   after the other; may lie over shared memory.
 * @param wordsPerVolume Words of a volume; bits past its last voxel are zero.
 * @param rows Which volumes of `bits` to use: 1 to 65534 indices. Those left out do not exist for the counts.
 * @param volumesBefore Number of volumes that the 1 % is of: all of them, before any were filtered out.
 * @param shared Whether the matrix lies over shared memory.
 * @throws {InputError} Where no voxel is occupied so often.
 * @example
 * ```ts
 * import { union } from "./union.ts";
 * import assert from "node:assert";
 *
 * // Two volumes of up to 32 voxels: voxel 0 is occupied in the first, voxel 5 in both.
 * const { voxels, matrix } = union(Uint32Array.of(0b100001, 0b100000), 1, [0, 1], 2);
 * assert.deepStrictEqual([...voxels], [0, 5]);
 * assert.deepStrictEqual([...matrix.words], [0b01, 0b11]);
 * ```
 */
export function union(
  bits: Uint32Array,
  wordsPerVolume: number,
  rows: ArrayLike<number>,
  volumesBefore: number,
  shared = false,
): Union {
  const starts = Float64Array.from(rows, (row) => row * wordsPerVolume);
  // In integers: 0.01 * 2900 is below 29 in floating point.
  const members = oftenSet(bits, wordsPerVolume, starts, Math.floor(volumesBefore / 100));
  let count = 0;
  for (const word of members) count += popcount(word);
  if (count === 0) {
    throw new InputError(
      `Cannot compare voxels: none is occupied in more than 1 % of the volumes (${volumesBefore})`,
      "Lower the threshold.",
    );
  }
  const voxels = new Uint32Array(count);
  const matrix = bitMatrix(count, rows.length, shared);

  const block = new Uint32Array(32);
  let first = 0;
  for (let group = 0; group < wordsPerVolume; group += GROUP) {
    const groupEnd = Math.min(group + GROUP, wordsPerVolume);
    // Volumes outside words, so that the words of a volume are read while they are in the cache.
    for (let k = 0; k < matrix.wordsPerVoxel; k++) {
      const volumes = Math.min(32, rows.length - 32 * k);
      let row = first;
      for (let w = group; w < groupEnd; w++) {
        if (members[w] === 0) continue;
        for (let i = 0; i < volumes; i++) block[i] = bits[starts[32 * k + i]! + w]!;
        block.fill(0, volumes);
        transpose32(block);
        for (let left = members[w]!; left !== 0; left &= left - 1) {
          const bit = 31 - Math.clz32(left & -left);
          voxels[row] = 32 * w + bit;
          matrix.words[row * matrix.wordsPerVoxel + k] = block[bit]!;
          row++;
        }
      }
    }
    for (let w = group; w < groupEnd; w++) first += popcount(members[w]!);
  }
  return { voxels, matrix };
}

/** The bits that are set in more than `bound` of the volumes that start at `starts`: `wordsPerVolume` words. */
function oftenSet(
  bits: Uint32Array,
  wordsPerVolume: number,
  starts: Float64Array,
  bound: number,
): Uint32Array {
  const result = new Uint32Array(wordsPerVolume);
  // 32 counters side by side for each word: plane p of a word holds bit p of its counters.
  const planes = new Uint32Array(GROUP * PLANES);
  for (let group = 0; group < wordsPerVolume; group += GROUP) {
    const words = Math.min(GROUP, wordsPerVolume - group);
    planes.fill(0);
    for (let k = 0; k < starts.length; k++) {
      const start = starts[k]! + group;
      for (let w = 0; w < words; w++) {
        let carry = bits[start + w]!;
        for (let plane = w * PLANES; carry !== 0; plane++) {
          const sum = planes[plane]!;
          planes[plane] = sum ^ carry;
          carry &= sum;
        }
      }
    }
    for (let w = 0; w < words; w++) {
      let greater = 0, equal = -1;
      for (let p = PLANES - 1; p >= 0; p--) {
        const plane = planes[w * PLANES + p]!;
        if ((bound >>> p & 1) === 0) {
          greater |= equal & plane;
          equal &= ~plane;
        } else equal &= plane;
      }
      result[group + w] = greater;
    }
  }
  return result;
}

/**
 * Transposes a square of 32 x 32 bits in place (bit `j` of word `i` becomes bit `i` of word `j`), by
 * exchanging ever smaller off-diagonal squares (Warren, "Hacker's Delight", 2nd ed., section 7-3).
 */
export function transpose32(block: Uint32Array): void {
  for (let size = 16, mask = 0xffff; size > 0; size >>= 1, mask ^= mask << size) {
    for (let i = 0; i < 32; i = (i + size + 1) & ~size) {
      const swap = ((block[i]! >>> size) ^ block[i + size]!) & mask;
      block[i]! ^= swap << size;
      block[i + size]! ^= swap;
    }
  }
}
