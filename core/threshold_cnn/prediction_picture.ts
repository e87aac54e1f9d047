/**
 * The picture of predicted thresholds against labels, as SIREn draws it.
 *
 * @module
 */
import { axes } from "../report/axes.ts";
import { type Drawing, type Item, textItem } from "../report/drawing.ts";
import type { LabelledPrediction } from "./measures.ts";

// Told apart also by those who do not see all colours (Okabe & Ito).
const LABEL = "#0072b2", PREDICTION = "#d55e00", FAINT = "#777777";

const WIDTH = 720, HEIGHT = 440;
const INSIDE = { x: 72, y: 62, width: 620, height: 310 };

/** Levels that differ by more than this factor are drawn on a logarithmic scale. */
const WIDE = 100;

/**
 * Draws labels, in ascending order, with their bounds as bars, and the prediction of each map over them.
 * Where the maps' scales differ widely, the levels' axis is logarithmic.
 *
 * @param pairs One or more.
 */
export function predictionPicture(pairs: readonly LabelledPrediction[]): Drawing {
  const sorted = pairs.toSorted((a, b) => a.label.level - b.label.level);
  const levels = sorted.flatMap(({ prediction, label: { level, lower, upper } }) => [
    prediction.level,
    level,
    lower ?? level,
    upper ?? level,
  ]);
  const [least, most] = extremes(levels);
  const powers = least > 0 && most > WIDE * least;
  const scale = (level: number) => powers ? Math.log10(level) : level;
  const { items, toX, toY: place } = axes({
    ...INSIDE,
    xAxis: { range: [0, sorted.length + 1], title: "maps, by their labels", whole: true },
    yAxis: { range: [scale(least), scale(most)], title: "level", whole: powers, powers },
  });
  const toY = (level: number) => place(scale(level));
  // Hundreds of maps leave little room for each.
  const radius = Math.max(1.5, Math.min(4, INSIDE.width / sorted.length / 3));
  const bars = sorted.flatMap(({ label: { level, lower = level, upper = level } }, i): Item[] => {
    const x = toX(i + 1), y1 = toY(lower), y2 = toY(upper);
    const line = (from: number, to: number, y: number, end: number): Item => {
      return { kind: "line", x1: from, y1: y, x2: to, y2: end, width: 1.2, colour: LABEL };
    };
    if (lower === upper) return [];
    return [line(x, x, y1, y2), ...[y1, y2].map((y) => line(x - radius, x + radius, y, y))];
  });
  const dots = (of: (pair: LabelledPrediction) => number, colour: string): Item => ({
    kind: "dots",
    centres: sorted.flatMap((pair, i) => [toX(i + 1), toY(of(pair))]),
    radius,
    colour,
  });
  const hasBounds = bars.length > 0;
  const legend = (x: number, text: string, colour: string): Item[] => [
    { kind: "dots", centres: [x, 24], radius: 4, colour },
    textItem(x + 12, 28, text, { size: 13, colour: FAINT }),
  ];
  return {
    width: WIDTH,
    height: HEIGHT,
    title: "Predicted thresholds against labels",
    items: [
      ...items,
      ...bars,
      dots(({ label }) => label.level, LABEL),
      dots(({ prediction }) => prediction.level, PREDICTION),
      ...legend(INSIDE.x + 60, hasBounds ? "labels with bounds" : "labels", LABEL),
      ...legend(INSIDE.x + 240, "predictions", PREDICTION),
    ],
  };
}

function extremes(values: readonly number[]): readonly [number, number] {
  return values.reduce<readonly [number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}
