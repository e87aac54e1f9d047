import assert from "node:assert";
import fc from "fast-check";
import { percentiles, select } from "./select.ts";

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

Deno.test("select gives what sorting gives, at every place", () => {
  fc.assert(fc.property(floats, (list) => {
    const values = Float32Array.from(list);
    const ranks = list.map((_, i) => (i * 7) % list.length);
    const sorted = values.toSorted();
    // Sorting and selecting agree on which of 0 and -0 comes first.
    assert.deepStrictEqual(select(values, ranks), ranks.map((rank) => sorted[rank]!));
  }));
});

Deno.test("select takes densities that lie anywhere in a buffer, and leaves them as they are", () => {
  const values = Float32Array.of(9, 5, -2, 5, 1).subarray(1);
  assert.deepStrictEqual(select(values, [3, 0, 2]), [5, -2, 5]);
  assert.deepStrictEqual([...values], [5, -2, 5, 1]);
});

Deno.test("select refuses places that are none", () => {
  for (const rank of [-1, 2, 0.5, NaN]) {
    assert.throws(() => select(Float32Array.of(1, 2), [rank]), {
      name: "RangeError",
      message: `Cannot select place ${rank} of 2`,
    });
  }
});

Deno.test("percentiles interpolate between neighbours", () => {
  const values = Float32Array.of(4, 1, 3, 2);
  assert.deepStrictEqual(percentiles(values, [0, 50, 100]), [1, 2.5, 4]);
  assert.ok(Math.abs(percentiles(values, [90])[0]! - 3.7) < 1e-12); // numpy.percentile([4, 1, 3, 2], 90)
});
