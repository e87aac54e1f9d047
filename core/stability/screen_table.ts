/**
 * A grid of settings as tables and as a picture.
 *
 * @module
 */
import { Table, tableToIPC, Utf8, Vector, vectorFromArray } from "apache-arrow";
import { csvCell } from "../volumes/csv_text.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import { drawableText } from "../report/stroke_font.ts";

/** A setting as the tables have it. */
export interface ScreenLine {
  /** Number of the setting. */
  readonly setting: number;
  /** The threshold, or the file that has them. */
  readonly threshold: number | string;
  /** Values of the other axes, by option; every line has the same options. */
  readonly values: Readonly<Record<string, number | string>>;
  readonly blocks: number;
  /** Median of the blocks' voxels; 0 without blocks. */
  readonly median_size: number;
  /** Voxels of the largest block; 0 without blocks. */
  readonly largest: number;
  /** Voxels of the union at this threshold. */
  readonly union: number;
  /** Share of the union in blocks. */
  readonly coverage: number;
  /** Share of the voxels in blocks that are in more than one. */
  readonly overlap: number;
  /** Mean over the halvings of the adjusted Rand index of the blocks of both halves. */
  readonly agreement: number;
  /** Mean over the halvings of what the blocks of both halves tell of each other, in bits a voxel. */
  readonly information: number;
  /** Whether it is on the plateau of settings that do as well as the best; see `recommend`. */
  readonly as_good: boolean;
  readonly recommended: boolean;
}

type Cell = string | number | boolean;

/** The columns in their order: digits after the point, or undefined for what is written as it is. */
function columnsOf(lines: readonly ScreenLine[]) {
  const values = Object.keys(lines[0]?.values ?? {});
  const own: readonly (readonly [Exclude<keyof ScreenLine, "values">, number | undefined])[] = [
    ["blocks", 0],
    ["median_size", 1],
    ["largest", 0],
    ["union", 0],
    ["coverage", 4],
    ["overlap", 4],
    ["agreement", 4],
    ["information", 4],
    ["as_good", undefined],
    ["recommended", undefined],
  ];
  const columns: {
    readonly name: string;
    readonly digits: number | undefined;
    readonly of: (line: ScreenLine) => Cell;
  }[] = [
    { name: "setting", digits: 0, of: ({ setting }) => setting },
    { name: "threshold", digits: undefined, of: ({ threshold }) => threshold },
    ...values.map((name) => ({
      name,
      digits: undefined,
      of: (line: ScreenLine) => line.values[name]!,
    })),
    ...own.map(([name, digits]) => ({ name, digits, of: (line: ScreenLine) => line[name] })),
  ];
  return columns;
}

/** The table as CSV: a line for each setting, options as they are given on the command line. */
export function formatScreenCsv(lines: readonly ScreenLine[]): string {
  const columns = columnsOf(lines);
  const rows = lines.map((line) =>
    columns.map(({ digits, of }) => {
      const value = of(line);
      return typeof value === "number" && digits !== undefined
        ? value.toFixed(digits)
        : csvCell(String(value));
    })
  );
  return [columns.map(({ name }) => name), ...rows].map((cells) => `${cells.join(",")}\n`).join("");
}

/**
 * The table as an Arrow IPC file: options are text where one of them is a word, else doubles, as the other
 * columns are; what is true or false is 1 or 0.
 */
export function screenArrow(lines: readonly ScreenLine[]): Uint8Array<ArrayBuffer> {
  const columns = columnsOf(lines).map(({ name, of }): [string, Vector] => {
    const cells = lines.map(of);
    return cells.some((cell) => typeof cell === "string")
      ? [name, vectorFromArray(cells.map(String), new Utf8())]
      : [name, vectorFromArray(Float64Array.from(cells, Number))];
  });
  // A copy of its own: the library may hand out a view of a larger buffer.
  return Uint8Array.from(tableToIPC(new Table(Object.fromEntries(columns)), "file"));
}

/** What the maps of a screen show: how it is called, and what it is of a setting. */
const MAPS: readonly (readonly [title: string, keyof ScreenLine, digits: number])[] = [
  ["blocks", "blocks", 0],
  ["coverage", "coverage", 2],
  ["agreement of halves", "agreement", 2],
  ["bits a voxel told", "information", 2],
];

