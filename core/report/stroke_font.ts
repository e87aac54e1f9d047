/**
 * A small font of strokes, for the labels of PNG pictures, which know no text: digits, letters
 * and the signs that the labels use.
 *
 * @module
 */

/** Height of digits and tall letters in the font's units. The baseline is at 16, descenders reach 21. */
const CAP_HEIGHT = 16;

/** Cap height, pen width and bold pen width of a font of size 1. */
const CAP = 0.72, PEN = 0.085, BOLD_PEN = 0.13;

/** Space between two letters, and width of a blank, in the font's units. */
const GAP = 4.4, BLANK = 2.2;

/**
 * Each letter as polylines, parted by blanks: pairs of base-36 digits, x from the left and y from the cap
 * height down. A polyline of one point is a dot.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  "0": "3050838d5g3g0d0330",
  "1": "13404g",
  "2": "0403305083850g8g",
  "3": "02205082855737 578a8d5g2g0e",
  "4": "6g600b9b",
  "5": "7010072656898d5g2g0e",
  "6": "715030040d3g5g8d8a57370a",
  "7": "00803g",
  "8": "305082855737050230 578a8d5g3g0d0a37",
  "9": "1f3g5g8c8350300306395986",
  a: "163555777g 7a3a0c0e2g4g7d",
  b: "000g 083555787d5g3g0d",
  c: "775535080d3g5g7e",
  d: "707g 784525080d2g4g7d",
  e: "0a7a785535080d3g5g7e",
  f: "5040222g 0555",
  g: "757i5l3l1k 784525080d2g4g7d",
  h: "000g 083555777g",
  i: "050g 01",
  j: "252j0l 21",
  k: "000g 650b 296g",
  l: "000g",
  m: "050g 082545575g 587595a7ag",
  n: "050g 083555777g",
  o: "2555787d5g2g0d0825",
  p: "050l 083555787d5g3g0d",
  q: "757l 784525080d2g4g7d",
  r: "050g 09264555",
  s: "67452507096c6e4g2g0e",
  t: "212e4g5g 0555",
  u: "050d2g4g7d 757g",
  v: "053g65",
  w: "052g578ga5",
  x: "056g 650g",
  y: "053g 653g1l",
  z: "05650g6g",
  A: "0g50ag 2a8a",
  B: "0g00507183856707 57798b8d7f5g0g",
  C: "83603012050b1e3g6g8d",
  D: "0g004072858b7e4g0g",
  E: "70000g7g 0757",
  F: "70000g 0757",
  G: "83603012050b1e3g6g8d8959",
  H: "000g 808g 0787",
  I: "0040 202g 0g4g",
  J: "606c5f3g1f0d",
  K: "000g 800a 368g",
  L: "000g7g",
  M: "0g0059a0ag",
  N: "0g008g80",
  O: "3012050b1e3g6g8e9b95826030",
  P: "0g00507183866808",
  Q: "3012050b1e3g6g8e9b95826030 6c9g",
  R: "0g00507183866808 488g",
  S: "826020020517798b8e6g2g0e",
  T: "00a0 505g",
  U: "000c1e3g5g7e8c80",
  V: "005ga0",
  W: "003g649gc0",
  X: "008g 800g",
  Y: "0057a0 575g",
  Z: "00800g8g",
  "Å": "0g54ag 2c8c 40607163433140",
  ".": "0g",
  ",": "1f1g0j",
  ":": "07 0g",
  "-": "0a5a",
  "_": "0j8j",
  "+": "0a8a 464e",
  "=": "0787 0c8c",
  "/": "0h60",
  ";": "07 1f1g0j",
  "(": "30050c3h",
  ")": "00353c0h",
};

/** A stroke from (x1, y1) to (x2, y2): x1, y1, x2, y2. */
export type Segment = readonly [number, number, number, number];

/** A text as strokes. */
export interface TextStrokes {
  /** The strokes of each letter, in pixels from the start of the baseline, y down. */
  readonly letters: readonly (readonly Segment[])[];
  /** Width of the text in pixels. */
  readonly width: number;
  /** Width of the pen in pixels. */
  readonly pen: number;
}

/**
 * Turns a text into strokes.
 *
 * @param size Font size in pixels: letters without descenders are 0.72 of it high.
 * @throws {RangeError} When the font has no such letter.
 */
export function textStrokes(text: string, size: number, bold = false): TextStrokes {
  const unit = CAP * size / CAP_HEIGHT;
  const letters: Segment[][] = [];
  let left = 0;
  for (const letter of text) {
    if (letter === " ") {
      left += BLANK + GAP;
      continue;
    }
    const glyph = GLYPHS[letter];
    if (glyph === undefined) throw new RangeError(`Cannot draw "${text}": no letter "${letter}"`);
    const polylines = glyph.split(" ").map((polyline) =>
      Array.from(polyline.matchAll(/../g), ([pair]) => {
        const x = parseInt(pair[0]!, 36), y = parseInt(pair[1]!, 36) - CAP_HEIGHT;
        return [x, y] as const;
      })
    );
    letters.push(
      polylines.flatMap((points) =>
        points.slice(0, Math.max(1, points.length - 1)).map(([x, y], i): Segment => {
          const [toX, toY] = points[i + 1] ?? [x, y];
          return [(left + x) * unit, y * unit, (left + toX) * unit, toY * unit];
        })
      ),
    );
    left += Math.max(...polylines.flat().map(([x]) => x)) + GAP;
  }
  return {
    letters,
    width: Math.max(0, left - GAP) * unit,
    pen: size * (bold ? BOLD_PEN : PEN),
  };
}

/**
 * A text as the font can draw it, for names that are not ours, such as those of masks: without accents, and
 * "-" for what is no letter of the font.
 *
 * @example
 * ```ts
 * import { drawableText } from "./stroke_font.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(drawableText("Mask_é*"), "Mask_e-");
 * ```
 */
export function drawableText(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "");
  return Array.from(plain, (letter) => letter === " " || letter in GLYPHS ? letter : "-").join("");
}
