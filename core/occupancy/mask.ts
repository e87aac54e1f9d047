/**
 * Masks as the voxels that count: most of a mask is zero.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import type { WeightedVoxels } from "./region_weights.ts";

/** A mask's voxels are those above this: block masks hold 0 and 1, soft masks pass one half at their edge. */
export const INSIDE = 0.5;

/** Weights this far below 0 or above 1 are rounding. */
const TOLERANCE = 1e-3;

/** A mask, without its zeros. */
export interface SparseMask extends WeightedVoxels {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly voxels: Uint32Array<ArrayBuffer>;
  /** Number of voxels above {@linkcode INSIDE}. */
  readonly inside: number;
  /** Sum of all weights. */
  readonly sum: number;
  /** Least and greatest weight, zeros included. */
  readonly least: number;
  readonly greatest: number;
}

/**
 * Takes the voxels of a mask that are not zero.
 *
 * @param data Weights by flat voxel index.
 * @param name What to call the file in messages.
 * @throws {InputError} Where a weight is not a finite number, or all are zero.
 * @example
 * ```ts
 * import { sparseMask } from "./mask.ts";
 * import assert from "node:assert";
 *
 * const { voxels, weights, inside } = sparseMask(Float32Array.of(0, 0.25, 1, 0), "mask.mrc");
 * assert.deepStrictEqual([...voxels], [1, 2]);
 * assert.deepStrictEqual([...weights], [0.25, 1]);
 * assert.strictEqual(inside, 1);
 * ```
 */
export function sparseMask(data: Float32Array, name: string): SparseMask {
  // Most of a mask is zero, and passed over first.
  let count = 0, inside = 0, sum = 0, least = Infinity, greatest = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const weight = data[i]!;
    if (weight === 0) continue;
    count++;
    sum += weight;
    if (weight > INSIDE) inside++;
    if (weight < least) least = weight;
    if (weight > greatest) greatest = weight;
  }
  if (count < data.length) {
    least = Math.min(least, 0);
    greatest = Math.max(greatest, 0);
  }
  if (!Number.isFinite(sum)) {
    const voxel = data.findIndex((weight) => !Number.isFinite(weight));
    throw new InputError(
      `Cannot use ${name} as a mask: voxel ${voxel} is not a finite number (${data[voxel]})`,
      "Mend the mask, or take it out of the folder.",
    );
  }
  if (count === 0) {
    throw new InputError(
      `Cannot use ${name} as a mask: all of its voxels are 0`,
      "Mend the mask, or take it out of the folder.",
    );
  }
  const voxels = new Uint32Array(count), weights = new Float32Array(count);
  for (let i = 0, at = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    voxels[at] = i;
    weights[at++] = data[i]!;
  }
  return { voxels, weights, inside, sum, least, greatest };
}

/**
 * The voxels above {@linkcode INSIDE}.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where there are none.
 */
export function insideOf(
  { voxels, weights, inside, greatest }: SparseMask,
  name: string,
): Uint32Array<ArrayBuffer> {
  if (inside === 0) {
    throw new InputError(
      `Cannot use ${name} as a mask: none of its voxels is above ${INSIDE} (the greatest is ${greatest})`,
      "Scale the mask to 0 to 1, or take it out of the folder.",
    );
  }
  return voxels.filter((_, i) => weights[i]! > INSIDE);
}

/** Whether a mask's weights are 0 to 1, but for rounding. */
export function isWithinBounds({ least, greatest }: Pick<SparseMask, "least" | "greatest">) {
  return least >= -TOLERANCE && greatest <= 1 + TOLERANCE;
}
