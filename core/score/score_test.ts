import assert from "node:assert";
import fc from "fast-check";
import { bitMatrix } from "../cooccupancy/bit_matrix.ts";
import { ensembleOptions, simulateEnsemble } from "../simulate/ensemble.ts";
import { ballModel } from "../simulate/phantom.ts";
import { binarise, wordsFor } from "../volumes/binarise.ts";
import { union } from "../volumes/union.ts";
import { score, type TrueBlocks } from "./score.ts";

const truth: TrueBlocks = {
  box: 4,
  core: [0, 1, 2, 3],
  blocks: [[10, 11, 12, 13], [20, 21], [30, 31, 32], [40]],
  // Block 2 is in every volume, block 3 in none.
  presence: [[1, 0, 1, 0], [1, 1, 1, 0], [0, 0, 1, 0]],
};
const found = (blocks: Record<string, number[]>) => new Map(Object.entries(blocks));

Deno.test("score: the best match of each block, by hand", () => {
  const { blocks, meanJaccard, unscored, ceiling } = score(
    truth,
    found({ a: [10, 11, 50], b: [10, 11, 12], c: [20, 21, 22, 13], d: [60] }),
  );
  assert.deepStrictEqual(blocks, [
    { block: 0, voxels: 4, match: "b", jaccard: 3 / 4, ceiling: undefined },
    { block: 1, voxels: 2, match: "c", jaccard: 2 / 4, ceiling: undefined },
  ]);
  assert.strictEqual(meanJaccard, (3 / 4 + 2 / 4) / 2);
  assert.deepStrictEqual(unscored, [2, 3]);
  assert.strictEqual(ceiling, undefined);
});

Deno.test("score: one found block may be the best match of two, and of equals the first counts", () => {
  const { blocks } = score(
    truth,
    found({ x: [10, 11, 12, 13, 20, 21], y: [20, 21, 60, 61, 62, 63] }),
  );
  assert.deepStrictEqual(blocks.map((block) => [block.match, block.jaccard]), [
    ["x", 4 / 6],
    ["x", 2 / 6],
  ]);
});

Deno.test("score: nothing found", () => {
  for (const blocks of [{}, { empty: [] }, { elsewhere: [60, 61] }]) {
    const { meanJaccard, blocks: [first] } = score(truth, found(blocks));
    assert.strictEqual(meanJaccard, 0);
    assert.strictEqual(first!.match, undefined);
  }
  assert.strictEqual(score(truth, new Map()).adjustedRandIndex, 0);
});

Deno.test("score: the adjusted Rand index counts overlaps, the core and what is left out as classes", () => {
  const simple: TrueBlocks = {
    box: 4,
    core: [1],
    blocks: [[10, 11], [20]],
    presence: [[1, 0], [0, 1]],
  };
  const index = (blocks: Record<string, number[]>) =>
    score(simple, found(blocks)).adjustedRandIndex;
  // Two true and no found pair are in one class: classes {10}, {11}, {20}.
  assert.strictEqual(index({ a: [10, 11], b: [20] }), 1);
  // 10 in a, 11 in a and b, 20 in b: three classes, no pair together; (0 - 0) / (0.5 - 0).
  assert.strictEqual(index({ a: [10, 11], b: [11, 20] }), 0);
  // {10 11} {20} against {10 11 20 in none}.
  assert.strictEqual(index({}), 0);
  // Items 1 (core), 5 (nothing), 10, 11, 20; found {1 5} {10 11} {20}: one of two found pairs is true.
  assert.ok(Math.abs(index({ a: [10, 11], b: [20], c: [1, 5] }) - (1 - 0.2) / (1.5 - 0.2)) < 1e-12);
});

