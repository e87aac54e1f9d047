import assert from "node:assert";
import { encodePng, formatSvg } from "../report/drawing.ts";
import { stabilityPicture } from "./stability_picture.ts";

const block = (id: number, jaccards: number[], confidences: number[]) => ({
  id,
  colour: "#0072b2",
  jaccards: Float64Array.from(jaccards),
  confidences,
});

Deno.test("each block has a line from its 5th to its 95th percentile, and a dot at its median", () => {
  const jaccards = Array.from({ length: 101 }, (_, i) => i / 100);
  const { items, height } = stabilityPicture("100 replicates over volumes", [
    block(4, jaccards, [0, 0.5, 1]),
    block(17, [1], [1]),
  ]);
  const names = items.flatMap((item) =>
    item.kind === "text" && item.text.startsWith("block") ? [item] : []
  );
  assert.deepStrictEqual(names.map(({ text }) => text), ["block 4", "block 17"]);
  const whiskers = items.flatMap((item) =>
    item.kind === "line" && item.colour === "#0072b2" && item.width === 2 ? [item] : []
  );
  const dots = items.flatMap((item) => item.kind === "dots" && item.radius > 5 ? [item] : []);
  const [long, short] = whiskers;
  assert.ok(long !== undefined && short !== undefined);
  // 330 pixels are the axis from 0 to 1.
  assert.ok(Math.abs(long.x2 - long.x1 - 0.9 * 330) < 1e-9);
  assert.strictEqual(short.x1, short.x2);
  assert.ok(Math.abs(dots[0]!.centres[0]! - (long.x1 + long.x2) / 2) < 1e-9);
  assert.ok(names.every(({ y }) => y < height));
});

Deno.test("it can be written as SVG and PNG, with no blocks and with many", () => {
  for (const count of [0, 1, 60]) {
    const blocks = Array.from({ length: count }, (_, id) => block(id, [0.2, 0.9], [0.1, 0.95]));
    const drawing = stabilityPicture("2 replicates over volumes and samples", blocks);
    assert.match(formatSvg(drawing), /^<svg /);
    assert.ok(encodePng(drawing).length > 1000);
  }
});
