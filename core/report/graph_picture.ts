/**
 * The picture of the sketch graph: blocks as clusters of dots, joined by the links between them.
 *
 * Laid out by ForceAtlas2 (Jacomy, Venturini, Heymann & Bastian, PLoS ONE 9, 2014) on the block graph.
 *
 * @module
 */
import { UndirectedGraph } from "graphology";
import forceAtlas2Module from "graphology-layout-forceatlas2";
import type { BlockGraph, BlockNode } from "../graph/block_graph.ts";
import { type Drawing, type Item, textItem } from "./drawing.ts";

/** Most dots of a picture, give or take one for each block: in a larger graph a dot stands for several voxels. */
export const MAX_DOTS = 6000;

/** Most links between blocks that are drawn: the densest. */
const MAX_LINES = 2000;

const FAINT = "#777777", LINK = "#c4c4c4", STRAY = "#d0d0d0";
const MARGIN = 20, HEADING = 44, FOOT = 52;

/** Side of the square that holds the graph, in pixels. */
const SIDE = 820;

/** Width in pixels of the line of the densest link, and of the thinnest line. */
const WIDEST = 16, THINNEST = 0.6;

/** Size of the blocks' numbers in pixels. */
const ID_SIZE = 17;

/** Pixels for a unit of the layout, at most. A unit is the distance between neighbouring dots of a cluster. */
const LARGEST_UNIT = 24;

/** In layout units: radius of a dot, space between clusters, distance of neighbouring dots outside them. */
const DOT = 0.4, ROOM = 3, STRAY_SPACING = 1.6;

/** Share of the layout that clusters take before they are pushed apart. */
const FILLED = 0.3;

const ITERATIONS = 400;

/** The angle that spreads the dots of a sunflower evenly: H. Vogel, Math. Biosci. 44 (1979). */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Largest number of rounds in which clusters are pushed apart. */
const ROUNDS = 1000;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A block as a cluster of dots, in layout units. */
interface Cluster {
  readonly block: BlockNode;
  readonly dots: number;
  readonly radius: number;
  x: number;
  y: number;
}

/**
 * Draws the sketch graph. Each block is a cluster of dots, one for each of its sampled voxels; sampled
 * voxels with links that are in no block lie around them in grey. Lines join blocks that are linked, as
 * wide as their links are dense. Of more than {@linkcode MAX_DOTS} voxels each dot stands for several, as
 * the picture says. The same graph gives the same picture.
 *
 * @param graph The block graph of the sketch's blocks, which share no voxels.
 * @param unclustered Number of voxels of the sketch graph that have links but are in no block.
 */
export function graphPicture(graph: BlockGraph, unclustered: number): Drawing {
  const blocks = graph.mapNodes((_key, block) => block);
  const voxels = blocks.reduce((sum, { sampled }) => sum + sampled, unclustered);
  const voxelsPerDot = Math.max(1, Math.ceil(voxels / MAX_DOTS));

  const clusters = arrange(graph, blocks, voxelsPerDot);
  const inner = Math.max(0, ...clusters.map(({ x, y, radius }) => Math.hypot(x, y) + radius));
  const strays = sunflower(Math.ceil(unclustered / voxelsPerDot), STRAY_SPACING, inner + ROOM);
  const outer = strays.reduce((most, { x, y }) => Math.max(most, Math.hypot(x, y)), inner) + 1;

  const unit = Math.min(LARGEST_UNIT, SIDE / 2 / outer);
  const onPaper = ({ x, y }: Point): Point => ({
    x: MARGIN + SIDE / 2 + x * unit,
    y: HEADING + SIDE / 2 + y * unit,
  });
  const dots = (points: readonly Point[], colour: string): Item => ({
    kind: "dots",
    centres: points.map(onPaper).flatMap(({ x, y }) => [x, y]),
    radius: DOT * unit,
    colour,
  });
  const foot = HEADING + SIDE + 24;
  const items: Item[] = [
    ...lines(graph, new Map(clusters.map((c) => [String(c.block.id), onPaper(c)]))),
    dots(strays, STRAY),
    ...clusters.map((cluster) =>
      dots(
        sunflower(cluster.dots, 1, 0).map(({ x, y }) => ({ x: x + cluster.x, y: y + cluster.y })),
        cluster.block.colour,
      )
    ),
    ...clusters.map((cluster) => {
      const { x, y } = onPaper(cluster), radius = cluster.radius * unit;
      // In the middle of the cluster, or above it where it would hide the cluster.
      const baseline = radius >= ID_SIZE ? y + ID_SIZE / 3 : y - radius - ID_SIZE / 3;
      const look = { size: ID_SIZE, bold: true, halo: true, anchor: "middle" } as const;
      return textItem(x, baseline, String(cluster.block.id), look);
    }),
    textItem(MARGIN, 26, heading(blocks.length, voxels), { size: 16, bold: true }),
    textItem(MARGIN, foot, dotLegend(voxelsPerDot, unclustered), { size: 13, colour: FAINT }),
    textItem(MARGIN, foot + 19, lineLegend(graph), { size: 13, colour: FAINT }),
  ];
  const title = "Sketch graph";
  return { width: SIDE + 2 * MARGIN, height: HEADING + SIDE + FOOT, title, items };
}

