/**
 * Projections of maps and voxels along the three axes, as images seen from outside: along z with x right
 * and y up, along y with x right and z up, along x with y right and z up.
 *
 * @module
 */

/** The axis along which a projection looks. */
export type Axis = "x" | "y" | "z";

/** The axes in the order in which pictures show them. */
export const AXES: readonly Axis[] = ["z", "y", "x"];

/** The axes that go right and up in a projection along an axis. */
export const RIGHT_AND_UP: Readonly<Record<Axis, readonly [right: Axis, up: Axis]>> = {
  z: ["x", "y"],
  y: ["x", "z"],
  x: ["y", "z"],
};

/** One image for each axis: `box * box` pixels, row by row from the top. */
export type Projections = Readonly<Record<Axis, Float32Array<ArrayBuffer>>>;

/**
 * Projects a map: each pixel is the mean along the line of sight.
 *
 * @param map `box * box * box` values, x fastest.
 * @throws {RangeError} When the map has another number of values.
 */
export function projectMap(map: ArrayLike<number>, box: number): Projections {
  if (map.length !== box ** 3) {
    throw new RangeError(`Cannot project a map of ${map.length} values: the box is ${box}`);
  }
  const images = blank(box);
  for (let z = 0, i = 0; z < box; z++) {
    for (let y = 0; y < box; y++) {
      for (let x = 0; x < box; x++, i++) {
        // Most of a map of occupancies is empty.
        if (map[i] !== 0) add(images, box, x, y, z, map[i]! / box);
      }
    }
  }
  return images;
}

/**
 * Projects voxels: each pixel is the number of them along the line of sight.
 *
 * @param voxels Flat indices (z * box + y) * box + x.
 * @example
 * ```ts
 * import { projectVoxels } from "./projections.ts";
 * import assert from "node:assert";
 *
 * // Two voxels of a box of 2, at x 0, y 0 and z 0 and 1.
 * const { z, x } = projectVoxels([0, 4], 2);
 * assert.deepStrictEqual([...z], [0, 0, 2, 0]); // both at the lower left
 * assert.deepStrictEqual([...x], [1, 0, 1, 0]); // one above the other at the left
 * ```
 */
export function projectVoxels(voxels: ArrayLike<number>, box: number): Projections {
  const images = blank(box);
  for (let i = 0; i < voxels.length; i++) {
    const voxel = voxels[i]!;
    const x = voxel % box, y = Math.floor(voxel / box) % box, z = Math.floor(voxel / box / box);
    add(images, box, x, y, z, 1);
  }
  return images;
}

/** The greatest pixel of three projections, at least 0. */
export function greatest(images: Projections): number {
  let most = 0;
  for (const axis of AXES) for (const value of images[axis]) most = Math.max(most, value);
  return most;
}

function blank(box: number): Projections {
  const image = () => new Float32Array(box * box);
  return { z: image(), y: image(), x: image() };
}

function add(
  images: Projections,
  box: number,
  x: number,
  y: number,
  z: number,
  value: number,
): void {
  images.z[(box - 1 - y) * box + x]! += value;
  images.y[(box - 1 - z) * box + x]! += value;
  images.x[(box - 1 - z) * box + y]! += value;
}
