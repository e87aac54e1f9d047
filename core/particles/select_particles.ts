/**
 * From volumes to particles.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/**
 * The particles of some volumes.
 *
 * @param labels Place of the volume of each particle: length P.
 * @param chosen Places of the volumes.
 * @param inverse Gives the particles of all other volumes instead, so that the two together are all P
 *   particles, each once.
 * @returns Places of particles, 0 to P - 1, ascending.
 * @example
 * ```ts
 * import { selectParticles } from "./select_particles.ts";
 * import assert from "node:assert";
 *
 * const labels = Int32Array.of(2, 0, 1, 2);
 * assert.deepStrictEqual(selectParticles(labels, new Set([2])), Int32Array.of(0, 3));
 * assert.deepStrictEqual(selectParticles(labels, new Set([2]), true), Int32Array.of(1, 2));
 * ```
 */
export function selectParticles(
  labels: Int32Array,
  chosen: ReadonlySet<number>,
  inverse = false,
): Int32Array {
  const particles = new Int32Array(labels.length);
  let count = 0;
  for (let particle = 0; particle < labels.length; particle++) {
    if (chosen.has(labels[particle]!) !== inverse) particles[count++] = particle;
  }
  return particles.slice(0, count);
}

/**
 * How many particles each volume has.
 *
 * @param labels Place of the volume of each particle, 0 to K - 1.
 * @returns Length K.
 */
export function countParticles(labels: Int32Array, volumes: number): Int32Array {
  const counts = new Int32Array(volumes);
  for (const label of labels) counts[label]!++;
  return counts;
}

/**
 * The places of particles in the stack that a training used a part of.
 *
 * @param particles Places in the training, ascending.
 * @param stack The place in the stack of each particle of the training; undefined where they are the same.
 * @returns Ascending.
 */
export function inStack(particles: Int32Array, stack: Int32Array | undefined): Int32Array {
  return stack === undefined ? particles : particles.map((particle) => stack[particle]!).sort();
}

/** What a list of particles counts: those of the training, or those of the stack. */
export interface KnownParticles {
  /** How many there are for sure, where that is known. */
  readonly exactly?: number;
  /** How many there are at least. */
  readonly least: number;
  /** How many the training used, if not all. */
  readonly training?: number;
}

/**
 * Sees that a file has the particles that indices count.
 *
 * @param rows How many the file has.
 * @param what What they are, in the plural.
 * @throws {InputError} It has others.
 */
export function checkRows(
  path: string,
  rows: number,
  what: string,
  { exactly, least, training }: KnownParticles,
): void {
  if (exactly === undefined ? rows >= least : rows === exactly) return;
  const wanted = exactly ?? `at least ${least}`;
  throw new InputError(
    `Cannot use ${path}: it has ${rows} ${what}, and there should be ${wanted}`,
    rows === training
      ? "It has the particles of the training: give --relative_to training."
      : "Give the file that the particles of the training were taken from.",
  );
}
