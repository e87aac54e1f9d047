/**
 * Which regions are there in which volumes: a cutoff for each region.
 *
 * @module
 */
import { columnOf, type OccupancyTable } from "../occupancy/table.ts";

/** Where no two classes can be told apart, a region is present from half of what a full one has. */
const HALF = 0.5;

/** Otsu's cutoff is believed where the means of its two classes are this far apart, of a full region. */
const LEAST_APART = 0.3;

/** And it is kept within these. */
const LEAST_CUTOFF = 0.25, GREATEST_CUTOFF = 0.75;

/** Occupancies whose greatest (but for one in a hundred) is outside of this are of no known scale. */
const USUAL = [0.1, 2] as const;

/**
 * What a region that is wholly there has: 1, or, where nearly all occupancies are far below or any above
 * that (densities that no reference normalises), their 99th percentile.
 */
export function fullOccupancy({ values }: OccupancyTable): number {
  const sorted = values.toSorted();
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
  return high <= 0 || high >= USUAL[0] && high <= USUAL[1] ? 1 : high;
}

/**
 * The cutoff of each region: Otsu's (IEEE Trans. Syst. Man Cybern. 9, 1979), which parts the volumes into
 * two classes, computed on the occupancies themselves, halfway between the two values that it parts. Any
 * column can be parted, that of a region that is always there too; so it counts only where the classes'
 * means are 0.3 of a full region apart, and is kept within 0.25 and 0.75 of a full region. Elsewhere the
 * cutoff is half of a full region.
 *
 * @param full Occupancy of a region that is wholly there, from {@linkcode fullOccupancy}.
 * @returns Length K.
 */
export function findCutoffs(table: OccupancyTable, full: number): number[] {
  return table.regions.map((_, region) => {
    const column = columnOf(table, region).sort();
    const { level, apart } = exactOtsu(column);
    if (!(apart >= LEAST_APART * full)) return HALF * full;
    return Math.min(GREATEST_CUTOFF * full, Math.max(LEAST_CUTOFF * full, level));
  });
}

/**
 * Otsu's threshold of sorted values, and how far the means of its two classes are apart: 0 where all
 * values are the same. Of equally good thresholds the lowest.
 *
 * @example
 * ```ts
 * import { exactOtsu } from "./presence.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(exactOtsu(Float64Array.of(0, 1, 8, 9)), { level: 4.5, apart: 8 });
 * ```
 */
export function exactOtsu(sorted: Float64Array): { level: number; apart: number } {
  const n = sorted.length;
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let level = sorted[0] ?? 0, apart = 0, greatest = 0;
  let sum = 0;
  for (let below = 1; below < n; below++) {
    const last = sorted[below - 1]!, next = sorted[below]!;
    sum += last;
    if (next === last) continue;
    const difference = (total - sum) / (n - below) - sum / below;
    const between = below * (n - below) * difference * difference;
    if (between > greatest) {
      greatest = between;
      apart = difference;
      level = (last + next) / 2;
    }
  }
  return { level, apart };
}

/**
 * Which regions are there in which volumes.
 *
 * @param cutoffs A region is present where its occupancy is at least this: length K.
 * @returns N x K, row by row: 1 present, 0 absent.
 */
export function presenceOf(
  { regions, values }: OccupancyTable,
  cutoffs: readonly number[],
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values, (value, i) => value >= cutoffs[i % regions.length]! ? 1 : 0);
}

/**
 * The share of presences and absences that are not clear: those of occupancies that are on their side of the
 * cutoff, but not halfway to the mean of all on that side. They are about as many as are called wrong, for
 * what lies that near the cutoff may be on either side of it.
 *
 * @param presence Of {@linkcode presenceOf}.
 * @returns 0 to 1.
 */
export function unclearShare(
  { regions, values }: OccupancyTable,
  cutoffs: readonly number[],
  presence: Uint8Array,
): number {
  const k = regions.length;
  const sums = new Float64Array(2 * k), counts = new Uint32Array(2 * k);
  values.forEach((value, i) => {
    const at = 2 * (i % k) + presence[i]!;
    sums[at]! += value;
    counts[at]!++;
  });
  const bounds = sums.map((sum, at) => (cutoffs[at >> 1]! + sum / counts[at]!) / 2);
  let unclear = 0;
  values.forEach((value, i) => {
    const bound = bounds[2 * (i % k) + presence[i]!]!;
    if (presence[i] === 1 ? value < bound : value > bound) unclear++;
  });
  return unclear / values.length;
}
