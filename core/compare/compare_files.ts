/**
 * A comparison as tables and as a picture.
 *
 * @module
 */
import { type Drawing, type Item, type RgbImage, textItem } from "../report/drawing.ts";
import { drawableText, textStrokes } from "../report/stroke_font.ts";
import { csvCell } from "../volumes/csv_text.ts";
import type { BlockComparison } from "./compare_blocks.ts";

/**
 * Every block of A and of B, as CSV: `a`, `b`, `kind`, `jaccard`, `overlap`, `voxels_a`, `voxels_b`, `both`,
 * `lost` (voxels of A's block that B's has not), `gained`, `shift_A` (of the centroid, in Angstrom). Kinds are
 * `pair`, `split` and `merge` (several ids parted by semicolons) and `only`. Pairs
 * come first, in the order of A.
 */
export function formatComparisonCsv(comparison: BlockComparison): string {
  const { pairs, splits, merges, onlyA, onlyB, lost, gained } = comparison;
  const sizesA = new Map(lost.map(({ block, voxels }) => [block, voxels]));
  const sizesB = new Map(gained.map(({ block, voxels }) => [block, voxels]));
  const rows: (string | number)[][] = [
    ...pairs.map((pair) => [
      csvCell(pair.a),
      csvCell(pair.b),
      "pair",
      pair.jaccard.toFixed(5),
      pair.overlap.toFixed(5),
      pair.voxelsA,
      pair.voxelsB,
      pair.both,
      pair.voxelsA - pair.both,
      pair.voxelsB - pair.both,
      pair.shift?.toFixed(3) ?? "",
    ]),
    ...splits.map(({ block, pieces, jaccard }) => {
      return union(block, pieces.join(";"), "split", jaccard, sizesA.get(block), "");
    }),
    ...merges.map(({ block, pieces, jaccard }) => {
      return union(pieces.join(";"), block, "merge", jaccard, "", sizesB.get(block));
    }),
    ...onlyA.map((id) => [csvCell(id), "", "only", "", "", sizesA.get(id)!, "", "", "", "", ""]),
    ...onlyB.map((id) => ["", csvCell(id), "only", "", "", "", sizesB.get(id)!, "", "", "", ""]),
  ];
  const header = [
    "a",
    "b",
    "kind",
    "jaccard",
    "overlap",
    "voxels_a",
    "voxels_b",
    "both",
    "lost",
    "gained",
    "shift_A",
  ];
  return csv([header, ...rows]);
}

function union(
  a: string,
  b: string,
  kind: "split" | "merge",
  jaccard: number,
  voxelsA: number | "" | undefined,
  voxelsB: number | "" | undefined,
): (string | number)[] {
  const sizes = [voxelsA ?? "", voxelsB ?? ""];
  return [csvCell(a), csvCell(b), kind, jaccard.toFixed(5), "", ...sizes, "", "", "", ""];
}

/**
 * The Jaccard index of every block of A with every block of B, as CSV: a row for each block of A, a column for
 * each of B.
 */
export function formatJaccardCsv({ a, b, jaccard }: BlockComparison): string {
  return csv([
    ["block", ...b.map(csvCell)],
    ...a.map((id, row) => [
      csvCell(id),
      ...Array.from(b, (_, column) => jaccard[row * b.length + column]!.toFixed(5)),
    ]),
  ]);
}

/**
 * Where voxels went, as CSV: a row for each block of A and each block of B that shares voxels with it, with the
 * number of `voxels`; an empty `b` stands for no block of B, an empty `a` for no block of A.
 */
export function formatMovedCsv({ lost, gained }: BlockComparison): string {
  const rows = [
    ...lost.flatMap(({ block, into, none }) => [
      ...into.map((to) => [csvCell(block), csvCell(to.block), to.voxels]),
      ...(none > 0 ? [[csvCell(block), "", none]] : []),
    ]),
    ...gained.filter(({ none }) => none > 0).map(({ block, none }) => ["", csvCell(block), none]),
  ];
  return csv([["a", "b", "voxels"], ...rows]);
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((cells) => cells.join(",") + "\n").join("");
}

const MARGIN = 20, HEADING = 64, LABEL = 13, GAP = 10;
const LEAST_CELL = 1, LEAST_FRAMED = 5, MOST_CELL = 30, SIDE = 760, LONGEST_LABEL = 16;
const FAINT = "#777777", PAIR = "#d55e00", GRID = "#dddddd";
/** The colour of a Jaccard index of 1; that of 0 is white. */
const DARK = [0, 77, 122] as const;

