/**
 * Otsu's threshold: Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
 * on Systems, Man, and Cybernetics 9:62, 1979.
 *
 * @module
 */
import { percentiles } from "./select.ts";

/** Densities are sorted into so many classes of equal width. */
const BINS = 1 << 16;

/** Densities beyond these percentiles count as the percentile: a hot voxel is no class of its own. */
const CLIPPED = [0.001, 99.999] as const;

/**
 * The level that parts the densities into two classes whose means differ most, weighted by the classes'
 * sizes: the greatest variance between classes.
 *
 * All voxels are counted, those of negative density too: of two classes that differ much in size, Otsu's
 * level lies too far towards the smaller one, and the more so the fewer voxels of solvent there are. Few
 * densities are alike, so the level is found to 1/65536 of their range.
 *
 * @param voxels Finite densities that are not all the same.
 * @returns A level between the least and the greatest of them; NaN where nearly all are the same, so
 *   that there are no two classes.
 * @example
 * ```ts
 * import { otsu } from "./otsu.ts";
 * import assert from "node:assert";
 *
 * const level = otsu(Float32Array.of(0, 0.1, 0.2, 5, 5.1, 5.2));
 * assert.ok(level > 0.2 && level < 5);
 * ```
 */
export function otsu(voxels: Float32Array): number {
  const [low, high] = percentiles(voxels, CLIPPED) as [number, number];
  if (!(high > low)) return NaN;
  const counts = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  const scale = BINS / (high - low);
  let total = 0;
  for (let i = 0; i < voxels.length; i++) {
    const density = Math.min(high, Math.max(low, voxels[i]!));
    const bin = Math.min(BINS - 1, Math.floor((density - low) * scale));
    counts[bin]!++;
    sums[bin]! += density - low;
    total += density - low;
  }
  let below = 0, sum = 0, greatest = -Infinity, first = 0, last = 0;
  for (let bin = 0; bin < BINS - 1; bin++) {
    below += counts[bin]!;
    sum += sums[bin]!;
    if (below === 0) continue;
    const above = voxels.length - below;
    const difference = sum / below - (total - sum) / above;
    const between = below * above * difference * difference;
    if (between > greatest) {
      greatest = between;
      first = bin;
    }
    // Empty bins after it part the densities in the same way; the level is halfway through them.
    if (between === greatest) last = bin;
  }
  return low + ((first + last) / 2 + 1) / scale;
}
