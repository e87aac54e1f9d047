/**
 * Small parts of sets of voxels.
 *
 * @module
 */

/**
 * Leaves out what hangs together, face by face, in too few voxels.
 *
 * @param voxels Flat indices (z * box + y) * box + x, none twice.
 * @param box Side of the grid in voxels.
 * @param least Fewest voxels of a part that stays.
 * @param keepsLargest Whether the largest parts stay however few voxels they have, so that something is left.
 * @returns The voxels that stay, in the same order.
 */
export function withoutDust(
  voxels: Uint32Array<ArrayBuffer>,
  box: number,
  least: number,
  keepsLargest = false,
): Uint32Array<ArrayBuffer> {
  if (least <= 1) return voxels;
  const parent = new Map(Array.from(voxels, (voxel) => [voxel, voxel]));
  const root = (voxel: number) => {
    let up = parent.get(voxel)!;
    while (up !== voxel) {
      parent.set(voxel, parent.get(up)!);
      voxel = up;
      up = parent.get(voxel)!;
    }
    return voxel;
  };
  for (const voxel of voxels) {
    // Not over the edge of the box into the next line or plane.
    if (voxel % box > 0 && parent.has(voxel - 1)) parent.set(root(voxel), root(voxel - 1));
    for (
      const before of [Math.floor(voxel / box) % box > 0 ? voxel - box : -1, voxel - box * box]
    ) {
      if (parent.has(before)) parent.set(root(voxel), root(before));
    }
  }
  const sizes = new Map<number, number>();
  for (const voxel of voxels) sizes.set(root(voxel), (sizes.get(root(voxel)) ?? 0) + 1);
  let largest = 0;
  for (const size of sizes.values()) largest = Math.max(largest, size);
  const fewest = keepsLargest ? Math.min(least, largest) : least;
  return voxels.filter((voxel) => sizes.get(root(voxel))! >= fewest);
}