/**
 * The picture of a comparison: the matrix of Jaccard indices, A from top to bottom and B from left to right.
 * Columns are put so that pairs lie along the diagonal, and are framed.
 */
export function comparisonPicture(comparison: BlockComparison): Drawing {
  const { a, b, pairs, jaccard } = comparison;
  const paired = pairs.map((pair) => b.indexOf(pair.b));
  const order = [...paired, ...b.keys().filter((column) => !paired.includes(column))];
  const rowsPaired = pairs.map((pair) => a.indexOf(pair.a));
  const rows = [...rowsPaired, ...a.keys().filter((row) => !rowsPaired.includes(row))];

  const most = Math.max(a.length, b.length, 1);
  const cell = Math.max(LEAST_CELL, Math.min(MOST_CELL, Math.floor(SIDE / most)));
  const isLabelled = cell >= LABEL;
  const labels = (ids: readonly string[]) => ids.map((id) => shortened(drawableText(id)));
  const rowLabels = labels(rows.map((row) => a[row]!));
  const columnLabels = labels(order.map((column) => b[column]!));
  const widest = Math.max(
    0,
    ...(isLabelled ? rowLabels.map((label) => textStrokes(label, LABEL).width) : []),
  );
  const left = MARGIN + Math.ceil(widest) + GAP + 24;
  const width = b.length * cell, height = a.length * cell;
  const isSlim = columnLabels.every((label) => textStrokes(label, LABEL).width <= cell);
  const top = HEADING + 34;
  const bottom = top + height;

  const image: RgbImage = {
    columns: Math.max(1, b.length),
    rows: Math.max(1, a.length),
    rgb: new Uint8Array(3 * Math.max(1, b.length) * Math.max(1, a.length)).fill(255),
  };
  rows.forEach((row, y) =>
    order.forEach((column, x) => {
      const share = Math.sqrt(jaccard[row * b.length + column]!);
      DARK.forEach((level, c) => {
        image.rgb[3 * (y * b.length + x) + c] = Math.round(255 + share * (level - 255));
      });
    })
  );
  const line = (x1: number, y1: number, x2: number, y2: number, colour: string, w = 1): Item => {
    return { kind: "line", x1, y1, x2, y2, width: w, colour };
  };
  const frame = (x: number, y: number, w: number, h: number, colour: string, pen = 1) => [
    line(x, y, x + w, y, colour, pen),
    line(x + w, y, x + w, y + h, colour, pen),
    line(x + w, y + h, x, y + h, colour, pen),
    line(x, y + h, x, y, colour, pen),
  ];
  const items: Item[] = [
    textItem(MARGIN, 28, "Jaccard index of blocks of A and B", { size: 16, bold: true }),
    textItem(
      MARGIN,
      50,
      `${pairs.length} of ${a.length} and ${b.length} paired, along the diagonal; white 0, dark 1`,
      { size: LABEL, colour: FAINT },
    ),
    ...(a.length > 0 && b.length > 0
      ? [{ kind: "raster", x: left, y: top, width, height, image } as const]
      : []),
    ...frame(left, top, width, height, GRID),
    ...(cell < LEAST_FRAMED ? [] : pairs).flatMap((_, i) =>
      frame(left + i * cell, top + i * cell, cell, cell, PAIR, 1.5)
    ),
    textItem(left, top - GAP, isLabelled && isSlim ? "" : "B", { size: LABEL, bold: true }),
    textItem(MARGIN, top + LABEL, "A", { size: LABEL, bold: true }),
    ...(isLabelled
      ? rowLabels.map((label, i) =>
        textItem(left - GAP, top + (i + 0.5) * cell + LABEL / 3, label, {
          size: LABEL,
          anchor: "end",
        })
      )
      : []),
    ...(isLabelled && isSlim
      ? columnLabels.map((label, i) =>
        textItem(left + (i + 0.5) * cell, top - GAP, label, { size: LABEL, anchor: "middle" })
      )
      : []),
    ...(isLabelled && isSlim
      ? [textItem(left + width + GAP, top - GAP, "B", { size: LABEL, bold: true })]
      : []),
  ].filter((item) => item.kind !== "text" || item.text !== "");
  return {
    width: Math.max(left + width + MARGIN + 24, 420),
    height: bottom + MARGIN,
    title: "Jaccard index of blocks",
    items,
  };
}

function shortened(text: string): string {
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 2)}..`;
}
