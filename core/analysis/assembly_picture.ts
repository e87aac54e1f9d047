/**
 * The picture of the order of assembly: what needs nothing at the top, and below each region what needs it.
 *
 * Layers, crossings and places follow K. Sugiyama, S. Tagawa & M. Toda, "Methods for visual understanding
 * of hierarchical system structures", IEEE Trans. Syst. Man Cybern. 11 (1981).
 *
 * @module
 */
import { palette } from "../report/colours.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import { drawableText, textStrokes } from "../report/stroke_font.ts";
import type { Analysis } from "./analysis.ts";
import { type AssemblyNode, assemblyOrder, volumesWith } from "./assembly_order.ts";
import { box } from "./picture_parts.ts";

const MARGIN = 24, HEADING = 64, FAINT = "#777777", LINE = "#8a8a8a", FRAME = "#b0b0b0";

/** Of names, in pixels; height of a line of a node, space between nodes and between layers. */
const SIZE = 13, LINE_HEIGHT = 20, PADDING = 8, GAP = 22, STEP = 56;

/** Width in pixels that is kept for a line that passes a layer. */
const PASS = 10;

/** Nodes that stand alone are in rows of this width in pixels, or that of the layers. */
const LEAST_WIDTH = 640;

/** Most regions of a node that are named. */
const MOST_NAMED = 12;

/** Letters of a name. */
const MOST_LETTERS = 28;

/** Times that the layers are put in order, down and up. */
const SWEEPS = 12;

/** A node, or a place where a line passes a layer, on paper. */
interface Place {
  /** Place of the node; -1 for a line that passes. */
  readonly node: number;
  readonly layer: number;
  readonly width: number;
  readonly height: number;
  readonly above: Place[];
  readonly below: Place[];
  /** Of the middle. */
  x: number;
  /** Of the top. */
  y: number;
}

/**
 * Draws the order of assembly. A box is a region, or regions that are never seen without each other, with
 * the number of volumes that hold each; a line leads down to what needs it. Regions that neither need
 * another nor are needed stand in rows at the foot. The same analysis gives the same picture.
 */
export function assemblyPicture(analysis: Analysis): Drawing {
  const { table, dependencies } = analysis;
  const nodes = assemblyOrder(table.regions.length, dependencies);
  const colours = palette(table.regions.length);
  const isNeeded = new Set(nodes.flatMap(({ needs }) => needs));
  const isAlone = (node: number) => nodes[node]!.needs.length === 0 && !isNeeded.has(node);
  const labels = nodes.map((node) => labelsOf(analysis, node));
  const sizes = labels.map((lines) => ({
    width: Math.max(...lines.map((line) => textStrokes(line, SIZE).width)) + 2 * PADDING + 18,
    height: lines.length * LINE_HEIGHT + PADDING,
  }));

  const layers = layersOf(nodes, sizes, isAlone);
  for (let sweep = 0; sweep < SWEEPS; sweep++) sortLayers(layers, sweep % 2 === 0);
  spread(layers);
  const extent = extentOf(layers);
  const width = Math.max(LEAST_WIDTH, extent.high - extent.low);
  // In the middle of the picture.
  const shift = MARGIN + width / 2 - (extent.low + extent.high) / 2;
  let top = HEADING;
  for (const layer of layers) {
    for (const place of layer) {
      place.x += shift;
      place.y = top;
    }
    top += Math.max(...layer.map(({ height }) => height)) + STEP;
  }
  if (layers.length > 0) top -= STEP - 24;

  const boxes: Item[] = [];
  const lines: Item[] = [];
  for (const place of layers.flat()) {
    if (place.node >= 0) {
      boxes.push(...drawNode(colours, nodes[place.node]!, labels[place.node]!, place));
    }
    for (const child of place.below) {
      // A line that passes a layer goes straight through it.
      const bottom = place.y + place.height;
      lines.push(line(place.x, bottom, child.x, child.y));
      if (child.node < 0) lines.push(line(child.x, child.y, child.x, child.y + child.height));
    }
  }
  const alone = nodes.map((_, node) => node).filter(isAlone);
  if (alone.length > 0) {
    const text = layers.length === 0
      ? "no region needs another"
      : "these need no other, and no other needs them:";
    boxes.push(textItem(MARGIN, top + 14, text, { size: SIZE, colour: FAINT }));
    top += 30;
    let x = MARGIN, tallest = 0;
    for (const node of alone) {
      const { width: wide, height } = sizes[node]!;
      if (x > MARGIN && x + wide > MARGIN + width) {
        x = MARGIN;
        top += tallest + 12;
        tallest = 0;
      }
      const at = { x: x + wide / 2, y: top, width: wide, height };
      boxes.push(...drawNode(colours, nodes[node]!, labels[node]!, at));
      x += wide + 12;
      tallest = Math.max(tallest, height);
    }
    top += tallest + 16;
  }
  const heading = textItem(MARGIN, 28, "order of assembly", { size: 16, bold: true });
  const legend = textItem(
    MARGIN,
    48,
    "a line leads down to what is not seen without it; numbers are volumes",
    { size: SIZE, colour: FAINT },
  );
  return {
    width: Math.ceil(width + 2 * MARGIN),
    height: Math.ceil(top + 12),
    title: "Order of assembly",
    items: [heading, legend, ...lines, ...boxes],
  };
}

function line(x1: number, y1: number, x2: number, y2: number): Item {
  return { kind: "line", x1, y1, x2, y2, width: 1.5, colour: LINE };
}