const CELL_WIDTH = 62, CELL_HEIGHT = 28, LEFT = 210, TOP = 92, GAP = 46, MARGIN = 20;
/** Widest text to the left, in letters. */
const MOST_LETTERS = 28;
const FAINT = "#777777", TAKEN = "#d55e00";

/** From white to a blue on which black letters can be read. */
const DEEP = [0x56, 0xb4, 0xe9] as const;

/**
 * Draws a heat map each of the number of blocks, their coverage, the agreement of halves and what these tell
 * of each other: thresholds from left to right, the other options from top to bottom. The recommended
 * setting has a frame.
 *
 * @param lines A line for each setting: for each threshold all values of the other options, in one order.
 */
export function screenPicture(lines: readonly ScreenLine[]): Drawing {
  const thresholds = [...new Set(lines.map(({ threshold }) => threshold))];
  const rows = lines.length / Math.max(thresholds.length, 1);
  const at = (column: number, row: number) => lines[column * rows + row]!;
  const inside = rows * CELL_HEIGHT;
  const items: Item[] = [
    textItem(MARGIN, 28, drawableText(`${lines.length} settings`), { size: 16, bold: true }),
  ];
  const width = Math.max(LEFT + thresholds.length * CELL_WIDTH + MARGIN, 460);
  MAPS.forEach(([title, key, digits], m) => {
    const top = TOP + m * (inside + GAP + 34);
    const most = lines.reduce((most, line) => Math.max(most, Number(line[key])), 0);
    items.push(textItem(LEFT, top - 24, title, { size: 13, bold: true }));
    thresholds.forEach((threshold, column) => {
      const x = LEFT + column * CELL_WIDTH;
      const label = shorten(String(threshold), 8);
      items.push(textItem(x + CELL_WIDTH / 2, top - 6, label, {
        size: 12,
        anchor: "middle",
        colour: FAINT,
      }));
      for (let row = 0; row < rows; row++) {
        const line = at(column, row), value = Number(line[key]);
        const y = top + row * CELL_HEIGHT;
        items.push({
          kind: "raster",
          x,
          y,
          width: CELL_WIDTH,
          height: CELL_HEIGHT,
          image: { columns: 1, rows: 1, rgb: shade(most > 0 ? value / most : 0) },
        });
        items.push(textItem(x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2 + 4.5, value.toFixed(digits), {
          size: 13,
          anchor: "middle",
        }));
      }
    });
    for (let row = 0; row < rows; row++) {
      const values = Object.entries(at(0, row).values).map(([name, value]) => `${name} ${value}`);
      const y = top + row * CELL_HEIGHT + CELL_HEIGHT / 2 + 4.5;
      items.push(textItem(LEFT - 10, y, shorten(values.join(" "), MOST_LETTERS), {
        size: 12,
        anchor: "end",
      }));
    }
    lines.forEach((line, i) => {
      if (!line.recommended) return;
      const x = LEFT + Math.floor(i / rows) * CELL_WIDTH, y = top + i % rows * CELL_HEIGHT;
      items.push(...frame(x + 1, y + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2));
    });
  });
  const height = TOP + MAPS.length * (inside + GAP + 34) - GAP;
  return { width, height, title: `${lines.length} settings`, items };
}

function shorten(text: string, most: number): string {
  const drawable = drawableText(text);
  return drawable.length <= most ? drawable : `...${drawable.slice(3 - most)}`;
}

function shade(share: number): Uint8Array {
  return Uint8Array.from(DEEP, (level) => Math.round(255 + share * (level - 255)));
}

function frame(x: number, y: number, width: number, height: number): Item[] {
  const line = (x1: number, y1: number, x2: number, y2: number): Item => {
    return { kind: "line", x1, y1, x2, y2, width: 2.5, colour: TAKEN };
  };
  return [
    line(x, y, x + width, y),
    line(x + width, y, x + width, y + height),
    line(x + width, y + height, x, y + height),
    line(x, y + height, x, y),
  ];
}
