/**
 * "Did you mean": the known name that a misspelt one is closest to.
 *
 * @module
 */

/**
 * Finds the name that was probably meant.
 *
 * @param word What was written.
 * @param names What could have been written.
 * @returns The closest of `names`, the first of several; undefined where none is close: more than a third of
 *   the longer word, or more than three letters, differ, and none begins with `word`.
 * @example
 * ```ts
 * import { suggest } from "./suggest.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(suggest("partiton", ["account", "partition"]), "partition");
 * assert.strictEqual(suggest("colour", ["account", "partition"]), undefined);
 * ```
 */
export function suggest(word: string, names: Iterable<string>): string | undefined {
  const wanted = normal(word);
  let best: string | undefined;
  let least = Infinity;
  for (const name of names) {
    const known = normal(name);
    const distance = editDistance(wanted, known);
    const isClose = distance <= Math.min(3, Math.ceil(Math.max(wanted.length, known.length) / 3)) ||
      wanted.length >= 3 && known.startsWith(wanted);
    if (isClose && distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Case, and which of `-` and `_` it is, are not what makes two names different. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/** Fewest letters put in, left out, replaced, or swapped with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      // all indices are within rows that are whole
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
