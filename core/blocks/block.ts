/**
 * Blocks: groups of voxels that are occupied and empty together.
 *
 * @module
 */

/** A block, or the seed of one. */
export interface Block {
  /** Its number; numbers may have gaps. */
  readonly id: number;
  /** Rows of its voxels in the union, ascending. */
  readonly members: Uint32Array;
}

/** Position of a voxel or between voxels, in voxels from the box's first corner. */
export interface Position {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

/** Position of a voxel given by its flat index (z * box + y) * box + x. */
export function position(flat: number, box: number): Position {
  return { z: Math.floor(flat / box / box), y: Math.floor(flat / box) % box, x: flat % box };
}

/**
 * Distance between two positions in Angstrom.
 *
 * @param apix Angstrom per voxel.
 */
export function distance(a: Position, b: Position, apix: number): number {
  const z = a.z - b.z, y = a.y - b.y, x = a.x - b.x;
  return apix * Math.sqrt(z * z + y * y + x * x);
}

/**
 * Coordinate-wise median of voxels; between the middle two where their number is even.
 *
 * @param flat Flat indices, at least one.
 */
export function medianPosition(flat: ArrayLike<number>, box: number): Position {
  const all = Array.from(flat, (voxel) => position(voxel, box));
  const median = (axis: keyof Position) => {
    const sorted = Float64Array.from(all, (p) => p[axis]).sort();
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  };
  return { z: median("z"), y: median("y"), x: median("x") };
}

/**
 * Mean position of voxels.
 *
 * @param flat Flat indices, at least one.
 */
export function centroid(flat: ArrayLike<number>, box: number): Position {
  let z = 0, y = 0, x = 0;
  for (let i = 0; i < flat.length; i++) {
    const at = position(flat[i]!, box);
    z += at.z;
    y += at.y;
    x += at.x;
  }
  return { z: z / flat.length, y: y / flat.length, x: x / flat.length };
}

/**
 * The communities that are large enough, as blocks. They keep their number among all communities.
 *
 * @param communities Rows of each community's voxels.
 * @param fewest Fewest voxels of a block.
 */
export function largeCommunities(
  communities: readonly (readonly number[] | Uint32Array)[],
  fewest: number,
): Block[] {
  return communities
    .map((members, id) => ({ id, members: Uint32Array.from(members).sort() }))
    .filter((block) => block.members.length >= fewest);
}
