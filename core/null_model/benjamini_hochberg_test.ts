import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { adjustedPValues, stepUpBound } from "./benjamini_hochberg.ts";

Deno.test("stepUpBound() rejects the four hypotheses of Benjamini & Hochberg (1995), section 4.1", () => {
  // deno-fmt-ignore
  const pValues = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
  ];
  assert.strictEqual(stepUpBound(pValues, pValues.map(() => 1), 15, 0.05), 0.0095);
  // Bonferroni's 0.05 / 15 would have three.
  assert.strictEqual(pValues.filter((p) => p <= 0.05 / 15).length, 3);
});

Deno.test("stepUpBound() is the procedure over the list written out", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            fc.integer({ min: 0, max: 20 }).map((x) => x / 400),
            fc.double({ min: 0, max: 1, noNaN: true }),
          ),
          fc.integer({ min: 1, max: 6 }),
        ),
        { maxLength: 30 },
      ),
      fc.constantFrom(0, 0.01, 0.05, 0.3, 1),
      (cells, level) => {
        const list = cells.flatMap(([p, count]) => Array<number>(count).fill(p)).sort((a, b) =>
          a - b
        );
        const expected = list.findLast((p, i) => p <= (level * (i + 1)) / list.length) ?? -1;
        const of = (kept: typeof cells) =>
          stepUpBound(kept.map(([p]) => p), kept.map(([, count]) => count), list.length, level);
        assert.strictEqual(of(cells), expected);
        assert.strictEqual(of(cells.filter(([p]) => p <= level)), expected);
      },
    ),
    { seed: 1, numRuns: 1000 },
  );
});

Deno.test("stepUpBound() names a level that is out of range", () => {
  assert.throws(
    () => stepUpBound([], [], 0, 2),
    (error) =>
      error instanceof UsageError &&
      error.message === "Cannot control false discoveries: the level must be 0 to 1 (2)",
  );
});

Deno.test("adjusted p-values are those levels at which the step-up procedure begins to reject", () => {
  const pValues = fc.array(fc.integer({ min: 0, max: 40 }).map((x) => x / 40), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(fc.property(pValues, (pValues) => {
    const adjusted = adjustedPValues(pValues);
    const ones = pValues.map(() => 1);
    pValues.forEach((p, i) => {
      const q = adjusted[i]!;
      assert.ok(q >= p && q <= 1);
      const at = Math.min(1, q + 1e-9), below = q - 1e-6;
      if (q < 1) assert.ok(p <= stepUpBound(pValues, ones, pValues.length, at));
      if (below >= 0) assert.ok(p > stepUpBound(pValues, ones, pValues.length, below));
    });
  }));
  assert.deepStrictEqual(adjustedPValues([]), []);
});
