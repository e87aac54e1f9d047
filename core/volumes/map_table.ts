/**
 * Tables about maps: CSV files with a row for each map, such as labels, statistics or thresholds.
 *
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { numberCell, parseCsv } from "./csv_text.ts";
import { mapStem } from "./find_maps.ts";

/** Column that names the map of a row. */
export const MAP_FILE = "map_file";
/** Column that numbers the map of a row: by its place in the folder, or by the number in its name. */
export const VOLUME_ID = "vol_id";

/** What to do about rows that cannot be matched. */
export const MATCH_BY_FILE = `Add a column ${MAP_FILE} that names the map of each row.`;

/** How many names or numbers a message lists. */
const LISTED = 5;

/** Whole numbers, also as pandas writes a column that once held a gap: `18.0`. */
const wholeCell = z.string().trim().regex(/^\d+(\.0*)?$/).transform((text) => withoutZeros(text));

const fileCell = z.string().trim().min(1).transform(fileKey);

/** A row of numbers that was told apart from others by a key: a file name, or a whole number. */
export interface KeyedRow {
  readonly key: string;
  readonly line: number;
  /** By column; a column that may be missing is absent where its cell is empty. */
  readonly values: Readonly<Record<string, number>>;
}

/** What a table about maps is taken for. */
export interface TableUse {
  /** What its rows hold, as in "Cannot take thresholds from ...". */
  readonly what: string;
  /** Columns of numbers that must be there. */
  readonly needed: readonly string[];
  /** Columns of numbers that may be missing, or empty in some rows. */
  readonly optional?: readonly string[];
}

/** The rows of a table, by file name where there is a column `map_file`, else by `vol_id`. */
export interface KeyedTable {
  readonly byFile: boolean;
  /** At least one; no key twice. */
  readonly rows: readonly KeyedRow[];
}

/**
 * Reads the rows of a table about maps.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} Where a column, cell or row is missing or no number, or two rows have one key.
 */
export function parseKeyedTable(text: string, name: string, use: TableUse): KeyedTable {
  const { columns, rows: body } = parseCsv(text, name);
  const found = `its columns are ${columns.map((column) => column || '""').join(", ") || "none"}`;
  const lacking = use.needed.find((column) => !columns.includes(column));
  if (lacking !== undefined) {
    const isOther = columns.length === 1 && /[;\t]/.test(columns[0]!);
    const remedy = isOther ? "Separate the columns by commas." : undefined;
    throw unusable(name, use, `it has no column ${lacking} (${found})`, remedy);
  }
  const byFile = columns.includes(MAP_FILE);
  const keyName = byFile ? MAP_FILE : VOLUME_ID;
  if (!columns.includes(keyName)) {
    throw unusable(
      name,
      use,
      `it has neither a column ${MAP_FILE} nor ${VOLUME_ID} (${found})`,
      MATCH_BY_FILE,
    );
  }
  const optional = (use.optional ?? []).filter((column) => columns.includes(column));
  const repeated = [...use.needed, ...optional, keyName].find((column) =>
    columns.indexOf(column) !== columns.lastIndexOf(column)
  );
  if (repeated !== undefined) throw unusable(name, use, `it has two columns ${repeated}`);
  if (body.length === 0) throw unusable(name, use, "it has no rows");

  const byKey = new Map<string, KeyedRow>();
  for (const { record, line } of body) {
    const cell = (column: string) => record[columns.indexOf(column)];
    const key = (byFile ? fileCell : wholeCell).safeParse(cell(keyName));
    if (!key.success) {
      const kind = byFile ? "file name" : "whole number";
      throw unusable(name, use, `line ${line} has no ${kind} in ${keyName} ("${cell(keyName)}")`);
    }
    const values: Record<string, number> = {};
    for (const column of [...use.needed, ...optional]) {
      if (optional.includes(column) && cell(column)?.trim() === "") continue;
      const value = numberCell.safeParse(cell(column));
      if (!value.success) {
        throw unusable(name, use, `line ${line} has no number in ${column} ("${cell(column)}")`);
      }
      values[column] = value.data;
    }
    const other = byKey.get(key.data);
    if (other !== undefined) {
      throw unusable(
        name,
        use,
        `lines ${other.line} and ${line} are for the same map (${keyName} ${key.data})`,
      );
    }
    byKey.set(key.data, { key: key.data, line, values });
  }
  return { byFile, rows: [...byKey.values()] };
}

