import assert from "node:assert";
import fc from "fast-check";
import { labelledPredictions, labelWarnings, measure, spearmanCorrelation } from "./measures.ts";
import type { Prediction } from "./predictions.ts";

/** A prediction on the scale of a map from 0 to 4. */
function predicted(map: string, level: number): Prediction {
  return { map: `maps/${map}`, statistics: { min: 0, max: 4 }, prediction: level / 2 - 1, level };
}

Deno.test("measures are those of the maps with a label, and name the greatest errors", () => {
  const rows = [
    predicted("a.mrc", 1),
    predicted("b.mrc", 2),
    predicted("c.mrc", 3),
    predicted("d.mrc", 3.5),
  ];
  const pairs = labelledPredictions(rows, [
    { level: 1.5, lower: 1, upper: 2, line: 2 },
    undefined,
    { level: 2, lower: 1.5, upper: 2.5, line: 3 },
    { level: 3.25, upper: 9, line: 4 },
  ]);
  assert.deepStrictEqual(measure(pairs, rows.length), {
    maps: 4,
    labelled: 3,
    mean_absolute_error: (0.5 + 1 + 0.25) / 3,
    normalized_mean_absolute_error: (0.25 + 0.5 + 0.125) / 3,
    bounded: 2,
    inside_bounds: 0.5,
    spearman: 1,
    outliers: [
      { map: "c.mrc", predicted: 3, label: 2, normalized_error: 0.5 },
      { map: "a.mrc", predicted: 1, label: 1.5, normalized_error: -0.25 },
      { map: "d.mrc", predicted: 3.5, label: 3.25, normalized_error: 0.125 },
    ],
  });
});

Deno.test("measures without bounds, or of one map, leave out what cannot be said", () => {
  const pairs = labelledPredictions([predicted("a.mrc", 1)], [{ level: 1, line: 2 }]);
  const { bounded, ...measures } = measure(pairs, 1);
  assert.strictEqual(bounded, 0);
  assert.ok(!("inside_bounds" in measures) && !("spearman" in measures));
});

Deno.test("labels that are few, or beyond their maps' densities, are warned of", () => {
  const rows = Array.from({ length: 12 }, (_, i) => predicted(`vol_${i}.mrc`, 1));
  const warnings = (levels: readonly (number | undefined)[]) =>
    labelWarnings(
      rows,
      rows.map((_, i) => levels[i] === undefined ? undefined : { level: levels[i], line: i + 2 }),
      "labels.csv",
      "the maps",
    );
  assert.deepStrictEqual(warnings(rows.map((_, i) => i < 10 ? i % 5 : undefined)), []);
  assert.deepStrictEqual(warnings([0, undefined, 4]), [
    "Only 2 of 12 maps have a label: how well predictions agree with labels may be chance.",
  ]);
  assert.deepStrictEqual(warnings([4.1]), [
    "Labels are beyond the densities of their maps in labels.csv: vol_0.mrc. They must be levels of the maps.",
    "Only 1 of 12 maps has a label: how well predictions agree with labels may be chance.",
  ]);
});

Deno.test("only the five greatest errors are named", () => {
  const rows = Array.from({ length: 9 }, (_, i) => predicted(`vol_${i}.mrc`, i / 4));
  const labels = rows.map((_, i) => ({ level: 0, line: i + 2 }));
  const { outliers } = measure(labelledPredictions(rows, labels), 9);
  assert.deepStrictEqual(
    outliers.map(({ map }) => map),
    [8, 7, 6, 5, 4].map((i) => `vol_${i}.mrc`),
  );
});

Deno.test("Spearman's correlation is that of mean ranks", () => {
  // The correlation of the ranks 1 2.5 2.5 4 6 6 6 and 2 1 3.5 3.5 7 5.5 5.5, by NumPy's corrcoef.
  const found = spearmanCorrelation([1, 2, 2, 3, 7, 7, 7], [2, 1, 4, 4, 6, 5, 5]);
  assert.ok(Math.abs(found! - 0.8860760232362958) < 1e-12);
  const values = fc.uniqueArray(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 2,
    // -0 and 0 are one value.
    comparator: (a, b) => a === b,
  });
  fc.assert(fc.property(values, (values) => {
    const close = (value: number | undefined, to: number) => Math.abs(value! - to) < 1e-9;
    assert.ok(close(spearmanCorrelation(values, values.map((v) => Math.atan(v / 1e38) * 2)), 1));
    assert.ok(close(spearmanCorrelation(values, values.map((v) => -v)), -1));
  }));
});
