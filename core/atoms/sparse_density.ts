/**
 * Densities that are zero but in a few voxels.
 *
 * @module
 */
import { firstVoxel, type Grid } from "../mrc/grid.ts";

/** A density that is zero but in a few voxels. */
export interface SparseDensity {
  /** Flat indices, C order (z, y, x), ascending. */
  readonly voxels: Uint32Array;
  /** Density of each of them. */
  readonly values: Float32Array;
}

/** Adds a sparse density to a dense one of box^3 voxels. */
export function addDensity(density: Float32Array, { voxels, values }: SparseDensity): void {
  for (let i = 0; i < voxels.length; i++) density[voxels[i]!]! += values[i]!;
}

/** The sum of densities, as box^3 voxels. */
export function sumDensities(parts: readonly SparseDensity[], box: number): Float32Array {
  const density = new Float32Array(box ** 3);
  for (const part of parts) addDensity(density, part);
  return density;
}

/** Part of a grid: voxels [start, start + size) along each axis, in the order x, y, z. */
export interface GridPart {
  readonly start: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

/**
 * The voxels whose centres lie between two points, as far as they are in the box.
 *
 * @param low, high Corners in Å, in the order x, y, z.
 */
export function partBetween(
  grid: Grid,
  low: readonly [number, number, number],
  high: readonly [number, number, number],
): GridPart {
  const { x, y, z } = firstVoxel(grid);
  const origin = [x, y, z] as const;
  const start: [number, number, number] = [0, 0, 0];
  const size: [number, number, number] = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) {
    const first = Math.max(0, Math.ceil((low[axis] - origin[axis]) / grid.apix));
    const last = Math.min(grid.box - 1, Math.floor((high[axis] - origin[axis]) / grid.apix));
    start[axis] = first;
    size[axis] = Math.max(0, last - first + 1);
  }
  return { start, size };
}

/**
 * Keeps the voxels of a part of a grid that are not zero.
 *
 * @param part Where `dense` lies in the grid.
 * @param dense The part's densities, C order (z, y, x).
 */
export function toSparse(box: number, part: GridPart, dense: ArrayLike<number>): SparseDensity {
  const { start, size } = part;
  let count = 0;
  for (let i = 0; i < dense.length; i++) if (dense[i] !== 0) count++;
  const voxels = new Uint32Array(count);
  const values = new Float32Array(count);
  let kept = 0, i = 0;
  for (let z = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      const row = ((start[2] + z) * box + start[1] + y) * box + start[0];
      for (let x = 0; x < size[0]; x++, i++) {
        if (dense[i] === 0) continue;
        voxels[kept] = row + x;
        values[kept++] = dense[i]!;
      }
    }
  }
  return { voxels, values };
}
