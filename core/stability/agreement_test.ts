import assert from "node:assert";
import fc from "fast-check";
import { adjustedRandIndex } from "../score/adjusted_rand.ts";
import { agreementOf } from "./agreement.ts";

const VOXELS = 40;
const block = fc.uniqueArray(fc.integer({ min: 0, max: VOXELS - 1 }), {
  minLength: 1,
  maxLength: 20,
});
const sets = fc.array(block, { minLength: 1, maxLength: 4 });

/** The blocks that each voxel is in, as text. */
const labels = (blocks: readonly number[][]) =>
  Array.from({ length: VOXELS }, (_, v) => blocks.map((rows) => rows.includes(v) ? 1 : 0).join(""));

const entropy = (values: readonly string[]) => {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts.values()].reduce(
    (sum, { length }) => sum - length / values.length * Math.log2(length / values.length),
    0,
  );
};

Deno.test("agreement is that of the partitions, whatever the blocks overlap", () => {
  fc.assert(fc.property(sets, sets, (first, second) => {
    const { adjustedRand, information } = agreementOf(first, second, VOXELS);
    const one = labels(first), other = labels(second);
    const items = [...one.keys()].filter((v) => one[v]!.includes("1") || other[v]!.includes("1"));
    const expected = adjustedRandIndex(items.map((v) => one[v]), items.map((v) => other[v]));
    assert.ok(Math.abs(adjustedRand - expected) < 1e-9);
    const both = one.map((label, v) => `${label} ${other[v]}`);
    const bits = entropy(one) + entropy(other) - entropy(both);
    const classes = (values: readonly string[]) => new Set(values).size;
    const byChance = (classes(one) - 1) * (classes(other) - 1) / (2 * VOXELS * Math.LN2);
    assert.ok(Math.abs(information - Math.max(0, bits - byChance)) < 1e-9);
    assert.deepStrictEqual(
      agreementOf(second, first, VOXELS).adjustedRand.toFixed(9),
      adjustedRand.toFixed(9),
    );
  }));
});

Deno.test("more blocks that come back tell more; none, one of all, and blocks at random tell nothing", () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const two = [range(0, 400), range(400, 800)];
  const four = [range(0, 200), range(200, 400), range(400, 600), range(600, 800)];
  const told = (a: number[][], b = a) => agreementOf(a, b, 1600).information;
  assert.ok(told(four) > told(two) + 0.4);
  // Halves that split the blocks in other ways do not tell more than the blocks.
  const other = [two[0]!.filter((v) => v % 2 === 0), two[0]!.filter((v) => v % 2 === 1), two[1]!];
  assert.ok(told(other, two) < told(two) + 1e-9);
  assert.strictEqual(told([range(0, 1600)]), 0);
  assert.strictEqual(told([], two), 0);
  assert.ok(told(two, [range(0, 1600).filter((v) => v % 2 === 0)]) < 0.001);
});
