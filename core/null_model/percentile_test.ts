import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { percentile } from "./percentile.ts";

Deno.test("percentile() equals numpy 2.4 to the last bit", () => {
  const values = [3.5, -1, 2, 2, 8.25, 7, 0.1, 1e3];
  const numpy: [number, number][] = [
    [0, -1],
    [1, -0.923],
    [10, -0.22999999999999995],
    [33.3, 2],
    [50, 2.75],
    [77.7, 7.54875],
    [99.99999, 999.9993057749998],
    [100, 1000],
  ];
  for (const [q, value] of numpy) assert.strictEqual(percentile(values, q), value);
  const squares = Float64Array.from({ length: 1000 }, (_, i) => i * i);
  assert.strictEqual(percentile(squares, 100 * (1 - 0.01 / 1e5)), 998000.8004997005);
  assert.strictEqual(percentile(squares, 100 * (1 - 0.05 / 3)), 965011.7499999998);
  assert.strictEqual(percentile(squares, 100 * (1 - 0.7)), 89820.30000000003);
});

Deno.test("percentile() does not depend on the order of the values and leaves them as they are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (values, q) => {
        const before = values.slice();
        assert.strictEqual(percentile(values, q), percentile(values.toReversed(), q));
        assert.deepStrictEqual(values, before);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("percentile() refuses what has no percentile", () => {
  const cases: [() => unknown, string][] = [
    [() => percentile([1], 101), "Cannot take a percentile: q must be 0 to 100 (101)"],
    [() => percentile([1], NaN), "Cannot take a percentile: q must be 0 to 100 (NaN)"],
    [() => percentile([], 50), "Cannot take a percentile: no values (0)"],
    [() => percentile([1, NaN], 50), "Cannot take a percentile: a value is not a number (NaN)"],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof UsageError && error.message === message);
  }
});
