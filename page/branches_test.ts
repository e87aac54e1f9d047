import assert from "node:assert";
import { branchAt, branchesOf, growBranch, leavesOf } from "./branches.ts";

//      6
//    +-+--+
//    5    |
//   +-+-+ |
//   4   | |
//  +-+  | |
//  2 0  3 1     leaves in order
const tree = branchesOf([2, 0, 3, 1], [2, 4, 5], [0, 3, 1], [1, 2, 4], 4);

Deno.test("branches know their leaves, from left to right", () => {
  assert.deepStrictEqual(leavesOf(tree, 4), [2, 0]);
  assert.deepStrictEqual(leavesOf(tree, 5), [2, 0, 3]);
  assert.deepStrictEqual(leavesOf(tree, 6), [2, 0, 3, 1]);
  assert.deepStrictEqual(leavesOf(tree, 3), [3]);
  assert.deepStrictEqual(tree.placeOf, [1, 3, 0, 2]);
  assert.strictEqual(tree.branches[5]?.middle, (1 + 2.5) / 2);
});

Deno.test("what is pointed at is the smallest branch that reaches as high", () => {
  assert.strictEqual(branchAt(tree, 0.5, 0.5), 4);
  assert.strictEqual(branchAt(tree, 0.5, 1.5), 5);
  assert.strictEqual(branchAt(tree, 2.5, 0.1), 5);
  assert.strictEqual(branchAt(tree, 3.5, 0.1), 6);
  assert.strictEqual(branchAt(tree, 0.5, 4.1), undefined);
  assert.strictEqual(branchAt(tree, 4.5, 1), undefined);
  assert.strictEqual(branchAt(tree, -0.5, 1), undefined);
});

Deno.test("a selection grows to the next larger branch, up to the root", () => {
  assert.strictEqual(growBranch(tree, [2]), 4);
  assert.strictEqual(growBranch(tree, [2, 0]), 5);
  assert.strictEqual(growBranch(tree, [0, 3]), 5);
  assert.strictEqual(growBranch(tree, [2, 0, 3]), 6);
  assert.strictEqual(growBranch(tree, [0, 1, 2, 3]), undefined);
});

Deno.test("one leaf, or none, is a tree without branches", () => {
  for (const order of [[], [0]]) {
    const small = branchesOf(order, [], [], [], order.length);
    assert.strictEqual(branchAt(small, 0.5, 0), undefined);
    assert.strictEqual(small.height, 0);
  }
});
