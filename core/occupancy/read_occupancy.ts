/**
 * Reading occupancy tables: the CSV and Arrow files that siren writes, their like from other programs, and
 * MAVEn's CSV.
 *
 * @module
 */
import { DataType, type Table, tableFromIPC } from "apache-arrow";
import { readInput } from "../files.ts";
import { numberCell, parseCsv } from "../volumes/csv_text.ts";
import { list, MAP_FILE, unusable, VOLUME_ID } from "../volumes/map_table.ts";
import { MAVEN_HEADINGS, nameOfChain } from "./maven.ts";
import { VOXELS_KEY } from "./occupancy_file.ts";
import type { OccupancyTable, Region } from "./table.ts";

const USE = { what: "occupancies" };

const LAYOUT =
  `It has a column ${MAP_FILE} first, then a column of numbers for each mask or block, ` +
  "as siren occupancy writes it, or MAVEn's two rows of headings.";

const ARROW_MAGIC = "ARROW1";

/**
 * Reads an occupancy table: see {@linkcode parseOccupancyCsv} and {@linkcode parseOccupancyArrow}. Which it is
 * is told from the file's bytes.
 *
 * @throws {InputError} The file cannot be read, or is no such table.
 */
export async function readOccupancy(path: string): Promise<OccupancyTable> {
  const bytes = await readInput(path);
  const magic = new TextDecoder("latin1").decode(bytes.subarray(0, ARROW_MAGIC.length));
  return magic === ARROW_MAGIC
    ? parseOccupancyArrow(bytes, path)
    : parseOccupancyCsv(new TextDecoder().decode(bytes), path);
}

/**
 * Reads an occupancy table from comma-separated text: a column `map_file`, then a column of numbers for each
 * region. Of MAVEn's CSV, volumes are named by their numbers, and chain `a` of model `50S` is the region
 * `50S_chaina`. How many voxels a region has is not told: it is NaN.
 *
 * @param text Quoted fields, a byte order mark and either kind of line end are fine.
 * @param name What to call the file in messages.
 * @throws {InputError} Columns or rows are missing, ragged or there twice, or a cell is not a finite number.
 * @example
 * ```ts
 * import { parseOccupancyCsv } from "./read_occupancy.ts";
 * import assert from "node:assert";
 *
 * const { volumes, regions, values } = parseOccupancyCsv(
 *   "map_file,b0,b3\nvol_000.mrc,1,0.25\n",
 *   "occupancy.csv",
 * );
 * assert.deepStrictEqual(volumes, ["vol_000.mrc"]);
 * assert.deepStrictEqual(regions.map(({ name }) => name), ["b0", "b3"]);
 * assert.deepStrictEqual(values, Float64Array.of(1, 0.25));
 * ```
 */
export function parseOccupancyCsv(text: string, name: string): OccupancyTable {
  const csv = parseCsv(text, name);
  const [first] = csv.rows;
  const isMaven = csv.columns[0] === MAVEN_HEADINGS[0] && first?.record[0] === MAVEN_HEADINGS[1];
  const regions = isMaven
    ? csv.columns.slice(1).map((model, i) => nameOfChain(model, first.record[i + 1]!))
    : csv.columns.slice(1);
  if (!isMaven && csv.columns[0] !== MAP_FILE) {
    throw unusable(
      name,
      USE,
      `its first column is not ${MAP_FILE} (${csv.columns[0] || '""'})`,
      csv.columns.length === 1 && /[;\t]/.test(csv.columns[0]!)
        ? "Separate the columns by commas."
        : LAYOUT,
    );
  }
  // pandas writes a row of its own where the rows' heading has a name.
  const isNaming = ({ record }: { record: readonly string[] }) =>
    record.slice(1).every((cell) => cell === "");
  const body = isMaven
    ? csv.rows.slice(csv.rows[1] !== undefined && isNaming(csv.rows[1]) ? 2 : 1)
    : csv.rows;
  const values = new Float64Array(body.length * regions.length);
  body.forEach(({ record, line }, row) => {
    regions.forEach((region, column) => {
      const cell = record[column + 1]!; // rows are as long as the first
      const value = numberCell.safeParse(cell);
      if (!value.success) {
        throw unusable(name, USE, `line ${line} has no number in ${region} ("${cell}")`);
      }
      values[row * regions.length + column] = value.data;
    });
  });
  return checked(
    {
      volumes: body.map(({ record }) => record[0]!),
      regions: regions.map((region) => ({ name: region, voxels: NaN })),
      values,
    },
    name,
  );
}

