/**
 * The heat map of an occupancy table: regions by volumes, both in the order of their trees.
 *
 * @module
 */
import { palette } from "../report/colours.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import { textStrokes } from "../report/stroke_font.ts";
import { shortNumber } from "../short_number.ts";
import type { Analysis } from "./analysis.ts";
import { clusterCount } from "./choose_volumes.ts";
import {
  box,
  colourAt,
  OCCUPANCY_SCALE,
  paint,
  pictureName,
  scaleBar,
  treeItems,
} from "./picture_parts.ts";
import { fullOccupancy } from "./presence.ts";

const MARGIN = 24, HEADING = 60, TREE = 110, SIDE_TREE = 90, STRIP = 14, FAINT = "#777777";

/** Height of a region's row in pixels, and the most that all take. */
const ROW = 18, MOST_HEIGHT = 1600;

/** Width of the map in pixels: at least, of a volume, at most. */
const LEAST_WIDTH = 420, COLUMN = 10, MOST_WIDTH = 1000;

/**
 * Draws occupancies: a row for each region, a column for each volume, with the trees of both, the clusters
 * of the volumes, and the regions' colours.
 */
export function heatMap(analysis: Analysis): Drawing {
  const { table, regionTree, volumeTree } = analysis;
  const n = table.volumes.length, k = table.regions.length;
  const full = fullOccupancy(table);
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, n * COLUMN));
  const height = Math.min(MOST_HEIGHT, k * ROW), row = height / k;
  // Rows that are too low for names of their own go without.
  const hasNames = row >= 9;
  const size = Math.min(13, row - 2);
  const names = table.regions.map(({ name }) => pictureName(name));
  const label = hasNames ? Math.max(...names.map((name) => textStrokes(name, size).width)) + 10 : 0;
  const left = MARGIN + SIDE_TREE + 26, top = HEADING + TREE + STRIP + 12;

  const image = paint(n, k, (column, line) => {
    const volume = volumeTree.order[column]!, region = regionTree.order[line]!;
    return colourAt(OCCUPANCY_SCALE, table.values[volume * k + region]! / full);
  });
  const count = clusterCount(analysis);
  const colours = palette(k), clusterColours = palette(count);
  const items: Item[] = [
    textItem(MARGIN, 28, "occupancies", { size: 16, bold: true }),
    textItem(
      MARGIN,
      47,
      `volumes: ${n}, clusters: ${count}, regions: ${k}; ${analysis.linkage} linkage`,
      { size: 13, colour: FAINT },
    ),
    ...treeItems(volumeTree, {
      first: left + width / n / 2,
      step: width / n,
      leaves: HEADING + TREE,
      root: HEADING + 6,
      alongX: true,
    }),
    ...treeItems(regionTree, {
      first: top + row / 2,
      step: row,
      leaves: MARGIN + SIDE_TREE,
      root: MARGIN,
      alongX: false,
    }),
    ...clusterItems(analysis, left, HEADING + TREE + 6, width, clusterColours),
    { kind: "raster", x: left, y: top, width, height, image },
    ...regionTree.order.map((region, line) =>
      box(left - 20, top + line * row, 14, Math.max(1, row - 1), colours[region]!)
    ),
    ...(hasNames
      ? regionTree.order.map((region, line) =>
        textItem(left + width + 8, top + (line + 0.5) * row + size / 3, names[region]!, { size })
      )
      : []),
    ...scaleBar(
      left,
      top + height + 36,
      OCCUPANCY_SCALE,
      [shortNumber(0), shortNumber(full / 2), shortNumber(full)],
      "occupancy",
    ),
  ];
  return {
    width: Math.ceil(left + width + label + MARGIN),
    height: Math.ceil(top + height + 76),
    title: "Occupancies of regions in volumes",
    items,
  };
}

/** The strip of clusters, with their numbers where there is room. */
function clusterItems(
  { clusters, volumeTree }: Analysis,
  left: number,
  y: number,
  width: number,
  colours: readonly string[],
): Item[] {
  const n = clusters.length, items: Item[] = [];
  for (let from = 0, to = 0; from < n; from = to) {
    const cluster = clusters[volumeTree.order[from]!]!;
    while (to < n && clusters[volumeTree.order[to]!] === cluster) to++;
    const x = left + width * from / n, wide = width * (to - from) / n;
    items.push(box(x, y, wide, STRIP, colours[cluster - 1]!));
    if (wide < 18) continue;
    items.push(
      textItem(x + wide / 2, y + STRIP - 2.5, String(cluster), {
        size: 12,
        bold: true,
        halo: true,
        anchor: "middle",
      }),
    );
  }
  return items;
}
