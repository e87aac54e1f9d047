import assert from "node:assert";
import { decode } from "fast-png";
import { type Drawing, encodePng, formatSvg, type Item, textItem } from "./drawing.ts";

const image = {
  columns: 2,
  rows: 2,
  rgb: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30),
};
const raster: Item = { kind: "raster", x: 1, y: 2, width: 6, height: 4, image };

function draw(...items: Item[]): Drawing {
  return { width: 10, height: 8, title: "a < b & c", items };
}

/** The colour of a pixel of a drawing, as "r g b". */
function pixels(drawing: Drawing, scale = 1) {
  const png = decode(encodePng(drawing, scale));
  assert.deepStrictEqual([png.width, png.height, png.channels], [10 * scale, 8 * scale, 3]);
  return (x: number, y: number) => {
    const at = 3 * (y * png.width + x);
    return png.data.slice(at, at + 3).join(" ");
  };
}

Deno.test("encodePng: a raster is stretched without smoothing, the rest is white", () => {
  for (const scale of [1, 2]) {
    const at = pixels(draw(raster), scale);
    for (let y = 0; y < 8 * scale; y++) {
      for (let x = 0; x < 10 * scale; x++) {
        const column = Math.floor((x / scale - 1) / 3), row = Math.floor((y / scale - 2) / 2);
        const inside = column >= 0 && column < 2 && row >= 0 && row < 2;
        const rgb = inside ? image.rgb.slice(6 * row + 3 * column).slice(0, 3) : [255, 255, 255];
        assert.strictEqual(at(x, y), rgb.join(" "), `${x} ${y}`);
      }
    }
  }
});

Deno.test("encodePng: a line covers its pixels whole, and half covered ones half", () => {
  const line: Item = {
    kind: "line",
    x1: 2,
    y1: 4,
    x2: 8,
    y2: 4,
    width: 3,
    colour: "#000000",
  };
  const at = pixels(draw(line));
  assert.strictEqual(at(5, 3), "0 0 0");
  assert.strictEqual(at(5, 4), "0 0 0");
  assert.strictEqual(at(5, 2), "128 128 128");
  assert.strictEqual(at(5, 5), "128 128 128");
  assert.strictEqual(at(5, 1), "255 255 255");
  assert.strictEqual(at(5, 6), "255 255 255");
});

Deno.test("encodePng: dots are round and lie where they should, also over the edge", () => {
  const dots: Item = { kind: "dots", centres: [3, 3, 9.5, 7.5], radius: 2, colour: "#0072b2" };
  const at = pixels(draw(dots));
  assert.strictEqual(at(2, 2), "0 114 178");
  assert.strictEqual(at(9, 7), "0 114 178");
  assert.strictEqual(at(6, 3), "255 255 255");
  assert.notStrictEqual(at(1, 1), "0 114 178");
});

Deno.test("encodePng: text is painted in its colour, with a white rim where it has a halo", () => {
  const dark: Item = { kind: "dots", centres: [5, 4], radius: 9, colour: "#000000" };
  const one = textItem(5, 8, "l", { size: 11, anchor: "middle", colour: "#ff0000" });
  const plain = pixels(draw(dark, one)), rimmed = pixels(draw(dark, { ...one, halo: true }));
  // The l is a stroke of 0.9 pixels at x 5.
  for (const at of [plain, rimmed]) assert.notStrictEqual(at(4, 4), "0 0 0");
  assert.strictEqual(plain(3, 4), "0 0 0");
  assert.strictEqual(rimmed(3, 4), "255 255 255");
  assert.strictEqual(rimmed(0, 4), "0 0 0");
});

Deno.test("formatSvg: one element for each item, with the raster as a PNG of its own pixels", () => {
  const svg = formatSvg(draw(
    raster,
    { kind: "line", x1: 0, y1: 1.006, x2: 2, y2: 3, width: 1.5, colour: "#333333" },
    { kind: "dots", centres: [1, 2, 3.333333, 4], radius: 1.25, colour: "#0072b2" },
    textItem(5, 7, "a<b", { size: 12, bold: true, halo: true, anchor: "end" }),
  ));
  const [open, title, paper, picture, line, dots, text, close] = svg.split("\n");
  assert.strictEqual(
    open,
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="8" viewBox="0 0 10 8" ' +
      'font-family="Helvetica, Arial, sans-serif">',
  );
  assert.strictEqual(title, "<title>a &lt; b &amp; c</title>");
  assert.strictEqual(paper, '<rect width="100%" height="100%" fill="#ffffff"/>');
  assert.strictEqual(
    line,
    '<path d="M0 1.01L2 3" stroke="#333333" stroke-width="1.5" stroke-linecap="round"/>',
  );
  assert.strictEqual(
    dots,
    '<path d="M1 2h0M3.33 4h0" stroke="#0072b2" stroke-width="2.5" stroke-linecap="round"/>',
  );
  assert.strictEqual(
    text,
    '<text x="5" y="7" text-anchor="end" font-size="12" fill="#333333" font-weight="bold" ' +
      'stroke="#ffffff" stroke-width="3.36" paint-order="stroke">a&lt;b</text>',
  );
  assert.strictEqual(close, "</svg>");
  const base64 =
    /^<image x="1" y="2" width="6" height="4" .* href="data:image\/png;base64,(.*)"\/>$/
      .exec(picture!)![1]!;
  assert.deepStrictEqual([...decode(Uint8Array.fromBase64(base64)).data], [...image.rgb]);
});
