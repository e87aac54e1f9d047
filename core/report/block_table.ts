/**
 * The table of blocks: how large each is, where it lies, how often it is there and how well it holds
 * together.
 *
 * @module
 */
import { tableFromArrays, tableToIPC } from "apache-arrow";
import type { Block } from "../blocks/block.ts";
import { position } from "../blocks/block.ts";
import { type BitMatrix, bitMatrix, popcount, totals } from "../cooccupancy/bit_matrix.ts";
import { firstVoxel, type Grid } from "../mrc/grid.ts";
import { phi } from "../null_model/phi.ts";

/** A row of the table of blocks. */
export interface BlockRow {
  readonly id: number;
  /** Number of voxels. */
  readonly voxels: number;
  /** Volume in cubic Angstrom. */
  readonly volume: number;
  /** Centroid in Angstrom, in the coordinates in which ChimeraX shows the map: {@linkcode firstVoxel} is voxel 0. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Centroid in voxels from the first voxel. */
  readonly voxelX: number;
  readonly voxelY: number;
  readonly voxelZ: number;
  /** Mean over the voxels of the fraction of volumes in which each is occupied, 0 to 1. */
  readonly meanOccupancy: number;
  /**
   * Mean over the voxels of phi between the voxel and the block's profile, -1 to 1. The profile is "present"
   * in the volumes in which more than half of the block's voxels are occupied. A voxel, or a profile, that is
   * the same in all volumes has phi 0.
   */
  readonly cohesion: number;
}

/**
 * Makes the table of blocks.
 *
 * @param blocks Blocks of at least one voxel each; rows come in this order.
 * @param matrix Occupancy of the union: M voxels x N volumes.
 * @param voxels Flat index (z * box + y) * box + x of each union voxel: length M.
 * @param grid Where the voxels lie.
 */
export function blockTable(
  blocks: readonly Block[],
  matrix: BitMatrix,
  voxels: ArrayLike<number>,
  grid: Grid,
): BlockRow[] {
  const total = totals(matrix);
  const first = firstVoxel(grid);
  return blocks.map(({ id, members }) => {
    const n = members.length;
    let x = 0, y = 0, z = 0, occupied = 0;
    for (const row of members) {
      const at = position(voxels[row]!, grid.box);
      x += at.x;
      y += at.y;
      z += at.z;
      occupied += total[row]!;
    }
    return {
      id,
      voxels: n,
      volume: n * grid.apix ** 3,
      x: first.x + grid.apix * x / n,
      y: first.y + grid.apix * y / n,
      z: first.z + grid.apix * z / n,
      voxelX: x / n,
      voxelY: y / n,
      voxelZ: z / n,
      meanOccupancy: occupied / n / matrix.volumes,
      cohesion: cohesion(members, matrix, total),
    };
  });
}

/** Mean phi between the members and the block's profile; see {@linkcode BlockRow.cohesion}. */
function cohesion(members: Uint32Array, matrix: BitMatrix, total: Uint32Array): number {
  const { volumes, wordsPerVoxel, words } = matrix;
  const profile = majority(members, matrix);
  const [profileTotal] = totals(profile);
  let sum = 0;
  for (const row of members) {
    let both = 0;
    for (let k = 0, w = row * wordsPerVoxel; k < wordsPerVoxel; k++, w++) {
      both += popcount(words[w]! & profile.words[k]!);
    }
    sum += phi(volumes, total[row]!, profileTotal!, both);
  }
  return sum / members.length;
}

/** One row: the volumes in which more than half of the members are occupied. */
function majority(members: Uint32Array, matrix: BitMatrix): BitMatrix {
  const { volumes, wordsPerVoxel, words } = matrix;
  const counts = new Uint32Array(wordsPerVoxel * 32);
  for (const row of members) {
    for (let k = 0; k < wordsPerVoxel; k++) {
      // Visits the one bits of the word, the highest first.
      for (let word = words[row * wordsPerVoxel + k]!; word !== 0;) {
        const bit = 31 - Math.clz32(word);
        counts[32 * k + bit]!++;
        word = (word ^ (1 << bit)) >>> 0;
      }
    }
  }
  const profile = bitMatrix(1, volumes);
  for (let k = 0; k < volumes; k++) {
    if (2 * counts[k]! > members.length) profile.words[k >> 5]! |= 1 << (k & 31);
  }
  return profile;
}

/** The columns of the table: names as in the CSV and the Arrow file, and digits after the point in the CSV. */
const COLUMNS: readonly [name: string, of: keyof BlockRow, digits: number][] = [
  ["id", "id", 0],
  ["voxels", "voxels", 0],
  ["volume_A3", "volume", 1],
  ["x_A", "x", 3],
  ["y_A", "y", 3],
  ["z_A", "z", 3],
  ["x_voxel", "voxelX", 3],
  ["y_voxel", "voxelY", 3],
  ["z_voxel", "voxelZ", 3],
  ["mean_occupancy", "meanOccupancy", 5],
  ["cohesion", "cohesion", 5],
];

/** The table as CSV, with a header line. Columns `_A` are in Angstrom, `_A3` in cubic Angstrom. */
export function formatBlockCsv(rows: readonly BlockRow[]): string {
  const lines = rows.map((row) => COLUMNS.map(([, of, digits]) => row[of].toFixed(digits)));
  return [COLUMNS.map(([name]) => name), ...lines].map((cells) => cells.join(",") + "\n").join("");
}

/**
 * The table as an Arrow IPC file, for pyarrow, polars and R: `id` and `voxels` are 32-bit integers, the
 * others doubles; names as in the CSV.
 */
export function blockArrow(rows: readonly BlockRow[]): Uint8Array {
  const columns = COLUMNS.map(([name, of]) => {
    const values = rows.map((row) => row[of]);
    const integers = of === "id" || of === "voxels";
    return [name, integers ? Int32Array.from(values) : Float64Array.from(values)] as const;
  });
  return tableToIPC(tableFromArrays(Object.fromEntries(columns)), "file");
}
