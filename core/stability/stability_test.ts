import assert from "node:assert";
import { stabilityOf } from "./stability.ts";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("replicates that are the run itself leave no doubt", () => {
  const blocks = [range(0, 10), range(10, 16)];
  const { blocks: found, replicates, confidence } = stabilityOf(blocks, [blocks, blocks], 20);
  for (const [b, { fates, jaccards, confidence, core }] of found.entries()) {
    assert.deepStrictEqual(fates, { back: 1, merged: 0, split: 0, lost: 0 });
    assert.deepStrictEqual([[...jaccards], confidence, core], [[1, 1], 1, blocks[b]!.length]);
  }
  assert.deepStrictEqual(replicates, [
    { blocks: 2, covered: 16, back: 2 },
    { blocks: 2, covered: 16, back: 2 },
  ]);
  assert.deepStrictEqual([...confidence], [...new Array(16).fill(1), 0, 0, 0, 0]);
});

Deno.test("what becomes of a block is told from its voxels", () => {
  const block = range(0, 10);
  const fate = (...found: number[][]) => {
    const { fates } = stabilityOf([block], [found], 40).blocks[0]!;
    return Object.entries(fates).filter(([, share]) => share === 1).map(([name]) => name);
  };
  assert.deepStrictEqual(fate(range(0, 5)), ["back"]);
  assert.deepStrictEqual(fate(range(0, 20)), ["back"]);
  assert.deepStrictEqual(fate(range(0, 21)), ["merged"]);
  assert.deepStrictEqual(fate(range(0, 3), range(3, 6)), ["split"]);
  assert.deepStrictEqual(fate(range(0, 4)), ["lost"]);
  assert.deepStrictEqual(fate(), ["lost"]);
});

Deno.test("a block that swallows another is the match of one alone", () => {
  const blocks = [range(0, 10), range(10, 14)];
  const { blocks: found, confidence } = stabilityOf(blocks, [[range(0, 14)]], 14);
  assert.deepStrictEqual(found.map(({ fates }) => fates.back), [1, 0]);
  assert.strictEqual(found[1]!.fates.merged, 1);
  assert.deepStrictEqual([...confidence], [...new Array(10).fill(1), 0, 0, 0, 0]);
  // Seen from the first block, the other's voxels are taken for its own.
  assert.deepStrictEqual([...found[0]!.memberships], new Array(14).fill(1));
});

Deno.test("a voxel of two blocks is as sure as its surer one", () => {
  const blocks = [[0, 1, 2], [2, 3, 4]];
  const { confidence } = stabilityOf(blocks, [[[0, 1, 2]], [[0, 1, 2], [3, 4]]], 5);
  assert.deepStrictEqual([...confidence], [1, 1, 1, 0.5, 0.5]);
});

Deno.test("a run without blocks has replicates none the less", () => {
  const { blocks, replicates, confidence } = stabilityOf([], [[[0, 1]], []], 3);
  assert.deepStrictEqual(blocks, []);
  assert.deepStrictEqual(replicates.map((line) => line.blocks), [1, 0]);
  assert.deepStrictEqual([...confidence], [0, 0, 0]);
});