/**
 * Reads an occupancy table from an Arrow IPC file: a column `map_file` of texts, then a column of numbers for
 * each region. Numbers of voxels are read where siren wrote them, and NaN elsewhere.
 *
 * @param bytes The whole file.
 * @param name What to call the file in messages.
 * @throws {InputError} Columns are missing or of another kind, a map or region is there twice, or a value is
 *   missing or not finite.
 */
export function parseOccupancyArrow(bytes: Uint8Array, name: string): OccupancyTable {
  let table: Table;
  try {
    table = tableFromIPC(bytes);
    for (const column of table.schema.fields.keys()) table.getChildAt(column)?.get(0);
  } catch (cause) {
    // The library throws errors of many kinds at bytes that are no table.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unusable(
      name,
      USE,
      `it is damaged, or compressed (${reason})`,
      "Write it without compression.",
    );
  }
  const [key, ...columns] = table.schema.fields;
  if (key?.name !== MAP_FILE) {
    throw unusable(
      name,
      USE,
      `its first column is not ${MAP_FILE} (${key?.name ?? "none"})`,
      LAYOUT,
    );
  }
  const volumes = Array.from(table.getChildAt(0)!, (file: unknown, row) => { // the column that `key` heads
    if (typeof file === "string") return file;
    throw unusable(name, USE, `row ${row + 1} has no file name in ${MAP_FILE} (${file})`);
  });
  const values = new Float64Array(volumes.length * columns.length);
  const regions = columns.map((field, region): Region => {
    if (!DataType.isFloat(field.type) && !DataType.isInt(field.type)) {
      throw unusable(name, USE, `its column ${field.name} holds no numbers (${field.type})`);
    }
    const column = table.getChildAt(region + 1)!; // one for each field
    for (let row = 0; row < volumes.length; row++) {
      const cell: unknown = column.get(row);
      const value = typeof cell === "bigint" ? Number(cell) : cell;
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw unusable(name, USE, `row ${row + 1} has no finite number in ${field.name} (${cell})`);
      }
      values[row * columns.length + region] = value;
    }
    const voxels = field.metadata.get(VOXELS_KEY) ?? "";
    return { name: field.name, voxels: /^\d+$/.test(voxels) ? Number(voxels) : NaN };
  });
  return checked({ volumes, regions, values }, name);
}

function checked(table: OccupancyTable, name: string): OccupancyTable {
  const regions = table.regions.map((region) => region.name);
  const unnamed = regions.findIndex((region) => region.trim() === "");
  if (unnamed >= 0) {
    const remedy = "Give each column a name, or take out a column that counts rows.";
    throw unusable(name, USE, `its column ${unnamed + 2} has no name`, remedy);
  }
  if (regions.length === 0) throw unusable(name, USE, `it has no column but ${MAP_FILE}`, LAYOUT);
  if (regions.includes(VOLUME_ID)) {
    const remedy = "Take the column out, or give the table of occupancies.";
    throw unusable(name, USE, `its column ${VOLUME_ID} is no mask or block`, remedy);
  }
  const twice = repeated(regions);
  if (twice.length > 0) throw unusable(name, USE, `it has two columns ${list(twice)}`);
  if (table.volumes.length === 0) throw unusable(name, USE, "it has no rows");
  const nameless = table.volumes.findIndex((file) => file.trim() === "");
  if (nameless >= 0) throw unusable(name, USE, `row ${nameless + 1} names no map`);
  const maps = repeated(table.volumes);
  if (maps.length > 0) {
    throw unusable(name, USE, `it has two rows for the same map (${list(maps)})`);
  }
  return table;
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}
