import assert from "node:assert";
import { statistics } from "./statistics.ts";

Deno.test("statistics are those of a textbook", () => {
  assert.deepStrictEqual(statistics(Float32Array.of(2, 4, 4, 4, 5, 5, 7, 9)), {
    ...{ min: 2, max: 9, mean: 5, rms: 2, nans: 0, infinities: 0 },
  });
});

Deno.test("statistics keep the deviation of a map far from zero", () => {
  const data = Float32Array.from({ length: 1e5 }, (_, i) => 8e6 + i % 2);
  const { mean, rms } = statistics(data);
  assert.strictEqual(mean, 8e6 + 0.5);
  assert.strictEqual(rms, 0.5);
});

Deno.test("voxels that are not finite are counted and left out", () => {
  assert.deepStrictEqual(statistics(Float32Array.of(NaN, 1, Infinity, -Infinity, NaN, 3, NaN)), {
    ...{ min: 1, max: 3, mean: 2, rms: 1, nans: 3, infinities: 2 },
  });
  assert.deepStrictEqual(statistics(Float32Array.of(NaN, -Infinity)), {
    ...{ min: NaN, max: NaN, mean: NaN, rms: NaN, nans: 1, infinities: 1 },
  });
});
