/**
 * The occupancy of voxels across an ensemble, one bit for each voxel and volume.
 *
 * @module
 */

/**
 * Voxels x volumes of bits, voxel-major. Bit `k & 31` of word `v * wordsPerVoxel + (k >> 5)` says
 * whether voxel `v` is occupied in volume `k`. Bits past the last volume are zero.
 */
export interface BitMatrix {
  /** Number of voxels (rows), M. */
  readonly voxels: number;
  /** Number of volumes (columns), N, 1 to 65534. */
  readonly volumes: number;
  /** Words of 32 bits in a row: ceil(N / 32). */
  readonly wordsPerVoxel: number;
  /** `voxels * wordsPerVoxel` words; may lie over shared memory. */
  readonly words: Uint32Array;
}

/** Counts the one bits of a 32-bit word. */
export function popcount(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Makes an empty bit matrix.
 *
 * @param shared Whether the words lie over a SharedArrayBuffer, for workers.
 */
export function bitMatrix(voxels: number, volumes: number, shared = false): BitMatrix {
  const wordsPerVoxel = Math.ceil(volumes / 32);
  const bytes = voxels * wordsPerVoxel * 4;
  const words = new Uint32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return { voxels, volumes, wordsPerVoxel, words };
}

/** Number of volumes in which each voxel is occupied: length M. */
export function totals(matrix: BitMatrix): Uint32Array<ArrayBuffer> {
  const { voxels, wordsPerVoxel, words } = matrix;
  const result = new Uint32Array(voxels);
  for (let v = 0, w = 0; v < voxels; v++) {
    let total = 0;
    for (let k = 0; k < wordsPerVoxel; k++) total += popcount(words[w++]!);
    result[v] = total;
  }
  return result;
}

/** Number of volumes in which voxels `u` and `v` are both occupied. */
export function both(matrix: BitMatrix, u: number, v: number): number {
  const { wordsPerVoxel, words } = matrix;
  let count = 0;
  for (let k = 0, a = u * wordsPerVoxel, b = v * wordsPerVoxel; k < wordsPerVoxel; k++) {
    count += popcount(words[a++]! & words[b++]!);
  }
  return count;
}

/** Takes the given rows, in the given order, into a new matrix. */
export function takeVoxels(matrix: BitMatrix, rows: ArrayLike<number>, shared = false): BitMatrix {
  const result = bitMatrix(rows.length, matrix.volumes, shared);
  const { wordsPerVoxel } = matrix;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * wordsPerVoxel;
    result.words.set(matrix.words.subarray(from, from + wordsPerVoxel), i * wordsPerVoxel);
  }
  return result;
}
