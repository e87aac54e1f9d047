/**
 * Pictures of blocks: three projections of each over the consensus map, and of all together.
 *
 * @module
 */
import { parseHex, type Rgb } from "./colours.ts";
import { type Drawing, INK, type Item, type RgbImage, textItem } from "./drawing.ts";
import {
  AXES,
  type Axis,
  greatest,
  type Projections,
  projectMap,
  projectVoxels,
  RIGHT_AND_UP,
} from "./projections.ts";

/** A block as pictures show it. */
export interface PictureBlock {
  readonly id: number;
  /** Flat indices (z * box + y) * box + x of its voxels. */
  readonly voxels: ArrayLike<number>;
  /** "#rrggbb". */
  readonly colour: string;
}

/** What all pictures of a run share. */
export interface Scenery {
  /** Voxels along each side of the cube. */
  readonly box: number;
  /** Angstrom per voxel. */
  readonly apix: number;
  /** Greys of the consensus map's projections, 0 (white) to 1 (darkest). */
  readonly greys: Projections;
}

/** Least side of a projection in pixels. */
const LEAST_SIDE = 264;

const FAINT = "#777777";
const MARGIN = 16, GUTTER = 18, HEADING = 34, FOOT = 40;
const LEGEND_LINE = 20, LEGEND_COLUMN = 190;

/** Share of black in the darkest grey of the consensus map. */
const DARKEST = 0.5;

/**
 * Prepares what all pictures share.
 *
 * @param consensus The consensus map, `box * box * box` values, x fastest: such as the fraction of volumes in
 *   which each voxel is occupied. Values of 0 or less are left white.
 * @throws {RangeError} When the map has another number of values.
 */
export function scenery(consensus: ArrayLike<number>, box: number, apix: number): Scenery {
  const positive = new Float32Array(consensus.length);
  for (let i = 0; i < positive.length; i++) positive[i] = Math.max(0, consensus[i]!);
  const images = projectMap(positive, box);
  const most = greatest(images);
  // The square root lifts thin parts out of the paper.
  const grey = (image: Float32Array<ArrayBuffer>) =>
    image.map((value) => most > 0 ? Math.sqrt(value / most) : 0);
  return { box, apix, greys: { z: grey(images.z), y: grey(images.y), x: grey(images.x) } };
}

/** The picture of one block: its three projections, side by side, over the consensus map. */
export function blockPicture(block: PictureBlock, { box, apix, greys }: Scenery): Drawing {
  const counts = projectVoxels(block.voxels, box);
  const most = greatest(counts);
  const colour = parseHex(block.colour);
  const panel = (axis: Axis) =>
    paintOver(greys[axis], box, (pixel) => {
      const count = counts[axis][pixel]!;
      return count > 0 ? [colour, coverage(count / most)] : undefined;
    });
  return threePanels(blockLabel(block), panel, box, apix, []);
}

/**
 * The picture of all blocks: three projections in which each pixel has the colour of the block with the
 * most voxels along the line of sight, and a legend.
 */
export function allBlocksPicture(
  blocks: readonly PictureBlock[],
  { box, apix, greys }: Scenery,
): Drawing {
  const most = projectVoxels([], box);
  const owners = Object.fromEntries(
    AXES.map((axis) => [axis, new Int32Array(box * box).fill(-1)]),
  ) as Record<Axis, Int32Array>;
  for (const [b, { voxels }] of blocks.entries()) {
    const counts = projectVoxels(voxels, box);
    for (const axis of AXES) {
      for (const [pixel, count] of counts[axis].entries()) {
        if (count <= most[axis][pixel]!) continue;
        most[axis][pixel] = count;
        owners[axis][pixel] = b;
      }
    }
  }
  const deepest = greatest(most);
  const colours = blocks.map(({ colour }) => parseHex(colour));
  const panel = (axis: Axis) =>
    paintOver(greys[axis], box, (pixel) => {
      const owner = owners[axis][pixel]!;
      return owner < 0 ? undefined : [colours[owner]!, coverage(most[axis][pixel]! / deepest)];
    });
  const title = `${blocks.length} ${blocks.length === 1 ? "block" : "blocks"}`;
  return threePanels(title, panel, box, apix, blocks);
}

/** How much a pixel takes of a block's colour, by the share of the block's greatest depth that it has. */
function coverage(depth: number): number {
  return 0.55 + 0.45 * depth;
}

/** An image of the greys, with colours over them where `colourOf` gives one and how much of it to take. */
function paintOver(
  greys: Float32Array,
  box: number,
  colourOf: (pixel: number) => readonly [Rgb, number] | undefined,
): RgbImage {
  const rgb = new Uint8Array(3 * box * box);
  for (let pixel = 0; pixel < greys.length; pixel++) {
    const paper = 255 * (1 - DARKEST * greys[pixel]!);
    const over = colourOf(pixel);
    for (let c = 0; c < 3; c++) {
      const value = over === undefined ? paper : paper + over[1] * (over[0][c]! - paper);
      rgb[3 * pixel + c] = Math.round(value);
    }
  }
  return { columns: box, rows: box, rgb };
}

