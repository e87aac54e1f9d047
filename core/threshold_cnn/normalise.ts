/**
 * Normalisation of maps for the network, as SIREn does it (Kinman et al., Structure 2025): a map is
 * clipped to its 0.001th and 99.999th percentile (linear interpolation), what is not positive becomes 0,
 * and the least positive and the greatest density that are left become -1 and 1. Zeros come to lie a
 * little below -1.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { interpolate, percentilePosition } from "../null_model/percentile.ts";

/** The densities that become -1 and 1, both 32-bit floats. */
export interface MapStatistics {
  /** Least positive density of the clipped map. */
  readonly min: number;
  /** Greatest density of the clipped map. */
  readonly max: number;
}

/** What normalising a map takes. */
export interface MapRange extends MapStatistics {
  /**
   * What densities below `min` become before they are scaled: 0, or `min` where the lower percentile is
   * positive.
   */
  readonly floor: number;
}

/** Percentiles that maps are clipped to. */
const LOWER = 0.001;
/** Percentile that greater densities are brought to. */
export const UPPER = 99.999;

/** Takes a map piece by piece. */
export interface RangeFinder {
  /**
   * Takes more densities, which are not kept.
   *
   * @throws {InputError} One is not finite.
   */
  add(densities: Float32Array): void;
  /**
   * Once all were taken.
   *
   * @throws {InputError} The map cannot be normalised: see {@linkcode mapRange}.
   */
  end(): MapRange;
}

/**
 * Finds the range of a map piece by piece. Only the densities near the percentiles are kept, 0.001 % on
 * either side.
 *
 * @param voxels How many densities there will be, 1 or more.
 * @param name What to call the map in messages.
 */
export function rangeFinder(voxels: number, name: string): RangeFinder {
  const lower = percentilePosition(voxels, LOWER), upper = percentilePosition(voxels, UPPER);
  const low = greatest(lower.upper + 1); // of the densities with their signs changed
  const high = greatest(voxels - upper.lower);
  let leastPositive = Infinity;
  return {
    add(densities) {
      let lowest = -low.bound(), highest = high.bound();
      for (let i = 0; i < densities.length; i++) {
        const density = densities[i]!;
        if (density - density !== 0) throw notFinite(name, density);
        if (density < lowest) lowest = -low.add(-density);
        if (density > highest) highest = high.add(density);
        if (density < leastPositive && density > 0) leastPositive = density;
      }
    },
    end() {
      const least = low.end().map((density) => -density); // ascending, as the changed ones descend
      const most = high.end().reverse();
      const clipMin = Math.fround(
        interpolate(least[lower.lower]!, least[lower.upper]!, lower.fraction),
      );
      const first = upper.lower;
      const max = Math.fround(
        interpolate(most[0]!, most[upper.upper - first]!, upper.fraction),
      );
      if (!(max > 0)) {
        throw new InputError(
          `Cannot normalise ${name}: none of its densities is positive (the ${UPPER}th percentile is ${max})`,
          "Is its contrast inverted, or is it empty? siren info shows a map's densities.",
        );
      }
      const min = clipMin > 0 ? clipMin : Math.min(leastPositive, max);
      if (min === max) {
        throw new InputError(
          `Cannot normalise ${name}: all its positive densities are the same (${max})`,
          "Give the map itself, not a mask of it.",
        );
      }
      return { min, max, floor: clipMin > 0 ? min : 0 };
    },
  };
}

/**
 * Finds what normalising a map takes.
 *
 * @param data Densities, one or more, in any order.
 * @param name What to call the map in messages.
 * @throws {InputError} A density is not finite, none is positive, or all positive ones are the same.
 */
export function mapRange(data: Float32Array, name: string): MapRange {
  const finder = rangeFinder(data.length, name);
  finder.add(data);
  return finder.end();
}

/**
 * Normalises a map.
 *
 * @param data Densities.
 * @param range The map's own: see {@linkcode mapRange}.
 * @returns Densities between -1 and 1; those that were not positive, a little below -1.
 * @example
 * ```ts
 * import { mapRange, normalise } from "./normalise.ts";
 * import assert from "node:assert";
 *
 * const data = Float32Array.of(-1, 0, 1, 2, 3);
 * const normalised = normalise(data, { min: 1, max: 3, floor: 0 });
 * assert.deepStrictEqual([...normalised], [-2, -2, -1, 0, 1]);
 * ```
 */
export function normalise(
  data: Float32Array,
  { min, max, floor }: MapRange,
): Float32Array<ArrayBuffer> {
  const scale = max - min;
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const density = data[i]!;
    const clipped = density >= max ? max : density >= min ? density : floor;
    result[i] = 2 * (clipped - min) / scale - 1;
  }
  return result;
}

/**
 * A level of a map on the scale of the normalised map; levels beyond the map's range go beyond [-1, 1].
 *
 * @param level Density.
 */
export function normaliseLevel(level: number, { min, max }: MapStatistics): number {
  return 2 * (level - min) / (max - min) - 1;
}

/**
 * A level of a normalised map on the scale of the map itself: the inverse of {@linkcode normaliseLevel}.
 *
 * @param level On the scale of the normalised map, as the network predicts it.
 * @returns Density.
 * @example
 * ```ts
 * import { denormalise, normaliseLevel } from "./normalise.ts";
 * import assert from "node:assert";
 *
 * const statistics = { min: 1, max: 3 };
 * assert.strictEqual(denormalise(0.5, statistics), 2.5);
 * assert.strictEqual(normaliseLevel(2.5, statistics), 0.5);
 * ```
 */
export function denormalise(level: number, { min, max }: MapStatistics): number {
  return (level + 1) / 2 * (max - min) + min;
}

/** Keeps the greatest of some numbers. */
function greatest(count: number) {
  const kept = new Float32Array(2 * count + 1024);
  let size = 0, bound = -Infinity;
  const cut = () => {
    const sorted = kept.subarray(0, size).sort();
    if (size <= count) return;
    kept.copyWithin(0, size - count, size);
    size = count;
    bound = sorted[0]!; // the least of those that are left
  };
  return {
    /** Numbers up to this need not be added. */
    bound: () => bound,
    /** Adds a number, and gives the bound. */
    add(value: number): number {
      kept[size++] = value;
      if (size === kept.length) cut();
      return bound;
    },
    /** The greatest, in descending order: `count` of them. */
    end(): number[] {
      cut();
      return [...kept.subarray(0, size)].reverse();
    },
  };
}

function notFinite(name: string, density: number): InputError {
  return new InputError(
    `Cannot normalise ${name}: a density is not a finite number (${density})`,
    "Make the map anew, or take it out of the folder.",
  );
}
