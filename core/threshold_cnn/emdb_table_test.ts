import assert from "node:assert";
import { InputError } from "../errors.ts";
import { matchEmdbMaps, parseEmdbTable } from "./emdb_table.ts";

const isTold = (message: RegExp) => (error: unknown) =>
  error instanceof InputError && message.test(error.message);

Deno.test("SIREn's table is read, with what it has beside levels passed over", () => {
  const csv =
    ",emdb_id,emdb_map_file,raw_box_size_pixel,raw_recommended_contour_level,label_raw_norm\n" +
    "0,EMD-15230,emd_15230.map,240,0.0709,-0.4\n1,EMD-0099,emd_0099.map,,1e-2,0\n2,EMD-7,,10,,\n";
  assert.deepStrictEqual(parseEmdbTable(csv, "t.csv"), [
    { entry: "15230", level: 0.0709, box: 240 },
    { entry: "99", level: 0.01 },
  ]);
});

Deno.test("tables that cannot be used say why", () => {
  const cases: [string, RegExp][] = [
    [
      "emdb_id,level\n1,2\n",
      /no column raw_recommended_contour_level, .* \(its columns are emdb_id, level\)/,
    ],
    ["name,contour_level\n1,2\n", /no column emdb_id, emd_id or id/],
    ["id,contour_level\nEMD-1,2\nemd_01,3\n", /lines 2 and 3 are for the same entry \(EMD-1\)/],
    ["id,contour_level\nEMD-1,2 sigma\n", /line 2 cannot be read in contour_level \("2 sigma"\)/],
    ["id,contour_level\nribosome,2\n", /line 2 cannot be read in id \("ribosome"\)/],
    ["id,contour_level,box\n1,2,3.5\n", /line 2 cannot be read in box \("3.5"\)/],
  ];
  for (const [csv, message] of cases) {
    assert.throws(() => parseEmdbTable(csv, "t.csv"), isTold(message), csv);
  }
});

Deno.test("maps are found by their entries, and other maps passed over", () => {
  const entries = parseEmdbTable("id,contour_level\n15230,1\n99,2\n7,3\n", "t.csv");
  const maps = [
    "m/EMD-0099.mrc.gz",
    "m/emd_15230.map",
    "m/emd_15230_half_map_1.map.gz",
    "m/emd_8.map",
    "m/vol_7.mrc",
  ];
  assert.deepStrictEqual(matchEmdbMaps(entries, maps, "t.csv"), [
    { entry: "99", level: 2, path: "m/EMD-0099.mrc.gz" },
    { entry: "15230", level: 1, path: "m/emd_15230.map" },
  ]);
  assert.throws(
    () => matchEmdbMaps(entries, ["m/emd_99.map", "m/EMD-99.mrc"], "t.csv"),
    isTold(/two are of EMD-99 \(emd_99.map, EMD-99.mrc\)/),
  );
  assert.throws(
    () => matchEmdbMaps(entries, ["m/vol_1.mrc"], "t.csv"),
    isTold(/none of the maps is of one of its entries \(vol_1.mrc\)/),
  );
});
