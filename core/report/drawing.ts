/**
 * Drawings of a few simple items, written as SVG or as PNG, so that both pictures are the same.
 *
 * @module
 */
import { encode } from "fast-png";
import { parseHex, type Rgb } from "./colours.ts";
import { type Segment, textStrokes } from "./stroke_font.ts";

/** A picture: x goes right and y down from the top left corner, in pixels. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What it shows, for readers of the SVG. */
  readonly title: string;
  /** Painted in this order on white. Colours are "#rrggbb". */
  readonly items: readonly Item[];
}

/** What a drawing is made of. */
export type Item = RasterItem | LineItem | DotsItem | TextItem;

/** An image, stretched to a rectangle without smoothing. */
export interface RasterItem {
  readonly kind: "raster";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly image: RgbImage;
}

/** Pixels of an image. */
export interface RgbImage {
  readonly columns: number;
  readonly rows: number;
  /** Red, green and blue of each pixel, row by row from the top: `3 * columns * rows`. */
  readonly rgb: Uint8Array;
}

/** A line with round ends. */
export interface LineItem {
  readonly kind: "line";
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly width: number;
  readonly colour: string;
}

/** Filled circles of one size and colour. */
export interface DotsItem {
  readonly kind: "dots";
  /** x and y of each centre in turn. */
  readonly centres: readonly number[];
  readonly radius: number;
  readonly colour: string;
}

/** A line of text: what `stroke_font.ts` has letters for. */
export interface TextItem {
  readonly kind: "text";
  /** Where the text starts, has its middle, or ends. */
  readonly x: number;
  readonly anchor: "start" | "middle" | "end";
  /** The baseline. */
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  /** Whether the letters have a white rim, to be read on colours. */
  readonly halo?: boolean;
}

/** The colour of text that is told no other. */
export const INK = "#333333";

/** A text item of a given size, by default in ink and starting at (x, y). */
export function textItem(
  x: number,
  y: number,
  text: string,
  options: Partial<TextItem> & Pick<TextItem, "size">,
): TextItem {
  return { kind: "text", x, y, text, anchor: "start", colour: INK, ...options };
}

/** Width of the white rim of letters with a halo, of their size. */
const HALO = 0.28;

/** A drawing as an SVG document. */
export function formatSvg({ width, height, title, items }: Drawing): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Helvetica, Arial, sans-serif">\n` +
    `<title>${escapeXml(title)}</title>\n` +
    `<rect width="100%" height="100%" fill="#ffffff"/>\n` +
    items.map((item) => svgOf(item) + "\n").join("") +
    `</svg>\n`;
}

function svgOf(item: Item): string {
  switch (item.kind) {
    case "raster": {
      const png = encodeRgb(item.image).toBase64();
      // Unsmoothed: programs that know SVG 1.1 alone read the attribute, the others the style.
      const unsmoothed = `image-rendering="optimizeSpeed" style="image-rendering:pixelated"`;
      return `<image x="${number(item.x)}" y="${number(item.y)}" width="${number(item.width)}" ` +
        `height="${number(item.height)}" preserveAspectRatio="none" ` +
        `${unsmoothed} href="data:image/png;base64,${png}"/>`;
    }
    case "line":
      return `<path d="M${number(item.x1)} ${number(item.y1)}L${number(item.x2)} ${
        number(item.y2)
      }" ` +
        `stroke="${item.colour}" stroke-width="${number(item.width)}" stroke-linecap="round"/>`;
    case "dots": {
      // Lines of no length with round ends: far shorter than circles.
      let d = "";
      for (let i = 0; i < item.centres.length; i += 2) {
        d += `M${number(item.centres[i]!)} ${number(item.centres[i + 1]!)}h0`;
      }
      return `<path d="${d}" stroke="${item.colour}" stroke-width="${number(2 * item.radius)}" ` +
        `stroke-linecap="round"/>`;
    }
    case "text": {
      const bold = item.bold ? ` font-weight="bold"` : "";
      const halo = item.halo
        ? ` stroke="#ffffff" stroke-width="${number(HALO * item.size)}" paint-order="stroke"`
        : "";
      return `<text x="${number(item.x)}" y="${number(item.y)}" text-anchor="${item.anchor}" ` +
        `font-size="${number(item.size)}" fill="${item.colour}"${bold}${halo}>` +
        `${escapeXml(item.text)}</text>`;
    }
  }
}

