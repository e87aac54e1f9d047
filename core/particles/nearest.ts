/**
 * The volume that each particle is nearest to in latent space.
 *
 * @module
 */
import type { Coordinates } from "./drgn_folder.ts";
import { InputError } from "../errors.ts";

/**
 * Labels each particle by its nearest centre (Euclidean distance). Of centres that are equally near, the
 * first is taken.
 *
 * @param from The first particle.
 * @param to The particle after the last one, at most P.
 * @returns Places of centres, 0 to K - 1: length `to - from`.
 * @throws {InputError} Centres and particles are not of one latent space, or a coordinate is not finite.
 * @example
 * ```ts
 * import { nearestCentres } from "./nearest.ts";
 * import assert from "node:assert";
 *
 * const points = (...values: number[]) => ({
 *   path: "z.pkl",
 *   points: values.length,
 *   dimensions: 1,
 *   values: Float64Array.from(values),
 * });
 * assert.deepStrictEqual(
 *   nearestCentres(points(0.1, 0.9, 0.4), points(0, 1)),
 *   Int32Array.of(0, 1, 0),
 * );
 * ```
 */
export function nearestCentres(
  particles: Coordinates,
  centres: Coordinates,
  from = 0,
  to = particles.points,
): Int32Array {
  const { dimensions, values } = particles;
  if (centres.dimensions !== dimensions) {
    throw new InputError(
      `Cannot compare ${particles.path} with ${centres.path}: they have ${dimensions} and ` +
        `${centres.dimensions} coordinates`,
      "Give centres and particles of one training.",
    );
  }
  const labels = new Int32Array(to - from);
  for (let particle = from; particle < to; particle++) {
    const at = particle * dimensions;
    let best = -1, least = Infinity;
    for (let centre = 0; centre < centres.points; centre++) {
      const of = centre * dimensions;
      let square = 0;
      for (let d = 0; d < dimensions && square < least; d++) {
        const difference = values[at + d]! - centres.values[of + d]!;
        square += difference * difference;
      }
      if (square < least) [least, best] = [square, centre];
    }
    if (best < 0 || !Number.isFinite(least)) {
      throw new InputError(
        `Cannot use ${particles.path}: the coordinates of particle ${particle} are not finite`,
        "The training went wrong at this epoch; take another one.",
      );
    }
    labels[particle - from] = best;
  }
  return labels;
}
