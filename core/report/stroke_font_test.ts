import assert from "node:assert";
import { drawableText, textStrokes } from "./stroke_font.ts";

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZÅ.,:;-_+=/()";

Deno.test("every letter has strokes of its own, within the line", () => {
  const drawn = Array.from(LETTERS, (letter) => textStrokes(letter, 100));
  const distinct = new Set(drawn.map(({ letters }) => JSON.stringify(letters)));
  assert.strictEqual(distinct.size, LETTERS.length);
  for (const { letters, width } of drawn) {
    for (const [x1, y1, x2, y2] of letters.flat()) {
      assert.ok(Math.min(x1, x2) >= 0 && Math.max(x1, x2) <= width + 1e-9);
      assert.ok(Math.min(y1, y2) >= -72 && Math.max(y1, y2) <= 0.3 * 100);
    }
  }
});

Deno.test("text is as wide as its letters and grows with its size", () => {
  const { width, pen } = textStrokes("block 12", 10);
  assert.ok(Math.abs(textStrokes("block 12", 20).width - 2 * width) < 1e-9);
  assert.ok(textStrokes("block 123", 10).width > width);
  assert.ok(textStrokes("block 12", 10, true).pen > pen);
  assert.strictEqual(textStrokes("", 10).width, 0);
});

Deno.test("a letter that the font lacks is refused", () => {
  assert.throws(() => textStrokes("a?", 10), new RangeError('Cannot draw "a?": no letter "?"'));
});

Deno.test("any text can be drawn", () => {
  for (const text of ["L2_chainA", "a?", "\u{1f9ec}\n", "constructor", ""]) {
    assert.doesNotThrow(() => textStrokes(drawableText(text), 10));
  }
  // Chains A and a are two.
  assert.strictEqual(drawableText("50S_chainA"), "50S_chainA");
  assert.strictEqual(drawableText("b12 (Å)"), "b12 (A)");
});
