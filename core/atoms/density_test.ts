import assert from "node:assert";
import fc from "fast-check";
import { atomDensity, atomsOutside, resampledAtomDensity } from "./density.ts";
import type { Atom } from "./chains.ts";
import type { SparseDensity } from "./sparse_density.ts";

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
  const sigma = resolution / (Math.PI * Math.SQRT2);
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

Deno.test("atomDensity lies where the start index says, if there is no origin", () => {
  const moved = { ...grid, apix: 2.5, nstart: { x: -2, y: 4, z: 16 }, origin: zero };
  const placed = { ...moved, nstart: zero, origin: { x: -5, y: 10, z: 40 } };
  const atoms = [atom(0, 20, 57), atom(10, 18, 45, 15)];
  assert.deepStrictEqual(atomDensity(atoms, moved, 9), atomDensity(atoms, placed, 9));
});

Deno.test("resampledAtomDensity interpolates from a grid of a third of the resolution", () => {
  // On the points of the finer grid themselves it is molmap's density.
  const atoms = [atom(0, 0, 0), atom(6, 3, 9, 8), atom(1, 14, 2, 7)];
  const resolution = 9, apix = 3;
  const same = { box: 20, apix, origin: { x: -27, y: -27, z: -27 }, nstart: zero };
  const direct = dense(atomDensity(atoms, same, resolution), 20);
  const resampled = dense(resampledAtomDensity(atoms, same, resolution), 20);
  const peak = Math.max(...direct);
  direct.forEach((density, v) => assert.ok(Math.abs(density - resampled[v]!) < 1e-6 * peak));

  // Half way between two of its points it is their mean.
  const between = { ...same, box: 12, origin: { ...same.origin, x: -27 + apix / 2 } };
  const means = dense(resampledAtomDensity(atoms, between, resolution), 12);
  means.forEach((density, v) => {
    const [x, y, z] = [v % 12, Math.floor(v / 12) % 12, Math.floor(v / 144)];
    const left = (z * 20 + y) * 20 + x;
    assert.ok(Math.abs(density - (direct[left]! + direct[left + 1]!) / 2) < 1e-6 * peak);
  });
});

Deno.test("resampledAtomDensity refuses a grid beyond measure", () => {
  assert.throws(() => resampledAtomDensity([atom(0, 0, 0), atom(900, 900, 900)], grid, 0.5), {
    name: "InputError",
    message: /^Cannot interpolate the atoms' density: a grid of 0\.5 \/ 3 Å is too large/,
  });
});

Deno.test("atomsOutside counts atoms that no voxel holds", () => {
  const edges = [atom(-6.5, 2, 40), atom(29.5, 36.5, 74.5), atom(-6.6, 2, 40), atom(0, 0, 74.6)];
  assert.strictEqual(atomsOutside(edges, grid), 2);
});

function dense({ voxels, values }: SparseDensity, box: number): Float64Array {
  const data = new Float64Array(box ** 3);
  voxels.forEach((voxel, i) => data[voxel] = values[i]!);
  return data;
}
