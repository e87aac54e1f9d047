import assert from "node:assert";
import fc from "fast-check";
import { atomDensity } from "./density.ts";
import type { Atom } from "./chains.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 12, apix: 3, origin: { x: -5, y: 2, z: 40 }, nstart: zero };
const atom = (x: number, y: number, z: number, atomicNumber = 6): Atom => ({
  x,
  y,
  z,
  atomicNumber,
  residue: "1",
});

/** The formula, voxel by voxel. */
function expected(atoms: readonly Atom[], resolution: number): Float64Array {
  const sigma = 0.225 * resolution;
  const { box, apix, origin } = grid;
  return Float64Array.from({ length: box ** 3 }, (_, v) => {
    const dx = (a: Atom) => origin.x + apix * (v % box) - a.x;
    const dy = (a: Atom) => origin.y + apix * (Math.floor(v / box) % box) - a.y;
    const dz = (a: Atom) => origin.z + apix * Math.floor(v / box / box) - a.z;
    return atoms.reduce((sum, a) => {
      const far = [dx(a), dy(a), dz(a)].some((d) => Math.abs(d) > 5 * sigma);
      const square = dx(a) ** 2 + dy(a) ** 2 + dz(a) ** 2;
      return far ? sum : sum +
        a.atomicNumber * Math.exp(-square / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2) ** 1.5;
    }, 0);
  });
}

Deno.test("atomDensity follows the formula in every voxel, at the box's faces too", () => {
  const inBox = (from: number) => fc.double({ min: from, max: from + 33, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(inBox(-5), inBox(2), inBox(40), fc.integer({ min: 1, max: 30 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.double({ min: 3, max: 16, noNaN: true }),
      (drawn, resolution) => {
        const atoms = drawn.map((a) => atom(...a));
        const wanted = expected(atoms, resolution);
        const { voxels, values } = atomDensity(atoms, grid, resolution);
        const got = new Float64Array(wanted.length);
        voxels.forEach((v, i) => got[v] = values[i]!);
        const peak = Math.max(...wanted);
        // A voxel on the cut itself may fall on either side of it by rounding.
        got.forEach((g, v) => assert.ok(Math.abs(g - wanted[v]!) <= 1e-5 * peak + 1e-12));
        assert.ok(voxels.every((v, i) => i === 0 || v > voxels[i - 1]!));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("atomDensity integrates to the number of electrons", () => {
  const { values } = atomDensity([atom(10, 20, 57, 26)], grid, 14);
  const sum = values.reduce((a, b) => a + b, 0) * 3 ** 3;
  assert.ok(Math.abs(sum - 26) < 0.01, String(sum));
});
