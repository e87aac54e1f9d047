/**
 * The density of a particle in a small box, made in Fourier space.
 *
 * @module
 */
import { sigmaPerResolution } from "../atoms/density.ts";
import type { Drawn } from "./for_cnn_options.ts";
import type { Waves } from "./for_cnn_waves.ts";

/** Atoms are put on a grid that is finer by this, so that what is beyond its frequencies does not fold in. */
export const FINER = 1.5;

/** An atom's volume in Å^3, hydrogens included: between that of proteins, 17.2, and of RNA, 14.5. */
const ATOM = 16;
/** Electrons in Å^3 of water, over those in Å^3 of atoms of 6.9 electrons. */
const WATER = 0.334 * ATOM / 6.9;

/** Width of a sharp edge, as a share of the frequency where it is. */
const EDGE = 0.08;

/**
 * Puts atoms on a grid: each is spread over 4^3 voxels by the cubic B-spline, whose transform
 * {@linkcode splineFilter} divides out again.
 *
 * @param atoms x, y, z in voxels of the grid and weight, of each atom; the box wraps around.
 * @param box Edge of the grid.
 * @returns box^3 sums of weights.
 */
export function spreadAtoms(atoms: Float64Array, box: number): Float64Array {
  const grid = new Float64Array(box ** 3);
  const along = [0, 1, 2].map(() => new Float64Array(4)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const places = [0, 1, 2].map(() => new Int32Array(4)) as [Int32Array, Int32Array, Int32Array];
  const [wx, wy, wz] = along;
  const [px, py, pz] = places;
  for (let a = 0; a < atoms.length; a += 4) {
    for (let axis = 0; axis < 3; axis++) {
      const position = atoms[a + axis]!;
      const first = Math.floor(position);
      splineWeights(position - first, along[axis]!);
      for (let i = 0; i < 4; i++) places[axis]![i] = ((first - 1 + i) % box + box) % box;
    }
    const weight = atoms[a + 3]!;
    const x0 = px[0]!, x1 = px[1]!, x2 = px[2]!, x3 = px[3]!;
    const w0 = wx[0]!, w1 = wx[1]!, w2 = wx[2]!, w3 = wx[3]!;
    for (let k = 0; k < 4; k++) {
      const weightZ = weight * wz[k]!;
      for (let j = 0; j < 4; j++) {
        const weightY = weightZ * wy[j]!;
        const row = (pz[k]! * box + py[j]!) * box;
        grid[row + x0]! += weightY * w0;
        grid[row + x1]! += weightY * w1;
        grid[row + x2]! += weightY * w2;
        grid[row + x3]! += weightY * w3;
      }
    }
  }
  return grid;
}

/** The cubic B-spline at the four voxels around a point that is `t`, 0 to 1, past the second of them. */
function splineWeights(t: number, weights: Float64Array): void {
  const s = 1 - t;
  weights[0] = s * s * s / 6;
  weights[1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
  weights[2] = (4 - 6 * s * s + 3 * s * s * s) / 6;
  weights[3] = t * t * t / 6;
}

/** What each coefficient of {@linkcode Waves} is multiplied by along an axis to undo the spline. */
function splineFilter(from: number, box: number): Float64Array {
  return Float64Array.from({ length: box }, (_, i) => {
    const x = Math.PI * Math.min(i, box - i) / from;
    return x === 0 ? 1 : (x / Math.sin(x)) ** 4;
  });
}

/**
 * What a map's frequencies are multiplied by.
 *
 * - The resolution d fades out high ones: `exp(-2 (pi sigma q)^2)` with sigma of 0.225 d, as `molmap`
 *   does, or a sharp edge at 1 / d, as a low-pass filter leaves it.
 * - The B-factor: `exp(-B q^2 / 4)`; below 0 it sharpens.
 * - Solvent: atoms keep water out of their volume V, which takes `exp(-pi V^(2/3) q^2)` of its electrons
 *   away (Fraser, MacRae & Suzuki, J. Appl. Cryst. 11:693, 1978).
 * - What is about as long as the particle is weak in many maps, which leaves a dark rim around it.
 *
 * @param q Frequency in 1/Å.
 * @param extent Of the particle, in Å.
 */
export function transfer(drawn: Drawn, extent: number): (q: number) => number {
  const { resolution, edge, bFactor, solvent, highPass: [share, length] } = drawn;
  const sigma = sigmaPerResolution * resolution;
  return (q) => {
    const q2 = q * q;
    const fading = edge === "gaussian"
      ? Math.exp(-2 * Math.PI * Math.PI * sigma * sigma * q2)
      : 1 / (1 + Math.exp((q * resolution - 1) / EDGE));
    const water = 1 - solvent * WATER * Math.exp(-Math.PI * ATOM ** (2 / 3) * q2);
    const low = 1 - share * Math.exp(-q2 * (length * extent) ** 2);
    return fading * Math.exp(-bFactor * q2 / 4) * water * low;
  };
}

/**
 * The density of atoms, filtered.
 *
 * @param atoms x, y, z in voxels of the box and weight, of each atom.
 * @param apix Voxel size of the box in Å.
 * @param transferAt What frequencies, in 1/Å, are multiplied by.
 * @returns box^3 densities: weights per Å^3.
 */
export function filteredDensity(
  atoms: Float64Array,
  apix: number,
  waves: Waves,
  transferAt: (q: number) => number,
): Float32Array<ArrayBuffer> {
  const { from, box } = waves;
  const finer = atoms.slice();
  for (let a = 0; a < finer.length; a += 4) {
    for (let axis = 0; axis < 3; axis++) finer[a + axis]! *= from / box;
  }
  const coefficients = waves.forward(spreadAtoms(finer, from));
  const half = box / 2;
  const bySquare = Float64Array.from(
    { length: 3 * half * half + 1 },
    (_, square) => transferAt(Math.sqrt(square) / (box * apix)) / apix ** 3,
  );
  const spline = splineFilter(from, box);
  for (let z = 0, at = 0; z < box; z++) {
    for (let y = 0; y < box; y++) {
      const factor = spline[z]! * spline[y]!;
      const square = Math.min(z, box - z) ** 2 + Math.min(y, box - y) ** 2;
      for (let x = 0; x < box; x++, at++) {
        const wave = Math.min(x, box - x);
        coefficients[at]! *= factor * spline[x]! * bySquare[square + wave * wave]!;
      }
    }
  }
  return new Float32Array(waves.back(coefficients));
}
