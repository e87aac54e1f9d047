import { tableFromIPC } from "apache-arrow";
import assert from "node:assert";
import { InputError } from "../errors.ts";
import { formatOccupancyCsv, occupancyArrow } from "./occupancy_file.ts";

const table = (...names: string[]) => ({
  volumes: ["vol_000.mrc", "a,b.mrc"],
  regions: names.map((name, i) => ({ name, voxels: i + 1 })),
  values: Float64Array.from({ length: 2 * names.length }, (_, i) => i / 3),
});

Deno.test("a table is written with names quoted and every digit", () => {
  assert.strictEqual(
    formatOccupancyCsv(table("b0", 'x "y"', " z")),
    'map_file,b0,"x ""y"""," z"\n' +
      "vol_000.mrc,0,0.3333333333333333,0.6666666666666666\n" +
      '"a,b.mrc",1,1.3333333333333333,1.6666666666666667\n',
  );
});

Deno.test("an Arrow file tells the types, the voxels and how was measured", () => {
  const { schema } = tableFromIPC(
    occupancyArrow(table("b0", "b3"), { "siren.measure": "mean_density" }),
  );
  assert.deepStrictEqual(
    schema.fields.map(({ name, type, nullable, metadata }) => [
      name,
      String(type),
      nullable,
      [...metadata],
    ]),
    [
      ["map_file", "Utf8", false, []],
      ["b0", "Float64", false, [["voxels", "1"]]],
      ["b3", "Float64", false, [["voxels", "2"]]],
    ],
  );
  assert.strictEqual(schema.metadata.get("siren.measure"), "mean_density");
});

Deno.test("names that a column cannot have are refused", () => {
  const refused = (names: string[], message: RegExp) => {
    for (const write of [formatOccupancyCsv, occupancyArrow]) {
      assert.throws(
        () => write(table(...names)),
        (error) => error instanceof InputError && message.test(error.message),
      );
    }
  };
  refused(["a", "map_file"], /"map_file" as the name of a region: the column of the maps' names/);
  refused(["a", "a"], /"a" as the name of a region: another region has it too/);
  refused([" "], /it is empty/);
});
