/**
 * The picture of how regions go together: a matrix of phi coefficients.
 *
 * @module
 */
import { palette } from "../report/colours.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import { textStrokes } from "../report/stroke_font.ts";
import type { Analysis } from "./analysis.ts";
import { box, colourAt, CORRELATION_SCALE, paint, pictureName, scaleBar } from "./picture_parts.ts";

const MARGIN = 24, TOP = 96, FAINT = "#777777";

/** Side of a cell in pixels, and the most that all take. */
const CELL = 26, MOST_SIDE = 1000;

/**
 * Draws the regions against each other, in the order of their tree: blue where two go together, orange where
 * they are seldom together, with a cross where they exclude each other.
 */
export function pairsPicture({ table, regionTree, pairs }: Analysis): Drawing {
  const k = table.regions.length, { order } = regionTree;
  const side = Math.min(MOST_SIDE, k * CELL), cell = side / k;
  const placeOf = new Uint32Array(k);
  order.forEach((region, place) => placeOf[region] = place);
  const phis = new Float64Array(k * k).fill(1);
  const crosses: Item[] = [];
  const names = table.regions.map(({ name }) => pictureName(name));
  const size = Math.min(13, cell - 2), hasNames = size >= 7;
  const label = hasNames ? Math.max(...names.map((name) => textStrokes(name, size).width)) : 0;
  const left = MARGIN + label + 32;
  for (const { a, b, phi, exclusive } of pairs) {
    const p = placeOf[a]!, q = placeOf[b]!;
    phis[p * k + q] = phis[q * k + p] = phi;
    if (!exclusive) continue;
    for (const [column, row] of [[p, q], [q, p]] as const) {
      const x = left + (column + 0.5) * cell, y = TOP + (row + 0.5) * cell, r = 0.28 * cell;
      const width = Math.max(0.5, Math.min(2, cell / 8));
      const look = { kind: "line", width, colour: "#000000" } as const;
      crosses.push({ ...look, x1: x - r, y1: y - r, x2: x + r, y2: y + r });
      crosses.push({ ...look, x1: x - r, y1: y + r, x2: x + r, y2: y - r });
    }
  }
  const image = paint(
    k,
    k,
    (column, row) => colourAt(CORRELATION_SCALE, (1 + phis[row * k + column]!) / 2),
  );
  const colours = palette(k);
  return {
    width: Math.ceil(Math.max(left + side, 420) + MARGIN),
    height: Math.ceil(TOP + side + 80),
    title: "How regions go together",
    items: [
      textItem(MARGIN, 28, "together and apart", { size: 16, bold: true }),
      textItem(
        MARGIN,
        47,
        "phi coefficient of the presences of two regions; a cross: they exclude",
        {
          size: 13,
          colour: FAINT,
        },
      ),
      textItem(MARGIN, 64, "each other", { size: 13, colour: FAINT }),
      { kind: "raster", x: left, y: TOP, width: side, height: side, image },
      ...crosses,
      ...order.flatMap((region, place): Item[] => {
        const at = place * cell, thick = Math.max(1, cell - 1);
        return [
          box(left - 20, TOP + at, 14, thick, colours[region]!),
          box(left + at, TOP - 20, thick, 14, colours[region]!),
          ...(hasNames
            ? [textItem(left - 26, TOP + at + cell / 2 + size / 3, names[region]!, {
              size,
              anchor: "end",
            })]
            : []),
        ];
      }),
      ...scaleBar(left, TOP + side + 36, CORRELATION_SCALE, ["-1", "0", "1"], "phi"),
    ],
  };
}
