import assert from "node:assert";
import { withoutDust } from "./dust.ts";

const box = 4;
const at = (x: number, y: number, z: number) => (z * box + y) * box + x;

Deno.test("parts of too few voxels are left out", () => {
  const bar = [at(0, 1, 1), at(1, 1, 1), at(1, 2, 1), at(1, 2, 2)];
  const voxels = Uint32Array.of(at(3, 3, 3), ...bar, at(3, 0, 0));
  assert.deepStrictEqual(withoutDust(voxels, box, 2), Uint32Array.from(bar));
  assert.deepStrictEqual(withoutDust(voxels, box, 4), Uint32Array.from(bar));
  assert.deepStrictEqual(withoutDust(voxels, box, 5), new Uint32Array());
  assert.deepStrictEqual(withoutDust(voxels, box, 5, true), Uint32Array.from(bar));
  assert.deepStrictEqual(withoutDust(new Uint32Array(), box, 5, true), new Uint32Array());
  assert.deepStrictEqual(withoutDust(voxels, box, 1), voxels);
  assert.deepStrictEqual(withoutDust(voxels, box, 0.125), voxels);
});

Deno.test("nothing hangs together over an edge, a corner, or around the box", () => {
  for (
    const pair of [
      [at(0, 0, 0), at(1, 1, 0)],
      [at(0, 0, 0), at(1, 1, 1)],
      [at(3, 0, 0), at(0, 1, 0)],
      [at(0, 3, 0), at(0, 0, 1)],
    ]
  ) {
    assert.deepStrictEqual(withoutDust(Uint32Array.from(pair), box, 2), new Uint32Array());
  }
});
