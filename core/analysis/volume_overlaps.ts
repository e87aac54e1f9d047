/**
 * How many voxels each two volumes have in common.
 *
 * @module
 */
import { type BitMatrix, popcount, totals } from "../cooccupancy/bit_matrix.ts";

/** Number of voxels that volumes share. */
export interface VolumeOverlaps {
  /** Number of volumes N. */
  readonly volumes: number;
  /** Number of voxels that were counted: those of the union, or a part of them. */
  readonly voxels: number;
  /** N x N: voxels occupied in both of two volumes; on the diagonal, in the one. */
  readonly shared: Float64Array;
  /** Voxels of the whole union that are occupied in each volume: length N. */
  readonly occupied: Uint32Array;
  /**
   * Number of voxels of the union that belong to the core: those that are occupied in nearly as many volumes
   * as any voxel is ({@linkcode CORE_SHARE}). Volumes that are junk need not hold them.
   */
  readonly coreVoxels: number;
  /** How many of these are occupied in each volume: length N. */
  readonly coreOccupied: Uint32Array;
}

/** A voxel of the core is occupied in this share of the volumes that the most frequent voxel is occupied in. */
export const CORE_SHARE = 0.97;

/** Pairs of words that are compared at most: about two seconds. */
const MOST_WORK = 3e8;

/** Fewest voxels that are counted, however many volumes there are. */
const LEAST_VOXELS = 1024;

/**
 * Counts the voxels that volumes share. Of many volumes and voxels only every second, third, ... voxel of
 * the union is counted, so that it does not take long: `voxels` says how many.
 *
 * @param matrix Occupancy of the union: M voxels x N volumes.
 */
export function volumeOverlaps(matrix: BitMatrix, mostWork = MOST_WORK): VolumeOverlaps {
  const { voxels: all, volumes, wordsPerVoxel, words } = matrix;
  const pairs = volumes * (volumes + 1) / 2;
  const affordable = Math.max(LEAST_VOXELS, 32 * Math.floor(mostWork / pairs));
  const step = Math.max(1, Math.ceil(all / affordable));
  const voxels = Math.ceil(all / step);
  const wordsPerVolume = Math.ceil(voxels / 32);
  const rows = new Uint32Array(volumes * wordsPerVolume);
  const occupied = new Uint32Array(volumes), coreOccupied = new Uint32Array(volumes);
  const total = totals(matrix);
  const leastOfCore = CORE_SHARE * total.reduce((most, count) => Math.max(most, count), 0);
  let coreVoxels = 0;
  for (let voxel = 0; voxel < all; voxel++) {
    const counted = voxel % step === 0 ? voxel / step : -1;
    const core = total[voxel]! >= leastOfCore ? 1 : 0;
    coreVoxels += core;
    for (let k = 0; k < wordsPerVoxel; k++) {
      for (let word = words[voxel * wordsPerVoxel + k]!; word !== 0;) {
        const bit = 31 - Math.clz32(word);
        word = (word ^ (1 << bit)) >>> 0;
        const volume = 32 * k + bit;
        occupied[volume]!++;
        coreOccupied[volume]! += core;
        if (counted >= 0) {
          rows[volume * wordsPerVolume + (counted >> 5)]! |= 1 << (counted & 31);
        }
      }
    }
  }
  const shared = new Float64Array(volumes * volumes);
  for (let i = 0; i < volumes; i++) {
    for (let j = i; j < volumes; j++) {
      let count = 0;
      for (let k = 0, a = i * wordsPerVolume, b = j * wordsPerVolume; k < wordsPerVolume; k++) {
        count += popcount(rows[a++]! & rows[b++]!);
      }
      shared[i * volumes + j] = shared[j * volumes + i] = count;
    }
  }
  return { volumes, voxels, shared, occupied, coreVoxels, coreOccupied };
}
