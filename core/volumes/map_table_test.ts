import assert from "node:assert";
import { InputError } from "../errors.ts";
import { matchRows, parseKeyedTable } from "./map_table.ts";

const use = { what: "labels", needed: ["contour_level"], optional: ["lower_bound"] };

function match(csv: string, maps: readonly string[], strangers: "refuse" | "pass over" = "refuse") {
  return matchRows(parseKeyedTable(csv, "t.csv", use), "t.csv", use, maps, strangers)
    .map((row) => row?.values["contour_level"]);
}

const maps = (...numbers: number[]) =>
  numbers.map((number) => `maps/vol_${String(number).padStart(3, "0")}.mrc`);

Deno.test("rows that count the maps and rows that give their numbers are told apart", () => {
  assert.deepStrictEqual(match("vol_id,contour_level\n0,1\n2,3\n", maps(18, 113, 115)), [
    1,
    undefined,
    3,
  ]);
  assert.deepStrictEqual(match("vol_id,contour_level\n18,1\n115,3\n", maps(18, 113, 115)), [
    1,
    undefined,
    3,
  ]);
  assert.deepStrictEqual(match("vol_id,contour_level\n1,3\n0,1\n", maps(0, 1)), [1, 3]);
  assert.deepStrictEqual(match("vol_id,contour_level\n0,1\n", ["a.mrc", "b.mrc"]), [1, undefined]);
});

Deno.test("rows are matched by file name where there is map_file", () => {
  const csv = "map_file,contour_level,lower_bound\nx/vol_113.mrc,2,\nvol_018.mrc.gz,1,0.5\n";
  assert.deepStrictEqual(match(csv, maps(18, 113)), [1, 2]);
  assert.deepStrictEqual(match(csv, maps(18), "pass over"), [1]);
});

Deno.test("labels for maps that are not there, or for one of two, are refused", () => {
  const refused: [string, string[], string][] = [
    [
      "map_file,contour_level\nvol_7.mrc,1\n",
      maps(1, 2),
      "it has rows for maps that are not there (vol_7.mrc)",
    ],
    [
      "vol_id,contour_level\n7,1\n",
      maps(1, 2),
      "it has rows for maps that are not there (vol_id 7)",
    ],
    [
      "vol_id,contour_level\n1,1\n",
      maps(1, 2),
      "its vol_id may count the maps from 0, or give the numbers in their names (1)",
    ],
    [
      "vol_id,contour_level\n0,1\n18,1\n",
      maps(18, 113),
      "its vol_id neither counts the maps nor gives the numbers in their names",
    ],
    ["vol_id,contour_level\n0,high\n", maps(0), 'line 2 has no number in contour_level ("high")'],
    [
      "vol_id,level\n0,1\n",
      maps(0),
      "it has no column contour_level (its columns are vol_id, level)",
    ],
  ];
  for (const [csv, files, reason] of refused) {
    assert.throws(
      () => match(csv, files),
      (error: Error) =>
        error instanceof InputError && error.message === `Cannot take labels from t.csv: ${reason}`,
      reason,
    );
  }
});
