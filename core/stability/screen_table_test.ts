import assert from "node:assert";
import { tableFromIPC } from "apache-arrow";
import { encodePng, formatSvg } from "../report/drawing.ts";
import { formatScreenCsv, screenArrow, type ScreenLine, screenPicture } from "./screen_table.ts";

const line = (setting: number, changes: Partial<ScreenLine> = {}): ScreenLine => ({
  setting,
  threshold: 0.5,
  values: { join: 0.4 },
  blocks: 3,
  median_size: 12.5,
  largest: 40,
  union: 100,
  coverage: 0.65,
  overlap: 0,
  agreement: 0.9,
  information: 1.25,
  as_good: false,
  recommended: false,
  ...changes,
});

Deno.test("a screen as CSV: a line for each setting, options as they are given", () => {
  const values = { posp_factor: "distance" };
  const lines = [
    line(0, { values }),
    line(1, {
      values: { posp_factor: 1.5 },
      threshold: "a,b.csv",
      as_good: true,
      recommended: true,
    }),
  ];
  assert.strictEqual(
    formatScreenCsv(lines),
    "setting,threshold,posp_factor,blocks,median_size,largest,union,coverage,overlap,agreement," +
      "information,as_good,recommended\n" +
      "0,0.5,distance,3,12.5,40,100,0.6500,0.0000,0.9000,1.2500,false,false\n" +
      '1,"a,b.csv",1.5,3,12.5,40,100,0.6500,0.0000,0.9000,1.2500,true,true\n',
  );
});

Deno.test("a screen as Arrow: numbers where all are, else text", () => {
  const numbers = tableFromIPC(screenArrow([line(0), line(1, { recommended: true })]));
  const row = { ...numbers.get(1)!.toJSON() };
  assert.deepStrictEqual([row["threshold"], row["join"], row["recommended"]], [0.5, 0.4, 1]);
  const words = tableFromIPC(screenArrow([line(0), line(1, { threshold: "a.csv" })]));
  assert.deepStrictEqual([...words.getChild("threshold")!], ["0.5", "a.csv"]);
});

Deno.test("the picture has a cell for each setting in each map, and frames the recommended one", () => {
  const thresholds = [0.1, 0.2, 0.3], joins = [0.4, 0.5];
  const lines = thresholds.flatMap((threshold, t) =>
    joins.map((join, j) =>
      line(2 * t + j, {
        threshold,
        values: { join },
        recommended: t === 1 && j === 1,
        blocks: 10 * t + j,
      })
    )
  );
  const drawing = screenPicture(lines);
  const cells = drawing.items.flatMap((item) => item.kind === "raster" ? [item] : []);
  assert.strictEqual(cells.length, 4 * 6);
  const texts = drawing.items.flatMap((item) => item.kind === "text" ? [item.text] : []);
  for (const text of ["0", "1", "10", "11", "20", "21", "join 0.4", "join 0.5", "0.3"]) {
    assert.ok(texts.includes(text), text);
  }
  const frames = drawing.items.flatMap((item) => item.kind === "line" ? [item] : []);
  assert.strictEqual(frames.length, 4 * 4);
  // The second threshold's second row.
  const cell = cells[3]!;
  assert.deepStrictEqual([frames[0]!.x1, frames[0]!.y1], [cell.x + 1, cell.y + 1]);
  assert.match(formatSvg(drawing), /^<svg /);
  assert.ok(encodePng(drawing).length > 1000);
});

Deno.test("long names and a single setting can be drawn too", () => {
  const threshold = "/a/very/long/Pfad/zu/Schwellen_ä.csv";
  const drawing = screenPicture([line(0, { threshold, values: {} })]);
  assert.ok(encodePng(drawing).length > 1000);
});
