import assert from "node:assert";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { formatStatistics, readStatistics } from "./map_statistics.ts";

const maps = ["maps/vol_018.mrc", "maps/vol_113.mrc", "maps/last.mrc"];
const statistics = [
  { min: Math.fround(3.671927e-7), max: Math.fround(4.8606296) },
  { min: 0.5, max: 123456 },
  { min: 1, max: 2 },
];

Deno.test("statistics are read as they were written, whatever the order of the rows", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map_stats.csv");
    const text = formatStatistics(maps.map((map, i) => ({ map, statistics: statistics[i]! })));
    assert.deepStrictEqual(text.split("\n").slice(0, 2), [
      ",vol_id,vol_min,vol_max,map_file,volume_number",
      "0,0,3.671927e-07,4.8606296,vol_018.mrc,18",
    ]);
    assert.ok(text.includes("\n2,2,1,2,last.mrc,\n"));
    await Deno.writeTextFile(path, text);
    const rounded = async (...given: string[]) =>
      (await readStatistics(path, given)).map(({ min, max }) => ({
        min: Math.fround(min),
        max: Math.fround(max),
      }));
    assert.deepStrictEqual(await rounded(...maps), statistics);
    assert.deepStrictEqual(await rounded("other/last.mrc.gz"), [statistics[2]]);
  });
});

Deno.test("the reference's rows count the maps in natural order; other rows are matched by number", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "map_stats.csv");
    const read = async (rows: string, given: string[]) => {
      await Deno.writeTextFile(path, `,vol_id,vol_min,vol_max\n${rows}`);
      return (await readStatistics(path, given)).map(({ min }) => min);
    };
    const rows = "0,0,1,9\n1,1,2,9\n2,2,3,9\n";
    assert.deepStrictEqual(await read(rows, ["v_1.mrc", "v_2.mrc", "v_3.mrc"]), [1, 2, 3]);
    assert.deepStrictEqual(await read("0,0,1,9\n1,17,2,9\n", ["v_000.mrc", "v_017.mrc"]), [1, 2]);
    const refused = async (rows: string, given: string[], reason: RegExp) =>
      await assert.rejects(
        read(rows, given),
        (error) => error instanceof InputError && reason.test(error.message),
      );
    await refused(rows, ["v_1.mrc", "v_2.mrc"], /^Cannot take statistics from .*vol_id/);
    await refused("0,0,1,9\n", ["v_0.mrc", "v_1.mrc"], /no row for v_1\.mrc/);
    await refused("0,0,9,1\n", ["v_0.mrc"], /line 2 is not 0 <= vol_min < vol_max \(9, 1\)/);
    await refused("0,0,-1,1\n", ["v_0.mrc"], /line 2 is not 0 <= vol_min < vol_max/);
    await refused("0,0,x,1\n", ["v_0.mrc"], /no number in vol_min/);
  });
});
