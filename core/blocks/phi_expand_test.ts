import assert from "node:assert";
import fc from "fast-check";
import { random } from "../random.ts";
import { phiExpand } from "./phi_expand.ts";
import { presenceProfile } from "./phi_profile.ts";
import { flipped, patternOf, times, voxelsOf } from "./phi_testing.ts";

const rng = random(31);
const parent = patternOf(150, 90, rng);
const present = parent.flatMap((is, k) => is ? [k] : []);
const child = flipped(parent, present.slice(0, 3));
const other = patternOf(150, 40, rng);
const noise = Array.from({ length: 20 }, () => patternOf(150, 75, rng));
const matrix = voxelsOf([...times(30, parent), ...times(20, child), ...times(10, other), ...noise]);

Deno.test("voxels join the block they follow, noise joins none, blocks come in order", () => {
  const profiles = [[60, 0, 1], [58, 59], [35, 36]].map((rows) => presenceProfile(matrix, rows));
  const joined = phiExpand(matrix, 0, matrix.voxels, profiles);
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  assert.deepStrictEqual([...joined.rows], [...rows(0, 30), ...rows(50, 60), ...rows(30, 50)]);
  assert.deepStrictEqual([...joined.blocks], [...times(30, 0), ...times(10, 1), ...times(20, 2)]);
  assert.deepStrictEqual([...joined.scores], times(60, 1));
});

Deno.test("a mask drawn by hand over the edge of a block grows into the block", () => {
  const mask = [...Array.from({ length: 12 }, (_, i) => 50 + i % 10), 60, 61, 62, 3];
  const joined = phiExpand(matrix, 0, matrix.voxels, [presenceProfile(matrix, mask)]);
  assert.deepStrictEqual([...joined.rows], [50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
});

Deno.test("any division into shards gives the same voxels", () => {
  const profiles = [[0], [30], [50]].map((rows) => presenceProfile(matrix, rows));
  const whole = phiExpand(matrix, 0, matrix.voxels, profiles);
  const pairs = (joined: typeof whole) =>
    Array.from(joined.rows, (row, i) => [row, joined.blocks[i]!, joined.scores[i]!]);
  const byRow = (a: number[], b: number[]) => a[0]! - b[0]!;
  fc.assert(fc.property(fc.nat(matrix.voxels), (cut) => {
    const parts = [
      ...pairs(phiExpand(matrix, 0, cut, profiles)),
      ...pairs(phiExpand(matrix, cut, matrix.voxels, profiles)),
    ];
    assert.deepStrictEqual(parts.sort(byRow), pairs(whole).sort(byRow));
  }));
});

Deno.test("without blocks nothing is joined", () => {
  assert.strictEqual(phiExpand(matrix, 0, matrix.voxels, []).rows.length, 0);
});

Deno.test("of few volumes, voxels that are independent of all blocks join one as rarely as said", () => {
  const volumes = 20, voxels = 20_000, level = 0.01;
  const rng = random(7);
  const blocks = [10, 7, 13].map((total) => patternOf(volumes, total, rng));
  const noise = Array.from({ length: voxels }, (_, i) => patternOf(volumes, 4 + i % 12, rng));
  const few = voxelsOf([...blocks, ...noise]);
  const profiles = blocks.map((_, row) => presenceProfile(few, [row]));
  const joined = (options: { level?: number }) =>
    phiExpand(few, 3, few.voxels, profiles, options).rows.length / voxels;
  assert.ok(joined({ level: 1 }) > 2 * level, "phi alone is no test of few volumes");
  assert.ok(joined({ level }) <= level);
  assert.ok(joined({ level }) > 0, "the test leaves room for what is significant");
});
