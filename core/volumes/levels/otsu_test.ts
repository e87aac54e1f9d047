import assert from "node:assert";
import fc from "fast-check";
import { random } from "../../random.ts";
import { otsu } from "./otsu.ts";

/** The variance between the classes that a level parts, by definition. */
function betweenClasses(values: readonly number[], level: number): number {
  const classes = [values.filter((v) => v <= level), values.filter((v) => v > level)];
  if (classes.some((list) => list.length === 0)) return 0;
  const means = classes.map((list) => list.reduce((a, b) => a + b, 0) / list.length);
  return classes[0]!.length * classes[1]!.length * (means[0]! - means[1]!) ** 2;
}

Deno.test("no level parts the densities better than Otsu's", () => {
  const densities = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(densities.filter((list) => new Set(list).size > 1), (list) => {
      // Two copies of the ends, so that the clipped percentiles are the ends themselves.
      const values = [...list, Math.min(...list), Math.max(...list)];
      const found = betweenClasses(values, otsu(Float32Array.from(values)));
      for (const level of values) assert.ok(betweenClasses(values, level) <= found * (1 + 1e-9));
    }),
    { numRuns: 30 },
  );
});

Deno.test("two heaps of densities are parted between them, whatever their scale and one hot voxel", () => {
  const rng = random(2);
  for (const scale of [1e-6, 1, 1e6]) {
    const values = Float32Array.from(
      { length: 200_000 },
      (_, i) => scale * (rng.normal() + (i % 10 === 0 ? 20 : 0)),
    );
    values[7] = 1e6 * scale;
    const level = otsu(values) / scale;
    assert.ok(level > 5 && level < 15, String(level));
  }
});

Deno.test("the level is halfway between two classes with nothing between", () => {
  assert.ok(Math.abs(otsu(Float32Array.of(0, 0, 0, 8, 8, 8)) - 4) < 1e-3);
});

Deno.test("where all but a few densities are the same there are no classes", () => {
  const values = new Float32Array(1_000_000);
  values[3] = 1;
  assert.ok(Number.isNaN(otsu(values)));
});
