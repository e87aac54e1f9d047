import assert from "node:assert";
import { goodVolume, knownLevel } from "./for_cnn_level.ts";

Deno.test("a good level encloses the molecule, and more at low resolution", () => {
  assert.strictEqual(goodVolume(1000, 2), 1000);
  assert.strictEqual(goodVolume(1000, 3), 1000);
  assert.ok(Math.abs(goodVolume(1000, 13) - 1450) < 1e-9);
});

Deno.test("the level and its bounds enclose what they say", () => {
  const map = Float32Array.from({ length: 1000 }, (_, i) => (i * 37) % 1000);
  const { level, lower, upper } = knownLevel(map, 100)!;
  assert.deepStrictEqual([level, lower, upper], [899.5, 869.5, 919.5]);
});

Deno.test("there is no level for a volume of no voxel, or one that the box cannot hold", () => {
  const map = new Float32Array(1000);
  assert.strictEqual(knownLevel(map, 0), undefined);
  assert.strictEqual(knownLevel(map, 770), undefined);
  assert.notStrictEqual(knownLevel(map, 760), undefined);
});