/** The clusters, around (0, 0), none over another. */
function arrange(
  graph: BlockGraph,
  blocks: readonly BlockNode[],
  voxelsPerDot: number,
): Cluster[] {
  const positions = layout(graph, blocks);
  const clusters = blocks.map((block): Cluster => {
    const dots = Math.ceil(block.sampled / voxelsPerDot);
    const { x, y } = positions[block.id]!;
    return { block, dots, radius: sunflowerRadius(dots, 1, 0), x, y };
  });
  if (clusters.length === 0) return clusters;
  // ForceAtlas2 leaves the scale open: the clusters are to fill a given share of a circle.
  centre(clusters);
  const area = clusters.reduce((sum, { radius }) => sum + (radius + ROOM / 2) ** 2, 0);
  const spread = clusters.reduce((sum, { x, y }) => sum + x * x + y * y, 0) / clusters.length;
  const scale = spread > 0 ? Math.sqrt(area / FILLED / 2 / spread) : 0;
  for (const cluster of clusters) {
    cluster.x *= scale;
    cluster.y *= scale;
  }
  separate(clusters);
  centre(clusters);
  return clusters;
}

// The package is CommonJS: its types say it exports the function itself as `default`, as it does.
const forceAtlas2 = forceAtlas2Module as unknown as (
  graph: UndirectedGraph,
  options: {
    iterations: number;
    settings: { strongGravityMode: boolean; gravity: number; scalingRatio: number };
  },
) => Record<string, Point>;

/** Positions of the blocks by id: ForceAtlas2 from a circle in the blocks' order. */
function layout(graph: BlockGraph, blocks: readonly BlockNode[]): Record<string, Point> {
  const copy = new UndirectedGraph();
  for (const [i, { id }] of blocks.entries()) {
    const angle = 2 * Math.PI * i / blocks.length;
    copy.addNode(id, { x: 100 * Math.cos(angle), y: 100 * Math.sin(angle) });
  }
  const densest = densestLink(graph);
  graph.forEachEdge((key, { weight }, a, b) => {
    copy.addEdgeWithKey(key, a, b, { weight: weight / densest });
  });
  return forceAtlas2(copy, {
    iterations: ITERATIONS,
    settings: { strongGravityMode: true, gravity: 0.05, scalingRatio: 10 },
  });
}

/** Moves the middle of the clusters' extent to (0, 0). */
function centre(clusters: readonly Cluster[]): void {
  const middle = (of: (cluster: Cluster) => number) => {
    const low = Math.min(...clusters.map((c) => of(c) - c.radius));
    const high = Math.max(...clusters.map((c) => of(c) + c.radius));
    return (low + high) / 2;
  };
  const x = middle((c) => c.x), y = middle((c) => c.y);
  for (const cluster of clusters) {
    cluster.x -= x;
    cluster.y -= y;
  }
}

/** Pushes clusters apart until none lies over another. */
function separate(clusters: readonly Cluster[]): void {
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    moved = false;
    for (const [i, a] of clusters.entries()) {
      for (let j = 0; j < i; j++) {
        const b = clusters[j]!;
        const away = Math.hypot(a.x - b.x, a.y - b.y);
        const missing = a.radius + b.radius + ROOM - away;
        if (missing < 1e-3) continue;
        moved = true;
        // Two clusters at one point part along x.
        const dx = away > 0 ? (a.x - b.x) / away : 1, dy = away > 0 ? (a.y - b.y) / away : 0;
        a.x += dx * missing / 2;
        a.y += dy * missing / 2;
        b.x -= dx * missing / 2;
        b.y -= dy * missing / 2;
      }
    }
  }
}

/** Dots spread evenly around (0, 0), outside of a radius, one for each circle of diameter `spacing`. */
function sunflower(count: number, spacing: number, inner: number): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const radius = sunflowerRadius(i + 0.5, spacing, inner), angle = i * GOLDEN_ANGLE;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}

/** The radius that holds so many dots. */
function sunflowerRadius(count: number, spacing: number, inner: number): number {
  return Math.sqrt(inner * inner + count * spacing * spacing / 3);
}

/** Lines between blocks, thin ones first, from middle to middle. */
function lines(graph: BlockGraph, middles: ReadonlyMap<string, Point>): Item[] {
  const densest = densestLink(graph);
  return graph
    .mapEdges((_key, { weight }, a, b) => ({ weight, from: middles.get(a)!, to: middles.get(b)! }))
    .sort((p, q) => p.weight - q.weight)
    .slice(-MAX_LINES)
    .map(({ weight, from, to }): Item => ({
      kind: "line",
      x1: from.x,
      y1: from.y,
      x2: to.x,
      y2: to.y,
      width: Math.max(THINNEST, WIDEST * weight / densest),
      colour: LINK,
    }));
}

function densestLink(graph: BlockGraph): number {
  return graph.reduceEdges((most, _key, { weight }) => Math.max(most, weight), 0);
}

function heading(blocks: number, voxels: number): string {
  return `sketch graph: ${plural(blocks, "block")}, ${plural(voxels, "linked voxel")}`;
}

function dotLegend(voxelsPerDot: number, unclustered: number): string {
  const around = unclustered > 0
    ? `; around them, in grey, ${plural(unclustered, "voxel")} in no block`
    : "";
  return `a dot is ${plural(voxelsPerDot, "voxel")}, a cluster a block${around}`;
}

function lineLegend(graph: BlockGraph): string {
  if (graph.size === 0) return "no links between blocks";
  const kept = graph.size > MAX_LINES ? `, the ${MAX_LINES} densest of ${graph.size}` : "";
  const densest = densestLink(graph).toPrecision(2);
  return `a line is as wide as the links between two blocks are dense (widest: ${densest})${kept}`;
}

function plural(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}
