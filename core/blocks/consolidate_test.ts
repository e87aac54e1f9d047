import assert from "node:assert";
import fc from "fast-check";
import type { Block } from "./block.ts";
import { consolidate, formatConsolidatedCsv } from "./consolidate.ts";
import { jaccardIndex, overlapCoefficient, overlaps } from "./overlaps.ts";

const block = (id: number, ...members: number[]): Block => ({
  id,
  members: Uint32Array.from(members).sort(),
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const told = ({ blocks }: ReturnType<typeof consolidate>) =>
  blocks.map(({ id, parts, members }) => [id, [...parts], [...members]]);

Deno.test("consolidate: blocks that share little stay as they are", () => {
  const blocks = [block(3, 1, 2, 3), block(1, 3, 4, 5), block(9)];
  const result = consolidate(blocks);
  assert.deepStrictEqual(told(result), [
    [1, [1], [3, 4, 5]],
    [3, [3], [1, 2, 3]],
    [9, [9], []],
  ]);
  assert.strictEqual(result.rounds, 0);
  assert.ok(result.blocks.every(({ leastJaccard }) => leastJaccard === 1));
});

Deno.test("consolidate: the bound is exclusive, and a chain is one block", () => {
  // 0 and 1 share 2 of 5, 1 and 2 share 3 of 5.
  const blocks = [block(0, 1, 2, 3, 4), block(1, 3, 4, 5), block(2, 3, 4, 5, 6, 7)];
  assert.deepStrictEqual(told(consolidate(blocks, { jaccard: 0.4 })), [
    [0, [0], [1, 2, 3, 4]],
    [1, [1, 2], [3, 4, 5, 6, 7]],
  ]);
  const { blocks: [chain], rounds } = consolidate(blocks, { jaccard: 0.39 });
  assert.deepStrictEqual(chain!.parts, [0, 1, 2]);
  assert.deepStrictEqual([...chain!.members], [1, 2, 3, 4, 5, 6, 7]);
  // 0 and 2, the ends of the chain, share 2 of 7.
  assert.strictEqual(chain!.leastJaccard, 2 / 7);
  assert.strictEqual(rounds, 1);
});

Deno.test("consolidate: merged blocks are merged again where they now overlap enough", () => {
  // 5 and 6 share ten of 18. Block 7 shares nine of 18 with either, and 13 of 18 with both together.
  const blocks = [
    block(5, ...range(0, 14)),
    block(6, ...range(0, 10), ...range(14, 18)),
    block(7, ...range(0, 5), ...range(10, 18)),
  ];
  const { blocks: merged, rounds } = consolidate(blocks, { jaccard: 0.52 });
  assert.deepStrictEqual(merged.map(({ parts }) => parts), [[5, 6, 7]]);
  assert.strictEqual(rounds, 2);
  assert.strictEqual(merged[0]!.leastJaccard, 0.5);
});

Deno.test("consolidate: a small block within a large one, by containment", () => {
  const blocks = [block(0, ...range(0, 50)), block(1, 48, 49), block(2, 49, 100)];
  assert.strictEqual(consolidate(blocks).rounds, 0);
  assert.deepStrictEqual(
    consolidate(blocks, { containment: 0.9 }).blocks.map(({ parts }) => parts),
    [[0, 1], [2]],
  );
});

Deno.test("consolidate: method siren unites each block with its neighbours, and keeps a union once", () => {
  const chain = [block(0, 1, 2, 3, 4), block(1, 3, 4, 5), block(2, 3, 4, 5, 6, 7), block(4, 90)];
  assert.deepStrictEqual(told(consolidate(chain, { jaccard: 0.39, method: "siren" })), [
    [0, [0, 1], [1, 2, 3, 4, 5]],
    [1, [0, 1, 2], [1, 2, 3, 4, 5, 6, 7]],
    [2, [1, 2], [3, 4, 5, 6, 7]],
    [4, [4], [90]],
  ]);
  const pair = [block(0, 1, 2, 3), block(8, 2, 3, 4)];
  assert.deepStrictEqual(told(consolidate(pair, { method: "siren" })), [[0, [0, 8], [1, 2, 3, 4]]]);
});

const someBlocks = fc.array(fc.uniqueArray(fc.nat(25), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 7,
}).map((lists) => lists.map((list, id) => block(id, ...list)));

Deno.test("consolidate: no voxel is lost, no two blocks overlap enough, and the order does not matter", () => {
  fc.assert(fc.property(
    someBlocks,
    fc.double({ min: 0, max: 0.95, noNaN: true }),
    fc.option(fc.double({ min: 0, max: 0.95, noNaN: true }), { nil: undefined }),
    (blocks, jaccard, containment) => {
      const options = { jaccard, ...(containment === undefined ? {} : { containment }) };
      const { blocks: merged } = consolidate(blocks, options);
      assert.deepStrictEqual(consolidate(blocks.toReversed(), options).blocks, merged);
      assert.deepStrictEqual(merged.flatMap(({ parts }) => parts).sort((a, b) => a - b), [
        ...blocks.keys(),
      ]);
      for (const { id, members, parts } of merged) {
        assert.strictEqual(id, Math.min(...parts));
        const union = new Set(parts.flatMap((part) => [...blocks[part]!.members]));
        assert.deepStrictEqual([...members], [...union].sort((a, b) => a - b));
      }
      const { both } = overlaps(merged.map((b) => b.members), merged.map((b) => b.members));
      merged.forEach((a, i) =>
        merged.forEach((b, k) => {
          if (i === k) return;
          const shared = both[i * merged.length + k]!, x = a.members.length, y = b.members.length;
          assert.ok(jaccardIndex(shared, x, y) <= jaccard);
          assert.ok(overlapCoefficient(shared, x, y) <= (containment ?? 1));
        })
      );
    },
  ));
});

Deno.test("consolidate refuses two blocks of one number and bounds that are none", () => {
  assert.throws(
    () => consolidate([block(2, 1), block(2, 5)]),
    new RangeError("Cannot consolidate blocks: two have one number (2)"),
  );
  for (const jaccard of [-0.1, 1, NaN]) {
    assert.throws(() => consolidate([block(2, 1)], { jaccard }), { name: "ZodError" });
  }
});

Deno.test("formatConsolidatedCsv: which block became which", () => {
  const blocks = [block(0, 1, 2, 3), block(4, 8, 9), block(7, 2, 3, 5)];
  assert.strictEqual(
    formatConsolidatedCsv(blocks, consolidate(blocks)),
    "block,into,voxels,voxels_into,jaccard,parts\n" +
      "0,0,3,4,0.75000,2\n7,0,3,4,0.75000,2\n4,4,2,2,1.00000,1\n",
  );
});
