/**
 * The table of predicted thresholds, `predictions.csv`: SIREn's columns, and the maps' names.
 *
 * @module
 */
import { basename } from "node:path";
import { csvCell, float32Text } from "../volumes/csv_text.ts";
import { mapNumber } from "../volumes/map_table.ts";
import type { MapStatistics } from "./normalise.ts";

/** The predicted threshold of a map. */
export interface Prediction {
  /** Path or name of the map. */
  readonly map: string;
  /** The densities that became -1 and 1. */
  readonly statistics: MapStatistics;
  /** Level on the scale of the normalised map. */
  readonly prediction: number;
  /** The same as a density. */
  readonly level: number;
}

/** The table's file name, which `--binfile` takes. */
export const PREDICTIONS_FILE = "predictions.csv";

const COLUMNS = [
  "",
  "vol_id",
  "vol_min",
  "vol_max",
  "prediction",
  "int_predictions",
  "denormalized_predictions",
  "map_file",
  "volume_number",
];

/**
 * Writes the table. `vol_id` counts the maps from 0, as with SIREn; `volume_number` is the number in a
 * map's name.
 *
 * @param rows In natural order of the maps.
 * @param numberText Writes a number; by default, the shortest that gives the same 32-bit float.
 * @example
 * ```ts
 * import { formatPredictions } from "./predictions.ts";
 * import assert from "node:assert";
 *
 * const statistics = { min: 1, max: 3 };
 * const csv = formatPredictions([
 *   { map: "maps/vol_018.mrc", statistics, prediction: 0.5, level: 2.5 },
 * ]);
 * assert.strictEqual(csv.split("\n")[1], "0,0,1,3,0.5,0.75,2.5,vol_018.mrc,18");
 * ```
 */
export function formatPredictions(
  rows: readonly Prediction[],
  numberText: (value: number) => string = float32Text,
): string {
  const lines = rows.map(({ map, statistics: { min, max }, prediction, level }, place) => [
    String(place),
    String(place),
    ...[min, max, prediction, (prediction + 1) / 2, level].map(numberText),
    csvCell(basename(map)),
    mapNumber(map) ?? "",
  ]);
  return [COLUMNS, ...lines].map((cells) => cells.join(",") + "\n").join("");
}
