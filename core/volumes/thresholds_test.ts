import assert from "node:assert";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { referenceData, withFolder } from "../mrc/testing.ts";
import { findMaps } from "./find_maps.ts";
import { parseThresholds, readThresholds } from "./thresholds.ts";

const byName = "Add a column map_file that names the map of each row.";
const shifted = `${byName} Newer programs number maps from 1 but the rows of such a file from 0.`;
const orByName =
  "Remove those rows, or match by name: add a column map_file that names the map of each row.";

/** A CSV with the reference's columns, `vol_id` being each of `ids` and the threshold a tenth of it. */
function predictions(ids: readonly number[]): string {
  const header = ",vol_id,vol_min,vol_max,prediction,int_predictions,denormalized_predictions";
  return [header, ...ids.map((id, row) => `${row},${id},0.0,1.0,0.1,0.5,${id / 10}`)].join("\n");
}

function volumes(numbers: readonly number[]): string[] {
  return numbers.map((n) => `maps/vol_${String(n).padStart(3, "0")}.mrc`);
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

function parse(csv: string, maps: readonly string[]): number[] {
  return [...parseThresholds(csv, "t.csv", maps)];
}

Deno.test("rows are matched by the number in the name, in any order", () => {
  assert.deepStrictEqual(parse(predictions([2, 0, 1]), volumes([0, 1, 2])), [0, 0.1, 0.2]);
  assert.deepStrictEqual(parse(predictions([386, 18]), volumes([18, 386])), [1.8, 38.6]);
});

Deno.test("the number is the last run of digits of the name, without the ending", () => {
  const csv = "vol_id,denormalized_predictions\n7,0.7\n12,1.2\n";
  const maps = ["run3/state2_vol_007_filtered.ccp4", "run3/state2_vol_012.mrc.gz"];
  assert.deepStrictEqual(parse(csv, maps), [0.7, 1.2]);
});

Deno.test("rows are matched by file name where there is map_file", () => {
  const csv = [
    "vol_id,map_file,denormalized_predictions",
    "0,vol_002.mrc,0.2",
    "1,some/folder/vol_001.mrc,0.1",
    "2,elsewhere.mrc,0.9",
  ].join("\n");
  assert.deepStrictEqual(parse(csv, ["vol_001.mrc.gz", "x/vol_002.mrc"]), [0.1, 0.2]);
});

Deno.test("byte order mark, CRLF, quotes, spaces and numbers of every kind are read", () => {
  const csv = '\ufeff"vol_id", "denormalized_predictions","note"\r\n' +
    '1.0,"-0.5","with, a comma"\r\n02, 2e-3 ,"and ""quotes"""\r\n3,+.5,\r\n\r\n';
  assert.deepStrictEqual(parse(csv, volumes([1, 2, 3])), [-0.5, 0.002, 0.5]);
});

const header = "vol_id,denormalized_predictions";
const refused: [string, string, readonly string[], string, string?][] = [
  [
    "numbered by row for maps numbered from 1",
    predictions(range(0, 99)),
    volumes(range(1, 100)),
    "its vol_id is shifted against the numbers of the maps (0 to 99, not 1 to 100)",
    shifted,
  ],
  [
    "numbered from 1 for maps numbered from 0",
    predictions(range(1, 5)),
    volumes(range(0, 4)),
    "its vol_id is shifted against the numbers of the maps (1 to 5, not 0 to 4)",
    shifted,
  ],
  [
    "numbered by row for maps with gaps",
    predictions(range(0, 2)),
    volumes([0, 113, 498]),
    "its vol_id counts rows, not maps (0 to 2, not 0 to 498)",
    byName,
  ],
  [
    "more rows than maps",
    predictions(range(0, 9)),
    volumes(range(1, 3)),
    "it has rows for maps that are not there (vol_id 0, 4, 5, 6, 7, and 2 more)",
    orByName,
  ],
  [
    "fewer rows than maps",
    predictions(range(0, 2)),
    volumes(range(0, 4)),
    "it has no row for vol_003.mrc, vol_004.mrc",
  ],
  [
    "a map without a row by name",
    "map_file,denormalized_predictions\na.mrc,1\n",
    ["x/a.mrc", "x/b.mrc"],
    "it has no row for b.mrc",
  ],
  [
    "a number twice",
    `${header}\n1,0.5\n2,0.5\n01,0.5\n`,
    volumes([1, 2]),
    "lines 2 and 4 are for the same map (vol_id 1)",
  ],
  [
    "a name twice",
    "map_file,denormalized_predictions\na.mrc,1\nb/a.mrc,2\n",
    ["a.mrc"],
    "lines 2 and 3 are for the same map (map_file a.mrc)",
  ],
  [
    "NaN",
    `${header}\n1,nan\n`,
    volumes([1]),
    'line 2 has no number in denormalized_predictions ("nan")',
  ],
  [
    "an empty threshold",
    `${header}\n1,0.5\n2,\n`,
    volumes([1, 2]),
    'line 3 has no number in denormalized_predictions ("")',
  ],
  [
    "a threshold too large for a number",
    `${header}\n1,1e999\n`,
    volumes([1]),
    'line 2 has no number in denormalized_predictions ("1e999")',
  ],
  [
    "a vol_id that is a name",
    `${header}\nvol_001,0.5\n`,
    volumes([1]),
    'line 2 has no whole number in vol_id ("vol_001")',
  ],
  [
    "an empty map_file",
    "map_file,denormalized_predictions\n,1\n",
    ["a.mrc"],
    'line 2 has no file name in map_file ("")',
  ],
  [
    "no threshold column",
    "map_file,prediction\na.mrc,1\n",
    ["a.mrc"],
    "it has no column denormalized_predictions (its columns are map_file, prediction)",
  ],
  [
    "no column to match by",
    ",denormalized_predictions\n0,1\n",
    ["a.mrc"],
    'it has neither a column map_file nor vol_id (its columns are "", denormalized_predictions)',
    byName,
  ],
  [
    "a column twice",
    "vol_id,vol_id,denormalized_predictions\n0,0,1\n",
    volumes([0]),
    "it has two columns vol_id",
  ],
  ["no rows", `${header}\n`, volumes([0]), "it has no rows"],
  [
    "an empty file",
    "",
    volumes([0]),
    "it has no column denormalized_predictions (its columns are none)",
  ],
  [
    "a map without a number",
    `${header}\n1,0.5\n`,
    ["consensus.mrc"],
    "the name of a map has no number (consensus.mrc)",
    byName,
  ],
  [
    "two maps with one number",
    `${header}\n1,0.5\n`,
    ["a_1.mrc", "b_01.mrc"],
    "the names of two maps have the same number (a_1.mrc, b_01.mrc)",
    byName,
  ],
];

for (const [what, csv, maps, reason, remedy] of refused) {
  Deno.test(`thresholds refused: ${what}`, () => {
    assert.throws(
      () => parseThresholds(csv, "t.csv", maps),
      new InputError(`Cannot take thresholds from t.csv: ${reason}`, remedy),
    );
  });
}

Deno.test("a file that is no CSV is refused with the line", () => {
  assert.throws(() => parseThresholds(`${header}\n1,0.5,7\n`, "t.csv", volumes([1])), {
    name: "InputError",
    message: "Cannot read t.csv: Invalid Record Length: expect 2, got 3 on line 2",
  });
});

Deno.test("a CSV that is not there is refused", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "t.csv");
    await assert.rejects(readThresholds(path, []), {
      name: "InputError",
      message: `Cannot read ${path}: there is no such file or folder`,
    });
    await Deno.writeTextFile(path, predictions([3]));
    assert.deepStrictEqual([...await readThresholds(path, volumes([3]))], [0.3]);
  });
});

const golden = referenceData("golden/phantom20");
Deno.test({
  name: "../shared/golden/phantom20: predictions.csv has a threshold for each map",
  ignore: golden.missing,
  async fn() {
    const maps = await findMaps(golden.folder);
    const thresholds = await readThresholds(join(golden.folder, "predictions.csv"), maps);
    assert.strictEqual(thresholds.length, 100);
    assert.deepStrictEqual([...thresholds.subarray(0, 3)], [0.590404, 0.393534, 0.558295]);
  },
});
