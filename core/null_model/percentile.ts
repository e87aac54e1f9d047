/**
 * Percentiles of a sample as numpy.percentile takes them by default ("linear": type 7 of Hyndman & Fan,
 * "Sample quantiles in statistical packages", Am. Stat. 1996), to the last bit.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** Where a percentile lies among sorted values: `fraction` of the way from rank `lower` to rank `upper`. */
export interface PercentilePosition {
  /** Rank from 0, ascending. */
  readonly lower: number;
  /** Rank from 0, ascending: `lower + 1`, or the last rank. */
  readonly upper: number;
  /** 0 up to but not including 1. */
  readonly fraction: number;
}

/**
 * Says between which two ranks a percentile lies.
 *
 * @param size Number of values, 1 or more.
 * @param q Percentile, 0 to 100.
 * @throws {UsageError} If there are no values or `q` is out of range.
 */
export function percentilePosition(size: number, q: number): PercentilePosition {
  if (!(q >= 0 && q <= 100)) {
    throw new UsageError(`Cannot take a percentile: q must be 0 to 100 (${q})`);
  }
  if (!(size >= 1)) throw new UsageError(`Cannot take a percentile: no values (${size})`);
  const position = (size - 1) * (q / 100);
  const lower = Math.floor(position);
  return { lower, upper: Math.min(size - 1, lower + 1), fraction: position - lower };
}

/** The value `fraction` of the way from `a` to `b`, rounded as numpy rounds it. */
export function interpolate(a: number, b: number, fraction: number): number {
  return fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction);
}

/**
 * A percentile of a sample.
 *
 * @param values One or more numbers in any order; not changed.
 * @param q Percentile, 0 to 100.
 * @throws {UsageError} If there are no values, one is not a number, or `q` is out of range.
 * @example
 * ```ts
 * import { percentile } from "./percentile.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(percentile([10, 7, 4, 3, 2, 1], 50), 3.5);
 * ```
 */
export function percentile(values: ArrayLike<number>, q: number): number {
  const { lower, upper, fraction } = percentilePosition(values.length, q);
  const sorted = Float64Array.from(values).sort();
  // A typed array sorts NaN last.
  if (Number.isNaN(sorted.at(-1))) {
    throw new UsageError("Cannot take a percentile: a value is not a number (NaN)");
  }
  return interpolate(sorted[lower]!, sorted[upper]!, fraction);
}