Deno.test("score: blind to the order of blocks and voxels, 1 for the truth itself", () => {
  const voxels = fc.uniqueArray(fc.nat(63), { maxLength: 30 });
  fc.assert(fc.property(fc.array(voxels, { maxLength: 5 }), (lists) => {
    const forward = score(truth, new Map(lists.map((list, i) => [String(i), list])));
    const backward = score(
      truth,
      new Map(lists.map((list, i): [string, number[]] => [String(i), list.toReversed()]).reverse()),
    );
    assert.strictEqual(backward.meanJaccard, forward.meanJaccard);
    assert.strictEqual(backward.adjustedRandIndex, forward.adjustedRandIndex);
    assert.ok(forward.meanJaccard >= 0 && forward.meanJaccard <= 1);
  }));
  const itself = score(truth, new Map(truth.blocks.map((list, i) => [String(i), list])));
  assert.strictEqual(itself.meanJaccard, 1);
  assert.strictEqual(itself.adjustedRandIndex, 1);
});

Deno.test("score refuses what does not belong to the truth", () => {
  assert.throws(() => score(truth, found({ "4": [1, 64] })), {
    name: "InputError",
    message: "Cannot score block 4: it holds a voxel outside the truth's box of 4 (64)",
  });
  const other = { voxels: Uint32Array.of(1), matrix: bitMatrix(1, 9) };
  assert.throws(() => score(truth, found({}), other), {
    name: "InputError",
    message: "Cannot compute the ceiling: the union is of 9 volumes, the truth of 3",
  });
  assert.throws(() => score({ ...truth, presence: [[1, 1, 1, 1]] }, found({})), {
    name: "InputError",
    message:
      "Cannot score: the truth has no block that is in some but not all volumes and has voxels",
  });
});

/** An ensemble of a core and three balls that do not touch, as truth and union. */
function simulated(options: object) {
  const zero = { x: 0, y: 0, z: 0 };
  const grid = { box: 20, apix: 5, origin: zero, nstart: zero };
  const ball = (x: number, y: number, z: number) => [{ x, y, z, radius: 12 }];
  const model = ballModel(grid, ball(48, 48, 48), [
    ball(15, 20, 20),
    ball(75, 75, 75),
    ball(75, 20, 20),
  ]);
  const tree = { parents: [-1, 0, 0], probabilities: [0.7, 0.6, 0.5] };
  const { states, labels, volume } = simulateEnsemble(
    model,
    tree,
    ensembleOptions.parse({ volumes: 60, seed: 2, resolutionSteps: 1, ...options }),
  );
  const words = wordsFor(labels.length);
  const bits = new Uint32Array(states.length * words);
  states.forEach(({ threshold }, k) =>
    binarise(volume(k), threshold, `volume ${k}`, bits.subarray(k * words, (k + 1) * words))
  );
  const owned = (part: number) =>
    Array.from(labels, (label, v) => label === part ? v : -1).filter((v) => v !== -1);
  return {
    truth: {
      box: grid.box,
      core: owned(0),
      blocks: [owned(1), owned(2), owned(3)],
      presence: states.map((state) => [...state.presence]),
    },
    union: union(bits, words, [...states.keys()], states.length),
  };
}

Deno.test("score: without noise the oracle finds every voxel of blocks that stand apart", () => {
  const { truth, union } = simulated({ noise: 0 });
  const { ceiling, blocks, meanJaccard } = score(truth, found({ half: truth.blocks[1]! }), union);
  assert.strictEqual(ceiling!.meanJaccard, 1);
  assert.strictEqual(ceiling!.adjustedRandIndex, 1);
  assert.deepStrictEqual(blocks.map((block) => block.ceiling), [1, 1, 1]);
  assert.strictEqual(meanJaccard, 1 / 3);
  assert.strictEqual(ceiling!.ratio, 1 / 3);
});

Deno.test("score: with noise the ceiling comes down, and a found block can be above it", () => {
  const { truth, union } = simulated({ noise: 0.3 });
  const perfect = new Map(truth.blocks.map((list, i) => [String(i), list]));
  const { ceiling } = score(truth, perfect, union);
  assert.ok(ceiling!.meanJaccard < 1 && ceiling!.meanJaccard > 0.5, String(ceiling!.meanJaccard));
  assert.ok(ceiling!.ratio > 1);
});
