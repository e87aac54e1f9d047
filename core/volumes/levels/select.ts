/**
 * The k-th smallest of many densities, without sorting them.
 *
 * @module
 */
import { interpolate, percentilePosition } from "../../null_model/percentile.ts";

/** Half of a 32-bit float's bits. */
const HALF = 1 << 16;

/**
 * The densities that would stand at some places if all were sorted from least to greatest: by counting
 * the upper and then the lower halves of their bits, in time and memory that do not depend on what they
 * are.
 *
 * @param values Finite densities; they are not changed.
 * @param ranks Places, 0 to `values.length - 1`, in any order.
 * @returns The density at each place.
 * @throws {RangeError} Where there is no such place.
 * @example
 * ```ts
 * import { select } from "./select.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(select(Float32Array.of(3, -1, 7, 0), [0, 3, 1]), [-1, 7, 0]);
 * ```
 */
export function select(values: Float32Array, ranks: readonly number[]): number[] {
  for (const rank of ranks) {
    if (!(Number.isInteger(rank) && rank >= 0 && rank < values.length)) {
      throw new RangeError(`Cannot select place ${rank} of ${values.length}`);
    }
  }
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Float64Array(HALF);
  for (let i = 0; i < bits.length; i++) upper[ordered(bits[i]!) >>> 16]!++;
  const wanted = ranks.map((rank) => find(upper, rank));

  // The densities that share their upper half with one that is wanted are counted by their lower half.
  const tables: Float64Array[] = [];
  const tableOf = new Uint32Array(HALF); // 0 for none, else one more than its place
  for (const { at } of wanted) {
    if (tableOf[at] === 0) tableOf[at] = tables.push(new Float64Array(HALF));
  }
  for (let i = 0; i < bits.length; i++) {
    const key = ordered(bits[i]!);
    const table = tableOf[key >>> 16]!;
    if (table > 0) tables[table - 1]![key & (HALF - 1)]!++;
  }
  return wanted.map(({ at, within }) => {
    const key = at * HALF + find(tables[tableOf[at]! - 1]!, within).at;
    return new Float32Array(Uint32Array.of(unordered(key)).buffer)[0]!;
  });
}

/**
 * Percentiles, interpolated linearly between neighbours, as numpy's are by default.
 *
 * @param values Finite densities, at least one.
 * @param percents 0 to 100.
 */
export function percentiles(values: Float32Array, percents: readonly number[]): number[] {
  const positions = percents.map((percent) => percentilePosition(values.length, percent));
  const densities = select(values, positions.flatMap(({ lower, upper }) => [lower, upper]));
  return positions.map(({ fraction }, i) =>
    interpolate(densities[2 * i]!, densities[2 * i + 1]!, fraction)
  );
}

/** Which entry of a table of counts a place falls into, and its place there. */
function find(counts: Float64Array, rank: number): { at: number; within: number } {
  let at = 0, within = rank;
  while (within >= counts[at]!) within -= counts[at++]!;
  return { at, within };
}

/** The bits of a float as a whole number that is in the order of the floats. */
function ordered(bits: number): number {
  return (bits & 0x80000000) === 0 ? (bits | 0x80000000) >>> 0 : ~bits >>> 0;
}

/** The inverse of {@linkcode ordered}. */
function unordered(key: number): number {
  return (key & 0x80000000) === 0 ? ~key >>> 0 : (key & 0x7fffffff) >>> 0;
}
