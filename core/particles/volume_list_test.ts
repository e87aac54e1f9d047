import assert from "node:assert";
import { parseVolumes, volumeEntries, volumeNumber } from "./volume_list.ts";

const numbers = (...entries: string[]) => parseVolumes(entries).map(({ number }) => number);

Deno.test("a volume's number is that after vol_, or the last in its name", () => {
  const names: readonly (readonly [string, number | undefined])[] = [
    ["vol_000.mrc", 0],
    ["vol_1000.mrc", 1000],
    ["kmeans20/vol_007.mrc.gz", 7],
    ["kmeans20/VOL_007.MAP", 7],
    ["vol_012_box64", 12],
    ["run2_vol_012", 12],
    ["vol012.mrc", 12],
    ["map3.ccp4", 3],
    ["7", 7],
    ["vol_mean.mrc", undefined],
    ["evolve_3.mrc", 3],
    ["vol_99999999999999999999.mrc", undefined],
  ];
  for (const [name, number] of names) assert.strictEqual(volumeNumber(name), number, name);
});

Deno.test("lists hold names, numbers and ranges, each volume once", () => {
  assert.deepStrictEqual(numbers("vol_003.mrc", "5", "7-9"), [3, 5, 7, 8, 9]);
  assert.throws(() => numbers("3", "vol_003.mrc"), /two are the same one \(3, vol_003\.mrc\)/);
  assert.throws(() => numbers("1-3", "2"), /two are the same one/);
  assert.throws(() => numbers("9-7"), /there is no such range \(9-7\)/);
  assert.throws(() => numbers("0-99999999"), /no such range/);
  assert.throws(() => numbers("mean.mrc"), /no number in a name \(mean\.mrc\)/);
});

Deno.test("a file of volumes has one on each line, and perhaps more after it", () => {
  const entries = (text: string) => volumeEntries(text, "names.txt");
  assert.deepStrictEqual(entries("\ufeffvol_003.mrc\r\n\r\n# mine\nvol_010.mrc\n"), [
    "vol_003.mrc",
    "vol_010.mrc",
  ]);
  assert.deepStrictEqual(entries('volume,cluster\n"vol_003.mrc",1\n5 0.3\n'), ["vol_003.mrc", "5"]);
  assert.throws(() => entries("# none\n"), /names\.txt: it lists no volumes/);
  assert.throws(() => entries("volume\n"), /it lists no volumes/);
});
