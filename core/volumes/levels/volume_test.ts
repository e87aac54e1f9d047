import assert from "node:assert";
import fc from "fast-check";
import { levelAbove, molecularDensities, molecularVolume } from "./volume.ts";

Deno.test("volumes per dalton are those of the literature", () => {
  assert.ok(Math.abs(molecularVolume(0.001, molecularDensities.protein) - 1.212) < 5e-4);
  assert.ok(Math.abs(molecularVolume(0.001, molecularDensities.nucleic) - 0.958) < 5e-4);
});

Deno.test("just as many voxels as asked for are above the level", () => {
  const densities = fc.uniqueArray(
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 }),
    { minLength: 2, maxLength: 60, comparator: (a, b) => a === b },
  );
  fc.assert(
    fc.property(densities, fc.nat(), (list, n) => {
      const count = 1 + n % (list.length - 1);
      const level = levelAbove(Float32Array.from(list), count);
      assert.strictEqual(list.filter((density) => density > level).length, count);
    }),
    { numRuns: 50 },
  );
});

Deno.test("of equal densities none is above the level", () => {
  assert.strictEqual(levelAbove(Float32Array.of(0, 0, 2, 0, 5), 3), 0);
});
