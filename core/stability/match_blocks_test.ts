import assert from "node:assert";
import fc from "fast-check";
import { matchBlocks } from "./match_blocks.ts";

const VOXELS = 24;
const block = fc.uniqueArray(fc.integer({ min: 0, max: VOXELS - 1 }), {
  minLength: 1,
  maxLength: 12,
});
const blocks = fc.array(block, { maxLength: 6 });

const jaccardOf = (a: readonly number[], b: readonly number[]) => {
  const both = a.filter((voxel) => b.includes(voxel)).length;
  return both / (a.length + b.length - both);
};

Deno.test("no block is matched twice, and no two that are left would match better", () => {
  fc.assert(fc.property(blocks, blocks, (own, others) => {
    const { matches, jaccards, shared } = matchBlocks(own, others, VOXELS);
    const taken = [...matches].filter((other) => other >= 0);
    assert.strictEqual(new Set(taken).size, taken.length);
    own.forEach((rows, b) => {
      const match = matches[b]!;
      assert.strictEqual(jaccards[b], match < 0 ? 0 : jaccardOf(rows, others[match]!));
      others.forEach((theirs, o) => {
        const both = rows.filter((voxel) => theirs.includes(voxel)).length;
        assert.strictEqual(shared[b * others.length + o], both);
        const partner = matches.indexOf(o);
        const jaccard = jaccardOf(rows, theirs);
        const isStable = jaccard <= jaccards[b]! || (partner >= 0 && jaccard <= jaccards[partner]!);
        assert.ok(isStable, `${b} and ${o} would rather have each other`);
      });
    });
  }));
});

Deno.test("the same blocks in another order are matched with themselves", () => {
  const own = [[0, 1, 2], [3, 4], [5, 6, 7, 8]];
  const { matches, jaccards } = matchBlocks(own, own.toReversed(), 9);
  assert.deepStrictEqual([[...matches], [...jaccards]], [[2, 1, 0], [1, 1, 1]]);
});

Deno.test("of two equal halves of a block the first is its match, the other has none", () => {
  const { matches, jaccards } = matchBlocks([[0, 1], [2, 3]], [[0, 1, 2, 3]], 4);
  assert.deepStrictEqual([[...matches], [...jaccards]], [[0, -1], [0.5, 0]]);
});

Deno.test("no blocks match none", () => {
  assert.deepStrictEqual([...matchBlocks([], [[0]], 1).matches], []);
  assert.deepStrictEqual([...matchBlocks([[0]], [], 1).matches], [-1]);
});
