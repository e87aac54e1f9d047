import assert from "node:assert";
import { fanOf } from "./corners.ts";

/** Exposed faces around a corner, as voxel and axis. */
function exposed(configuration: number): [voxel: number, axis: number][] {
  const isIn = (voxel: number) => (configuration >> voxel & 1) === 1;
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((voxel) =>
    [0, 1, 2]
      .filter((axis) => isIn(voxel) && !isIn(voxel ^ 1 << axis))
      .map((axis): [number, number] => [voxel, axis])
  );
}

Deno.test("the three faces of a single voxel are one fan", () => {
  for (let voxel = 0; voxel < 8; voxel++) {
    assert.deepStrictEqual([0, 1, 2].map((axis) => fanOf(1 << voxel, voxel, axis)), [0, 0, 0]);
  }
});

Deno.test("voxels that touch in an edge or a corner have a fan each, and linked ones share theirs", () => {
  const fans = (configuration: number) =>
    new Set(exposed(configuration).map(([voxel, axis]) => fanOf(configuration, voxel, axis))).size;
  assert.strictEqual(fans(0b0000_0011), 1); // side by side
  assert.strictEqual(fans(0b0000_1001), 2); // over an edge
  assert.strictEqual(fans(0b1000_0001), 2); // over the corner
  assert.strictEqual(fans(0b0110_1001), 4); // a checkerboard
  assert.strictEqual(fans(0b1001_0110), 4); // and the other
  assert.strictEqual(fans(0b0111_1111), 1); // one hole
  assert.strictEqual(fans(0b0000_1111), 1); // a plane
  assert.strictEqual(fans(0), 0);
  assert.strictEqual(fans(255), 0);
});

Deno.test("every fan is of three faces or more, and fans are numbered from 0", () => {
  for (let configuration = 1; configuration < 255; configuration++) {
    const sizes: number[] = [];
    for (const [voxel, axis] of exposed(configuration)) {
      const fan = fanOf(configuration, voxel, axis);
      sizes[fan] = (sizes[fan] ?? 0) + 1;
    }
    assert.ok(sizes.length >= 1 && sizes.length <= 4, String(configuration));
    for (const size of Array.from(sizes)) assert.ok(size >= 3, String(configuration));
  }
});
