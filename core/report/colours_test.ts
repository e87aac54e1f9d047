import assert from "node:assert";
import { colourDistance, palette, parseHex } from "./colours.ts";

Deno.test("palette: a longer palette begins with the shorter one", () => {
  const long = palette(300);
  for (const count of [0, 1, 7, 8, 40]) {
    assert.deepStrictEqual(palette(count), long.slice(0, count));
  }
});

Deno.test("palette: colours differ, for colour-blind eyes too", () => {
  // In OKLab, where black and white are 1 apart; 0.02 is about what side by side can just be told apart.
  for (const [count, least] of [[10, 0.15], [16, 0.12], [32, 0.09], [100, 0.05]] as const) {
    const colours = palette(count);
    for (const [i, a] of colours.entries()) {
      assert.match(a, /^#[0-9a-f]{6}$/);
      for (const b of colours.slice(0, i)) {
        assert.ok(colourDistance(a, b) >= least, `${a} and ${b} of ${count}`);
      }
    }
  }
});

Deno.test("palette: no generated colour is like white, black or the greys of the consensus map", () => {
  for (const colour of palette(40).slice(7)) {
    for (const taken of ["#ffffff", "#000000", "#c0c0c0", "#808080"]) {
      assert.ok(colourDistance(colour, taken) > 0.07, `${colour} and ${taken}`);
    }
  }
});

Deno.test("palette: as many colours as asked for, repeating only when there are no more", () => {
  assert.strictEqual(new Set(palette(2000)).size, 2000);
  const many = palette(5000);
  assert.strictEqual(many.length, 5000);
  const distinct = new Set(many).size;
  assert.ok(distinct < 5000);
  assert.deepStrictEqual(many.slice(distinct, distinct + 9), many.slice(0, 9));
});

Deno.test("colourDistance: published values", () => {
  // OKLab has lightness 0 for black and 1 for white.
  assert.ok(Math.abs(colourDistance("#000000", "#ffffff") - 1) < 1e-6);
  assert.strictEqual(colourDistance("#123456", "#123456"), 0);
  // A red and a green that only a normal eye tells apart well.
  assert.ok(colourDistance("#d00000", "#708000") < 0.5 * colourDistance("#0000d0", "#708000"));
});

Deno.test("parseHex", () => {
  assert.deepStrictEqual(parseHex("#0a80ff"), [10, 128, 255]);
});
