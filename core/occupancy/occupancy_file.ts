/**
 * Occupancy tables as files: CSV, a column for each region, and Arrow.
 *
 * @module
 */
import {
  type Data,
  type DataType,
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { InputError } from "../errors.ts";
import { csvCell } from "../volumes/csv_text.ts";
import { MAP_FILE } from "../volumes/map_table.ts";
import { columnOf, type OccupancyTable, type Region } from "./table.ts";

/** Name of the CSV file among results. */
export const OCCUPANCY_CSV = "occupancy.csv";
/** Name of the Arrow file among results. */
export const OCCUPANCY_ARROW = "occupancy.arrow";

/** Key of a field's metadata: number of voxels of the region. */
export const VOXELS_KEY = "voxels";

/**
 * A table as comma-separated text: a column `map_file`, then one for each region. Numbers have the digits
 * that give the same 64-bit float again.
 *
 * @throws {InputError} A region cannot be told from the column of names, or two have one name.
 * @example
 * ```ts
 * import { formatOccupancyCsv } from "./occupancy_file.ts";
 * import assert from "node:assert";
 *
 * const table = {
 *   volumes: ["vol_000.mrc"],
 *   regions: [{ name: "b0", voxels: 9 }, { name: "L2, L3", voxels: 7 }],
 *   values: Float64Array.of(1, 0.25),
 * };
 * assert.strictEqual(formatOccupancyCsv(table), 'map_file,b0,"L2, L3"\nvol_000.mrc,1,0.25\n');
 * ```
 */
export function formatOccupancyCsv(table: OccupancyTable): string {
  const { volumes, regions, values } = table;
  checkNames(regions);
  const lines = volumes.map((file, volume) => [
    csvCell(file),
    ...values.subarray(volume * regions.length, (volume + 1) * regions.length),
  ]);
  const header = [MAP_FILE, ...regions.map(({ name }) => csvCell(name))];
  return [header, ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

/**
 * A table as an Arrow IPC file: a column `map_file` of UTF-8 and one of 64-bit floats for each region, whose
 * field's metadata holds `voxels`. The same table gives the same bytes.
 *
 * @param metadata What the schema's metadata shall tell, such as how was measured.
 * @throws {InputError} A region cannot be told from the column of names, or two have one name.
 */
export function occupancyArrow(
  table: OccupancyTable,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { volumes, regions } = table;
  checkNames(regions);
  const children: Data<DataType>[] = [
    vectorFromArray(volumes, new Utf8()).data[0] ?? makeData({ type: new Utf8() }),
    ...regions.map((_, region) => makeData({ type: new Float64(), data: columnOf(table, region) })),
  ];
  const fields = [
    new Field(MAP_FILE, new Utf8(), false),
    ...regions.map(({ name, voxels }) =>
      new Field(name, new Float64(), false, new Map([[VOXELS_KEY, String(voxels)]]))
    ),
  ];
  const schema = new Schema(fields, new Map(Object.entries(metadata)));
  const struct = makeData({
    type: new Struct(fields),
    length: volumes.length,
    nullCount: 0,
    children,
  });
  // A copy of its own: the library may hand out a view of a larger buffer.
  return Uint8Array.from(tableToIPC(new Table(schema, [new RecordBatch(schema, struct)]), "file"));
}

/** Refuses names that columns of a file cannot have. */
export function checkNames(regions: readonly Region[]): void {
  const seen = new Set([MAP_FILE]);
  for (const { name } of regions) {
    if (name.trim() === "" || seen.has(name)) {
      const reason = name === MAP_FILE
        ? `the column of the maps' names is called ${MAP_FILE} too`
        : name.trim() === ""
        ? "it is empty"
        : "another region has it too";
      throw new InputError(
        `Cannot use "${name}" as the name of a region: ${reason}`,
        "Give each region a name of its own.",
      );
    }
    seen.add(name);
  }
}
