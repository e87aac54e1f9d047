/**
 * Axes for plots: a frame with round tick values, and where in the picture a point lies.
 *
 * @module
 */
import { type Item, textItem } from "./drawing.ts";

/** What an axis shows. */
export interface PlotAxis {
  /** Least and greatest value that must fit; the axis may reach further, to the next tick. */
  readonly range: readonly [number, number];
  /** What the values are. Only letters that `stroke_font.ts` has. */
  readonly title: string;
  /** Whether only whole numbers get ticks. */
  readonly whole?: boolean;
  /** Whether the values are exponents of ten, and ticks are to tell the powers. */
  readonly powers?: boolean;
}

/** Where a plot lies in its picture, and what it shows. */
export interface PlotFrame {
  /** Left, in pixels. Tick labels stand left of it: leave about 60 pixels. */
  readonly x: number;
  /** Top, in pixels. The title of the y axis stands above it: leave about 30 pixels. */
  readonly y: number;
  /** Of the inside, in pixels. */
  readonly width: number;
  /** Of the inside, in pixels. Labels and the title of the x axis stand below: leave about 50 pixels. */
  readonly height: number;
  readonly xAxis: PlotAxis;
  readonly yAxis: PlotAxis;
}

/** Axes that can be drawn, and drawn into. */
export interface Axes {
  /** Grid, ticks, labels and titles: paint them first. */
  readonly items: readonly Item[];
  /** Place in the picture of a value along x, in pixels. */
  readonly toX: (value: number) => number;
  /** Place in the picture of a value along y, in pixels; greater values lie higher. */
  readonly toY: (value: number) => number;
}

const LABEL = 13, GRID = "#e4e4e4", FRAME = "#777777";

/** Below it, numbers have too few digits to be divided. */
const LEAST_EXTENT = 1e-290;

/** About how many pixels there are between ticks. */
const BETWEEN_X = 90, BETWEEN_Y = 60;

/**
 * Makes axes.
 *
 * @throws {RangeError} Where a range is not finite or upside down.
 * @example
 * ```ts
 * import { axes } from "./axes.ts";
 * import assert from "node:assert";
 *
 * const { items, toX, toY } = axes({
 *   x: 60,
 *   y: 30,
 *   width: 400,
 *   height: 300,
 *   xAxis: { range: [0, 10], title: "epoch", whole: true },
 *   yAxis: { range: [0.013, 0.094], title: "loss" },
 * });
 * assert.deepStrictEqual([toX(0), toX(10)], [60, 460]);
 * assert.deepStrictEqual([toY(0), toY(0.1)], [330, 30]);
 * assert.ok(items.some((item) => item.kind === "text" && item.text === "0.08"));
 * ```
 */
export function axes({ x, y, width, height, xAxis, yAxis }: PlotFrame): Axes {
  const alongX = ticks(xAxis, width / BETWEEN_X), alongY = ticks(yAxis, height / BETWEEN_Y);
  const right = x + width, bottom = y + height;
  const toX = (value: number) => x + width * share(alongX, value);
  const toY = (value: number) => bottom - height * share(alongY, value);
  const line = (x1: number, y1: number, x2: number, y2: number, colour: string): Item => {
    return { kind: "line", x1, y1, x2, y2, width: 1, colour };
  };
  return {
    toX,
    toY,
    items: [
      ...alongX.map(({ value }) => line(toX(value), y, toX(value), bottom, GRID)),
      ...alongY.map(({ value }) => line(x, toY(value), right, toY(value), GRID)),
      line(x, y, x, bottom, FRAME),
      line(x, bottom, right, bottom, FRAME),
      ...alongX.map(({ value, label }) =>
        textItem(toX(value), bottom + 19, label, { size: LABEL, anchor: "middle" })
      ),
      ...alongY.map(({ value, label }) =>
        textItem(x - 8, toY(value) + 4.5, label, { size: LABEL, anchor: "end" })
      ),
      textItem(x + width / 2, bottom + 40, xAxis.title, { size: LABEL, anchor: "middle" }),
      textItem(x, y - 12, yAxis.title, { size: LABEL, anchor: "start" }),
    ],
  };
}

/** A tick: a round value and how it is written. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/**
 * Round values that reach from the start of a range, or just before it, to its end, or just after it: 1, 2
 * or 5 times a power of ten apart (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
 *
 * @param wanted About how many steps there should be; fewer than one counts as one.
 * @returns At least two, evenly spaced, ascending.
 * @throws {RangeError} Where the range is not finite or upside down.
 */
export function ticks(
  { range, whole = false, powers = false }: Omit<PlotAxis, "title">,
  wanted: number,
): Tick[] {
  const [low, high] = range;
  if (!Number.isFinite(high - low) || high < low) {
    throw new RangeError(`Cannot draw an axis from ${low} to ${high}: it must ascend`);
  }
  // An axis without extent, or of next to none, gets some, about the one value.
  const extent = [high - low, Math.abs(low)].find((one) => one > LEAST_EXTENT) ?? 1;
  const rough = extent / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * (1 - 1e-9)) ?? 10;
  const step = whole ? Math.max(1, Math.round(factor * power)) : factor * power;
  // A value that is a tick but for rounding needs no further one.
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  const count = Math.max(1, last - first) + 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: count }, (_, i) => {
    // Through text, so that 3 x 0.1 is 0.3; + 0 makes -0 a 0.
    const value = Number(((first + i) * step).toPrecision(12)) + 0;
    const label = powers ? powerOfTen(value) : labelOf(value, decimals);
    return { value, label };
  });
}

/** A number as a tick's label: short, also where it is tiny or huge. */
function labelOf(value: number, decimals: number): string {
  const isPlain = decimals <= 4 && Math.abs(value) < 1e6;
  return isPlain || value === 0 ? value.toFixed(isPlain ? decimals : 0) : value.toExponential();
}

/** A power of ten, in figures where these are few. */
function powerOfTen(exponent: number): string {
  return Math.abs(exponent) <= 4
    ? String(Number((10 ** exponent).toPrecision(3)))
    : `1e${exponent}`;
}

/** How far a value is along an axis, 0 to 1. */
function share(all: readonly Tick[], value: number): number {
  const low = all[0]!.value, high = all.at(-1)!.value; // there are at least two
  return (value - low) / (high - low);
}
