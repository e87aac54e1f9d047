import assert from "node:assert";
import { tableFromIPC } from "apache-arrow";
import { stabilityOf } from "./stability.ts";
import {
  formatReplicatesCsv,
  formatStabilityCsv,
  stabilityArrow,
  stabilityRow,
} from "./stability_table.ts";

const blocks = [[0, 1, 2, 3], [4, 5]];
const stability = stabilityOf(blocks, [blocks, [[0, 1, 2]], [[0, 1, 2, 3, 4, 5]], []], 8);
const rows = stability.blocks.map((block, i) =>
  stabilityRow("both", { id: 3 * i, voxels: blocks[i]!.length }, block)
);

Deno.test("the table of stability as CSV", () => {
  const header = "over,block,voxels,back,merged,split,lost,jaccard_mean,jaccard_p05,jaccard_p25," +
    "jaccard_p50,jaccard_p75,jaccard_p95,confidence,core_voxels";
  assert.strictEqual(
    formatStabilityCsv(rows),
    `${header}\n` +
      "both,0,4,0.7500,0.0000,0.0000,0.2500,0.6042,0.1000,0.5000,0.7083,0.8125,0.9625,0.6875,0\n" +
      "both,3,2,0.2500,0.2500,0.0000,0.5000,0.2500,0.0000,0.0000,0.0000,0.2500,0.8500,0.2500,0\n",
  );
  assert.strictEqual(formatStabilityCsv([]), `${header}\n`);
});

Deno.test("the table as Arrow holds the same, and no rows where there are none", () => {
  const table = tableFromIPC(stabilityArrow(rows));
  assert.deepStrictEqual(table.toArray().map((row) => ({ ...row.toJSON() })), rows);
  assert.strictEqual(tableFromIPC(stabilityArrow([])).numRows, 0);
  assert.deepStrictEqual(stabilityArrow(rows), stabilityArrow(rows));
});

Deno.test("a line for each replicate", () => {
  assert.strictEqual(
    formatReplicatesCsv([{ over: "both", stability }]),
    "over,replicate,blocks,voxels_in_blocks,back\n" +
      "both,0,2,6,2\nboth,1,1,3,1\nboth,2,1,6,1\nboth,3,0,0,0\n",
  );
});
