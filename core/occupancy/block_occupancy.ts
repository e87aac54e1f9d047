/**
 * How much of each block of a run is there in each volume, from the bits that the run keeps.
 *
 * @module
 */
import type { BitMatrix } from "../cooccupancy/bit_matrix.ts";
import type { OccupancyTable } from "./table.ts";

/** Rows that are added at once. */
const ROWS = 8;
/** Bits of the greatest number of rows. */
const PLANES = 32;

/**
 * The share of each block's voxels that is occupied in each volume.
 *
 * Volumes are counted 32 at a time: every word of the matrix is added to counters that lie bit by bit in
 * planes, eight rows at once by carry-save adders (Warren, "Hacker's Delight", 2nd ed., section 5-1).
 *
 * @param matrix Occupancy of M voxels in N volumes.
 * @param blocks Ids, no two the same, and rows of the matrix, 0 to M - 1. A block to which no voxel was left is
 *   nowhere: 0.
 * @param volumes File names of the volumes, in the order of the bits: length N.
 * @returns Regions `b` and the id, in the order of `blocks`; values 0 to 1.
 * @throws {RangeError} The names are not N, or a row is not of the matrix.
 * @example
 * ```ts
 * import { blockOccupancy } from "./block_occupancy.ts";
 * import assert from "node:assert";
 *
 * // Three voxels, two volumes: the first volume holds all of them, the second only voxel 2.
 * const words = Uint32Array.of(0b01, 0b01, 0b11);
 * const matrix = { voxels: 3, volumes: 2, wordsPerVoxel: 1, words };
 * const block = { id: 7, members: Uint32Array.of(1, 2) };
 * const table = blockOccupancy(matrix, [block], ["vol_000.mrc", "vol_001.mrc"]);
 * assert.deepStrictEqual(table.regions, [{ name: "b7", voxels: 2 }]);
 * assert.deepStrictEqual(table.values, Float64Array.of(1, 0.5));
 * ```
 */
export function blockOccupancy(
  matrix: BitMatrix,
  blocks: readonly { readonly id: number; readonly members: Uint32Array }[],
  volumes: readonly string[],
): OccupancyTable {
  if (volumes.length !== matrix.volumes) {
    throw new RangeError(
      `Cannot measure blocks: the names are not as many as the volumes (${volumes.length}, not ${matrix.volumes})`,
    );
  }
  const values = new Float64Array(matrix.volumes * blocks.length);
  const planes = new Uint32Array(matrix.wordsPerVoxel * PLANES);
  blocks.forEach(({ id, members }, b) => {
    const strange = members.find((row) => row >= matrix.voxels);
    if (strange !== undefined) {
      throw new RangeError(`Cannot measure block ${id}: there is no row ${strange}`);
    }
    if (members.length === 0) return;
    planes.fill(0);
    addRows(matrix, members, planes);
    for (let volume = 0; volume < matrix.volumes; volume++) {
      const at = (volume >> 5) * PLANES;
      let count = 0;
      for (let p = 0; p < PLANES; p++) count += (planes[at + p]! >>> (volume & 31) & 1) * 2 ** p;
      values[volume * blocks.length + b] = count / members.length;
    }
  });
  return {
    volumes,
    regions: blocks.map(({ id, members }) => ({ name: `b${id}`, voxels: members.length })),
    values,
  };
}

/** Adds rows to the counters: plane `p` of word `k` is `planes[k * PLANES + p]`. */
function addRows({ wordsPerVoxel, words }: BitMatrix, rows: Uint32Array, planes: Uint32Array) {
  const whole = rows.length - rows.length % ROWS;
  for (let i = 0; i < whole; i += ROWS) {
    let r0 = rows[i]! * wordsPerVoxel, r1 = rows[i + 1]! * wordsPerVoxel;
    let r2 = rows[i + 2]! * wordsPerVoxel, r3 = rows[i + 3]! * wordsPerVoxel;
    let r4 = rows[i + 4]! * wordsPerVoxel, r5 = rows[i + 5]! * wordsPerVoxel;
    let r6 = rows[i + 6]! * wordsPerVoxel, r7 = rows[i + 7]! * wordsPerVoxel;
    for (let at = 0; at < planes.length; at += PLANES) {
      // Four pairs of words and the ones so far make ones and four twos, and so on.
      let a = words[r0++]!, b = words[r1++]!, ones = planes[at]!, u = a ^ b;
      const two0 = (a & b) | (u & ones);
      ones ^= u;
      a = words[r2++]!, b = words[r3++]!, u = a ^ b;
      const two1 = (a & b) | (u & ones);
      ones ^= u;
      a = words[r4++]!, b = words[r5++]!, u = a ^ b;
      const two2 = (a & b) | (u & ones);
      ones ^= u;
      a = words[r6++]!, b = words[r7++]!, u = a ^ b;
      const two3 = (a & b) | (u & ones);
      planes[at] = ones ^ u;
      let twos = planes[at + 1]!;
      u = two0 ^ two1;
      const four0 = (two0 & two1) | (u & twos);
      twos ^= u;
      u = two2 ^ two3;
      const four1 = (two2 & two3) | (u & twos);
      planes[at + 1] = twos ^ u;
      const fours = planes[at + 2]!;
      u = four0 ^ four1;
      planes[at + 2] = fours ^ u;
      carry((four0 & four1) | (u & fours), at + 3, planes);
    }
  }
  for (let i = whole; i < rows.length; i++) {
    const row = rows[i]! * wordsPerVoxel;
    for (let k = 0; k < wordsPerVoxel; k++) carry(words[row + k]!, k * PLANES, planes);
  }
}

/** Adds a word of bits to the counters whose lowest plane is at `plane`. */
function carry(bits: number, plane: number, planes: Uint32Array): void {
  for (let left = bits; left !== 0; plane++) {
    const sum = planes[plane]!;
    planes[plane] = sum ^ left;
    left &= sum;
  }
}
