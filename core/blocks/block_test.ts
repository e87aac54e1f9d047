import assert from "node:assert";
import { centroid, distance, largeCommunities, medianPosition, position } from "./block.ts";

Deno.test("a flat index is z, y, x in C order, at any box size", () => {
  assert.deepStrictEqual(position((120 * 256 + 250) * 256 + 101, 256), { z: 120, y: 250, x: 101 });
});

Deno.test("distance is Euclidean, in Angstrom", () => {
  assert.strictEqual(distance({ z: 0, y: 0, x: 0 }, { z: 2, y: 3, x: 6 }, 1.5), 10.5);
});

Deno.test("the median position is taken by coordinate, between the middle two of an even number", () => {
  const at = (z: number, y: number, x: number) => (z * 8 + y) * 8 + x;
  assert.deepStrictEqual(medianPosition([at(0, 5, 1), at(1, 6, 0), at(7, 7, 2)], 8), {
    z: 1,
    y: 6,
    x: 1,
  });
  assert.deepStrictEqual(medianPosition([at(0, 5, 1), at(1, 6, 3)], 8), { z: 0.5, y: 5.5, x: 2 });
});

Deno.test("small communities are left out and the others keep their number", () => {
  assert.deepStrictEqual(largeCommunities([[3, 1], [5], [9, 4, 7]], 2), [
    { id: 0, members: Uint32Array.of(1, 3) },
    { id: 2, members: Uint32Array.of(4, 7, 9) },
  ]);
});

Deno.test("centroid: the mean along each axis", () => {
  // Of a box of 4: (z, y, x) = (0, 0, 1), (0, 2, 3), (3, 1, 0).
  assert.deepStrictEqual(centroid([1, 11, 52], 4), { z: 1, y: 1, x: 4 / 3 });
});
