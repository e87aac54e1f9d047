/**
 * Particles to simulate maps of: some neighbouring chains of a model.
 *
 * @module
 */
import type { Chain } from "../atoms/chains.ts";
import { molecularDensities, molecularVolume } from "../volumes/levels/volume.ts";
import type { Random } from "../random.ts";

/**
 * Da per atom other than hydrogen, with the hydrogens that belong to it: of proteins from their average
 * composition, C4.94 H7.76 N1.36 O1.48 S0.04 (Senko, Beu & McLafferty, J. Am. Soc. Mass Spectrom. 6:229,
 * 1995); of nucleic acids the mean of the four ribonucleotides.
 */
const DALTONS = { protein: 14.22, nucleic: 15.13 } as const;

/** Chains with more phosphorus than an atom in so many are nucleic acids, which have one in 21. */
const ATOMS_PER_PHOSPHORUS = 50;

/** Atoms by which the distance between two chains is judged. */
const SAMPLED = 12;

/** A chain in the form that maps are made from. */
export interface CompactChain {
  /** "file chain". */
  readonly name: string;
  /** x, y, z in Å and atomic number of each atom. */
  readonly atoms: Float32Array;
  /** In kDa. */
  readonly mass: number;
  /** In Å^3, without solvent. */
  readonly volume: number;
  /** Some of its atoms, x, y, z. */
  readonly sample: Float32Array;
}

/** Prepares a chain; mass and volume are those of its atoms, and of their hydrogens whether given or not. */
export function compactChain({ file, id, atoms }: Chain): CompactChain {
  const flat = new Float32Array(4 * atoms.length);
  let heavy = 0, phosphorus = 0;
  atoms.forEach(({ x, y, z, atomicNumber }, i) => {
    flat.set([x, y, z, atomicNumber], 4 * i);
    if (atomicNumber > 1) heavy++;
    if (atomicNumber === 15) phosphorus++;
  });
  const kind = phosphorus * ATOMS_PER_PHOSPHORUS > heavy ? "nucleic" : "protein";
  const mass = heavy * DALTONS[kind] / 1000;
  const count = Math.min(SAMPLED, atoms.length);
  const sample = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const at = 4 * Math.floor((i + 0.5) * atoms.length / count);
    sample.set(flat.subarray(at, at + 3), 3 * i);
  }
  return {
    name: `${file} ${id.trim()}`.trim(),
    atoms: flat,
    mass,
    volume: molecularVolume(mass, molecularDensities[kind]),
    sample,
  };
}

/** How the chains of a particle were drawn. */
export type ParticleKind = "all" | "neighbours" | "scattered";

/** Some chains of a model. */
export interface Particle {
  readonly kind: ParticleKind;
  readonly chains: readonly CompactChain[];
  /** The model's other chains. */
  readonly others: readonly CompactChain[];
  /** In kDa. */
  readonly mass: number;
  /** In Å^3. */
  readonly volume: number;
}

/** Share of the particles that are the whole model, and of the others those without regard to neighbours. */
const ALL = 0.2, SCATTERED = 0.1;

/**
 * Draws chains of a model: one of them, and then mostly its neighbours, until they are a share of the
 * model that is drawn evenly from nothing to all. A fifth of the particles are whole models, and a tenth
 * of the others are chains from anywhere.
 *
 * @param leastMass In kDa: chains are added until the particle has it, as far as there are any.
 */
export function drawParticle(
  chains: readonly CompactChain[],
  leastMass: number,
  rng: Random,
): Particle {
  const wholeMass = massOf(chains);
  const isWhole = rng.uniform() < ALL;
  const kind = isWhole ? "all" : rng.uniform() < SCATTERED ? "scattered" : "neighbours";
  const wanted = Math.max(leastMass, rng.uniform() * wholeMass);
  const first = rng.integer(chains.length);
  if (isWhole) return particleOf(kind, chains, []);

  const distances = new Float64Array(chains.length).fill(Infinity);
  const picked: CompactChain[] = [];
  let mass = 0;
  for (let next = first; next >= 0 && (picked.length === 0 || mass < wanted);) {
    const chain = chains[next]!;
    picked.push(chain);
    mass += chain.mass;
    distances[next] = -1;
    let least = Infinity;
    next = -1;
    for (let i = 0; i < chains.length; i++) {
      if (distances[i]! < 0) continue;
      const between = kind === "neighbours" ? distanceBetween(chain, chains[i]!) : 1;
      distances[i] = Math.min(distances[i]!, between);
      // A draw on top, so that particles that begin alike do not all grow alike.
      const drawn = distances[i]! *
        (kind === "neighbours" ? 0.7 + 0.6 * rng.uniform() : rng.uniform());
      if (drawn < least) {
        least = drawn;
        next = i;
      }
    }
  }
  return particleOf(kind, picked, chains.filter((_, i) => distances[i]! >= 0));
}

function particleOf(
  kind: ParticleKind,
  chains: readonly CompactChain[],
  others: readonly CompactChain[],
): Particle {
  const volume = chains.reduce((sum, chain) => sum + chain.volume, 0);
  return { kind, chains, others, mass: massOf(chains), volume };
}

function massOf(chains: readonly CompactChain[]): number {
  return chains.reduce((sum, { mass }) => sum + mass, 0);
}

/** Least distance between sampled atoms, in Å. */
function distanceBetween({ sample: a }: CompactChain, { sample: b }: CompactChain): number {
  let least = Infinity;
  for (let i = 0; i < a.length; i += 3) {
    for (let j = 0; j < b.length; j += 3) {
      const x = a[i]! - b[j]!, y = a[i + 1]! - b[j + 1]!, z = a[i + 2]! - b[j + 2]!;
      const squared = x * x + y * y + z * z;
      if (squared < least) least = squared;
    }
  }
  return Math.sqrt(least);
}
