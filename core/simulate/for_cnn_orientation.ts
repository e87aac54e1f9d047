/**
 * Particles in an orientation, and in a box.
 *
 * @module
 */
import type { Random } from "../random.ts";
import type { Drawn } from "./for_cnn_options.ts";
import type { CompactChain, Particle } from "./for_cnn_particle.ts";

/** Atoms in an orientation. */
export interface Oriented {
  /** x, y, z in Å from the middle of the particle's extent, and weight of each atom. */
  readonly atoms: Float64Array;
  /** The particle's longest side along an axis, in Å. */
  readonly extent: number;
}

/**
 * Turns a particle about the middle of its extent, and the other chains of its model where they are seen faintly.
 * Each chain has an occupancy of its own, and atoms far from the middle are weaker, as parts that move are.
 */
export function orient(particle: Particle, drawn: Drawn, rng: Random): Oriented {
  const { occupancy, rim, faint } = drawn;
  const own = particle.chains.map((chain) => ({
    chain,
    weight: occupancy + (1 - occupancy) * rng.uniform(),
  }));
  const others = faint > 0 ? particle.others.map((chain) => ({ chain, weight: faint })) : [];
  const count = particle.chains.reduce((sum, chain) => sum + chain.atoms.length, 0);
  const atoms = turned([...own, ...others], rotationMatrix(drawn.rotation));
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (let a = 0; a < count; a += 4) {
    for (let axis = 0; axis < 3; axis++) {
      const position = atoms[a + axis]!;
      if (position < low[axis]!) low[axis] = position;
      if (position > high[axis]!) high[axis] = position;
    }
  }
  const middle = low.map((position, axis) => (position + high[axis]!) / 2);
  let farthest = 0;
  for (let a = 0; a < atoms.length; a += 4) {
    for (let axis = 0; axis < 3; axis++) atoms[a + axis]! -= middle[axis]!;
    if (a < count) farthest = Math.max(farthest, squaredLength(atoms, a));
  }
  for (let a = 0; a < count; a += 4) {
    atoms[a + 3]! *= 1 - (1 - rim) * squaredLength(atoms, a) / (farthest || 1);
  }
  return { atoms, extent: Math.max(...high.map((h, axis) => h - low[axis]!)) };
}

type Rows = readonly (readonly [number, number, number])[];

function turned(
  chains: readonly { readonly chain: CompactChain; readonly weight: number }[],
  rotation: Rows,
): Float64Array {
  const length = chains.reduce((sum, { chain }) => sum + chain.atoms.length, 0);
  const result = new Float64Array(length);
  let to = 0;
  for (const { chain: { atoms }, weight } of chains) {
    for (let a = 0; a < atoms.length; a += 4, to += 4) {
      const x = atoms[a]!, y = atoms[a + 1]!, z = atoms[a + 2]!;
      for (let axis = 0; axis < 3; axis++) {
        const [rx, ry, rz] = rotation[axis]!;
        result[to + axis] = rx * x + ry * y + rz * z;
      }
      result[to + 3] = atoms[a + 3]! * weight;
    }
  }
  return result;
}

function rotationMatrix([w, x, y, z]: Drawn["rotation"]): Rows {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

function squaredLength(atoms: Float64Array, at: number): number {
  return atoms[at]! ** 2 + atoms[at + 1]! ** 2 + atoms[at + 2]! ** 2;
}

/**
 * Atoms in voxels of a box: those that lie in it.
 *
 * @param middle Place of the particle's middle, in voxels along x, y and z.
 */
export function place(
  atoms: Float64Array,
  box: number,
  apix: number,
  middle: readonly number[],
): Float64Array {
  const placed = new Float64Array(atoms.length);
  let to = 0;
  for (let a = 0; a < atoms.length; a += 4) {
    let isInside = true;
    for (let axis = 0; axis < 3; axis++) {
      const position = atoms[a + axis]! / apix + middle[axis]!;
      placed[to + axis] = position;
      isInside &&= position >= 0 && position <= box - 1;
    }
    placed[to + 3] = atoms[a + 3]!;
    if (isInside) to += 4;
  }
  return placed.subarray(0, to);
}
