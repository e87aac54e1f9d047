/**
 * What training draws: which maps are learnt from, validated with and held out, the order of each epoch,
 * and the features that are dropped. All follows from the seed and the number of the epoch, so that
 * training that was stopped goes on as if it had not been.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { type Random, random, sample } from "../random.ts";
import { DROPOUT } from "./network.ts";

/** Parts of the maps, in the order in which the remainder is given out. */
export const parts = ["training", "test", "validation"] as const;

/** A part of the maps; the network never learns from validation and test. */
export type Part = typeof parts[number];

/** Places of the maps of each part, ascending. */
export type Split = Readonly<Record<Part, readonly number[]>>;

/** Tenths of the maps that each part has. */
const TENTHS: Readonly<Record<Part, number>> = { training: 8, test: 1, validation: 1 };

/** Fewest maps that have one for each part. */
export const LEAST_MAPS = parts.length;

/** What is drawn in an epoch, or once before the first. */
const uses = ["split", "weights", "order", "dropout", "augmentation"] as const;

/**
 * The random numbers for one purpose in one epoch.
 *
 * @param epoch Counted from 1; 0 for what is drawn once.
 */
export function drawing(seed: number, use: typeof uses[number], epoch: number): Random {
  return random(seed, uses.indexOf(use) + uses.length * epoch);
}

/**
 * Numbers of maps in each part: four fifths, a tenth and a tenth, each rounded down, and what is left
 * given out one by one to training, test, validation. Of few maps, validation and test still get one each.
 *
 * @throws {InputError} Where there are fewer than three maps.
 * @example
 * ```ts
 * import { splitSizes } from "./split.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(splitSizes(38), { training: 31, test: 4, validation: 3 });
 * assert.deepStrictEqual(splitSizes(4), { training: 2, test: 1, validation: 1 });
 * ```
 */
export function splitSizes(maps: number): Record<Part, number> {
  if (maps < LEAST_MAPS) {
    throw new InputError(
      `Cannot train: there are too few maps with labels (${maps})`,
      `At least ${LEAST_MAPS} are needed: to learn from, to validate with, and to hold out. Some 30 are usual.`,
    );
  }
  const sizes = { training: 0, test: 0, validation: 0 };
  for (const part of parts) sizes[part] = Math.floor(maps * TENTHS[part] / 10);
  const left = maps - sizes.training - sizes.test - sizes.validation;
  for (let i = 0; i < left; i++) sizes[parts[i % parts.length]!]++;
  for (const part of ["test", "validation"] as const) {
    if (sizes[part] > 0) continue;
    sizes[part]++;
    sizes.training--;
  }
  return sizes;
}

/**
 * Draws which map is in which part.
 *
 * @throws {InputError} As {@linkcode splitSizes}.
 */
export function drawSplit(maps: number, seed: number): Split {
  const sizes = splitSizes(maps);
  const order = sample(maps, maps, drawing(seed, "split", 0));
  let from = 0;
  const next = (part: Part) => [...order.subarray(from, from += sizes[part]).toSorted()];
  return { training: next("training"), test: next("test"), validation: next("validation") };
}

/** The maps of an epoch in batches, in an order of its own; the last batch may be smaller. */
export function drawBatches(
  maps: readonly number[],
  size: number,
  seed: number,
  epoch: number,
): number[][] {
  const order = sample(maps.length, maps.length, drawing(seed, "order", epoch));
  return inBatches([...order].map((place) => maps[place]!), size);
}

/** Parts of a list, in its order, of `size` each but the last. */
export function inBatches(maps: readonly number[], size: number): number[][] {
  const batches: number[][] = [];
  for (let i = 0; i < maps.length; i += size) batches.push(maps.slice(i, i + size));
  return batches;
}

/** Draws what each of `count` features is multiplied by: 0 for 30 %, 1 / 0.7 for the others. */
export function drawDropout(count: number, rng: Random): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: count },
    () => rng.uniform() < DROPOUT ? 0 : 1 / (1 - DROPOUT),
  );
}
