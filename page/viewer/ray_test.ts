import assert from "node:assert";
import fc from "fast-check";
import { firstAlong } from "./ray.ts";

const box = 8;
const at = (x: number, y: number, z: number) => (z * box + y) * box + x;

/** The voxels that a ray goes through, in order. */
function through(from: [number, number, number], along: [number, number, number]): number[] {
  const voxels: number[] = [];
  firstAlong({ from, along }, box, (voxel) => {
    voxels.push(voxel);
    return undefined;
  });
  return voxels;
}

Deno.test("a ray along an axis goes through one line of voxels", () => {
  const line = Array.from({ length: box }, (_, z) => at(3, 2, z));
  assert.deepStrictEqual(through([3.5, 2.5, -10], [0, 0, 1]), line);
  assert.deepStrictEqual(through([3.5, 2.5, 20], [0, 0, -2]), line.toReversed());
  assert.deepStrictEqual(through([3.5, 8.5, 20], [0, 0, -2]), []);
  assert.deepStrictEqual(through([3.5, 2.5, 20], [0, 0, 1]), []);
});

Deno.test("what is found first is what comes back", () => {
  const find = (voxel: number) =>
    voxel === at(2, 2, 2) || voxel === at(6, 6, 6) ? voxel : undefined;
  const diagonal = [1, 1.0001, 0.9999] as const;
  assert.strictEqual(firstAlong({ from: [-1, -1, -1], along: diagonal }, box, find), at(2, 2, 2));
  const back = diagonal.map((value) => -value) as [number, number, number];
  assert.strictEqual(firstAlong({ from: [9, 9, 9], along: back }, box, find), at(6, 6, 6));
  assert.strictEqual(
    firstAlong({ from: [-1, -1, -1], along: diagonal }, box, () => undefined),
    undefined,
  );
});

Deno.test("a ray goes from each voxel into one beside it, and through all that it meets", () => {
  const place = fc.double({ min: -12, max: 20, noNaN: true });
  const places = fc.tuple(place, place, place);
  fc.assert(fc.property(places, places, (from, to) => {
    const along = [0, 1, 2].map((axis) => to[axis]! - from[axis]!) as [number, number, number];
    fc.pre(Math.hypot(...along) > 0.01);
    const voxels = through(from, along);
    for (let i = 1; i < voxels.length; i++) {
      const step = Math.abs(voxels[i]! - voxels[i - 1]!);
      assert.ok(step === 1 || step === box || step === box * box, `${voxels}`);
    }
    assert.strictEqual(new Set(voxels).size, voxels.length);
    // Well inside a voxel, so that rounding has no say.
    for (let t = 0; t < 4; t += 0.01) {
      const point = from.map((value, axis) => value + t * along[axis]!);
      const isWithin = point.every((value) =>
        value > 0 && value < box && Math.abs(value - Math.round(value)) > 1e-6
      );
      if (!isWithin) continue;
      const [x, y, z] = point.map(Math.floor);
      assert.ok(voxels.includes(at(x!, y!, z!)), `${point} is not in ${voxels}`);
    }
  }));
});
