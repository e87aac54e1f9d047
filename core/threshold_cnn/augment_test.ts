import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import { augment, augmentations, rescale, rotations, turn } from "./augment.ts";

const BOX = 3;
const numbered = Float32Array.from({ length: BOX ** 3 }, (_, i) => i);

const voxels = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: BOX ** 3,
  maxLength: BOX ** 3,
}).map((values) => Float32Array.from(values));

Deno.test("there are 24 rotations, all different, and none mirrors", () => {
  const turned = rotations.map((rotation) => turn(numbered, BOX, rotation));
  assert.strictEqual(new Set(turned.map((map) => map.join())).size, 24);
  for (const { axes, backwards } of rotations) {
    const m = (axis: number, old: number) => axes[axis] !== old ? 0 : backwards[axis] ? -1 : 1;
    const minor = (a: number, b: number) => m(1, a) * m(2, b) - m(1, b) * m(2, a);
    const determinant = m(0, 0) * minor(1, 2) - m(0, 1) * minor(0, 2) + m(0, 2) * minor(0, 1);
    assert.strictEqual(determinant, 1);
  }
});

Deno.test("a quarter turn about z takes y to x, and four of them take nothing anywhere", () => {
  const quarter = { axes: [1, 0, 2], backwards: [false, true, false] } as const;
  assert.ok(
    rotations.some(({ axes, backwards }) =>
      axes.join() === quarter.axes.join() && backwards.join() === quarter.backwards.join()
    ),
  );
  let map = turn(numbered, BOX, quarter);
  // New (x, y, z) holds what was at x' = 2 - y, y' = x.
  assert.strictEqual(map[1 + 3 * 2 + 9 * 1], numbered[0 + 3 * 1 + 9 * 1]);
  for (let i = 0; i < 3; i++) map = turn(map, BOX, quarter);
  assert.deepStrictEqual(map, numbered);
});

Deno.test("rotations and flips keep label and densities, and change nothing they are given", () => {
  fc.assert(fc.property(voxels, fc.nat(), (map, seed) => {
    const before = map.slice();
    const { map: out, label } = augment(
      { map, label: 0.1 },
      BOX,
      ["rotations", "flips"],
      random(seed),
    );
    assert.strictEqual(label, 0.1);
    assert.deepStrictEqual(out.toSorted(), map.toSorted());
    assert.deepStrictEqual(map, before);
  }));
});

Deno.test("whatever is drawn, as many voxels are above the label as before", () => {
  const level = fc.double({ min: -1.1, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(voxels, level, fc.nat(), (map, label, seed) => {
      // Voxels at the label itself may fall to either side by rounding.
      fc.pre(map.every((v) => Math.abs(v - label) > 1e-5));
      const above = (densities: Float32Array, at: number) => densities.filter((v) => v > at).length;
      const out = augment({ map, label }, BOX, augmentations, random(seed));
      assert.strictEqual(above(out.map, out.label), above(map, label));
      assert.ok(out.map.every((v) => v <= 1));
    }),
    { numRuns: 500 },
  );
});

Deno.test("amplitude multiplies from -1 up, and cuts off at 1", () => {
  const map = Float32Array.of(-1, -0.5, 0, 1);
  const { map: out, label } = rescale({ map, label: -0.5 }, 1.25);
  assert.deepStrictEqual([...out], [-1, -0.375, 0.25, 1]);
  assert.strictEqual(label, -0.375);
  // A label near the top is not moved beyond it.
  assert.ok(rescale({ map, label: 0.9 }, 1.25).label <= 0.95);
  assert.strictEqual(rescale({ map, label: 0.99 }, 1.25).label, 0.99);
});

Deno.test("all that can be drawn is drawn", () => {
  const rng = random(5);
  const seen = new Set<string>();
  for (let i = 0; i < 800; i++) {
    seen.add(augment({ map: numbered, label: 0 }, BOX, ["rotations", "flips"], rng).map.join());
  }
  assert.strictEqual(seen.size, 48);
  const labels = Array.from(
    { length: 500 },
    () => augment({ map: numbered, label: 0 }, BOX, ["amplitude"], rng).label,
  );
  assert.ok(Math.min(...labels) < -0.19 && Math.min(...labels) >= -0.2);
  assert.ok(Math.max(...labels) > 0.23 && Math.max(...labels) <= 0.25);
});
