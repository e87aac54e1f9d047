import assert from "node:assert";
import type { RunSummary } from "../cluster/summary.ts";
import { formatSummary } from "./summary.ts";

const block = (id: number, voxels: number) => ({
  id,
  voxels,
  volume_A3: voxels * 281,
  mean_occupancy: 0.51234,
  cohesion: 0.9,
});

const summary: RunSummary = {
  folder: "out",
  rule: "phi",
  volumes: 300,
  kept: 297,
  union: 11034,
  sampled: 5517,
  engine: "wasm",
  sketch: {
    folder: "out/00_sketch",
    blocks: [block(0, 12), block(3, 340)],
    pairs: 15215886,
    edges: 1234,
    changed: [],
  },
};

Deno.test("formatSummary tells counts, blocks and where they are", () => {
  const expand = {
    folder: "out/02_expand",
    blocks: [block(0, 25), block(3, 1712)],
    unassigned: 312,
    changed: [],
  };
  assert.strictEqual(
    formatSummary({ ...summary, expand }),
    `300 maps, 297 kept; 11,034 voxels in the union, 5,517 sampled
15,215,886 pairs tested by rule phi (engine wasm), 1,234 linked
2 blocks in the sketch
2 blocks after expansion; 312 voxels of the union in none

block  voxels  volume (A^3)  mean occupancy  cohesion
    0      25         7,025           0.512     0.900
    3   1,712       481,072           0.512     0.900

Sketch:  out/00_sketch
Blocks:  out/02_expand
To see the blocks, open out/02_expand/open_blocks.cxc in ChimeraX.
Next:    siren view out
`,
  );
});

Deno.test("formatSummary of a sketch names changed files", () => {
  const sketch = { ...summary.sketch, changed: ["out/00_sketch/block_3.mrc"] };
  const text = formatSummary({ ...summary, kept: 300, sketch });
  assert.ok(text.startsWith("300 maps; 11,034 voxels"));
  assert.ok(text.endsWith(
    `Left as they are, because they were changed since siren wrote them:
  out/00_sketch/block_3.mrc

Sketch:  out/00_sketch
To see the blocks, open out/00_sketch/open_blocks.cxc in ChimeraX.
Next:    siren view out
`,
  ));
});

Deno.test("formatSummary lists the 40 largest of many blocks, by id", () => {
  const blocks = Array.from(
    { length: 42 },
    (_, id) => block(id, id === 41 ? 5 : id === 7 ? 6 : 50),
  );
  const text = formatSummary({ ...summary, sketch: { ...summary.sketch, blocks } });
  assert.match(text, /\n {3}40 {6}50 .*\n\.\.\. and 2 smaller blocks\n/);
  assert.doesNotMatch(text, /\n {3}41 |\n {4}7 /);
});

Deno.test("formatSummary says what to do where no block was found", () => {
  const text = formatSummary({ ...summary, sketch: { ...summary.sketch, blocks: [] } });
  assert.match(text, /No block was found\. Check the threshold first/);
  assert.doesNotMatch(text, /ChimeraX/);
});
