/**
 * The adjusted Rand index.
 *
 * @module
 */

const pairs = (n: number) => n * (n - 1) / 2;

/** How often each value occurs. */
function counts<T>(values: Iterable<T>): Map<T, number> {
  const result = new Map<T, number>();
  for (const value of values) result.set(value, (result.get(value) ?? 0) + 1);
  return result;
}

const sumOfPairs = (sizes: Iterable<number>) => {
  let sum = 0;
  for (const size of sizes) sum += pairs(size);
  return sum;
};

/**
 * The adjusted Rand index of two partitions of the same items (Hubert & Arabie, Journal of
 * Classification 2:193, 1985, equation 5): 1 where they are the same, 0 on average for partitions drawn
 * at random with the same class sizes.
 *
 * @param first Class of each item.
 * @param second Class of each item in the other partition: the same length.
 * @returns -0.5 to 1. 1 for partitions that chance could not tell apart: no items, both a single
 *   class, or both all classes of one item.
 * @example
 * ```ts
 * import { adjustedRandIndex } from "./adjusted_rand.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(adjustedRandIndex([0, 0, 1, 1], ["b", "b", "a", "a"]), 1);
 * assert.strictEqual(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1]), -0.5);
 * ```
 */
export function adjustedRandIndex<A, B>(first: readonly A[], second: readonly B[]): number {
  if (first.length !== second.length) {
    throw new RangeError(
      `Cannot compare partitions of different items (${first.length} and ${second.length})`,
    );
  }
  const firstSizes = counts(first), secondSizes = counts(second);
  const secondNumber = new Map(Array.from(secondSizes.keys(), (key, i) => [key, i]));
  const firstNumber = new Map(Array.from(firstSizes.keys(), (key, i) => [key, i]));
  const cells = counts(
    first.map((key, i) => firstNumber.get(key)! * secondSizes.size + secondNumber.get(second[i]!)!),
  );
  return adjustedRandOfCounts([...cells.values()], [...firstSizes.values()], [
    ...secondSizes.values(),
  ]);
}

/**
 * The adjusted Rand index of two partitions, of the sizes of their classes.
 *
 * @param cells Items of each class of the one and each of the other; those of none may be left out.
 * @param first Items of each class of the one.
 * @param second Items of each class of the other.
 * @returns As {@linkcode adjustedRandIndex}.
 */
export function adjustedRandOfCounts(
  cells: Iterable<number>,
  first: readonly number[],
  second: readonly number[],
): number {
  const together = sumOfPairs(cells);
  const inFirst = sumOfPairs(first), inSecond = sumOfPairs(second);
  // Both times the number of pairs, so that small tables are exact.
  const all = pairs(first.reduce((sum, size) => sum + size, 0));
  const greatest = all * (inFirst + inSecond) / 2;
  const expected = inFirst * inSecond;
  return greatest === expected ? 1 : (all * together - expected) / (greatest - expected);
}
