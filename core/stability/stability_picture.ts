/**
 * The picture of stability: how well each block comes back, and how sure its voxels are.
 *
 * @module
 */
import { quantileOf } from "../quantile.ts";
import { axes } from "../report/axes.ts";
import { parseHex } from "../report/colours.ts";
import { type Drawing, INK, type Item, textItem } from "../report/drawing.ts";
import { COMES_BACK } from "./stability.ts";

/** A block as the picture shows it. */
export interface PicturedBlock {
  readonly id: number;
  /** "#rrggbb". */
  readonly colour: string;
  /** Jaccard index of the block and its match in each replicate: one or more. */
  readonly jaccards: Float64Array;
  /** Confidence of each of its voxels. */
  readonly confidences: ArrayLike<number>;
}

const WIDTH = 860, LEFT = 96, PANEL = 330, SECOND = LEFT + PANEL + 74;
const TOP = 66, LINE = 26, LEAST_HEIGHT = 130, FOOT = 56;
const FAINT = "#777777", GRID = "#e4e4e4";

/** Bins of the voxels' confidences. */
const BINS = 20;

/** Share of the palest bar's colour, where a bin is empty but for a voxel or two. */
const PALEST = 0.12;

/**
 * Draws two panels with a line for each block: to the left its Jaccard index over the replicates (from the
 * 5th to the 95th percentile, thick between the quartiles, a dot at the median), to the right how many of
 * its voxels have which confidence, dark where most have.
 *
 * @param title What the replicates drew anew, and how many there are.
 */
export function stabilityPicture(title: string, blocks: readonly PicturedBlock[]): Drawing {
  const inside = Math.max(LEAST_HEIGHT, blocks.length * LINE);
  const height = TOP + inside + FOOT;
  const panel = (x: number, name: string) =>
    axes({
      x,
      y: TOP,
      width: PANEL,
      height: inside,
      xAxis: { range: [0, 1], title: name },
      // Only the ticks of x are wanted: the lines are named by their blocks.
      yAxis: { range: [0, 1], title: "" },
    });
  const left = panel(LEFT, "Jaccard index of block and match");
  const right = panel(SECOND, "confidence of its voxels");
  const isOfX = (item: Item) =>
    !(item.kind === "text" && item.anchor === "end") &&
    !(item.kind === "line" && item.y1 === item.y2 && item.colour === GRID);
  const items: Item[] = [
    textItem(LEFT, 26, title, { size: 16, bold: true }),
    ...left.items.filter(isOfX),
    ...right.items.filter(isOfX),
    line(left.toX(COMES_BACK), TOP, left.toX(COMES_BACK), TOP + inside, FAINT, 1),
    textItem(left.toX(COMES_BACK), TOP - 10, "comes back", {
      size: 12,
      anchor: "middle",
      colour: FAINT,
    }),
  ];
  blocks.forEach(({ id, colour, jaccards, confidences }, b) => {
    const y = TOP + (b + 0.5) * inside / blocks.length;
    const at = (share: number) => left.toX(quantileOf(jaccards, share));
    items.push(
      textItem(LEFT - 12, y + 4.5, `block ${id}`, { size: 13, anchor: "end" }),
      line(at(0.05), y, at(0.95), y, colour, 2),
      line(at(0.25), y, at(0.75), y, colour, 7),
      { kind: "dots", centres: [at(0.5), y], radius: 5.5, colour: INK },
      { kind: "dots", centres: [at(0.5), y], radius: 3.5, colour },
    );
    const bar = Math.min(LINE - 8, inside / blocks.length - 4);
    items.push({
      kind: "raster",
      x: right.toX(0),
      y: y - bar / 2,
      width: right.toX(1) - right.toX(0),
      height: bar,
      image: histogramOf(confidences, colour),
    });
  });
  if (blocks.length === 0) {
    items.push(textItem(LEFT + 12, TOP + 30, "the run has no blocks", { size: 13, colour: FAINT }));
  }
  return { width: WIDTH, height, title, items };
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  colour: string,
  width: number,
): Item {
  return { kind: "line", x1, y1, x2, y2, width, colour };
}

/** One row of pixels, each a bin: the more voxels, the more of the colour. */
function histogramOf(confidences: ArrayLike<number>, colour: string) {
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < confidences.length; i++) {
    counts[Math.min(BINS - 1, Math.floor(confidences[i]! * BINS))]!++;
  }
  const most = counts.reduce((most, count) => Math.max(most, count), 0);
  const ink = parseHex(colour);
  const rgb = new Uint8Array(3 * BINS);
  counts.forEach((count, bin) => {
    const share = count === 0 ? 0 : PALEST + (1 - PALEST) * count / most;
    ink.forEach((level, c) => rgb[3 * bin + c] = Math.round(255 + share * (level - 255)));
  });
  return { columns: BINS, rows: 1, rgb };
}
