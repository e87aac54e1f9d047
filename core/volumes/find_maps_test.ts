import assert from "node:assert";
import { basename, join } from "node:path";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { compareNames, findMaps, isMapName, mapStem } from "./find_maps.ts";

const remedy = "Maps end in .mrc, .map or .ccp4, each also with .gz.";

async function fill(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await Deno.writeTextFile(join(folder, name), "");
}

/** Rejects with this message and remedy; what caused it does not matter. */
async function refuses(folder: string, message: string, remedy?: string): Promise<void> {
  await assert.rejects(findMaps(folder), (error: InputError) => {
    assert.ok(error instanceof InputError);
    assert.deepStrictEqual([error.message, error.remedy], [message, remedy]);
    return true;
  });
}

Deno.test("findMaps takes all kinds of maps, in natural order, and nothing else", async () => {
  await withFolder(async (folder) => {
    const maps = ["vol_1.mrc", "vol_2.map", "vol_03.ccp4", "vol_10.mrc.gz", "vol_100.MRC"];
    await fill(folder, [...maps.toReversed(), "predictions.csv", ".vol_5.mrc", "._vol_1.mrc"]);
    await Deno.mkdir(join(folder, "vol_7.mrc"));
    await Deno.symlink(join(folder, "vol_1.mrc"), join(folder, "vol_4.mrc"));
    const found = (await findMaps(folder)).map((path) => basename(path));
    assert.deepStrictEqual(found, [...maps.slice(0, 3), "vol_4.mrc", ...maps.slice(3)]);
  });
});

Deno.test("names that differ by zeros alone have an order", () => {
  assert.ok(compareNames("vol_01.mrc", "vol_1.mrc") < 0);
  assert.ok(compareNames("vol_1.mrc", "vol_01.mrc") > 0);
  assert.strictEqual(compareNames("vol_1.mrc", "vol_1.mrc"), 0);
  assert.ok(compareNames("vol_9.mrc", "vol_10.mrc") < 0);
});

Deno.test("map names and their stems", () => {
  assert.deepStrictEqual(
    ["a.mrc", "a.MAP.GZ", "a.ccp4", "a.mrcs", "a.gz", ".mrc", "mrc"].map(isMapName),
    [true, true, true, false, false, false, false],
  );
  assert.strictEqual(mapStem("vol_1.5.mrc.gz"), "vol_1.5");
});

Deno.test("findMaps says what is wrong with a folder", async () => {
  await withFolder(async (folder) => {
    const missing = join(folder, "missing");
    await refuses(missing, `Cannot find maps in ${missing}: there is no such file or folder`);
    await refuses(folder, `Cannot find maps in ${folder}: it is empty`, remedy);
    await fill(folder, ["7.txt", "10.txt", "a.pdb", "b.pdb", "c.pdb", "d.pdb", "e.pdb"]);
    await refuses(
      folder,
      `Cannot find maps in ${folder}: it holds no map ` +
        "(but 7.txt, 10.txt, a.pdb, b.pdb, c.pdb, and 2 more)",
      remedy,
    );
    const file = join(folder, "a.pdb");
    await refuses(
      file,
      `Cannot find maps in ${file}: it is a file, not a folder`,
      "Give the folder that holds the maps.",
    );
  });
});

Deno.test("a link that leads nowhere is named", async () => {
  await withFolder(async (folder) => {
    await Deno.symlink("nowhere", join(folder, "vol_1.mrc"));
    await refuses(
      folder,
      `Cannot find maps in ${folder}: vol_1.mrc is a link to a file that is not there`,
    );
  });
});

Deno.test("a map that is there twice is refused", async () => {
  await withFolder(async (folder) => {
    await fill(folder, ["vol_1.mrc", "vol_2.mrc", "vol_2.mrc.gz"]);
    await refuses(
      folder,
      `Cannot use the maps of ${folder}: one of them is there twice (vol_2.mrc, vol_2.mrc.gz)`,
      "Remove one of the two files.",
    );
  });
});