/** Lays out the three projections, side by side, with axes and a scale bar, over a legend. */
function threePanels(
  title: string,
  panel: (axis: Axis) => RgbImage,
  box: number,
  apix: number,
  legend: readonly PictureBlock[],
): Drawing {
  const side = box * Math.max(1, Math.ceil(LEAST_SIDE / box));
  const width = 2 * MARGIN + 3 * side + 2 * GUTTER;
  const items: Item[] = [
    textItem(MARGIN, 24, title, { size: 16, bold: true }),
  ];
  for (const [i, axis] of AXES.entries()) {
    const x = MARGIN + i * (side + GUTTER);
    items.push({ kind: "raster", x, y: HEADING, width: side, height: side, image: panel(axis) });
    items.push(...frame(x, HEADING, side));
    items.push(...axes(x, HEADING + side, axis));
  }
  items.push(...scaleBar(width - MARGIN, HEADING + side + 16, side / box / apix, side));
  const top = HEADING + side + FOOT;
  const columns = Math.max(1, Math.floor((width - 2 * MARGIN) / LEGEND_COLUMN));
  const lines = Math.ceil(legend.length / columns);
  for (const [i, block] of legend.entries()) {
    const x = MARGIN + Math.floor(i / lines) * LEGEND_COLUMN;
    const y = top + 14 + (i % lines) * LEGEND_LINE;
    items.push({ kind: "dots", centres: [x + 6, y - 5], radius: 6, colour: block.colour });
    items.push(textItem(x + 20, y, blockLabel(block), { size: 13 }));
  }
  const height = top + (lines > 0 ? lines * LEGEND_LINE + 8 : 0);
  return { width, height, title, items };
}

function blockLabel({ id, voxels }: PictureBlock): string {
  const count = voxels.length.toLocaleString("en-US");
  return `block ${id}: ${count} ${voxels.length === 1 ? "voxel" : "voxels"}`;
}

function frame(x: number, y: number, side: number): Item[] {
  const line = (x1: number, y1: number, x2: number, y2: number): Item => ({
    kind: "line",
    x1,
    y1,
    x2,
    y2,
    width: 1,
    colour: "#cccccc",
  });
  const right = x + side, bottom = y + side;
  return [
    line(x, y, right, y),
    line(right, y, right, bottom),
    line(right, bottom, x, bottom),
    line(x, bottom, x, y),
  ];
}

/** Two arrows from the lower left corner of a panel, named, and the axis along which it looks. */
function axes(x: number, bottom: number, axis: Axis): Item[] {
  const [right, up] = RIGHT_AND_UP[axis];
  const left = x + 10, low = bottom - 10, long = 26, head = 4;
  const arrow = (dx: number, dy: number): Item[] => {
    const tip = { x: left + dx * long, y: low + dy * long };
    const barb = (sign: number): Item => ({
      kind: "line",
      x1: tip.x,
      y1: tip.y,
      x2: tip.x - head * dx + sign * head * dy,
      y2: tip.y - head * dy + sign * head * dx,
      width: 1.4,
      colour: INK,
    });
    const shaft: Item = {
      kind: "line",
      x1: left,
      y1: low,
      x2: tip.x,
      y2: tip.y,
      width: 1.4,
      colour: INK,
    };
    return [shaft, barb(1), barb(-1)];
  };
  return [
    ...arrow(1, 0),
    ...arrow(0, -1),
    textItem(left + long + 6, low + 4, right, { size: 12, halo: true }),
    textItem(left, low - long - 7, up, { size: 12, halo: true, anchor: "middle" }),
    textItem(x, bottom + 18, `along ${axis}`, { size: 12, colour: FAINT }),
  ];
}

/**
 * A bar that ends at (right, y), with its length over it: the longest of 1, 2 or 5 times a power of ten
 * Angstrom that is at most 40 % of a panel.
 *
 * @param pixelsPerAngstrom Size of an Angstrom in the picture.
 */
function scaleBar(right: number, y: number, pixelsPerAngstrom: number, side: number): Item[] {
  const longest = 0.4 * side / pixelsPerAngstrom;
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = power * ([5, 2, 1].find((factor) => factor * power <= longest) ?? 1);
  const left = right - length * pixelsPerAngstrom;
  const label = `${Number(length.toPrecision(1))} Å`;
  return [
    { kind: "line", x1: left, y1: y, x2: right, y2: y, width: 3, colour: INK },
    textItem((left + right) / 2, y + 15, label, { size: 12, anchor: "middle" }),
  ];
}
