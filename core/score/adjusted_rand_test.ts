import assert from "node:assert";
import fc from "fast-check";
import { adjustedRandIndex } from "./adjusted_rand.ts";

/** Two partitions with the given contingency table. */
function fromTable(table: readonly (readonly number[])[]): [number[], number[]] {
  const first: number[] = [], second: number[] = [];
  table.forEach((row, i) =>
    row.forEach((count, j) => {
      for (let k = 0; k < count; k++) {
        first.push(i);
        second.push(j);
      }
    })
  );
  return [first, second];
}

Deno.test("adjustedRandIndex agrees with published and hand-computed values", () => {
  const near = (table: number[][], value: number, tolerance = 1e-12) => {
    const [first, second] = fromTable(table);
    assert.ok(Math.abs(adjustedRandIndex(first, second) - value) < tolerance);
  };
  // Yeung & Ruzzo, Bioinformatics 17:763, 2001, supplement on the adjusted Rand index: 0.313.
  near([[1, 1, 0], [1, 2, 1], [0, 0, 4]], 0.313, 5e-4);
  near([[1, 1, 0], [1, 2, 1], [0, 0, 4]], (7 - 13 * 14 / 45) / (13.5 - 13 * 14 / 45));
  // scikit-learn's documentation of adjusted_rand_score: 0.57, 0 and -0.5.
  near([[2, 0, 0], [0, 1, 1]], 4 / 7);
  near([[1, 1, 1, 1]], 0);
  near([[1, 1], [1, 1]], -0.5);
});

const labels = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 2, maxLength: 60 });

Deno.test("adjustedRandIndex is symmetric, blind to names and order, and 1 for the same partition", () => {
  fc.assert(fc.property(labels, fc.nat(), (pairs, shift) => {
    const first = pairs.map(([a]) => a), second = pairs.map(([, b]) => b);
    const index = adjustedRandIndex(first, second);
    assert.strictEqual(adjustedRandIndex(second, first), index);
    const turn = <T>(list: T[]) => [
      ...list.slice(shift % list.length),
      ...list.slice(0, shift % list.length),
    ];
    const renamed = turn(first).map((a) => `class ${(a * 3 + shift) % 7 + 10 * a}`);
    assert.strictEqual(adjustedRandIndex(renamed, turn(second)), index);
    assert.strictEqual(adjustedRandIndex(first, first), 1);
    assert.ok(index <= 1 && index >= -0.5);
  }));
});

Deno.test("adjustedRandIndex of partitions without choice is 1, of one class against others 0", () => {
  assert.strictEqual(adjustedRandIndex([], []), 1);
  assert.strictEqual(adjustedRandIndex([3], ["x"]), 1);
  assert.strictEqual(adjustedRandIndex([1, 1, 1], [2, 2, 2]), 1);
  assert.strictEqual(adjustedRandIndex([1, 2, 3], ["a", "b", "c"]), 1);
  assert.strictEqual(adjustedRandIndex([1, 1, 2, 2], [5, 5, 5, 5]), 0);
  assert.throws(() => adjustedRandIndex([1], [1, 2]), RangeError);
});
