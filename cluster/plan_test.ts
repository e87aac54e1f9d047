import assert from "node:assert";
import fc from "fast-check";
import { planExpand, planSketch } from "./plan.ts";

Deno.test("every tile is in one shard, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ side: fc.integer({ min: 1, max: 3000 }) })), (list) => {
      const tiles = list.map(({ side }, i) => ({
        rowStart: i,
        rowEnd: i + side,
        columnStart: 0,
        columnEnd: side,
      }));
      assert.deepStrictEqual(planSketch(tiles).flat(), tiles);
      assert.ok(planSketch(tiles).length <= 1025);
    }),
  );
});

Deno.test("every union voxel is in one shard, in order", () => {
  const number = fc.integer({ min: 0, max: 200_000 });
  fc.assert(fc.property(number, number, (voxels, columns) => {
    const shards = planExpand(voxels, columns);
    let next = 0;
    for (const { start, end } of shards) {
      assert.strictEqual(start, next);
      assert.ok(end > start);
      next = end;
    }
    assert.strictEqual(next, voxels);
    assert.ok(shards.length <= 1025);
  }));
});
