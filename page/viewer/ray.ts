/**
 * What is first along a line of sight.
 *
 * @module
 */
import type { Ray } from "./camera.ts";

/**
 * Goes through a grid from voxel to voxel: J. Amanatides and A. Woo, "A fast voxel traversal algorithm for ray
 * tracing" (1987).
 *
 * @param ray In voxels; voxel (x, y, z) reaches from x to x + 1.
 * @param box Side of the grid in voxels.
 * @param find Gives what is looked for at a flat index (z * box + y) * box + x, or undefined.
 * @returns What is found first, or undefined.
 */
export function firstAlong<T>(
  { from, along }: Ray,
  box: number,
  find: (voxel: number) => T | undefined,
): T | undefined {
  // Where the ray enters and leaves the grid, in units of `along`.
  let enter = 0, leave = Infinity;
  for (let axis = 0; axis < 3; axis++) {
    const sides = [-from[axis]! / along[axis]!, (box - from[axis]!) / along[axis]!];
    if (along[axis] === 0) {
      if (from[axis]! < 0 || from[axis]! >= box) return undefined;
      continue;
    }
    enter = Math.max(enter, Math.min(...sides));
    leave = Math.min(leave, Math.max(...sides));
  }
  if (enter >= leave) return undefined;

  const at = [0, 1, 2].map((axis) => {
    const place = Math.floor(from[axis]! + enter * along[axis]!);
    return Math.min(box - 1, Math.max(0, place)); // Rounding may put it beside the grid.
  });
  // Where the next voxel along each axis begins, and how far apart they are.
  const step = along.map(Math.sign), apart = along.map((value) => Math.abs(1 / value));
  const next = at.map((place, axis) =>
    along[axis] === 0 ? Infinity : (place + (step[axis]! > 0 ? 1 : 0) - from[axis]!) / along[axis]!
  );
  while (at.every((place) => place >= 0 && place < box)) {
    const found = find((at[2]! * box + at[1]!) * box + at[0]!);
    if (found !== undefined) return found;
    const nearest = Math.min(...next), axis = next.indexOf(nearest);
    at[axis]! += step[axis]!;
    next[axis]! += apart[axis]!;
  }
  return undefined;
}
