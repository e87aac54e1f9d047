import assert from "node:assert";
import fc from "fast-check";
import { AXES, greatest, projectMap, projectVoxels, RIGHT_AND_UP } from "./projections.ts";

const box = 5;

Deno.test("a voxel lies where the axes of each projection say", () => {
  const place = { x: 1, y: 2, z: 4 };
  const images = projectVoxels([(place.z * box + place.y) * box + place.x], box);
  for (const axis of AXES) {
    const [right, up] = RIGHT_AND_UP[axis];
    const pixel = (box - 1 - place[up]) * box + place[right];
    assert.deepStrictEqual(
      [...images[axis]],
      Array.from({ length: box * box }, (_, i) => i === pixel ? 1 : 0),
    );
  }
});

Deno.test("projections keep the sum: counts of voxels, means of maps", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(box ** 3 - 1)), (voxels) => {
      const map = new Float32Array(box ** 3);
      for (const voxel of voxels) map[voxel] = box;
      const counts = projectVoxels(voxels, box), means = projectMap(map, box);
      assert.deepStrictEqual(means, counts);
      for (const axis of AXES) {
        assert.strictEqual(counts[axis].reduce((a, b) => a + b, 0), voxels.length);
      }
      assert.ok(greatest(counts) <= box && (voxels.length === 0 || greatest(counts) >= 1));
    }),
  );
});

Deno.test("projectMap refuses a map of another size", () => {
  assert.throws(
    () => projectMap(new Float32Array(124), box),
    new RangeError("Cannot project a map of 124 values: the box is 5"),
  );
});
