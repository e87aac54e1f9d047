import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import { ballModel, phantom } from "./phantom.ts";

const zero = { x: 0, y: 0, z: 0 };

Deno.test("a ball is 1 inside, 0 outside, and a half on its surface", () => {
  const grid = { box: 21, apix: 2, origin: { x: -20, y: -20, z: -20 }, nstart: zero };
  const ball = { ...zero, radius: 10 };
  const [core] = ballModel(grid, [ball], [[ball]]).render(4);
  const at = (z: number, y: number, x: number) => {
    const i = core!.voxels.indexOf((z * 21 + y) * 21 + x);
    return i === -1 ? 0 : core!.values[i];
  };
  assert.strictEqual(at(10, 10, 10), 1);
  for (const [z, y, x] of [[15, 10, 10], [10, 5, 10], [10, 10, 15]] as const) {
    assert.strictEqual(at(z, y, x), 0.5);
  }
  assert.strictEqual(at(10, 10, 14), 1);
  assert.strictEqual(at(10, 10, 16), 0);
  // sqrt(5^2 + 1) voxels, 0.198 Å outside: (1 + sin(-pi 0.198 / 4)) / 2.
  const depth = 10 - 2 * Math.sqrt(26);
  assert.ok(Math.abs(at(10, 11, 15)! - 0.5 * (1 + Math.sin(Math.PI * depth / 4))) < 1e-6);
});

Deno.test("the union of balls that overlap is nowhere above 1", () => {
  const grid = { box: 12, apix: 1, origin: zero, nstart: zero };
  const balls = [{ x: 5, y: 5, z: 5, radius: 3 }, { x: 6, y: 5, z: 5, radius: 3 }];
  const [core] = ballModel(grid, balls, []).render(2);
  assert.strictEqual(Math.max(...core!.values), 1);
});

Deno.test("a phantom lies within its box, its blocks apart but for a tenth", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.nat(), (blocks, seed) => {
      const box = 48;
      const grid = { box, apix: 6.55, origin: { x: 100, y: -50, z: 0 }, nstart: zero };
      const parts = phantom(grid, blocks, random(seed)).render(12);
      assert.strictEqual(parts.length, blocks + 1);
      const owners = new Uint8Array(box ** 3);
      for (const { voxels, values } of parts) {
        voxels.forEach((v, i) => {
          if (values[i]! > 0.5) owners[v]!++;
          const [z, y, x] = [Math.floor(v / box / box), Math.floor(v / box) % box, v % box];
          assert.ok([z, y, x].every((p) => p > 0 && p < box - 1));
        });
      }
      const shared = owners.filter((owner) => owner > 1).length;
      assert.ok(shared < 0.1 * owners.filter((owner) => owner > 0).length, String(shared));
    }),
    { numRuns: 12 },
  );
});

Deno.test("a phantom is the same for the same seed, another for another", () => {
  const grid = { box: 16, apix: 8, origin: zero, nstart: zero };
  const draw = (seed: number) => phantom(grid, 3, random(seed)).render(16);
  assert.deepStrictEqual(draw(1), draw(1));
  assert.notDeepStrictEqual(draw(1), draw(2));
});
