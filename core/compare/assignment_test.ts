import assert from "node:assert";
import fc from "fast-check";
import { assign } from "./assignment.ts";

/** The greatest total over all ways of pairing, tried one by one. */
function greatest(scores: readonly number[][], row = 0, taken = new Set<number>()): number {
  if (row === scores.length) return 0;
  const columns = scores[0]!.length;
  // With fewer columns than rows, a row may go without.
  let best = columns < scores.length ? greatest(scores, row + 1, taken) : -Infinity;
  for (let column = 0; column < columns; column++) {
    if (taken.has(column)) continue;
    const rest = greatest(scores, row + 1, new Set([...taken, column]));
    best = Math.max(best, scores[row]![column]! + rest);
  }
  return best;
}

Deno.test("assign: the total is the greatest there is, and no column is taken twice", () => {
  const size = fc.integer({ min: 1, max: 5 });
  const table = fc.tuple(size, size).chain(([rows, columns]) =>
    fc.array(
      // Few different scores, so that there are ties.
      fc.array(fc.oneof(fc.nat(3), fc.double({ min: -2, max: 2, noNaN: true })), {
        minLength: columns,
        maxLength: columns,
      }),
      { minLength: rows, maxLength: rows },
    )
  );
  fc.assert(
    fc.property(table, (scores) => {
      const rows = scores.length, columns = scores[0]!.length;
      const result = assign(Float64Array.from(scores.flat()), rows, columns);
      assert.strictEqual(result.length, rows);
      const paired = [...result].filter((column) => column >= 0);
      assert.strictEqual(new Set(paired).size, paired.length);
      assert.strictEqual(paired.length, Math.min(rows, columns));
      const total = result.reduce(
        (sum, column, row) => sum + (column < 0 ? 0 : scores[row]![column]!),
        0,
      );
      // Negative scores: with fewer columns than rows the best may leave a column out, which assign never does.
      const least = Math.min(0, ...scores.flat());
      const raised = scores.map((row) => row.map((score) => score - least));
      assert.ok(Math.abs(total - least * paired.length - greatest(raised)) < 1e-9);
    }),
    { numRuns: 500 },
  );
});

Deno.test("assign: nothing to pair", () => {
  assert.deepStrictEqual([...assign(new Float64Array(), 0, 3)], []);
  assert.deepStrictEqual([...assign(new Float64Array(), 2, 0)], [-1, -1]);
});

Deno.test("assign: a hundred by a hundred, along a hidden permutation", () => {
  const n = 100;
  const scores = Float64Array.from({ length: n * n }, (_, i) => {
    const row = Math.floor(i / n), column = i % n;
    return column === (37 * row + 11) % n ? 1 : ((row * 31 + column * 17) % 97) / 100;
  });
  const result = assign(scores, n, n);
  assert.ok(result.every((column, row) => column === (37 * row + 11) % n));
});

Deno.test("assign refuses what are no scores", () => {
  for (const scores of [[1], [1, NaN], [1, Infinity]]) {
    assert.throws(
      () => assign(Float64Array.from(scores), 1, 2),
      new RangeError("Cannot assign 1 rows and 2 columns: the scores are not 2 finite numbers"),
    );
  }
});