/** A coordinate to a hundredth of a pixel. */
function number(value: number): string {
  return String(Math.round(100 * value) / 100);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * A drawing as a PNG file.
 *
 * @param scale Pixels of the file for each pixel of the drawing.
 * @throws {RangeError} When a text has a letter that the font lacks.
 */
export function encodePng(drawing: Drawing, scale = 1): Uint8Array {
  const columns = Math.round(drawing.width * scale), rows = Math.round(drawing.height * scale);
  const image: RgbImage = { columns, rows, rgb: new Uint8Array(3 * columns * rows).fill(255) };
  for (const item of drawing.items) paint(image, item, scale);
  return encodeRgb(image);
}

function encodeRgb({ columns, rows, rgb }: RgbImage): Uint8Array {
  return encode({ width: columns, height: rows, data: rgb, channels: 3, depth: 8 });
}

function paint(image: RgbImage, item: Item, scale: number): void {
  switch (item.kind) {
    case "raster":
      paintRaster(image, item, scale);
      break;
    case "line": {
      const { x1, y1, x2, y2, width, colour } = item;
      const segment: Segment = [x1 * scale, y1 * scale, x2 * scale, y2 * scale];
      paintStrokes(image, [segment], width * scale, colour);
      break;
    }
    case "dots":
      for (let i = 0; i < item.centres.length; i += 2) {
        const x = item.centres[i]! * scale, y = item.centres[i + 1]! * scale;
        paintStrokes(image, [[x, y, x, y]], 2 * item.radius * scale, item.colour);
      }
      break;
    case "text":
      paintText(image, item, scale);
      break;
  }
}

function paintRaster(target: RgbImage, item: RasterItem, scale: number): void {
  const { columns, rows, rgb } = item.image;
  const top = Math.round(item.y * scale), bottom = Math.round((item.y + item.height) * scale);
  const left = Math.round(item.x * scale), right = Math.round((item.x + item.width) * scale);
  for (let y = top; y < bottom; y++) {
    const row = Math.floor((y - top) * rows / (bottom - top));
    for (let x = left; x < right; x++) {
      const column = Math.floor((x - left) * columns / (right - left));
      const from = 3 * (row * columns + column), to = 3 * (y * target.columns + x);
      target.rgb[to] = rgb[from]!;
      target.rgb[to + 1] = rgb[from + 1]!;
      target.rgb[to + 2] = rgb[from + 2]!;
    }
  }
}

function paintText(image: RgbImage, item: TextItem, scale: number): void {
  const { letters, width, pen } = textStrokes(item.text, item.size * scale, item.bold);
  const start = item.anchor === "start" ? 0 : item.anchor === "middle" ? width / 2 : width;
  const x = item.x * scale - start, y = item.y * scale;
  const placed = letters.map((strokes) =>
    strokes.map(([x1, y1, x2, y2]): Segment => [x + x1, y + y1, x + x2, y + y2])
  );
  if (item.halo) paintStrokes(image, placed.flat(), pen + HALO * item.size * scale, "#ffffff");
  for (const strokes of placed) paintStrokes(image, strokes, pen, item.colour);
}

/** Paints strokes of a round pen as one shape with smooth edges. */
function paintStrokes(
  image: RgbImage,
  strokes: readonly Segment[],
  width: number,
  colour: string,
): void {
  const rgb = parseHex(colour);
  const [only] = strokes;
  if (strokes.length === 1 && only) {
    cover(image, only, width / 2, (pixel, coverage) => blend(image, pixel, rgb, coverage));
    return;
  }
  // Where strokes meet, the pixel is covered as much as by the one that covers it most.
  const covered = new Map<number, number>();
  for (const stroke of strokes) {
    cover(image, stroke, width / 2, (pixel, coverage) => {
      if (coverage > (covered.get(pixel) ?? 0)) covered.set(pixel, coverage);
    });
  }
  for (const [pixel, coverage] of covered) blend(image, pixel, rgb, coverage);
}

/** Calls `visit` for each pixel that a stroke covers, with the share of it that is covered, above 0 to 1. */
function cover(
  { columns, rows }: RgbImage,
  [x1, y1, x2, y2]: Segment,
  radius: number,
  visit: (pixel: number, coverage: number) => void,
): void {
  const dx = x2 - x1, dy = y2 - y1, square = dx * dx + dy * dy;
  const reach = radius + 0.5;
  const top = Math.max(0, Math.floor(Math.min(y1, y2) - reach));
  const bottom = Math.min(rows - 1, Math.ceil(Math.max(y1, y2) + reach));
  for (let row = top; row <= bottom; row++) {
    const y = row + 0.5;
    // The part of the stroke, in [0, 1], that is near enough to the row.
    let from = 0, to = 1;
    if (dy !== 0) {
      const a = (y - reach - y1) / dy, b = (y + reach - y1) / dy;
      from = Math.max(0, Math.min(a, b));
      to = Math.min(1, Math.max(a, b));
      if (from > to) continue;
    }
    const xa = x1 + from * dx, xb = x1 + to * dx;
    const left = Math.max(0, Math.floor(Math.min(xa, xb) - reach));
    const right = Math.min(columns - 1, Math.ceil(Math.max(xa, xb) + reach));
    for (let column = left; column <= right; column++) {
      const x = column + 0.5;
      const along = square === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / square;
      const t = Math.min(1, Math.max(0, along));
      const away = Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
      const coverage = Math.min(1, reach - away, 2 * radius);
      if (coverage > 0) visit(row * columns + column, coverage);
    }
  }
}

function blend({ rgb }: RgbImage, pixel: number, colour: Rgb, coverage: number): void {
  for (let c = 0; c < 3; c++) {
    const before = rgb[3 * pixel + c]!;
    rgb[3 * pixel + c] = Math.round(before + coverage * (colour[c]! - before));
  }
}
