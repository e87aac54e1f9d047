import assert from "node:assert";
import type { IdBlocksSummary } from "../cluster/id_blocks.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { formatIdentified, idBlocks } from "./id_blocks.ts";
import { fakeContext, fakeIo } from "./testing.ts";

const zero = { x: 0, y: 0, z: 0 };

const summary: IdBlocksSummary = {
  outdir: "identified",
  method: "occupied",
  volumes: 200,
  regions: [
    { id: 0, of: "b0", kind: "with", voxels: 1234, high: 2, low: 40, cutoff: 0.98, jaccard: 0.75 },
    { id: 4, of: "b4", kind: "with", voxels: 50, high: 3, low: 1, cutoff: 1 },
  ],
  without: [{ of: "b7", reason: "no volume holds any of it" }],
  files: [],
};

Deno.test("formatIdentified: by occupied voxels, by density, and nothing found", () => {
  assert.strictEqual(
    formatIdentified(summary),
    `2 regions from 200 volumes

mask  of  voxels  high  low  Jaccard
   0  b0   1,234     2   40    0.750
   4  b4      50     3    1

No region for b7: no volume holds any of it.

Masks and tables: identified
To see the masks, open identified/open_blocks.cxc in ChimeraX.
`,
  );
  const regions = [
    { ...summary.regions[0]!, difference: 0.123456, t: 40.5 },
    { ...summary.regions[1]!, kind: "instead" as const, difference: -0.01 },
  ];
  assert.strictEqual(
    formatIdentified({ ...summary, method: "density", regions, without: [] }),
    `2 regions from 200 volumes

mask  of           voxels  high  low  difference  greatest t
   0  b0  with      1,234     2   40      0.1235        40.5
   4  b4  instead      50     3    1       -0.01

Masks and tables: identified
To see the masks, open identified/open_blocks.cxc in ChimeraX.
`,
  );
  assert.strictEqual(
    formatIdentified({ ...summary, regions: [], without: [] }),
    "0 regions from 200 volumes\n\nMasks and tables: identified\n",
  );
});

Deno.test("siren id_blocks tells volumes apart that are given as maps and a table", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/maps`);
    const rows = [];
    for (let k = 0; k < 10; k++) {
      const data = new Float32Array(216);
      // A head that is there in odd maps, always with a neck.
      if (k % 2 === 1) data.fill(2, 30, 80);
      data.fill(1, 150, 160);
      const grid = { box: 6, apix: 2, origin: zero, nstart: zero };
      await writeMap(`${folder}/maps/vol_${k}.mrc`, data, grid);
      rows.push(`vol_${k}.mrc,${k % 2}\n`);
    }
    await Deno.writeTextFile(`${folder}/table.csv`, `map_file,head\n${rows.join("")}`);
    const call = async (outdir: string, ...args: string[]) => {
      const io = fakeIo();
      const words = ["--mapdir", `${folder}/maps`, "--occupancy", `${folder}/table.csv`];
      await idBlocks(fakeContext(io)).exitOverride().parseAsync(
        [...words, "--outdir", `${folder}/${outdir}`, ...args],
        { from: "user" },
      );
      return { out: io.out(), err: io.err() };
    };
    const { out, err } = await call("out", "--bin", "0.5");
    assert.match(out, /\n {3}0 {2}head {6}50 {5}5 {4}5\n/);
    assert.match(err, /Reading maps: 10 of 10 maps/);
    assert.strictEqual(
      await Deno.readTextFile(`${folder}/out/id_blocks.csv`),
      "id,of,kind,voxels,volume_A3,high_volumes,low_volumes,high_above,jaccard,mean_difference,greatest_t\n" +
        "0,head,with,50,400.0,5,5,1,,,\n",
    );
    const json = JSON.parse(
      (await call("dense", "--method", "density", "--diff_p", "70", "--json")).out,
    );
    assert.deepStrictEqual(
      json.regions.map(({ voxels, difference }: { voxels: number; difference: number }) => [
        voxels,
        difference,
      ]),
      [[50, 2]],
    );
    await assert.rejects(call("x", "--bin", "0.5", "--method", "density"), {
      name: "UsageError",
      message:
        "Cannot tell volumes apart: --bin and --binfile go with --mapdir and --method occupied",
    });
    await assert.rejects(call("x", "--p", "101", "--bin", "0.5"), {
      message: "Cannot use --p: it must be at most 100 (101)",
    });
  }));
