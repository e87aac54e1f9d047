/**
 * What the pictures of an analysis have in common: boxes, colour scales, dendrograms, names.
 *
 * @module
 */
import { parseHex, type Rgb } from "../report/colours.ts";
import { INK, type Item, type RgbImage, textItem } from "../report/drawing.ts";
import { drawableText } from "../report/stroke_font.ts";
import type { Tree } from "./analysis.ts";

/** A filled rectangle. */
export function box(x: number, y: number, width: number, height: number, colour: string): Item {
  return {
    kind: "raster",
    x,
    y,
    width,
    height,
    image: { columns: 1, rows: 1, rgb: bytes(colour) },
  };
}

function bytes(colour: string): Uint8Array {
  return Uint8Array.from(parseHex(colour));
}

/** A name as pictures show it: what the font has, and cut where it is long. */
export function pictureName(name: string, letters = 24): string {
  const text = drawableText(name);
  return text.length > letters ? `${text.slice(0, letters - 2)}..` : text;
}

/** A colour scale: the colours of evenly spaced values from 0 to 1. */
export type Scale = readonly string[];

/** From nothing to all there: light to dark, so that it reads in grey and by all eyes. */
export const OCCUPANCY_SCALE: Scale = [
  "#f7f7f2",
  "#c6dbe4",
  "#7fb2cf",
  "#3b82ae",
  "#1a4f82",
  "#0a2a52",
];

/** From apart over indifferent to together: orange and blue, told apart by people with colour blindness too. */
export const CORRELATION_SCALE: Scale = [
  "#8a3a00",
  "#d97b29",
  "#f4d3b0",
  "#f7f7f7",
  "#b5d3e7",
  "#3f8dc0",
  "#0b3f73",
];

/** The colour of a value, 0 to 1; beyond, that of the nearest end. */
export function colourAt(scale: Scale, value: number): Rgb {
  const place = Math.min(1, Math.max(0, value)) * (scale.length - 1);
  const below = Math.min(scale.length - 2, Math.floor(place));
  const from = parseHex(scale[below]!), to = parseHex(scale[below + 1]!);
  const blend = (c: 0 | 1 | 2) => Math.round(from[c] + (place - below) * (to[c] - from[c]));
  return [blend(0), blend(1), blend(2)];
}

/** An image of columns x rows. */
export function paint(
  columns: number,
  rows: number,
  colour: (column: number, row: number) => Rgb,
): RgbImage {
  const rgb = new Uint8Array(3 * columns * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 3) rgb.set(colour(column, row), at);
  }
  return { columns, rows, rgb };
}

/** A legend: the scale as a bar with the values of its ends and its middle. */
export function scaleBar(
  x: number,
  y: number,
  scale: Scale,
  values: readonly [string, string, string],
  title: string,
): Item[] {
  const width = 160, steps = 64;
  const image = paint(steps, 1, (column) => colourAt(scale, column / (steps - 1)));
  return [
    textItem(x, y - 6, title, { size: 12 }),
    { kind: "raster", x, y, width, height: 10, image },
    ...values.map((value, i) =>
      textItem(x + i * width / 2, y + 24, value, {
        size: 12,
        anchor: (["start", "middle", "end"] as const)[i]!,
      })
    ),
  ];
}

/** Where a dendrogram lies. */
export interface TreeFrame {
  /** Middle of the first leaf along the leaves, and distance of neighbours, in pixels. */
  readonly first: number;
  readonly step: number;
  /** Place of the leaves and of the root across. */
  readonly leaves: number;
  readonly root: number;
  /** Whether the leaves lie along x. */
  readonly alongX: boolean;
}

/** Merges that are less than this wide and high, in pixels, are not seen. */
const LEAST_SEEN = 0.75;

/**
 * The lines of a dendrogram. Merges that are too small to be seen are left out, so that a picture of many
 * leaves stays small.
 */
export function treeItems({ merges, order }: Tree, frame: TreeFrame, colour = INK): Item[] {
  const n = order.length;
  const along = new Float64Array(2 * n - 1), across = new Float64Array(2 * n - 1);
  const highest = merges.at(-1)?.height ?? 0;
  const scale = highest > 0 ? (frame.root - frame.leaves) / highest : 0;
  order.forEach((leaf, place) => {
    along[leaf] = frame.first + place * frame.step;
    across[leaf] = frame.leaves;
  });
  const items: Item[] = [];
  const line = (a1: number, c1: number, a2: number, c2: number) =>
    items.push(
      frame.alongX
        ? { kind: "line", x1: a1, y1: c1, x2: a2, y2: c2, width: 1, colour }
        : { kind: "line", x1: c1, y1: a1, x2: c2, y2: a2, width: 1, colour },
    );
  merges.forEach(({ a, b, height }, m) => {
    const made = n + m;
    along[made] = (along[a]! + along[b]!) / 2;
    across[made] = frame.leaves + scale * height;
    const isSeen = Math.abs(along[b]! - along[a]!) > LEAST_SEEN;
    for (const side of [a, b]) {
      const rise = Math.abs(across[made]! - across[side]!);
      if (isSeen && rise > LEAST_SEEN) {
        line(along[side]!, across[side]!, along[side]!, across[made]!);
      }
    }
    if (isSeen) line(along[a]!, across[made]!, along[b]!, across[made]!);
  });
  return items;
}
