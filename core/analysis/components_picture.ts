/**
 * The picture of the principal components: volumes as dots, coloured by cluster.
 *
 * @module
 */
import { axes } from "../report/axes.ts";
import { palette } from "../report/colours.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import type { Analysis, Components } from "./analysis.ts";
import { clusterCount } from "./choose_volumes.ts";

const MARGIN = 24, SIDE = 400, LEFT = 64, BETWEEN = 90, TOP = 108, FAINT = "#777777";

/** Clusters that the legend names, at most. */
const MOST_NAMED = 24;

/** Draws the first two components, over regions and, where they are known, over voxels. */
export function componentsPicture(analysis: Analysis): Drawing {
  const { components, junk } = analysis;
  const count = clusterCount(analysis), colours = palette(count);
  const frames = components.map((one, i) =>
    panel(one, analysis, colours, MARGIN + LEFT + i * (SIDE + BETWEEN))
  );
  const bottom = TOP + SIDE + 64;
  const legend = Array.from({ length: Math.min(count, MOST_NAMED) }, (_, c): Item[] => {
    const x = MARGIN + LEFT + (c % 8) * 52, y = bottom + Math.floor(c / 8) * 20;
    return [
      { kind: "dots", centres: [x, y], radius: 5, colour: colours[c]! },
      textItem(x + 10, y + 4.5, String(c + 1), { size: 13 }),
    ];
  });
  const more = count > MOST_NAMED ? ` (of ${count})` : "";
  const rings = junk.length > 0 ? "; rings: junk" : "";
  return {
    width: MARGIN + LEFT + components.length * (SIDE + BETWEEN),
    height: bottom + 20 * Math.ceil(Math.min(count, MOST_NAMED) / 8) + 16,
    title: "Principal components of the volumes",
    items: [
      textItem(MARGIN, 28, "principal components", { size: 16, bold: true }),
      textItem(MARGIN, 47, `a dot is a volume, coloured by its cluster${more}${rings}`, {
        size: 13,
        colour: FAINT,
      }),
      ...frames.flat(),
      ...legend.flat(),
    ],
  };
}

function panel(
  { of, shares, scores }: Components,
  { clusters, junk }: Analysis,
  colours: readonly string[],
  x: number,
): Item[] {
  const score = (volume: number, component: number) =>
    component < shares.length ? scores[volume * shares.length + component]! : 0;
  const range = (component: number): [number, number] => {
    const values = clusters.map((_, volume) => score(volume, component));
    return [
      values.reduce((least, value) => Math.min(least, value), 0),
      values.reduce((most, value) => Math.max(most, value), 0),
    ];
  };
  const title = (component: number) => {
    const share = shares[component];
    const told = share === undefined ? "no variance" : `${share.toFixed(3)} of the variance`;
    return `component ${component + 1}: ${told}`;
  };
  const frame = axes({
    x,
    y: TOP,
    width: SIDE,
    height: SIDE,
    xAxis: { range: range(0), title: title(0) },
    yAxis: { range: range(1), title: title(1) },
  });
  const at = (volume: number) => [frame.toX(score(volume, 0)), frame.toY(score(volume, 1))];
  const rings: Item[] = [8, 6.5].map((radius, i) => ({
    kind: "dots",
    centres: junk.flatMap(({ volume }) => at(volume)),
    radius,
    colour: i === 0 ? "#444444" : "#ffffff",
  }));
  return [
    textItem(x, TOP - 32, `over ${of}`, { size: 13, bold: true }),
    ...frame.items,
    ...(junk.length > 0 ? rings : []),
    ...colours.map((colour, cluster): Item => ({
      kind: "dots",
      centres: clusters.flatMap((c, volume) => c === cluster + 1 ? at(volume) : []),
      radius: 4,
      colour,
    })),
  ];
}
