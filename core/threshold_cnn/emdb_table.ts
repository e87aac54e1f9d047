/**
 * Tables of EMDB entries with the levels that their authors recommend, as SIREn was trained with.
 *
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { parseCsv } from "../volumes/csv_text.ts";
import { mapStem } from "../volumes/find_maps.ts";
import { list, unusable } from "../volumes/map_table.ts";

/** Names that the columns may have; the first of each are those of SIREn's own table. */
const COLUMNS = {
  entry: ["emdb_id", "emd_id", "id"],
  level: ["raw_recommended_contour_level", "recommended_contour_level", "contour_level"],
  box: ["raw_box_size_pixel", "box_size", "box"],
} as const;

const USE = { what: "levels" };

/** An entry of EMDB, and the level its authors recommend. */
export interface EmdbEntry {
  /** Its number, as in "15230" for EMD-15230. */
  readonly entry: string;
  /** Density. */
  readonly level: number;
  /** Edge of the map in voxels, where the table has it. */
  readonly box?: number;
}

const entryCell = z.string().regex(/^(EMD[-_]?)?\d+$/i).transform(entryNumber);
const levelCell = z.string().regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i).transform(Number)
  .pipe(z.number());
const boxCell = z.string().regex(/^\d+(\.0*)?$/).transform(Number).pipe(z.int().positive());

/**
 * Reads a table of entries. Its columns may be called `emdb_id`, `emd_id` or `id` (as in EMD-15230 or
 * 15230), `raw_recommended_contour_level`, `recommended_contour_level` or `contour_level`, and
 * `raw_box_size_pixel`, `box_size` or `box`, which may be missing. Others, and rows without a level, are
 * passed over.
 *
 * @param name What to call the table in messages.
 * @throws {InputError} A column is missing, a cell cannot be read, or an entry is there twice.
 * @example
 * ```ts
 * import { parseEmdbTable } from "./emdb_table.ts";
 * import assert from "node:assert";
 *
 * const csv = "emdb_id,contour_level,box\nEMD-15230,0.0709,240\n";
 * const entries = parseEmdbTable(csv, "labels.csv");
 * assert.deepStrictEqual(entries, [{ entry: "15230", level: 0.0709, box: 240 }]);
 * ```
 */
export function parseEmdbTable(text: string, name: string): EmdbEntry[] {
  const { columns, rows } = parseCsv(text, name);
  const find = (known: readonly string[]) => {
    const column = known.find((column) => columns.includes(column));
    return column === undefined ? undefined : { column, place: columns.indexOf(column) };
  };
  const needed = (known: readonly string[]) => {
    const found = find(known);
    if (found !== undefined) return found;
    const last = known.at(-1);
    throw unusable(
      name,
      USE,
      `it has no column ${known.slice(0, -1).join(", ")} or ${last} (its columns are ${
        columns.map((column) => column || '""').join(", ") || "none"
      })`,
    );
  };
  const entryColumn = needed(COLUMNS.entry), levelColumn = needed(COLUMNS.level);
  const boxColumn = find(COLUMNS.box);
  const lines = new Map<string, number>();
  return rows.flatMap(({ record, line }): EmdbEntry[] => {
    const read = <T>(cell: z.ZodType<T>, { column, place }: { column: string; place: number }) => {
      const result = cell.safeParse(record[place]?.trim());
      if (result.success) return result.data;
      throw unusable(name, USE, `line ${line} cannot be read in ${column} ("${record[place]}")`);
    };
    const isEmpty = (place: number) => (record[place] ?? "").trim() === "";
    if (isEmpty(levelColumn.place)) return [];
    const entry = read(entryCell, entryColumn);
    const other = lines.get(entry);
    if (other !== undefined) {
      throw unusable(name, USE, `lines ${other} and ${line} are for the same entry (EMD-${entry})`);
    }
    lines.set(entry, line);
    const level = read(levelCell, levelColumn);
    if (boxColumn === undefined || isEmpty(boxColumn.place)) return [{ entry, level }];
    return [{ entry, level, box: read(boxCell, boxColumn) }];
  });
}

/** A map of an entry. */
export interface EmdbMap extends EmdbEntry {
  readonly path: string;
}

/**
 * Finds the map of each entry: files called `emd_15230.map`, `EMD-15230.mrc.gz` and the like. Entries
 * without a map, and other maps, such as half maps, are passed over.
 *
 * @param maps Paths of maps.
 * @param name What to call the table in messages.
 * @returns Those entries that have a map, in the maps' order; at least one.
 * @throws {InputError} An entry has two maps, or none has any.
 */
export function matchEmdbMaps(
  entries: readonly EmdbEntry[],
  maps: readonly string[],
  name: string,
): EmdbMap[] {
  const known = new Map(entries.map((entry) => [entry.entry, entry]));
  const seen = new Map<string, string>();
  const found = maps.flatMap((path): EmdbMap[] => {
    const stem = mapStem(basename(path));
    if (!/^EMD[-_]?\d+$/i.test(stem)) return [];
    const entry = known.get(entryNumber(stem));
    if (entry === undefined) return [];
    const other = seen.get(entry.entry);
    if (other !== undefined) {
      throw new InputError(
        `Cannot use the maps: two are of EMD-${entry.entry} (${basename(other)}, ${
          basename(path)
        })`,
        "Remove one of the two files.",
      );
    }
    seen.set(entry.entry, path);
    return [{ ...entry, path }];
  });
  if (found.length > 0) return found;
  throw new InputError(
    `Cannot train with ${name}: none of the maps is of one of its entries (${
      list(maps.map((map) => basename(map)))
    })`,
    "Maps must be named after their entries, as in emd_15230.map or EMD-15230.mrc.gz.",
  );
}

function entryNumber(text: string): string {
  return text.replace(/\D/g, "").replace(/^0+(?=\d)/, "");
}
