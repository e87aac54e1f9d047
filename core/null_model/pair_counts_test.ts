import assert from "node:assert";
import fc from "fast-check";
import { SirenError, UsageError } from "../errors.ts";
import { type PairCounts, pairCounts } from "./pair_counts.ts";

const cellsOf = (counts: PairCounts) => {
  const cells: number[][] = [];
  counts.forEach((...cell) => cells.push(cell));
  return cells;
};

const TOTALS = [2, 5, 9, 10];
const possible = TOTALS.flatMap((f1, i) =>
  TOTALS.flatMap((f2, j) =>
    Array.from({ length: 11 }, (_, both) => ({ i, j, both }))
      .filter(({ both }) => both >= f1 + f2 - 10 && both <= Math.min(f1, f2))
  )
);
const additions = fc.array(fc.tuple(
  fc.constantFrom(...possible),
  fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 45 })),
));

Deno.test("pairCounts() counts like a map from (totals, both), past 2^32 too, and merges", () => {
  fc.assert(
    fc.property(additions, additions, (first, second) => {
      const fill = (list: typeof first) => {
        const counts = pairCounts(TOTALS, 10);
        for (const [{ i, j, both }, count] of list) counts.add(i, j, both, count);
        return counts;
      };
      const expected = new Map<string, number>();
      for (const [{ i, j, both }, count] of [...first, ...second]) {
        if (count === 0) continue;
        const key = [Math.min(i, j), Math.max(i, j), both].join();
        expected.set(key, (expected.get(key) ?? 0) + count);
      }
      const merged = fill(first);
      merged.merge(fill(second));
      const cells = cellsOf(merged);
      assert.deepStrictEqual(
        new Map(cells.map(([i, j, both, count]) => [[i, j, both].join(), count])),
        expected,
      );
      assert.deepStrictEqual(
        cells,
        cells.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("pairCounts() of all 500 totals of 500 volumes has fewer than 11 million counters", () => {
  const totals = Array.from({ length: 500 }, (_, i) => i + 1);
  const counts = pairCounts(totals, 500);
  let cells = 0;
  for (let i = 0; i < 500; i++) {
    for (let j = i; j < 500; j++) {
      const [least, most] = [Math.max(0, totals[i]! + totals[j]! - 500), totals[i]!];
      cells += most - least + 1;
      counts.add(j, i, least, 1);
      counts.add(i, j, most, 1);
    }
  }
  assert(cells < 11e6);
  let pairs = 0;
  counts.forEach((_row, _column, _both, count) => pairs += count);
  assert.strictEqual(pairs, 500 * 501);
});

Deno.test("pairCounts() refuses counts that no pair can have", () => {
  const counts = pairCounts([3, 9], 10);
  for (const [i, j, both] of [[0, 1, 1], [0, 1, 4], [1, 1, 7], [0, 0, -1]] as const) {
    assert.throws(
      () => counts.add(i, j, both, 1),
      (error) =>
        error instanceof UsageError &&
        error.message ===
          `Cannot count a voxel pair: no two voxels of these totals in 10 volumes are both occupied so often (totals ${
            [3, 9][i]
          } and ${[3, 9][j]}, both ${both})`,
    );
  }
  assert.deepStrictEqual(cellsOf(counts), []);
});

Deno.test("merge() refuses counts over other totals", () => {
  for (const other of [pairCounts([3, 8], 10), pairCounts([3], 10), pairCounts([3, 9], 11)]) {
    assert.throws(
      () => pairCounts([3, 9], 10).merge(other),
      (error) =>
        error instanceof UsageError &&
        error.message === "Cannot merge counts of voxel pairs: they are of other totals",
    );
  }
});

Deno.test("pairCounts() says so when a histogram would be too large", () => {
  assert.throws(
    () => pairCounts(Array.from({ length: 4000 }, (_, i) => i), 4000),
    (error) =>
      error instanceof SirenError &&
      error.message ===
        "Cannot count voxel pairs by total: too many different totals (4000 of 4000 volumes)" &&
      error.remedy === "Use the rule siren or phi, which need no histogram.",
  );
});
