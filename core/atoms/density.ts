/**
 * The density of atoms, as ChimeraX's `molmap` makes it: a Gaussian for each atom, weighted by its
 * atomic number, with a standard deviation of 0.225 of the resolution and cut at five of them
 * (Pettersen et al., Protein Science 30:70, 2021; command documentation of `molmap`).
 *
 * @module
 */
import type { Grid } from "../mrc/grid.ts";
import type { Atom } from "./chains.ts";
import { partBetween, type SparseDensity, toSparse } from "./sparse_density.ts";

/** Standard deviation of an atom's Gaussian over the resolution: about 1 / (pi sqrt 2). */
export const sigmaPerResolution = 0.225;

const cutoff = 5;

/**
 * The density of atoms on a grid: the sum over atoms of
 * `Z exp(-d^2 / (2 sigma^2)) / (2 pi sigma^2)^(3/2)`, in electrons per Å^3, where the distance d is at
 * most 5 sigma along each axis.
 *
 * @param resolution In Å, above 0; sigma is 0.225 of it.
 * @example
 * ```ts
 * import { atomDensity } from "./density.ts";
 * import assert from "node:assert";
 *
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 8, apix: 4, origin: zero, nstart: zero };
 * const carbon = { x: 16, y: 16, z: 16, atomicNumber: 6, residue: "1" };
 * const { voxels, values } = atomDensity([carbon], grid, 10);
 * assert.strictEqual(voxels[values.indexOf(Math.max(...values))], (4 * 8 + 4) * 8 + 4);
 * ```
 */
export function atomDensity(
  atoms: readonly Atom[],
  grid: Grid,
  resolution: number,
): SparseDensity {
  const { box, apix, origin } = grid;
  const sigma = sigmaPerResolution * resolution;
  const reach = cutoff * sigma;
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const { x, y, z } of atoms) {
    [x, y, z].forEach((position, axis) => {
      low[axis] = Math.min(low[axis]!, position - reach);
      high[axis] = Math.max(high[axis]!, position + reach);
    });
  }
  const part = partBetween(grid, low, high);
  const { start, size } = part;
  const density = new Float64Array(size[0] * size[1] * size[2]);

  const widest = Math.floor(2 * reach / apix) + 2;
  const along = [0, 1, 2].map(() => new Float64Array(widest));
  const [gaussX, gaussY, gaussZ] = along as [Float64Array, Float64Array, Float64Array];
  const first = [0, 0, 0], count = [0, 0, 0];
  const peak = 1 / (Math.sqrt(2 * Math.PI) * sigma) ** 3;
  for (const { x, y, z, atomicNumber } of atoms) {
    // Positions in voxels from the part's first voxel.
    const centre = [
      (x - origin.x) / apix - start[0],
      (y - origin.y) / apix - start[1],
      (z - origin.z) / apix - start[2],
    ];
    for (let axis = 0; axis < 3; axis++) {
      const from = Math.max(0, Math.ceil(centre[axis]! - reach / apix));
      const to = Math.min(size[axis]! - 1, Math.floor(centre[axis]! + reach / apix));
      first[axis] = from;
      count[axis] = to - from + 1;
      const gauss = along[axis]!;
      for (let i = from; i <= to; i++) {
        gauss[i - from] = Math.exp(-0.5 * ((i - centre[axis]!) * apix / sigma) ** 2);
      }
    }
    for (let k = 0; k < count[2]!; k++) {
      const weightZ = atomicNumber * peak * gaussZ[k]!;
      for (let j = 0; j < count[1]!; j++) {
        const weightY = weightZ * gaussY[j]!;
        let at = ((first[2]! + k) * size[1] + first[1]! + j) * size[0] + first[0]!;
        for (let i = 0; i < count[0]!; i++) density[at++]! += weightY * gaussX[i]!;
      }
    }
  }
  return toSparse(box, part, density);
}
