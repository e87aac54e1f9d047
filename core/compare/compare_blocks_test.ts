import assert from "node:assert";
import fc from "fast-check";
import { compareBlocks } from "./compare_blocks.ts";

const found = (blocks: Record<string, number[]>) => new Map(Object.entries(blocks));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("compareBlocks: pairs, what was kept, lost and gained, and how far centroids moved", () => {
  // Of a box of 10: a row along x, and the same moved by one voxel.
  const a = found({ "0": range(0, 4), "3": range(100, 110) });
  const b = found({ "1": range(1, 5), "8": range(500, 503) });
  const { pairs, onlyA, onlyB, lost, gained, voxels, meanJaccard } = compareBlocks(a, b, {
    box: 10,
    apix: 2,
  });
  assert.deepStrictEqual(pairs, [{
    a: "0",
    b: "1",
    jaccard: 3 / 5,
    overlap: 3 / 4,
    voxelsA: 4,
    voxelsB: 4,
    both: 3,
    shift: 2,
  }]);
  assert.deepStrictEqual([onlyA, onlyB], [["3"], ["8"]]);
  assert.deepStrictEqual(lost, [
    { block: "0", voxels: 4, into: [{ block: "1", voxels: 3 }], none: 1 },
    { block: "3", voxels: 10, into: [], none: 10 },
  ]);
  assert.deepStrictEqual(gained[0], {
    block: "1",
    voxels: 4,
    into: [{ block: "0", voxels: 3 }],
    none: 1,
  });
  assert.deepStrictEqual(voxels, { a: 14, b: 7, both: 3 });
  assert.strictEqual(meanJaccard, 3 / 5);
});

Deno.test("compareBlocks: a block in two pieces, and two blocks in one", () => {
  const whole = found({ w: range(0, 100) });
  const parts = found({ x: range(0, 60), y: range(60, 100), far: range(500, 520) });
  const { splits, merges, onlyB, pairs } = compareBlocks(whole, parts);
  assert.deepStrictEqual(splits, [{ block: "w", pieces: ["x", "y"], jaccard: 1 }]);
  assert.deepStrictEqual(merges, []);
  assert.deepStrictEqual(pairs.map(({ a, b }) => [a, b]), [["w", "x"]]);
  assert.deepStrictEqual(onlyB, ["far"]);
  const turned = compareBlocks(parts, whole);
  assert.deepStrictEqual(turned.merges, splits);
  assert.deepStrictEqual(turned.onlyA, ["far"]);
});

Deno.test("compareBlocks: pieces that bring nothing are no split", () => {
  // Block a is found again as b, and c lies mostly within it but leads away.
  const a = found({ a: range(0, 10) });
  const b = found({ b: range(0, 10), c: [8, 9, 20] });
  assert.deepStrictEqual(compareBlocks(a, b).splits, []);
});

Deno.test("compareBlocks: the greatest sum, not the best pair first", () => {
  const a = found({ "0": range(0, 20), "1": range(0, 4) });
  const b = found({ p: range(0, 18), q: range(4, 20) });
  // 0 and p are the nearest (0.9), but 1 has nothing to do with q.
  const pairs = (least: number) =>
    compareBlocks(a, b, undefined, least).pairs.map(({ a, b, jaccard }) => [a, b, jaccard]);
  assert.deepStrictEqual(pairs(0.1), [["0", "q", 0.8], ["1", "p", 4 / 18]]);
  assert.deepStrictEqual(pairs(0.3), [["0", "q", 0.8]]);
});

Deno.test("compareBlocks: no blocks, empty blocks, and blocks that share nothing", () => {
  for (
    const [a, b] of [[{}, {}], [{ "0": [] }, { "1": [] }], [{ "0": [1] }, { "1": [2] }]] as const
  ) {
    const { pairs, meanJaccard, splits, merges } = compareBlocks(
      found(a as Record<string, number[]>),
      found(b as Record<string, number[]>),
      undefined,
      0,
    );
    assert.deepStrictEqual([pairs, splits, merges], [[], [], []]);
    assert.ok(Number.isNaN(meanJaccard));
  }
});

const blocks = fc.array(fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 20 }), {
  maxLength: 6,
})
  .map((lists) => new Map(lists.map((list, i) => [`k${i}`, list])));

Deno.test("compareBlocks: the same blocks agree wholly, and A and B may change places", () => {
  fc.assert(fc.property(blocks, blocks, (a, b) => {
    const self = compareBlocks(a, a);
    assert.ok(self.pairs.every(({ jaccard }) => jaccard === 1));
    assert.strictEqual(self.pairs.length, a.size);
    assert.strictEqual(self.adjustedRandIndex, 1);
    assert.deepStrictEqual([self.onlyA, self.onlyB], [[], []]);

    const there = compareBlocks(a, b, { box: 4, apix: 3 }),
      back = compareBlocks(b, a, {
        box: 4,
        apix: 3,
      });
    const total = (pairs: typeof there.pairs) =>
      pairs.reduce((sum, { jaccard }) => sum + jaccard, 0);
    assert.ok(Math.abs(total(there.pairs) - total(back.pairs)) < 0.1 * 6 + 1e-9);
    assert.strictEqual(there.adjustedRandIndex, back.adjustedRandIndex);
    assert.deepStrictEqual([there.splits, there.merges], [back.merges, back.splits]);
    assert.deepStrictEqual([there.lost, there.gained], [back.gained, back.lost]);
    for (const { voxels, into, none } of there.lost) {
      assert.ok(into.every((one) => one.voxels <= voxels) && none <= voxels);
    }
  }));
});

Deno.test("compareBlocks refuses a voxel outside the box", () => {
  assert.throws(
    () => compareBlocks(found({ "0": [1, 64] }), found({}), { box: 4, apix: undefined }),
    new RangeError("Cannot compare block 0: it holds a voxel outside the box of 4 (64)"),
  );
});
