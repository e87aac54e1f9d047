/**
 * Labels: the levels that a person chose for maps, as the network learns them or is held against them.
 *
 * @module
 */
import { basename } from "node:path";
import { readInput } from "../files.ts";
import { type Csv, csvCell, float32Text, parseCsv } from "../volumes/csv_text.ts";
import {
  list,
  MAP_FILE,
  matchRows,
  parseKeyedTable,
  type TableUse,
  unusable,
  VOLUME_ID,
} from "../volumes/map_table.ts";
import { type MapStatistics, normaliseLevel } from "./normalise.ts";

/** Column of a label: a density, or a level on the scale of the normalised map. */
export const labelColumns = ["contour_level", "normalized_label"] as const;
/** See {@linkcode labelColumns}. */
export type LabelColumn = typeof labelColumns[number];

/** A map's label. */
export interface Label {
  readonly level: number;
  /** Least and greatest level that would do, where the file has them; always densities. */
  readonly lower?: number;
  readonly upper?: number;
  /** Line of the file, counted from 1. */
  readonly line: number;
}

const LOWER = "lower_bound", UPPER = "upper_bound";
/** Columns that a file of normalised labels has beside those of the labels. */
const ADDED = ["normalized_label", "vol_min", "vol_max", MAP_FILE] as const;

/**
 * Reads the labels of maps from a table with `map_file` or `vol_id`, a column of levels, and perhaps
 * `lower_bound` and `upper_bound`.
 *
 * @param path The file.
 * @param maps Paths of the maps, in natural order.
 * @returns The label of each map, undefined where it has none; one map at least has one.
 * @throws {InputError} The file cannot be read, a column or number is missing, a label is for a map that is
 *   not there, or a lower bound is above its upper bound.
 */
export async function readLabels(
  path: string,
  maps: readonly string[],
  column: LabelColumn,
): Promise<(Label | undefined)[]> {
  return parseLabels(new TextDecoder().decode(await readInput(path)), path, maps, column);
}

/**
 * Finds the labels of maps in the text of a table: see {@linkcode readLabels}.
 *
 * @param name What to call the file in messages.
 * @example
 * ```ts
 * import { parseLabels } from "./labels.ts";
 * import assert from "node:assert";
 *
 * const csv = "map_file,contour_level\nvol_1.mrc,0.5\n";
 * const labels = parseLabels(csv, "labels.csv", ["vol_1.mrc", "vol_2.mrc"], "contour_level");
 * assert.deepStrictEqual(labels, [{ level: 0.5, line: 2 }, undefined]);
 * ```
 */
export function parseLabels(
  text: string,
  name: string,
  maps: readonly string[],
  column: LabelColumn,
): (Label | undefined)[] {
  const use: TableUse = { what: "labels", needed: [column], optional: [LOWER, UPPER] };
  const table = parseKeyedTable(text, name, use);
  return matchRows(table, name, use, maps, "refuse").map((row) => {
    if (row === undefined) return undefined;
    const { line, values: { [column]: level, [LOWER]: lower, [UPPER]: upper } } = row;
    if (lower !== undefined && upper !== undefined && lower > upper) {
      throw unusable(
        name,
        use,
        `line ${line} has its ${LOWER} above its ${UPPER} (${lower}, ${upper})`,
      );
    }
    // Levels of normalised maps are on another scale than bounds, which are densities.
    const isDensity = column === "contour_level";
    if (isDensity && (level! < (lower ?? -Infinity) || level! > (upper ?? Infinity))) {
      throw unusable(
        name,
        use,
        `line ${line} has its ${column} outside its bounds (${level}; ${lower}, ${upper})`,
      );
    }
    return {
      level: level!, // as the column is needed
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      line,
    };
  });
}

/**
 * Says which labels lie beyond the densities that their maps were normalised by, as those of other maps or
 * of another scale do.
 *
 * @param path File of the labels.
 * @param labels See {@linkcode parseLabels}; densities.
 * @param maps Paths of the maps.
 * @param statistics Of each map.
 * @param of What they must be levels of, as in "the downsampled maps".
 * @returns Sentences; undefined where all labels are within.
 * @example
 * ```ts
 * import { beyondDensities } from "./labels.ts";
 * import assert from "node:assert";
 *
 * const labels = [{ level: 0.5, line: 2 }, { level: 7, line: 3 }, undefined];
 * const maps = ["maps/vol_1.mrc", "maps/vol_2.mrc", "maps/vol_3.mrc"];
 * const statistics = maps.map(() => ({ min: 0, max: 1 }));
 * assert.strictEqual(
 *   beyondDensities("labels.csv", labels, maps, statistics, "the raw maps"),
 *   "Labels are beyond the densities of their maps in labels.csv: vol_2.mrc. They must be levels of the raw maps.",
 * );
 * assert.strictEqual(beyondDensities("labels.csv", [], [], [], "the raw maps"), undefined);
 * ```
 */
export function beyondDensities(
  path: string,
  labels: readonly (Label | undefined)[],
  maps: readonly string[],
  statistics: readonly MapStatistics[],
  of: string,
): string | undefined {
  const beyond = maps.filter((_, i) => {
    const level = labels[i]?.level, own = statistics[i];
    return level !== undefined && own !== undefined && !(level >= own.min && level <= own.max);
  });
  if (beyond.length === 0) return undefined;
  const names = list(beyond.map((map) => basename(map)));
  return `Labels are beyond the densities of their maps in ${path}: ${names}. They must be levels of ${of}.`;
}

/**
 * Writes normalised labels: the rows of a table of labels for maps that have one, in the maps' order, with
 * `normalized_label`, `vol_min`, `vol_max` and `map_file` added.
 *
 * @param text The table of the labels, as they were read.
 * @param labels See {@linkcode parseLabels}; densities.
 * @param maps Paths of the maps.
 * @param statistics Of each map.
 */
export function formatNormalisedLabels(
  text: string,
  name: string,
  labels: readonly (Label | undefined)[],
  maps: readonly string[],
  statistics: readonly MapStatistics[],
): string {
  const { columns, rows }: Csv = parseCsv(text, name);
  // What is added takes the place of what an earlier preprocess added; a nameless column numbers rows.
  const kept = columns.flatMap((column, i) =>
    column === "" || ADDED.some((added) => added === column) || column === VOLUME_ID ? [] : [i]
  );
  const byLine = new Map(rows.map(({ record, line }) => [line, record]));
  const table = [["", VOLUME_ID, ...kept.map((i) => columns[i]!), ...ADDED]];
  for (const [place, label] of labels.entries()) {
    const map = maps[place], own = statistics[place];
    if (label === undefined || map === undefined || own === undefined) continue;
    const record = byLine.get(label.line) ?? [];
    table.push([
      String(table.length - 1),
      String(place),
      ...kept.map((i) => record[i] ?? ""),
      String(normaliseLevel(label.level, own)),
      float32Text(own.min),
      float32Text(own.max),
      basename(map),
    ]);
  }
  return table.map((cells) => cells.map(csvCell).join(",") + "\n").join("");
}
