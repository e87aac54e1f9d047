/**
 * Means and variances of maps, class by class and voxel by voxel, as the maps come.
 *
 * @module
 */

/** What is known of a class so far. */
interface Moments {
  count: number;
  readonly mean: Float64Array;
  /** Sum of squared deviations from the mean. */
  readonly squares: Float64Array;
}

/** How the maps of two classes differ. */
export interface ClassDifference {
  /** Mean of the high maps minus mean of the low ones. */
  readonly difference: Float32Array<ArrayBuffer>;
  /**
   * Welch's t of the difference; undefined where a class has a single map. A voxel that does not vary within
   * the classes has the greatest |t| of the others, with the sign of the difference, and 0 where there is none.
   */
  readonly t: Float32Array<ArrayBuffer> | undefined;
}

/**
 * Adds up the maps of two classes, by Welford's updates (Technometrics 4:419, 1962), in double precision.
 *
 * @param voxels Number of voxels of a map.
 * @example
 * ```ts
 * import { classMoments } from "./class_moments.ts";
 * import assert from "node:assert";
 *
 * const moments = classMoments(1);
 * for (const density of [4, 6]) moments.add("high", Float32Array.of(density));
 * for (const density of [1, 2, 3]) moments.add("low", Float32Array.of(density));
 * const { difference, t } = moments.difference();
 * assert.deepStrictEqual([...difference], [3]);
 * assert.strictEqual(t![0], Math.fround(3 / Math.sqrt(2 / 2 + 1 / 3)));
 * ```
 */
export function classMoments(voxels: number): {
  /** Adds a map of so many voxels, all finite. */
  add(to: "high" | "low", density: Float32Array): void;
  /** Of the maps so far: at least one of each class. */
  difference(): ClassDifference;
} {
  const empty = (): Moments => ({
    count: 0,
    mean: new Float64Array(voxels),
    squares: new Float64Array(voxels),
  });
  const classes = { high: empty(), low: empty() };
  return {
    add(to, density) {
      const moments = classes[to], { mean, squares } = moments;
      const count = ++moments.count;
      for (let v = 0; v < voxels; v++) {
        const away = density[v]! - mean[v]!;
        mean[v]! += away / count;
        squares[v]! += away * (density[v]! - mean[v]!);
      }
    },
    difference() {
      const { high, low } = classes;
      const difference = new Float32Array(voxels);
      for (let v = 0; v < voxels; v++) difference[v] = high.mean[v]! - low.mean[v]!;
      return { difference, t: welch(high, low) };
    },
  };
}

/** Welch's t (Biometrika 34:28, 1947): the difference over the root of the sum of both variances of a mean. */
function welch(a: Moments, b: Moments): Float32Array<ArrayBuffer> | undefined {
  if (a.count < 2 || b.count < 2) return undefined;
  const t = new Float32Array(a.mean.length);
  const stiff: number[] = [];
  let greatest = 0;
  for (let v = 0; v < t.length; v++) {
    const difference = a.mean[v]! - b.mean[v]!;
    const variance = a.squares[v]! / (a.count - 1) / a.count +
      b.squares[v]! / (b.count - 1) / b.count;
    if (variance > 0) {
      t[v] = difference / Math.sqrt(variance);
      greatest = Math.max(greatest, Math.abs(t[v]!));
    } else if (difference !== 0) stiff.push(v);
  }
  for (const v of stiff) t[v] = Math.sign(a.mean[v]! - b.mean[v]!) * greatest;
  return t;
}
