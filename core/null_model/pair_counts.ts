/**
 * A histogram of voxel pairs by the two totals and by `both`: all that a statistic of a pair depends on,
 * however many pairs there are.
 *
 * @module
 */
import { SirenError, UsageError } from "../errors.ts";
import { checkTotals } from "./cutoffs.ts";

/** Counts of voxel pairs by unordered pair of classes and by `both`. */
export interface PairCounts {
  /** The totals that occur, ascending: C classes. */
  readonly totals: Uint32Array<ArrayBuffer>;
  /** Number of volumes N. */
  readonly volumes: number;
  /**
   * Counts pairs of voxels. The order of the two classes does not matter.
   *
   * @param both max(0, f1 + f2 - N) to min(f1, f2).
   * @param count How many pairs, an integer of 0 or more.
   * @throws {UsageError} If no two voxels of these totals can have this `both`.
   */
  add(classRow: number, classColumn: number, both: number, count: number): void;
  /** Adds the counts of another histogram over the same totals and volumes. */
  merge(other: PairCounts): void;
  /** Visits what was counted, in ascending order of (classRow, classColumn, both), classRow <= classColumn. */
  forEach(
    visit: (classRow: number, classColumn: number, both: number, count: number) => void,
  ): void;
}

/** 4 GiB of counters; the operating system only gives the pages that are counted on. */
const MOST_CELLS = 2 ** 30;

/**
 * Makes an empty histogram: 4 bytes for each value that `both` can take for each unordered pair of
 * classes, 42 MB for all 500 totals of 500 volumes.
 *
 * @param totals The totals that occur, strictly ascending, each 0 to `volumes`.
 * @param volumes Number of volumes N, 1 to 65534.
 * @throws {UsageError} If the totals are out of range.
 * @throws {SirenError} If there are too many different totals to hold the histogram.
 * @example
 * ```ts
 * import { pairCounts } from "./pair_counts.ts";
 * import assert from "node:assert";
 *
 * const counts = pairCounts([3, 7], 10);
 * counts.add(1, 0, 2, 5);
 * counts.forEach((row, column, both, count) =>
 *   assert.deepStrictEqual([row, column, both, count], [0, 1, 2, 5])
 * );
 * ```
 */
export function pairCounts(totals: ArrayLike<number>, volumes: number): PairCounts {
  const classes = checkTotals(totals, volumes);
  const classCount = classes.length;
  const leastBoth = (i: number, j: number) => Math.max(0, classes[i]! + classes[j]! - volumes);
  const mostBoth = (i: number, j: number) => Math.min(classes[i]!, classes[j]!);

  const cellsOf = (i: number, j: number) => mostBoth(i, j) - leastBoth(i, j) + 1;

  let cells = 0;
  for (let i = 0; i < classCount && cells <= MOST_CELLS; i++) {
    for (let j = i; j < classCount; j++) cells += cellsOf(i, j);
  }
  if (cells > MOST_CELLS) {
    throw new SirenError(
      `Cannot count voxel pairs by total: too many different totals (${classCount} of ${volumes} volumes)`,
      "Use the rule siren or phi, which need no histogram.",
    );
  }
  /** First cell of each pair of classes, in both orders of the pair. */
  const starts = new Uint32Array(classCount * classCount);
  for (let i = 0, cell = 0; i < classCount; i++) {
    for (let j = i; j < classCount; cell += cellsOf(i, j++)) {
      starts[i * classCount + j] = starts[j * classCount + i] = cell;
    }
  }
  const low = new Uint32Array(cells);
  /** Multiples of 2^32 of the few cells that have so many. */
  const high = new Map<number, number>();

  const counts: PairCounts = {
    totals: classes,
    volumes,
    add(classRow, classColumn, both, count) {
      const least = leastBoth(classRow, classColumn);
      if (!(both >= least && both <= mostBoth(classRow, classColumn))) {
        throw new UsageError(
          `Cannot count a voxel pair: no two voxels of these totals in ${volumes} volumes are both occupied so often (totals ${
            classes[classRow]
          } and ${classes[classColumn]}, both ${both})`,
        );
      }
      const cell = starts[classRow * classCount + classColumn]! + both - least;
      const sum = low[cell]! + count;
      // A counter of 32 bits keeps the remainder by itself.
      low[cell] = sum;
      if (sum >= 2 ** 32) high.set(cell, (high.get(cell) ?? 0) + Math.floor(sum / 2 ** 32));
    },
    merge(other) {
      const same = other.volumes === volumes && other.totals.length === classCount &&
        other.totals.every((total, i) => total === classes[i]);
      if (!same) {
        throw new UsageError("Cannot merge counts of voxel pairs: they are of other totals");
      }
      other.forEach(counts.add);
    },
    forEach(visit) {
      for (let i = 0, cell = 0; i < classCount; i++) {
        for (let j = i; j < classCount; j++) {
          const most = mostBoth(i, j);
          for (let both = leastBoth(i, j); both <= most; both++, cell++) {
            const carried = high.size === 0 ? 0 : high.get(cell) ?? 0;
            const count = low[cell]! + carried * 2 ** 32;
            if (count > 0) visit(i, j, both, count);
          }
        }
      }
    },
  };
  return counts;
}
