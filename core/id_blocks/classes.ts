/**
 * The volumes that hold a block, and those that do not.
 *
 * @module
 */
import { percentile } from "../null_model/percentile.ts";

/** Two classes of volumes; a volume may be in neither. */
export interface VolumeClasses {
  /** Places of the volumes of high and of low occupancy, ascending. */
  readonly high: readonly number[];
  readonly low: readonly number[];
}

/** Classes by occupancy, and where they were parted. */
export interface OccupancyClasses extends VolumeClasses {
  /** The percentile of the occupancies. */
  readonly cutoff: number;
  /** Whether volumes count as high that are at the percentile, for none is above it. */
  readonly isAtCutoff: boolean;
}

/**
 * Parts volumes by a block's occupancy, as SIREn's `id_blocks` does: high are those above a percentile of the
 * occupancies, low those without the block. Where none is above the percentile, because the greatest
 * occupancy is a tie, those at it are high. No volume is both: one that is low is never high.
 *
 * @param occupancies Of each of N volumes, finite, N at least 1.
 * @param p Percentile, 0 to 100, as numpy.percentile takes it by default.
 * @param low Volumes of at most this occupancy are low.
 * @throws {UsageError} `p` is out of its range.
 * @example
 * ```ts
 * import { classesByOccupancy } from "./classes.ts";
 * import assert from "node:assert";
 *
 * const { high, low, cutoff } = classesByOccupancy(Float64Array.of(0, 0.5, 0.9, 1, 0), 75, 0);
 * assert.deepStrictEqual([high, low, cutoff], [[3], [0, 4], 0.9]);
 * ```
 */
export function classesByOccupancy(
  occupancies: Float64Array,
  p: number,
  low: number,
): OccupancyClasses {
  const cutoff = percentile(occupancies, p);
  const places = [...occupancies.keys()];
  const pick = (test: (occupancy: number) => boolean) =>
    places.filter((place) => test(occupancies[place]!));
  const above = pick((occupancy) => occupancy > cutoff && occupancy > low);
  const isAtCutoff = above.length === 0;
  return {
    high: isAtCutoff ? pick((occupancy) => occupancy >= cutoff && occupancy > low) : above,
    low: pick((occupancy) => occupancy <= low),
    cutoff,
    isAtCutoff,
  };
}
