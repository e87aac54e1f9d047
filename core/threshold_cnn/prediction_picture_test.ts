import assert from "node:assert";
import { encodePng, type Item } from "../report/drawing.ts";
import { labelledPredictions } from "./measures.ts";
import { predictionPicture } from "./prediction_picture.ts";

/** Pairs whose predictions are the levels given, and whose labels are those with bounds. */
function pairs(levels: readonly number[], labels: readonly [number, number?, number?][]) {
  return labelledPredictions(
    levels.map((level, i) => ({
      map: `vol_${i}.mrc`,
      statistics: { min: 0, max: 9 },
      prediction: 0,
      level,
    })),
    labels.map(([level, lower, upper], i) => ({
      level,
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      line: i + 2,
    })),
  );
}

const dots = (items: readonly Item[]) =>
  items.filter((item) => item.kind === "dots").filter(({ centres }) => centres.length > 2);

Deno.test("labels ascend from left to right, with the prediction of each map over its label", () => {
  const { items } = predictionPicture(pairs([1, 2, 3], [[5, 4, 6], [2, 1, 3], [7]]));
  const [labels, predictions] = dots(items).map(({ centres }) => ({
    x: centres.filter((_, i) => i % 2 === 0),
    y: centres.filter((_, i) => i % 2 === 1),
  }));
  assert.deepStrictEqual(labels?.x, predictions?.x);
  assert.deepStrictEqual(labels?.x.toSorted((a, b) => a - b), labels?.x);
  assert.deepStrictEqual(labels?.y.toSorted((a, b) => b - a), labels?.y); // y goes down
  const [ofSecond, ofFirst, ofThird] = predictions!.y as [number, number, number];
  assert.ok(ofFirst > ofSecond && ofSecond > ofThird);
  assert.ok(Math.abs(ofSecond - labels!.y[0]!) < 1e-9); // both are 2
  const bars = items.filter((item) => item.kind === "line" && item.width === 1.2);
  assert.strictEqual(bars.length, 2 * 3);
});

Deno.test("one map, and hundreds without bounds, make a picture too", () => {
  const one = predictionPicture(pairs([1], [[1]]));
  assert.ok(encodePng(one).length > 1000);
  const many = Array.from({ length: 400 }, (_, i) => i / 100);
  const { items } = predictionPicture(pairs(many, many.map((level) => [level])));
  assert.ok(items.every((item) => item.kind !== "line" || item.width !== 1.2));
  assert.ok(items.some((item) => item.kind === "text" && item.text === "labels"));
});

Deno.test("levels of widely different scales are drawn by their powers of ten", () => {
  const texts = (levels: readonly number[]) =>
    predictionPicture(pairs(levels, levels.map((level) => [level]))).items
      .flatMap((item) => item.kind === "text" ? [item.text] : []);
  assert.ok(["0.001", "0.1", "10"].every((text) => texts([0.002, 0.5, 8]).includes(text)));
  assert.ok(texts([0.2, 0.5, 8]).includes("8"));
  assert.ok(!texts([-0.2, 0.5, 80]).includes("0.1"));
});
