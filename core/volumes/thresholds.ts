/**
 * Thresholds from a CSV file: one for each volume, as SIREn's `predictions.csv` holds them.
 *
 * @module
 */
import { basename } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";
import { mapStem } from "./find_maps.ts";

/** Columns that are read; others are passed over. */
const THRESHOLD = "denormalized_predictions";
const FILE = "map_file";
const NUMBER = "vol_id";

/** How many names or numbers a message lists. */
const LISTED = 5;

const MATCH_BY_FILE = `Add a column ${FILE} that names the map of each row.`;

const thresholdText = z.string().trim().regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
  .transform(Number).pipe(z.number());

/** Whole numbers, also as pandas writes a column that once held a gap: `18.0`. */
const numberText = z.string().trim().regex(/^\d+(\.0*)?$/).transform((text) => withoutZeros(text));

const fileText = z.string().trim().min(1).transform(fileKey);

/** One row: the map that it is for (a file name or a number) and its threshold. */
interface Row {
  readonly key: string;
  readonly threshold: number;
  readonly line: number;
}

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
  const { rows, byFile } = parseRows(text, name);
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const other = byKey.get(row.key);
    if (other !== undefined) {
      throw unusable(
        name,
        `lines ${other.line} and ${row.line} are for the same map (${
          byFile ? FILE : NUMBER
        } ${row.key})`,
      );
    }
    byKey.set(row.key, row);
  }
  const keys = byFile ? maps.map(fileKey) : mapNumbers(name, maps);
  if (!byFile) checkNumbers(name, rows.map(({ key }) => key), keys);
  const missing = maps.filter((_, i) => !byKey.has(keys[i]!));
  if (missing.length > 0) {
    throw unusable(name, `it has no row for ${list(missing.map((map) => basename(map)))}`);
  }
  return Float64Array.from(keys, (key) => byKey.get(key)!.threshold);
}

function parseRows(text: string, name: string): { rows: Row[]; byFile: boolean } {
  const [header, ...body] = parseCsv(text, name);
  const columns = header?.record ?? [];
  const found = `its columns are ${columns.map((column) => column || '""').join(", ") || "none"}`;
  const threshold = columns.indexOf(THRESHOLD);
  if (threshold < 0) throw unusable(name, `it has no column ${THRESHOLD} (${found})`);
  const byFile = columns.includes(FILE);
  const keyName = byFile ? FILE : NUMBER;
  const key = columns.indexOf(keyName);
  if (key < 0) {
    throw unusable(name, `it has neither a column ${FILE} nor ${NUMBER} (${found})`, MATCH_BY_FILE);
  }
  const repeated = [THRESHOLD, keyName].find((column) =>
    columns.indexOf(column) !== columns.lastIndexOf(column)
  );
  if (repeated !== undefined) throw unusable(name, `it has two columns ${repeated}`);
  if (body.length === 0) throw unusable(name, "it has no rows");

  const keySchema = byFile ? fileText : numberText;
  const rows = body.map(({ record, line }) => {
    const parsedKey = keySchema.safeParse(record[key]);
    if (!parsedKey.success) {
      const kind = byFile ? "file name" : "whole number";
      throw unusable(name, `line ${line} has no ${kind} in ${keyName} ("${record[key]}")`);
    }
    const parsed = thresholdText.safeParse(record[threshold]);
    if (!parsed.success) {
      throw unusable(name, `line ${line} has no number in ${THRESHOLD} ("${record[threshold]}")`);
    }
    return { key: parsedKey.data, threshold: parsed.data, line };
  });
  return { rows, byFile };
}

function parseCsv(text: string, name: string): { record: string[]; line: number }[] {
  try {
    const records = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true });
    // With `info`, each record comes with the line that it ends on; the types do not tell.
    return (records as unknown as { record: string[]; info: { lines: number } }[])
      .map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`Cannot read ${name}: ${error.message}`, undefined, { cause: error });
  }
}

/** The number in the name of each map. */
function mapNumbers(name: string, maps: readonly string[]): string[] {
  const mapOf = new Map<string, string>();
  return maps.map((map) => {
    const digits = mapStem(basename(map)).match(/\d+(?=\D*$)/)?.[0];
    if (digits === undefined) {
      throw unusable(name, `the name of a map has no number (${basename(map)})`, MATCH_BY_FILE);
    }
    const number = withoutZeros(digits);
    const other = mapOf.get(number);
    if (other !== undefined) {
      throw unusable(
        name,
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
      `its ${NUMBER} is shifted against the numbers of the maps (${ranges})`,
      `${MATCH_BY_FILE} Newer programs number maps from 1 but the rows of such a file from 0.`,
    );
  }
  if (sameCount && rows.every((number, row) => Number(number) === row)) {
    throw unusable(
      name,
      `its ${NUMBER} counts rows, not maps (${ranges})`,
      MATCH_BY_FILE,
    );
  }
  throw unusable(
    name,
    `it has rows for maps that are not there (${NUMBER} ${list(surplus)})`,
    `Remove those rows, or match by name: ${MATCH_BY_FILE.toLowerCase()}`,
  );
}

function fileKey(path: string): string {
  return basename(path).replace(/\.gz$/i, "");
}

function withoutZeros(digits: string): string {
  return digits.replace(/\..*$/, "").replace(/^0+(?=\d)/, "");
}

function list(items: readonly string[]): string {
  const more = items.length > LISTED ? `, and ${items.length - LISTED} more` : "";
  return items.slice(0, LISTED).join(", ") + more;
}

function unusable(name: string, reason: string, remedy?: string): InputError {
  return new InputError(`Cannot take thresholds from ${name}: ${reason}`, remedy);
}
