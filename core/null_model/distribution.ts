/**
 * Distributions over consecutive integers as plain tables of probabilities, built by recurrence from
 * the mode: no cancellation anywhere, so that tails are as exact, relatively, as the centre.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** Probabilities of `first`, `first + 1`, ...; everything outside the table is too small to be told from 0. */
export interface Distribution {
  /** The outcome that `probabilities[0]` belongs to. */
  readonly first: number;
  /** Probability of each outcome from `first` on; they sum to 1. */
  readonly probabilities: Float64Array<ArrayBuffer>;
}

/** A distribution given by the balance of neighbouring outcomes: P(k) up(k) = P(k + 1) down(k + 1). */
export interface Balance {
  /** Smallest possible outcome. */
  readonly least: number;
  /** Largest possible outcome. */
  readonly greatest: number;
  /** The likeliest outcome, or one beside it. */
  readonly mode: number;
  /** Weight of the step from k to k + 1. */
  up(k: number): number;
  /** Weight of the step from k to k - 1. */
  down(k: number): number;
}

/** How a table is made; the defaults are right unless very many are made in a row. */
export interface TableOptions {
  /**
   * Outcomes less likely than this many times the mode are left out; by default 2^-1022, which keeps all
   * that a double holds at full precision.
   */
  readonly floor?: number;
  /**
   * Memory for the table, as long as there are possible outcomes at least. The distribution is then a
   * view of it, which the next one overwrites. By default every table has its own.
   */
  readonly scratch?: Float64Array<ArrayBuffer>;
}

/** Tabulates a distribution outwards from its mode. */
export function tabulate(balance: Balance, options: TableOptions = {}): Distribution {
  const { least, greatest, mode } = balance;
  const { floor = 2 ** -1022, scratch } = options;
  const weights = scratch ?? new Float64Array(greatest - least + 1);
  let first = mode;
  let last = mode;
  weights[mode - least] = 1;
  for (let k = mode, weight = 1; k > least; first = --k) {
    weight *= balance.down(k) / balance.up(k - 1);
    // Written so that a weight that is not a number ends the table, too.
    if (!(weight >= floor)) break;
    weights[k - 1 - least] = weight;
  }
  for (let k = mode, weight = 1; k < greatest; last = ++k) {
    weight *= balance.up(k) / balance.down(k + 1);
    if (!(weight >= floor)) break;
    weights[k + 1 - least] = weight;
  }
  const probabilities = weights.subarray(first - least, last - least + 1);
  // From both ends inwards: the smallest terms are added first.
  let total = 0;
  let above = 0;
  for (let k = 0; k < mode - first; k++) total += probabilities[k]!;
  for (let k = probabilities.length - 1; k >= mode - first; k--) above += probabilities[k]!;
  total += above;
  for (let k = 0; k < probabilities.length; k++) probabilities[k]! /= total;
  return { first, probabilities };
}

/** P(X = k). */
export function probability(distribution: Distribution, k: number): number {
  return distribution.probabilities[k - distribution.first] ?? 0;
}

/** P(X <= k), summed from the lower end: small tails are relatively exact. */
export function lowerTail(distribution: Distribution, k: number): number {
  const { first, probabilities } = distribution;
  const end = Math.min(k - first, probabilities.length - 1);
  let sum = 0;
  for (let i = 0; i <= end; i++) sum += probabilities[i]!;
  return Math.min(1, sum);
}

/** P(X > k), strictly, summed from the upper end: small tails are relatively exact. */
export function upperTail(distribution: Distribution, k: number): number {
  const { first, probabilities } = distribution;
  const start = Math.max(0, k - first + 1);
  let sum = 0;
  for (let i = probabilities.length - 1; i >= start; i--) sum += probabilities[i]!;
  return Math.min(1, sum);
}

/**
 * The smallest k with P(X > k) <= `level`: the cutoff that is exceeded with at most this probability.
 *
 * @param level 0 to 1; may be as small as 1e-300.
 * @throws {UsageError} If `level` is out of range.
 */
export function upperQuantile(distribution: Distribution, level: number): number {
  if (!(level >= 0 && level <= 1)) {
    throw new UsageError(`Cannot take an upper quantile: the level must be 0 to 1 (${level})`);
  }
  const { first, probabilities } = distribution;
  let sum = 0;
  let i = probabilities.length - 1;
  for (; i > 0; i--) {
    sum += probabilities[i]!;
    if (sum > level) break;
  }
  return first + i;
}

/**
 * The smallest k with P(X <= k) >= `q`.
 *
 * @param q Above 0, up to 1.
 * @throws {UsageError} If `q` is outside (0, 1].
 */
export function quantile(distribution: Distribution, q: number): number {
  if (!(q > 0 && q <= 1)) {
    throw new UsageError(`Cannot take a quantile: q must be above 0 and at most 1 (${q})`);
  }
  // 1 - q is exact for q from 1/2 on, and the upper tail keeps what 1 - lower tail would lose.
  if (q > 0.5) return upperQuantile(distribution, 1 - q);
  const { first, probabilities } = distribution;
  let sum = 0;
  let i = 0;
  for (; i < probabilities.length - 1; i++) {
    sum += probabilities[i]!;
    if (sum >= q) break;
  }
  return first + i;
}
