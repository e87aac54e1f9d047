import assert from "node:assert";
import { InputError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { labelledMaps } from "./train_labels.ts";

async function prepare(folder: string, csv: string): Promise<[string, string]> {
  for (const name of ["vol_1.mrc", "vol_2.mrc", "vol_10.mrc"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
  }
  await Deno.writeTextFile(`${folder}/labels.csv`, csv);
  return [folder, `${folder}/labels.csv`];
}

Deno.test("labels go to their maps, and maps without are counted", () =>
  withFolder(async (folder) => {
    const csv = "vol_id,contour_level,normalized_label,map_file\n" +
      "2,9,-0.25,vol_10.mrc\n0,8,-1.02,vol_1.mrc\n";
    assert.deepStrictEqual(await labelledMaps(...await prepare(folder, csv)), {
      maps: [
        { path: `${folder}/vol_1.mrc`, label: -1.02 },
        { path: `${folder}/vol_10.mrc`, label: -0.25 },
      ],
      unlabelled: 1,
    });
  }));

Deno.test("labels that cannot be used say why, and what to do", () =>
  withFolder(async (folder) => {
    const cases: [string, RegExp, RegExp?][] = [
      [
        "map_file,contour_level\nvol_1.mrc,3\n",
        /no normalized_label$/,
        /siren preprocess --labels/,
      ],
      ["map_file,level\nvol_1.mrc,3\n", /no column normalized_label/],
      ["map_file,normalized_label\nvol_3.mrc,0\n", /not there \(vol_3.mrc\)/],
      [
        "map_file,normalized_label\nvol_1.mrc,3.5\nvol_2.mrc,-1.2\n",
        /from -1.1 to 1 \(3.5 for vol_1.mrc, -1.2 for vol_2.mrc\)/,
        /siren preprocess --labels/,
      ],
    ];
    for (const [csv, message, remedy] of cases) {
      await assert.rejects(
        labelledMaps(...await prepare(folder, csv)),
        (error) =>
          error instanceof InputError && message.test(error.message) &&
          (remedy ?? /^/).test(error.remedy ?? ""),
        csv,
      );
    }
  }));
