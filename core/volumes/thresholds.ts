/**
 * Thresholds from a CSV file: one for each volume, as SIREn's `predictions.csv` holds them.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";
import {
  fileKey,
  list,
  mapNumber,
  MATCH_BY_FILE,
  parseKeyedTable,
  type TableUse,
  unusable,
  VOLUME_ID,
} from "./map_table.ts";

/** Column of the thresholds; others are passed over. */
const THRESHOLD = "denormalized_predictions";

const USE: TableUse = { what: "thresholds", needed: [THRESHOLD] };

/**
 * Reads the thresholds of maps from a CSV file: see {@linkcode parseThresholds}.
 *
 * @throws {InputError} Also where the file cannot be read.
 */
export async function readThresholds(
  path: string,
  maps: readonly string[],
): Promise<Float64Array<ArrayBuffer>> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause: error });
  }
  return parseThresholds(text, path, maps);
}

/**
 * Finds the threshold of each map in the text of a CSV file.
 *
 * The threshold is the column `denormalized_predictions`. Where there is a column `map_file`, rows and
 * maps are matched by file name (without its folder and `.gz`), and rows for maps that are not given
 * are passed over. Else they are matched by the column `vol_id` and the number in the file name, the
 * last run of digits before the ending. The two sets of numbers must then be the same: a row too many
 * may mean that the rows are numbered otherwise than the maps, and every threshold would be that of a
 * neighbour.
 *
 * @param text The file: comma-separated, with a row of column names; quoted fields, a byte order mark
 *   and either kind of line end are fine.
 * @param name What to call the CSV file in messages.
 * @param maps Paths of the maps.
 * @returns A threshold for each map, in the order of `maps`.
 * @throws {InputError} Where a column, row or number is missing, a map has two rows, or the rows are
 *   numbered otherwise than the maps.
 * @example
 * ```ts
 * import { parseThresholds } from "./thresholds.ts";
 * import assert from "node:assert";
 *
 * const csv = "vol_id,denormalized_predictions\n10,0.5\n9,0.25\n";
 * const thresholds = parseThresholds(csv, "predictions.csv", ["vol_009.mrc", "vol_010.mrc"]);
 * assert.deepStrictEqual([...thresholds], [0.25, 0.5]);
 * ```
 */
export function parseThresholds(
  text: string,
  name: string,
  maps: readonly string[],
): Float64Array<ArrayBuffer> {
  const { rows, byFile } = parseKeyedTable(text, name, USE);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const keys = byFile ? maps.map(fileKey) : mapNumbers(name, maps);
  if (!byFile) checkNumbers(name, rows.map(({ key }) => key), keys);
  const missing = maps.filter((_, i) => !byKey.has(keys[i]!));
  if (missing.length > 0) {
    throw unusable(name, USE, `it has no row for ${list(missing.map((map) => basename(map)))}`);
  }
  return Float64Array.from(keys, (key) => byKey.get(key)!.values[THRESHOLD]!);
}

/** The number in the name of each map. */
function mapNumbers(name: string, maps: readonly string[]): string[] {
  const mapOf = new Map<string, string>();
  return maps.map((map) => {
    const number = mapNumber(map);
    if (number === undefined) {
      throw unusable(
        name,
        USE,
        `the name of a map has no number (${basename(map)})`,
        MATCH_BY_FILE,
      );
    }
    const other = mapOf.get(number);
    if (other !== undefined) {
      throw unusable(
        name,
        USE,
        `the names of two maps have the same number (${basename(other)}, ${basename(map)})`,
        MATCH_BY_FILE,
      );
    }
    mapOf.set(number, map);
    return number;
  });
}

/** Refuses numbers of rows that are not those of the maps, and says how they differ. */
function checkNumbers(name: string, rows: string[], maps: string[]): void {
  const inMaps = new Set(maps);
  const surplus = rows.filter((number) => !inMaps.has(number));
  if (surplus.length === 0) return;
  const [ofRows, ofMaps] = [rows, maps].map((numbers) =>
    numbers.map(Number).sort((a, b) => a - b)
  ) as [
    number[],
    number[],
  ];
  const ranges = `${ofRows[0]} to ${ofRows.at(-1)}, not ${ofMaps[0]} to ${ofMaps.at(-1)}`;
  const shift = ofMaps[0]! - ofRows[0]!;
  const sameCount = ofRows.length === ofMaps.length;
  if (sameCount && shift !== 0 && ofRows.every((number, i) => number + shift === ofMaps[i])) {
    throw unusable(
      name,
      USE,
      `its ${VOLUME_ID} is shifted against the numbers of the maps (${ranges})`,
      `${MATCH_BY_FILE} Newer programs number maps from 1 but the rows of such a file from 0.`,
    );
  }
  if (sameCount && rows.every((number, row) => Number(number) === row)) {
    throw unusable(
      name,
      USE,
      `its ${VOLUME_ID} counts rows, not maps (${ranges})`,
      MATCH_BY_FILE,
    );
  }
  throw unusable(
    name,
    USE,
    `it has rows for maps that are not there (${VOLUME_ID} ${list(surplus)})`,
    `Remove those rows, or match by name: ${MATCH_BY_FILE.toLowerCase()}`,
  );
}
