/**
 * The density of atoms, as ChimeraX's `molmap` makes it: a Gaussian for each atom, weighted by its
 * atomic number, with a standard deviation of 1 / (pi sqrt 2) = 0.225 of the resolution and cut at five of
 * them (Pettersen et al., Protein Science 30:70, 2021; command documentation of `molmap`).
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { firstVoxel, type Grid } from "../mrc/grid.ts";
import type { Atom } from "./chains.ts";
import { type GridPart, partBetween, type SparseDensity, toSparse } from "./sparse_density.ts";

/** Standard deviation of an atom's Gaussian over the resolution. */
export const sigmaPerResolution = 1 / (Math.PI * Math.SQRT2);

const cutoff = 5;

/** Voxels of the finer grid over the resolution, and most of them: 4 GiB of densities. */
const FINER = 3, MOST_FINE = 2 ** 29;

/**
 * The density of atoms on a grid: the sum over atoms of
 * `Z exp(-d^2 / (2 sigma^2)) / (2 pi sigma^2)^(3/2)`, in electrons per Å^3, where the distance d is at
 * most 5 sigma along each axis. This is `molmap` with `onGrid`.
 *
 * @param grid Its first voxel lies where `firstVoxel` says.
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
  const { part, density } = densityOfPart(atoms, grid, resolution);
  return toSparse(grid.box, part, density);
}

/**
 * The density of atoms on a grid by way of a finer one: that of `molmap` on the grid that it chooses itself,
 * of a third of the resolution and from three resolutions before the first atom on, interpolated trilinearly.
 * This is `molmap` followed by `volume resample`, which smooths a little.
 *
 * @param grid, resolution As in {@linkcode atomDensity}.
 * @throws {InputError} Where the finer grid would be too large.
 */
export function resampledAtomDensity(
  atoms: readonly Atom[],
  grid: Grid,
  resolution: number,
): SparseDensity {
  const { low, high } = extentOf(atoms, 0);
  const apix = resolution / FINER;
  const [x, y, z] = low.map((least) => least - 3 * resolution) as [number, number, number];
  const span = Math.max(...high.map((most, axis) => most - low[axis]!)) + 6 * resolution;
  const fine: Grid = {
    box: Math.ceil(span / apix),
    apix,
    origin: { x, y, z },
    nstart: { x: 0, y: 0, z: 0 },
  };
  const voxels = high.reduce((n, most, axis) => n * ((most - low[axis]!) / apix + 8), 1);
  if (voxels > MOST_FINE) {
    throw new InputError(
      `Cannot interpolate the atoms' density: a grid of ${resolution} / ${FINER} Å is too large for them ` +
        `(${voxels.toExponential(1)} voxels)`,
      "Compute it on the map's own grid, or give another resolution.",
    );
  }
  const { part: { start, size }, density } = densityOfPart(atoms, fine, resolution);
  // One voxel more on every side, where the interpolated density ends.
  const corner = ([x, y, z] as const).map((first, axis) => first + (start[axis]! - 1) * apix);
  const end = corner.map((from, axis) => from + (size[axis]! + 1) * apix);
  const part = partBetween(grid, place(corner), place(end));
  const first = firstVoxel(grid);
  const places = [first.x, first.y, first.z].map((origin, axis) =>
    Float64Array.from(
      { length: part.size[axis]! },
      (_, i) =>
        (origin + (part.start[axis]! + i) * grid.apix - [x, y, z][axis]!) / apix - start[axis]!,
    )
  ) as [Float64Array, Float64Array, Float64Array];
  return toSparse(grid.box, part, interpolate(density, size, places));
}

/**
 * Counts atoms that lie farther outside a grid's box than its outer voxels reach, half a voxel from their
 * centres.
 *
 * @param atoms With positions in Å, in the grid's frame.
 */
export function atomsOutside(atoms: readonly Atom[], grid: Grid): number {
  const { box, apix } = grid;
  const first = firstVoxel(grid);
  const isInside = (position: number, from: number) => {
    const voxel = (position - from) / apix;
    return voxel >= -0.5 && voxel <= box - 0.5;
  };
  return atoms.filter(({ x, y, z }) =>
    !(isInside(x, first.x) && isInside(y, first.y) && isInside(z, first.z))
  ).length;
}

/** The densities of the part of a grid that atoms reach. */
function densityOfPart(
  atoms: readonly Atom[],
  grid: Grid,
  resolution: number,
): { readonly part: GridPart; readonly density: Float64Array } {
  const { apix } = grid;
  const origin = firstVoxel(grid);
  const sigma = sigmaPerResolution * resolution;
  const reach = cutoff * sigma;
  const { low, high } = extentOf(atoms, reach);
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
  return { part, density };
}

type Place = [number, number, number];
const place = (numbers: readonly number[]) => numbers as Place;

/** Corners of the smallest box around atoms, so much wider on every side. */
function extentOf(atoms: readonly Atom[], margin: number): { low: Place; high: Place } {
  const low: Place = [Infinity, Infinity, Infinity];
  const high: Place = [-Infinity, -Infinity, -Infinity];
  for (const { x, y, z } of atoms) {
    [x, y, z].forEach((position, axis) => {
      low[axis] = Math.min(low[axis]!, position - margin);
      high[axis] = Math.max(high[axis]!, position + margin);
    });
  }
  return { low, high };
}

/**
 * Interpolates trilinearly between voxels, beyond which there is nothing.
 *
 * @param size Voxels along x, y and z.
 * @param places Places along x, y and z, in voxels from the first one.
 * @returns The values at every x of every y of every z.
 */
function interpolate(
  data: Float64Array,
  [nx, ny, nz]: readonly [number, number, number],
  [xs, ys, zs]: readonly [Float64Array, Float64Array, Float64Array],
): Float64Array {
  const result = new Float64Array(xs.length * ys.length * zs.length);
  let at = 0;
  for (const z of zs) {
    const k = Math.floor(z);
    for (const y of ys) {
      const j = Math.floor(y);
      for (const x of xs) {
        const i = Math.floor(x);
        let sum = 0;
        for (let c = 0; c < 8; c++) {
          const [ci, cj, ck] = [i + (c & 1), j + (c >> 1 & 1), k + (c >> 2)];
          if (ci < 0 || cj < 0 || ck < 0 || ci >= nx || cj >= ny || ck >= nz) continue;
          const weight = (1 - Math.abs(x - ci)) * (1 - Math.abs(y - cj)) * (1 - Math.abs(z - ck));
          sum += weight * data[(ck * ny + cj) * nx + ci]!;
        }
        result[at++] = sum;
      }
    }
  }
  return result;
}