function labelsOf(analysis: Analysis, { regions }: AssemblyNode): string[] {
  const named = regions.length > MOST_NAMED ? regions.slice(0, MOST_NAMED - 1) : regions;
  const lines = named.map((region) => {
    const name = drawableText(analysis.table.regions[region]!.name);
    const short = name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 2)}..` : name;
    const count = volumesWith(analysis, region);
    const all = analysis.table.volumes.length - analysis.junk.length;
    return `${short}  ${count} of ${all} (${(count / Math.max(1, all)).toFixed(2)})`;
  });
  const more = regions.length - named.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

function drawNode(
  colours: readonly string[],
  { regions }: AssemblyNode,
  labels: readonly string[],
  { x, y, width, height }: Pick<Place, "x" | "y" | "width" | "height">,
): Item[] {
  const left = x - width / 2;
  return [
    box(left, y, width, height, FRAME),
    box(left + 1, y + 1, width - 2, height - 2, "#ffffff"),
    ...labels.flatMap((label, i): Item[] => {
      const middle = y + PADDING / 2 + (i + 0.5) * LINE_HEIGHT;
      const region = label.startsWith("and ") && i === MOST_NAMED - 1 ? undefined : regions[i];
      return [
        ...(region === undefined
          ? []
          : [box(left + PADDING, middle - 6, 12, 12, colours[region]!)]),
        textItem(left + PADDING + 18, middle + 4.5, label, { size: SIZE }),
      ];
    }),
  ];
}

/** Nodes by level, and places for the lines that pass a level. */
function layersOf(
  nodes: readonly AssemblyNode[],
  sizes: readonly { width: number; height: number }[],
  isAlone: (node: number) => boolean,
): Place[][] {
  const layers: Place[][] = [];
  const places: Place[] = [];
  const add = (node: number, layer: number, width: number, height: number): Place => {
    const place = { node, layer, width, height, above: [], below: [], x: 0, y: 0 };
    (layers[layer] ??= []).push(place);
    return place;
  };
  const byLevel = nodes.map((_, node) => node).filter((node) => !isAlone(node))
    .sort((a, b) => nodes[a]!.level - nodes[b]!.level || a - b);
  for (const node of byLevel) {
    const { level } = nodes[node]!, { width, height } = sizes[node]!;
    places[node] = add(node, level, width, height);
  }
  for (const node of byLevel) {
    for (const needed of nodes[node]!.needs) {
      let above = places[needed]!; // of a higher level
      for (let layer = above.layer + 1; layer < nodes[node]!.level; layer++) {
        const pass = add(-1, layer, PASS, LINE_HEIGHT + PADDING);
        join(above, pass);
        above = pass;
      }
      join(above, places[node]!);
    }
  }
  return layers;
}

function join(above: Place, below: Place): void {
  above.below.push(below);
  below.above.push(above);
}

/** Puts each layer in the order of the means of its neighbours in the one before. */
function sortLayers(layers: Place[][], down: boolean): void {
  const sequence = down ? layers.slice(1) : layers.slice(0, -1).reverse();
  for (const layer of layers) layer.forEach((place, i) => place.x = i);
  for (const layer of sequence) {
    const mean = new Map(layer.map((place, i) => {
      const near = down ? place.above : place.below;
      return [place, near.length === 0 ? i : near.reduce((sum, { x }) => sum + x, 0) / near.length];
    }));
    // Every place of the layer is in the map; sorting is stable.
    layer.sort((a, b) => mean.get(a)! - mean.get(b)!);
    layer.forEach((place, i) => place.x = i);
  }
}

/** Gives places their x: near the mean of their neighbours, without touching. */
function spread(layers: readonly (readonly Place[])[]): void {
  for (const layer of layers) {
    let x = 0;
    for (const place of layer) {
      place.x = x + place.width / 2;
      x += place.width + GAP;
    }
    for (const place of layer) place.x -= x / 2;
  }
  for (let round = 0; round < 2 * SWEEPS; round++) {
    const down = round % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const wanted = layer.map((place) => {
        const near = down ? place.above : place.below;
        return near.length === 0 ? place.x : near.reduce((sum, { x }) => sum + x, 0) / near.length;
      });
      place(layer, wanted);
    }
  }
}

/**
 * Places of a layer as near as can be to where they are wanted, in order and apart: the least squares, by
 * pooling neighbours that would touch.
 */
function place(layer: readonly Place[], wanted: readonly number[]): void {
  // Measured without the widths, places need only ascend.
  const offsets: number[] = [];
  layer.forEach(({ width }, i) => {
    const before = layer[i - 1];
    offsets.push(before === undefined ? 0 : offsets[i - 1]! + (before.width + width) / 2 + GAP);
  });
  const pools: { sum: number; count: number }[] = [];
  const mean = ({ sum, count }: { sum: number; count: number }) => sum / count;
  wanted.forEach((x, i) => {
    pools.push({ sum: x - offsets[i]!, count: 1 });
    while (pools.length > 1 && mean(pools.at(-2)!) > mean(pools.at(-1)!)) {
      const last = pools.pop()!, before = pools.at(-1)!; // there are two
      before.sum += last.sum;
      before.count += last.count;
    }
  });
  let i = 0;
  for (const pool of pools) {
    for (let k = 0; k < pool.count; k++, i++) layer[i]!.x = mean(pool) + offsets[i]!;
  }
}

function extentOf(layers: readonly (readonly Place[])[]): { low: number; high: number } {
  const all = layers.flat();
  if (all.length === 0) return { low: 0, high: 0 };
  return {
    low: Math.min(...all.map(({ x, width }) => x - width / 2)),
    high: Math.max(...all.map(({ x, width }) => x + width / 2)),
  };
}
