/**
 * Which of many settings to take.
 *
 * @module
 */

import { quantileOf } from "../quantile.ts";

/** A setting that was tried. */
export interface TriedSetting {
  /** Its place along each axis of the grid of settings, from 0; each axis ascends, or has no order. */
  readonly place: readonly number[];
  /** What the blocks of two halves of the volumes tell of each other, in bits a voxel. */
  readonly information: number;
}

/** The setting to take. */
export interface Recommendation {
  /** Places in the list: of the setting to take, and of the one of the greatest information. */
  readonly chosen: number;
  readonly best: number;
  /** Those that are as good, in order: the plateau that the chosen one is the middle of. */
  readonly plateau: readonly number[];
}

/** Share of the greatest information from which on a setting is as good. */
export const AS_GOOD = 0.9;

/**
 * Recommends a setting. Which blocks are true cannot be known, but what two halves of the volumes, that
 * have no noise in common, both say can be relied on; and the more it tells, the better
 * (`Agreement.information`). Settings with at least 0.9 of the greatest information are as good. Around the
 * best of them, those that can be reached by steps along one axis each without leaving them are its plateau.
 * Taken is the middle of the plateau, where results depend least on the setting: the one next to the median
 * of its places along every axis (in steps, as shares of the axis), of equals the one that tells most, then
 * the first. Along thresholds the lower quartile does better than the median: of those that tell as much a
 * low one shows more of the molecule, while the lowest is next to the noise.
 *
 * @param quantiles For each axis which quantile of the plateau is taken, 0 to 1; 0.5 if not given.
 * @returns undefined where no setting tells anything.
 * @example
 * ```ts
 * import { recommend } from "./recommend.ts";
 * import assert from "node:assert";
 *
 * const tried = [0.1, 1.9, 2, 1.95, 0.3].map((information, i) => ({ place: [i], information }));
 * assert.deepStrictEqual(recommend(tried), { chosen: 2, best: 2, plateau: [1, 2, 3] });
 * ```
 */
export function recommend(
  tried: readonly TriedSetting[],
  quantiles: readonly number[] = [],
): Recommendation | undefined {
  let best = -1;
  for (const [i, { information }] of tried.entries()) {
    if (information > 0 && (best < 0 || information > tried[best]!.information)) best = i;
  }
  if (best < 0) return undefined;
  const plateau = plateauOf(tried, best);
  const axes = tried[best]!.place.map((_, axis) => ({
    middle: quantileOf(plateau.map((i) => tried[i]!.place[axis]!), quantiles[axis] ?? 0.5),
    longest: tried.reduce((most, { place }) => Math.max(most, place[axis]!), 1),
  }));
  const away = (i: number) =>
    axes.reduce(
      (sum, { middle, longest }, axis) => sum + Math.abs(tried[i]!.place[axis]! - middle) / longest,
      0,
    );
  const [chosen] = plateau.toSorted((a, b) =>
    away(a) - away(b) || tried[b]!.information - tried[a]!.information || a - b
  );
  return { chosen: chosen!, best, plateau }; // the best is on its plateau
}

/** The settings as good as the best that are joined with it, ascending. */
function plateauOf(tried: readonly TriedSetting[], best: number): number[] {
  const least = AS_GOOD * tried[best]!.information;
  const left = new Set(tried.keys().filter((i) => tried[i]!.information >= least));
  const plateau: number[] = [], next = [best];
  left.delete(best);
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    plateau.push(at);
    for (const other of left) {
      const steps = tried[at]!.place.reduce(
        (sum, own, axis) => sum + Math.abs(own - tried[other]!.place[axis]!),
        0,
      );
      if (steps > 1) continue;
      left.delete(other);
      next.push(other);
    }
  }
  return plateau.sort((a, b) => a - b);
}