/**
 * Finds the row of each map.
 *
 * Rows that name their map are matched by file name, without folder and `.gz`. Rows with a `vol_id` alone
 * may count the maps in their natural order from 0, as SIREn does, or give the numbers in the maps'
 * names. Both are tried: the one that every row fits is taken, and rows that fit both, to different maps,
 * are refused.
 *
 * @param maps Paths of the maps, in natural order.
 * @param strangers What to do with rows that name a map that is not given.
 * @returns The row of each map, undefined where it has none.
 * @throws {InputError} Where a row is for no map, or for one of two.
 * @example
 * ```ts
 * import { matchRows, parseKeyedTable } from "./map_table.ts";
 * import assert from "node:assert";
 *
 * const use = { what: "labels", needed: ["contour_level"] };
 * const table = parseKeyedTable("vol_id,contour_level\n18,0.5\n", "labels.csv", use);
 * const rows = matchRows(table, "labels.csv", use, ["vol_017.mrc", "vol_018.mrc"], "refuse");
 * assert.deepStrictEqual(rows.map((row) => row?.values.contour_level), [undefined, 0.5]);
 * ```
 */
export function matchRows(
  table: KeyedTable,
  name: string,
  use: TableUse,
  maps: readonly string[],
  strangers: "refuse" | "pass over",
): (KeyedRow | undefined)[] {
  const { rows, byFile } = table;
  const keys = byFile ? maps.map(fileKey) : numbering(table, name, use, maps);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  if (byFile && strangers === "refuse") {
    const known = new Set(keys);
    const without = rows.filter(({ key }) => !known.has(key)).map(({ key }) => key);
    if (without.length > 0) {
      throw unusable(name, use, `it has rows for maps that are not there (${list(without)})`);
    }
  }
  return keys.map((key) => byKey.get(key));
}

/** The `vol_id` of each map, in the one numbering that fits. */
function numbering(
  { rows }: KeyedTable,
  name: string,
  use: TableUse,
  maps: readonly string[],
): string[] {
  const places = maps.map((_, place) => String(place));
  const numbers = maps.map((map) => mapNumber(map) ?? "");
  const numbersFit = numbers.every((number) => number !== "") &&
    new Set(numbers).size === numbers.length && fits(rows, numbers);
  const placesFit = fits(rows, places);
  if (numbersFit && placesFit && rows.some(({ key }) => numbers[Number(key)] !== key)) {
    throw unusable(
      name,
      use,
      `its ${VOLUME_ID} may count the maps from 0, or give the numbers in their names (${
        list(rows.map(({ key }) => key))
      })`,
      MATCH_BY_FILE,
    );
  }
  if (numbersFit) return numbers;
  if (placesFit) return places;
  const known = new Set([...places, ...numbers]);
  const without = rows.filter(({ key }) => !known.has(key)).map(({ key }) => key);
  throw unusable(
    name,
    use,
    without.length > 0
      ? `it has rows for maps that are not there (${VOLUME_ID} ${list(without)})`
      : `its ${VOLUME_ID} neither counts the maps nor gives the numbers in their names`,
    MATCH_BY_FILE,
  );
}

function fits(rows: readonly KeyedRow[], keys: readonly string[]): boolean {
  const known = new Set(keys);
  return rows.every(({ key }) => known.has(key));
}

/** The number in a map's name: its last run of digits before the ending, without leading zeros. */
export function mapNumber(map: string): string | undefined {
  const digits = mapStem(basename(map)).match(/\d+(?=\D*$)/)?.[0];
  return digits === undefined ? undefined : withoutZeros(digits);
}

/** What maps are matched by: the file name without its folder and `.gz`. */
export function fileKey(path: string): string {
  return basename(path).replace(/\.gz$/i, "");
}

function withoutZeros(digits: string): string {
  return digits.replace(/\..*$/, "").replace(/^0+(?=\d)/, "");
}

/** The first few of some names or numbers. */
export function list(items: readonly string[]): string {
  const more = items.length > LISTED ? `, and ${items.length - LISTED} more` : "";
  return items.slice(0, LISTED).join(", ") + more;
}

/** The error of a table that cannot be used. */
export function unusable(
  name: string,
  { what }: Pick<TableUse, "what">,
  reason: string,
  remedy?: string,
): InputError {
  return new InputError(`Cannot take ${what} from ${name}: ${reason}`, remedy);
}
