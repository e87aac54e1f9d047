import assert from "node:assert";
import fc from "fast-check";
import { matchBlocks } from "./match_blocks.ts";

const VOXELS = 24;
const block = fc.uniqueArray(fc.integer({ min: 0, max: VOXELS - 1 }), {
  minLength: 1,
  maxLength: 12,
});
const blocks = fc.array(block, { maxLength: 5 });

const jaccardOf = (a: readonly number[], b: readonly number[]) => {
  const both = a.filter((voxel) => b.includes(voxel)).length;
  return both / (a.length + b.length - both);
};

/** The greatest sum of Jaccard indices that any way of matching has. */
function greatestSum(own: readonly number[][], others: readonly number[][]): number {
  const [first, ...rest] = own;
  if (first === undefined) return 0;
  let most = greatestSum(rest, others);
  others.forEach((other, o) => {
    const sum = jaccardOf(first, other) + greatestSum(rest, others.filter((_, i) => i !== o));
    most = Math.max(most, sum);
  });
  return most;
}

Deno.test("no block is matched twice, and no other matching is better", () => {
  fc.assert(fc.property(blocks, blocks, (own, others) => {
    const { matches, jaccards, shared } = matchBlocks(own, others);
    const taken = [...matches].filter((other) => other >= 0);
    assert.strictEqual(new Set(taken).size, taken.length);
    own.forEach((rows, b) => {
      const match = matches[b]!;
      assert.strictEqual(jaccards[b], match < 0 ? 0 : jaccardOf(rows, others[match]!));
      assert.ok(match < 0 || jaccards[b]! > 0, "a match shares a voxel");
      others.forEach((theirs, o) => {
        const both = rows.filter((voxel) => theirs.includes(voxel)).length;
        assert.strictEqual(shared[b * others.length + o], both);
      });
    });
    const sum = jaccards.reduce((sum, jaccard) => sum + jaccard, 0);
    assert.ok(Math.abs(sum - greatestSum(own, others)) < 1e-9);
  }));
});

Deno.test("the same blocks in another order are matched with themselves", () => {
  const own = [[0, 1, 2], [3, 4], [5, 6, 7, 8]];
  const { matches, jaccards } = matchBlocks(own, own.toReversed());
  assert.deepStrictEqual([[...matches], [...jaccards]], [[2, 1, 0], [1, 1, 1]]);
});

Deno.test("of two equal halves of a block one alone has it for a match", () => {
  const { jaccards } = matchBlocks([[0, 1], [2, 3]], [[0, 1, 2, 3]]);
  assert.deepStrictEqual([...jaccards].sort(), [0, 0.5]);
});

Deno.test("no blocks match none", () => {
  assert.deepStrictEqual([...matchBlocks([], [[0]]).matches], []);
  assert.deepStrictEqual([...matchBlocks([[0]], []).matches], [-1]);
});
