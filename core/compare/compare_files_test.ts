import assert from "node:assert";
import { encodePng, formatSvg } from "../report/drawing.ts";
import { compareBlocks } from "./compare_blocks.ts";
import {
  comparisonPicture,
  formatComparisonCsv,
  formatJaccardCsv,
  formatMovedCsv,
} from "./compare_files.ts";

const comparison = compareBlocks(
  new Map([["0", [0, 1, 2, 3]], ["3", [10, 11, 12, 13]], ["9", [60]]]),
  new Map([["1", [0, 1, 2, 50]], ['a "b", c', [10, 11]], ["7", [12, 13]]]),
  { box: 4, apix: 2 },
);

Deno.test("the tables of a comparison", () => {
  assert.strictEqual(
    formatComparisonCsv(comparison),
    "a,b,kind,jaccard,overlap,voxels_a,voxels_b,both,lost,gained,shift_A\n" +
      "0,1,pair,0.60000,0.75000,4,4,3,1,1,1.581\n" +
      '3,"a ""b"", c",pair,0.50000,1.00000,4,2,2,2,0,2.236\n' +
      '3,"a ""b"", c;7",split,1.00000,,4,,,,,\n' +
      "9,,only,,,1,,,,,\n",
  );
  assert.strictEqual(
    formatJaccardCsv(comparison),
    'block,1,"a ""b"", c",7\n0,0.60000,0.00000,0.00000\n3,0.00000,0.50000,0.50000\n' +
      "9,0.00000,0.00000,0.00000\n",
  );
  assert.strictEqual(
    formatMovedCsv(comparison),
    'a,b,voxels\n0,1,3\n0,,1\n3,"a ""b"", c",2\n3,7,2\n9,,1\n,1,1\n',
  );
});

Deno.test("the picture of a comparison can be drawn, whatever the blocks are called and however many", () => {
  const many = new Map(Array.from({ length: 300 }, (_, i) => [`Maske_${i} é`, [i]]));
  for (
    const one of [
      comparison,
      compareBlocks(new Map(), new Map()),
      compareBlocks(many, many),
      compareBlocks(many, new Map()),
    ]
  ) {
    const drawing = comparisonPicture(one);
    assert.ok(drawing.width < 1400 && drawing.height < 2000);
    assert.ok(formatSvg(drawing).startsWith("<svg"));
    assert.ok(encodePng(drawing).length > 100);
  }
});

Deno.test("the picture of a comparison: pairs are dark along the diagonal", () => {
  const { items } = comparisonPicture(comparison);
  const raster = items.find((item) => item.kind === "raster");
  assert.ok(raster !== undefined);
  const { rgb, columns } = raster.image;
  const red = (row: number, column: number) => rgb[3 * (row * columns + column)]!;
  assert.ok(red(0, 0) < red(1, 1)); // Jaccard 0.6 and 0.5
  assert.ok(red(1, 1) < 255);
  assert.strictEqual(red(0, 1), 255);
  assert.strictEqual(red(2, 2), 255);
});
