import assert from "node:assert";
import fc from "fast-check";
import { axes, ticks } from "./axes.ts";
import { encodePng } from "./drawing.ts";

const labels = (range: [number, number], wanted: number, whole = false) =>
  ticks({ range, whole }, wanted).map(({ label }) => label);

Deno.test("ticks are round, and their labels as short as their step allows", () => {
  assert.deepStrictEqual(labels([0.013, 0.094], 5), [
    "0.00",
    "0.02",
    "0.04",
    "0.06",
    "0.08",
    "0.10",
  ]);
  assert.deepStrictEqual(labels([-1, 1], 4), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
  assert.deepStrictEqual(labels([0, 300], 3), ["0", "100", "200", "300"]);
  assert.deepStrictEqual(labels([0, 3e-6], 3), ["0", "1e-6", "2e-6", "3e-6"]);
  assert.deepStrictEqual(labels([0, 2e7], 2), ["0", "1e+7", "2e+7"]);
});

Deno.test("whole numbers get no ticks between", () => {
  assert.deepStrictEqual(labels([1, 3], 8, true), ["1", "2", "3"]);
  assert.deepStrictEqual(labels([1, 1], 8, true), ["1", "2"]);
  assert.deepStrictEqual(labels([1.5e-323, 1.5e-323], 2), ["0.0", "0.5"]);
});

Deno.test("ticks enclose their range, evenly and not too many", () => {
  const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(fc.property(finite, finite, fc.integer({ min: 1, max: 12 }), (a, b, wanted) => {
    const low = Math.min(a, b), high = Math.max(a, b);
    fc.pre(high === low || high - low > 1e-6 * Math.max(1, Math.abs(low), Math.abs(high)));
    const all = ticks({ range: [low, high] }, wanted).map(({ value }) => value);
    const slack = 1e-6 * (all.at(-1)! - all[0]!);
    assert.ok(all.length >= 2 && all.length <= wanted + 3, String(all));
    assert.ok(all[0]! <= low + slack && all.at(-1)! >= high - slack, String(all));
    const step = all[1]! - all[0]!;
    for (let i = 1; i < all.length; i++) {
      assert.ok(Math.abs(all[i]! - all[i - 1]! - step) <= 1e-6 * step, String(all));
    }
  }));
});

Deno.test("a range that is upside down or not finite is refused", () => {
  assert.throws(() => ticks({ range: [1, 0] }, 4), RangeError);
  assert.throws(() => ticks({ range: [0, Infinity] }, 4), RangeError);
  assert.throws(() => ticks({ range: [NaN, 1] }, 4), RangeError);
});

Deno.test("axes can be painted, and place greater values higher and further right", () => {
  const { items, toX, toY } = axes({
    x: 60,
    y: 30,
    width: 300,
    height: 200,
    xAxis: { range: [-1.03, 0.97], title: "label" },
    yAxis: { range: [1e-7, 3e-7], title: "loss" },
  });
  assert.ok(toX(0.5) > toX(0.4) && toY(3e-7) < toY(2e-7));
  assert.ok(toX(-1.03) >= 60 && toX(0.97) <= 360 && toY(3e-7) >= 30 && toY(1e-7) <= 230);
  // The font of PNG pictures has all letters that the labels need.
  encodePng({ width: 400, height: 300, title: "axes", items });
});

Deno.test("ticks of exponents tell the powers of ten", () => {
  const labels = ticks({ range: [-6, 3], whole: true, powers: true }, 9).map(({ label }) => label);
  const small = ["1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.1"];
  assert.deepStrictEqual(labels, [...small, "1", "10", "100", "1000"]);
});
