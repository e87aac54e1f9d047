import assert from "node:assert";
import type { SourceComparison } from "../cluster/compare.ts";
import { compareBlocks } from "../core/compare/compare_blocks.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { compare, formatComparison } from "./compare.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const a = { 0: range(0, 100), 3: range(200, 210), 5: [400] };
const b = { 1: range(0, 60), 2: range(60, 98), 7: range(201, 212), 9: [500, 501] };

const result: SourceComparison = {
  a: "one/blocks.json",
  b: "two/blocks.json",
  comparison: compareBlocks(new Map(Object.entries(a)), new Map(Object.entries(b)), {
    box: 10,
    apix: 2,
  }),
  differences: [{ what: "rule", a: "phi", b: "siren" }],
  files: ["out/compare.csv"],
};

Deno.test("formatComparison: pairs, unions, what moved, and differences", () => {
  assert.strictEqual(
    formatComparison(result),
    `A: one/blocks.json, 3 blocks, 111 voxels
B: two/blocks.json, 4 blocks, 111 voxels

2 pairs of blocks, mean Jaccard 0.675; adjusted Rand index 0.3151; 107 voxels in blocks of both

A  B  Jaccard  voxels A  voxels B  both  lost  gained  shift A
0  1    0.600       100        60    60    40       0      4.0
3  7    0.750        10        11     9     1       2      0.7
5  -                  1
-  9                            2

Block 0 of A is 1 + 2 of B (Jaccard 0.980)

38 voxels of block 0 of A are in block 2 of B
2 voxels of block 0 of A are in no block of B
1 voxel of block 3 of A is in no block of B
2 voxels of block 7 of B were in no block of A

The runs differ in:
      A    B
rule  phi  siren

out/compare.csv
`,
  );
});

Deno.test("formatComparison: nothing in common, and no blocks at all", () => {
  const none = (first: object, second: object) =>
    formatComparison({
      ...result,
      comparison: compareBlocks(
        new Map(Object.entries(first)),
        new Map(Object.entries(second)),
      ),
      differences: [],
      files: [],
    });
  assert.match(
    none({ 0: [1] }, { 0: [2] }),
    /0 pairs of blocks, mean Jaccard -; .*\n\nA {2}B .*\n0 {2}- .*\n- {2}0 .*\n$/,
  );
  assert.match(none({}, {}), /^A: .*, 0 blocks, 0 voxels\nB: .*\n\n0 pairs of blocks.*\n$/);
});

Deno.test("siren compare prints a table or JSON, and writes only where it is told", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.json`, JSON.stringify(a));
    await Deno.writeTextFile(`${folder}/b.json`, JSON.stringify(b));
    const call = async (...args: string[]) => {
      const io = fakeIo();
      const words = [`${folder}/a.json`, `${folder}/b.json`, ...args];
      await compare(fakeContext(io)).exitOverride().parseAsync(words, { from: "user" });
      return io.out();
    };
    assert.match(await call(), /^A: .*a.json, 3 blocks, 111 voxels\n/);
    const json = JSON.parse(await call("--json", "--jaccard", "0.7"));
    assert.deepStrictEqual(json.pairs.map((pair: { a: string; b: string }) => [pair.a, pair.b]), [[
      "3",
      "7",
    ]]);
    assert.strictEqual(json.pairs[0].shift_A, null);
    assert.strictEqual(json.files, undefined);
    assert.strictEqual(await call("--quiet"), "");
    assert.deepStrictEqual((await Array.fromAsync(Deno.readDir(folder))).length, 2);
    const outdir = `${folder}/new/folder`;
    assert.ok((await call("--outdir", outdir)).endsWith(`${outdir}/compare.png\n`));
    await assert.rejects(call("--jaccard", "1.5"), {
      name: "UsageError",
      message: "Cannot use --jaccard: it must be at most 1 (1.5)",
    });
  }));
