/**
 * Tables of the densities that maps were normalised by: `map_stats_downsampled.csv` and
 * `map_stats_raw.csv`. SIREn's have no names of maps; their rows count the maps in natural order.
 *
 * @module
 */
import { basename } from "node:path";
import { readInput } from "../files.ts";
import { csvCell, float32Text } from "../volumes/csv_text.ts";
import {
  list,
  MAP_FILE,
  mapNumber,
  matchRows,
  parseKeyedTable,
  type TableUse,
  unusable,
  VOLUME_ID,
} from "../volumes/map_table.ts";
import type { MapStatistics } from "./normalise.ts";
export type { MapStatistics } from "./normalise.ts";

const LEAST = "vol_min", MOST = "vol_max";
/** Column of the number in a map's name; empty where the name has none. */
const NUMBER = "volume_number";

const USE: TableUse = { what: "statistics", needed: [LEAST, MOST] };

/** Statistics of a map of a folder. */
export interface NamedStatistics {
  /** Path or name of the map. */
  readonly map: string;
  readonly statistics: MapStatistics;
}

/**
 * Writes a table of statistics, as SIREn does and with the maps' names.
 *
 * @param rows The maps in natural order.
 * @example
 * ```ts
 * import { formatStatistics } from "./map_statistics.ts";
 * import assert from "node:assert";
 *
 * const csv = formatStatistics([{ map: "maps/vol_018.mrc", statistics: { min: 0.25, max: 4 } }]);
 * assert.strictEqual(
 *   csv,
 *   ",vol_id,vol_min,vol_max,map_file,volume_number\n0,0,0.25,4,vol_018.mrc,18\n",
 * );
 * ```
 */
export function formatStatistics(rows: readonly NamedStatistics[]): string {
  const lines = rows.map(({ map, statistics: { min, max } }, place) =>
    [
      place,
      place,
      float32Text(min),
      float32Text(max),
      csvCell(basename(map)),
      mapNumber(map) ?? "",
    ].join(",")
  );
  return [["", VOLUME_ID, LEAST, MOST, MAP_FILE, NUMBER].join(","), ...lines, ""].join("\n");
}

/**
 * Reads the statistics of maps from a table: ours, or one that SIREn wrote.
 *
 * Rows are matched with maps as `matchRows` does. Where there are as many rows as maps, and `vol_id` alone
 * counts them from 0, the rows are in the maps' natural order, as SIREn writes them.
 *
 * @param path The file.
 * @param maps Paths of the maps, in natural order.
 * @returns Those of each map.
 * @throws {InputError} The file cannot be read, a column, row or number is missing, or a row's numbers are
 *   not 0 <= `vol_min` < `vol_max`.
 */
export async function readStatistics(
  path: string,
  maps: readonly string[],
): Promise<MapStatistics[]> {
  const text = new TextDecoder().decode(await readInput(path));
  const table = parseKeyedTable(text, path, USE);
  const byKey = new Map(table.rows.map((row) => [row.key, row]));
  const counts = !table.byFile && table.rows.length === maps.length &&
    maps.every((_, place) => byKey.has(String(place)));
  const rows = counts
    ? maps.map((_, place) => byKey.get(String(place)))
    : matchRows(table, path, USE, maps, "pass over");
  const without = maps.filter((_, i) => rows[i] === undefined).map((map) => basename(map));
  if (without.length > 0) throw unusable(path, USE, `it has no row for ${list(without)}`);
  return rows.map((row) => {
    const { line, values } = row!; // each map has one
    const min = values[LEAST]!, max = values[MOST]!;
    if (!(min >= 0 && min < max)) {
      throw unusable(path, USE, `line ${line} is not 0 <= ${LEAST} < ${MOST} (${min}, ${max})`);
    }
    return { min, max };
  });
}
