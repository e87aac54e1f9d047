import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { consolidate, formatConsolidation } from "./consolidate.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const zero = { x: 0, y: 0, z: 0 };
const GRID = { box: 6, apix: 2, origin: zero, nstart: zero };

/** Masks of voxels from one place to another. */
async function makeMasks(folder: string, masks: Record<string, [from: number, to: number]>) {
  await Deno.mkdir(folder);
  for (const [name, [from, to]] of Object.entries(masks)) {
    const data = new Float32Array(216).fill(1, from, to);
    await writeMap(`${folder}/${name}.mrc`, data, GRID);
  }
}

Deno.test("formatConsolidation: blocks of a run, and of none", () => {
  const summary = {
    source: "out/02_expand/blocks.json",
    outdir: "merged",
    before: 3,
    rounds: 1,
    blocks: [
      {
        id: 0,
        parts: [0, 7],
        voxels: 1200,
        least_jaccard: 0.51,
        mean_occupancy: 0.25,
        cohesion: 0.9,
      },
      { id: 2, parts: [2], voxels: 30, least_jaccard: 1, mean_occupancy: 0.5, cohesion: 1 },
    ],
    files: [],
  };
  assert.strictEqual(
    formatConsolidation(summary),
    `3 blocks of out/02_expand/blocks.json became 2

block  made of  voxels  least Jaccard  occupancy  cohesion
    0  0 + 7     1,200          0.510      0.250     0.900
    2  2            30                     0.500     1.000

Masks, tables and pictures: merged
To see the blocks, open merged/open_blocks.cxc in ChimeraX.
`,
  );
  const [, { mean_occupancy: _, cohesion: __, ...alone }] = summary.blocks as [
    unknown,
    (typeof summary.blocks)[number],
  ];
  assert.match(
    formatConsolidation({ ...summary, before: 1, blocks: [alone] }),
    /^No two of the 1 block of .* overlap that much\n\nblock {2}made of {2}voxels {2}least Jaccard\n/,
  );
});

Deno.test("siren consolidate merges masks by the bounds that are given", () =>
  withFolder(async (folder) => {
    await makeMasks(`${folder}/masks`, {
      block_0: [0, 20],
      block_1: [10, 30],
      block_4: [100, 102],
    });
    const call = async (outdir: string, ...args: string[]) => {
      const io = fakeIo();
      const words = [`${folder}/masks`, "--outdir", `${folder}/${outdir}`, ...args];
      await consolidate(fakeContext(io)).exitOverride().parseAsync(words, { from: "user" });
      return io.out();
    };
    assert.match(await call("same"), /^No two of the 3 blocks/);
    const json = JSON.parse(await call("merged", "--jaccard", "0.3", "--json"));
    assert.deepStrictEqual(
      json.blocks.map(({ id, parts }: { id: number; parts: number[] }) => [id, parts]),
      [[0, [0, 1]], [4, [4]]],
    );
    assert.strictEqual(
      await Deno.readTextFile(`${folder}/merged/consolidated.csv`),
      "block,into,voxels,voxels_into,jaccard,parts\n0,0,20,30,0.66667,2\n1,0,20,30,0.66667,2\n" +
        "4,4,2,2,1.00000,1\n",
    );
    assert.match(await call("contained", "--containment", "0.45"), /0 {2}0 \+ 1/);
    assert.strictEqual(await call("united", "--method", "siren", "--quiet"), "");
    await assert.rejects(call("merged"), {
      name: "UsageError",
      message: `Cannot write to ${folder}/merged: it holds other results (files.json)`,
    });
    await assert.rejects(call("x", "--jaccard", "1"), {
      message: "Cannot use --jaccard: it must be less than 1 (1)",
    });
    await assert.rejects(call("x", "--method", "all"), {
      message: "Cannot use --method: no such choice (all)",
    });
  }));
