import assert from "node:assert";
import fc from "fast-check";
import { parseCsv } from "../volumes/csv_text.ts";
import { parseThresholds } from "../volumes/thresholds.ts";
import { formatPredictions } from "./predictions.ts";

const statistics = { min: Math.fround(3.671927e-7), max: Math.fround(4.8606296) };

Deno.test("a table of predictions is what --binfile takes, whatever the maps are called", () => {
  const maps = ["maps/vol_9.mrc", "maps/vol_010.mrc.gz", 'maps/a, "b".mrc'];
  const csv = formatPredictions(
    maps.map((map, i) => ({ map, statistics, prediction: 0, level: i + 0.5 })),
  );
  assert.deepStrictEqual(
    parseThresholds(csv, "predictions.csv", maps.toReversed()),
    Float64Array.of(2.5, 1.5, 0.5),
  );
  const numbers = parseCsv(csv, "predictions.csv").rows.map(({ record }) => record.at(-1));
  assert.deepStrictEqual(numbers, ["9", "10", ""]);
});

Deno.test("a table of predictions has SIREn's columns, and the numbers of 32-bit floats", () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(fc.property(float, float, (prediction, level) => {
    const csv = formatPredictions([{ map: "vol_1.mrc", statistics, prediction, level }]);
    const { columns, rows: [row] } = parseCsv(csv, "predictions.csv");
    const of = (column: string) => Number(row?.record[columns.indexOf(column)]);
    assert.deepStrictEqual(
      columns.slice(0, 7).join(),
      [
        ",vol_id,vol_min,vol_max,prediction,int_predictions,denormalized_predictions",
      ].join(),
    );
    assert.strictEqual(of("vol_id"), 0);
    assert.deepStrictEqual(
      ["vol_min", "vol_max", "prediction", "int_predictions", "denormalized_predictions"]
        .map((column) => Math.fround(of(column)) + 0),
      [statistics.min, statistics.max, prediction, (prediction + 1) / 2, level]
        .map((value) => Math.fround(value) + 0),
    );
  }));
});
