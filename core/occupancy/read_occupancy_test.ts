import {
  Bool,
  Dictionary,
  Float32,
  Int32,
  Int64,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { formatMavenCsv } from "./maven.ts";
import { formatOccupancyCsv, occupancyArrow } from "./occupancy_file.ts";
import { parseOccupancyArrow, parseOccupancyCsv, readOccupancy } from "./read_occupancy.ts";
import type { OccupancyTable } from "./table.ts";

const text = fc.string({ unit: fc.constantFrom(..."ab7,\"'\n é_-=") })
  .filter((name) => name.trim() !== "");

const tables = fc.record({
  volumes: fc.uniqueArray(text, { minLength: 1, maxLength: 6 }),
  names: fc.uniqueArray(text, { minLength: 1, maxLength: 5 }),
  cells: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 30,
    maxLength: 30,
  }),
}).map(({ volumes, names, cells }): OccupancyTable => ({
  volumes,
  regions: names.map((name, i) => ({ name, voxels: 7 * i })),
  values: Float64Array.from(cells.slice(0, volumes.length * names.length)),
}));

const withoutVoxels = (table: OccupancyTable): OccupancyTable => ({
  ...table,
  regions: table.regions.map(({ name }) => ({ name, voxels: NaN })),
});

/** Numbers by value: a CSV file knows no -0. */
const plain = (table: OccupancyTable) => ({ ...table, values: table.values.map((v) => v + 0) });

Deno.test("tables come back from CSV to the bit, whatever their names", () => {
  fc.assert(fc.property(tables, (table) => {
    const read = parseOccupancyCsv(formatOccupancyCsv(table), "t.csv");
    assert.deepStrictEqual(plain(read), plain(withoutVoxels(table)));
  }));
});

Deno.test("tables come back from Arrow to the bit, with their numbers of voxels", () => {
  fc.assert(fc.property(tables, (table) => {
    const bytes = occupancyArrow(table, { "siren.measure": "occupied_share" });
    assert.deepStrictEqual(parseOccupancyArrow(bytes, "t.arrow"), table);
    assert.deepStrictEqual(occupancyArrow(table, { "siren.measure": "occupied_share" }), bytes);
  }));
});

Deno.test("MAVEn's CSV is told by its headings", () => {
  const maven = "PDB,50S,50S,b7\nChain,a,b,all\n18,1,2,3\n115,4,5,-6e-1\n";
  const { volumes, regions, values } = parseOccupancyCsv(maven, "m.csv");
  assert.deepStrictEqual(volumes, ["18", "115"]);
  assert.deepStrictEqual(regions.map(({ name }) => name), ["50S_chaina", "50S_chainb", "b7"]);
  assert.deepStrictEqual([...values], [1, 2, 3, 4, 5, -0.6]);
  const named = maven.replace("18,1", "vol,,,\n18,1");
  assert.deepStrictEqual(parseOccupancyCsv(named, "m.csv"), parseOccupancyCsv(maven, "m.csv"));
  const table = {
    volumes: ["vol_018.mrc", "vol_115.mrc.gz"],
    regions: ["Mask_50S_chaina", "50S_chainb", "b7"].map((name) => ({ name, voxels: 1 })),
    values: Float64Array.of(1, 2, 3, 4, 5, -0.6),
  };
  assert.strictEqual(formatMavenCsv(table), maven.replace("-6e-1", "-0.6"));
});

