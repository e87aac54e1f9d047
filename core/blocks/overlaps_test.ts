import assert from "node:assert";
import fc from "fast-check";
import { jaccardIndex, overlapCoefficient, overlaps } from "./overlaps.ts";

const blocks = fc.array(fc.uniqueArray(fc.nat(30), { maxLength: 12 }), { maxLength: 6 });

Deno.test("overlaps: every pair as sets say, and what is in no other block", () => {
  fc.assert(fc.property(blocks, blocks, (first, second) => {
    const { both, alone } = overlaps(first, second);
    assert.strictEqual(both.length, first.length * second.length);
    first.forEach((a, i) => {
      const all = new Set(second.flat());
      assert.strictEqual(alone[i], a.filter((voxel) => !all.has(voxel)).length);
      second.forEach((b, k) =>
        assert.strictEqual(
          both[i * second.length + k],
          a.filter((voxel) => b.includes(voxel)).length,
        )
      );
    });
  }));
});

Deno.test("overlaps: voxels of boxes as large as there are", () => {
  const far = 2 ** 32 - 1;
  const { both, alone } = overlaps([[0, 7, far], [far - 1]], [[far, 7], [5]]);
  assert.deepStrictEqual([...both], [2, 0, 0, 0]);
  assert.deepStrictEqual([...alone], [1, 1]);
});

Deno.test("overlaps: no blocks, and blocks of nothing", () => {
  assert.deepStrictEqual([...overlaps([], [[1]]).both], []);
  assert.deepStrictEqual([...overlaps([[4]], []).alone], [1]);
  assert.deepStrictEqual([...overlaps([[], [0]], [[], [0]]).both], [0, 0, 0, 1]);
});

Deno.test("jaccardIndex and overlapCoefficient, by hand", () => {
  assert.strictEqual(jaccardIndex(2, 4, 3), 2 / 5);
  assert.strictEqual(overlapCoefficient(2, 4, 3), 2 / 3);
  assert.strictEqual(overlapCoefficient(3, 4, 3), 1);
  for (const measure of [jaccardIndex, overlapCoefficient]) assert.strictEqual(measure(0, 0, 0), 0);
});
