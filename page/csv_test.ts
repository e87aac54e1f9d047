import assert from "node:assert";
import {
  formatDependenciesCsv,
  formatPairsCsv,
  formatRegionsCsv,
  formatTreeCsv,
  formatVolumesCsv,
} from "../core/analysis/mod.ts";
import { formatOccupancyCsv } from "../core/occupancy/mod.ts";
import { pageData } from "../core/report/page_data.ts";
import { formatBlockCsv } from "../core/report/block_table.ts";
import { tableFiles } from "./csv.ts";
import { unpackReport } from "./data.ts";
import { testData } from "./testing.ts";

Deno.test("tables that siren writes too are the same, to the byte", () => {
  const volumes = (volume: number) =>
    volume === 3 ? 'odd, "quoted"\nname.mrc' : `vol_${volume}.mrc`;
  const data = testData(64, 5, { volumes });
  const { analysis } = data;
  const report = unpackReport(JSON.parse(JSON.stringify(pageData(data))));
  const made = new Map(tableFiles(report).map(({ name, make }) => [name, make()]));
  const occupied = data.volumes.map(({ occupied }) => occupied ?? NaN);
  const expected: readonly (readonly [string, string])[] = [
    ["blocks.csv", formatBlockCsv(data.blocks)],
    ["regions.csv", formatRegionsCsv(analysis)],
    ["volumes.csv", formatVolumesCsv(analysis, occupied)],
    ["occupancy.csv", formatOccupancyCsv(analysis.table)],
    ["block_pairs.csv", formatPairsCsv(analysis)],
    ["dependencies.csv", formatDependenciesCsv(analysis)],
    ["volume_tree.csv", formatTreeCsv(analysis.volumeTree)],
    ["block_tree.csv", formatTreeCsv(analysis.regionTree)],
  ];
  for (const [name, text] of expected) assert.strictEqual(made.get(name), text, name);
  assert.ok(analysis.dependencies.length > 0 && analysis.pairs.length === 10);
});

Deno.test("presence, junk and maps are tables too", () => {
  const data = testData(16, 2);
  const junk = [{ volume: 3, kind: "empty" as const, reason: "It has nothing, really." }];
  const leftOut = [{ file: "far.mrc", bytes: 9, threshold: 7 }];
  const changed = { ...data, leftOut, analysis: { ...data.analysis, junk } };
  const report = unpackReport(JSON.parse(JSON.stringify(pageData(changed))));
  const made = new Map(tableFiles(report).map(({ name, make }) => [name, make().split("\n")]));
  assert.deepStrictEqual(made.get("presence.csv")?.slice(0, 3), [
    "map_file,b0,b1",
    "vol_000.mrc,1,1",
    "vol_001.mrc,1,0",
  ]);
  assert.deepStrictEqual(made.get("junk.csv"), [
    "map_file,kind,reason",
    'vol_003.mrc,empty,"It has nothing, really."',
    "",
  ]);
  assert.strictEqual(made.get("maps.csv")?.at(-2), "far.mrc,7,9,,false");
});