Deno.test("CSV files that are no occupancies are refused, and why is said", () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(
      () => parseOccupancyCsv(text, "t.csv"),
      (error) => error instanceof InputError && message.test(error.message),
      text,
    );
  refused("", /first column is not map_file \(""\)/);
  refused("map_file\na\n", /no column but map_file/);
  refused("map_file,b0\n", /it has no rows/);
  refused("vol_id,b0\n1,2\n", /first column is not map_file \(vol_id\)/);
  refused("map_file,vol_id,b0\na,1,2\n", /column vol_id is no mask or block/);
  refused("map_file;b0\na;1\n", /first column is not map_file \(map_file;b0\)/);
  refused("map_file,b0\na,1,2\n", /t\.csv: Invalid Record Length/);
  refused("map_file,b0,b1\na,1\n", /t\.csv: Invalid Record Length/);
  for (const cell of ["", "x", "nan", "inf", "1e999", "0x10", "1.2.3", "-", '"1,5"']) {
    refused(`map_file,b0\na,1\nb,${cell}\n`, /line 3 has no number in b0/);
  }
  refused("map_file,b0,b0\na,1,2\n", /two columns b0/);
  refused("map_file,b0,\na,1,2\n", /column 3 has no name/);
  refused("map_file,b0\na,1\na,1\n", /two rows for the same map \(a\)/);
  refused('map_file,b0\n"",1\n', /row 1 names no map/);
  refused("PDB,50S\nChain,a\n", /it has no rows/);
  refused("PDB,50S,50S\nChain,a,a\n1,2,3\n", /two columns 50S_chaina/);
  refused("PDB,50S\n1,2\n", /first column is not map_file \(PDB\)/);
  refused('map_file,"b0\na,1\n', /t\.csv/);
});

Deno.test("a map whose name is blank is told by its row", () => {
  const bytes = tableToIPC(
    new Table({
      map_file: vectorFromArray(["a.mrc", "  "], new Utf8()),
      b0: vectorFromArray([1, 0.5], new Float32()),
    }),
    "file",
  );
  assert.throws(() => parseOccupancyArrow(Uint8Array.from(bytes), "t.arrow"), /row 2 names no map/);
});

Deno.test("Arrow files of other programs are read, and what is no table is refused", () => {
  const encode = (columns: Record<string, Vector>) =>
    Uint8Array.from(tableToIPC(new Table(columns), "file"));
  const names = vectorFromArray(["a.mrc", "b.mrc"], new Dictionary(new Utf8(), new Int32()));
  const { volumes, regions, values } = parseOccupancyArrow(
    encode({
      map_file: names,
      f: vectorFromArray([0.5, 1], new Float32()),
      i: vectorFromArray([3n, -4n], new Int64()),
    }),
    "t.arrow",
  );
  assert.deepStrictEqual(volumes, ["a.mrc", "b.mrc"]);
  assert.deepStrictEqual(regions, [{ name: "f", voxels: NaN }, { name: "i", voxels: NaN }]);
  assert.deepStrictEqual([...values], [0.5, 3, 1, -4]);

  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => parseOccupancyArrow(bytes, "t.arrow"),
      (error) => error instanceof InputError && message.test(error.message),
    );
  const numbers = vectorFromArray([0.5, 1], new Float32());
  refused(encode({ f: numbers, map_file: names }), /first column is not map_file \(f\)/);
  refused(encode({ map_file: numbers, f: numbers }), /row 1 has no file name/);
  refused(encode({ map_file: names }), /no column but map_file/);
  refused(
    encode({ map_file: names, f: vectorFromArray([true, false], new Bool()) }),
    /column f holds no numbers \(Bool\)/,
  );
  refused(
    encode({ map_file: names, f: vectorFromArray([1, null], new Float32()) }),
    /row 2 has no finite number in f \(null\)/,
  );
  refused(
    encode({ map_file: names, f: vectorFromArray([NaN, 1], new Float32()) }),
    /row 1 has no finite number in f \(NaN\)/,
  );
  const whole = encode({ map_file: names, f: numbers });
  refused(new TextEncoder().encode("ARROW1 and no more"), /damaged/);
  refused(whole.subarray(0, whole.length >> 1), /damaged/);
});

Deno.test("files are told apart by their bytes", async () => {
  const path = await Deno.makeTempFile();
  try {
    const table: OccupancyTable = {
      volumes: ["a.mrc"],
      regions: [{ name: "b0", voxels: 4 }],
      values: Float64Array.of(0.5),
    };
    await Deno.writeFile(path, occupancyArrow(table));
    assert.deepStrictEqual(await readOccupancy(path), table);
    await Deno.writeTextFile(path, `\ufeff${formatOccupancyCsv(table).replaceAll("\n", "\r\n")}`);
    assert.deepStrictEqual(await readOccupancy(path), withoutVoxels(table));
  } finally {
    await Deno.remove(path);
  }
  await assert.rejects(readOccupancy(path), /Cannot read .*no such file/i);
});
