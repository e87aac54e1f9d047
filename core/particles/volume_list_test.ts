import assert from "node:assert";
import {
  namedVolumes,
  parseVolumes,
  splitVolumes,
  volumeEntries,
  volumeNumber,
} from "./volume_list.ts";

const numbers = (...entries: string[]) => parseVolumes(entries).map(({ number }) => number);

Deno.test("a volume's number is that after vol_, or the only one in its name", () => {
  const names: readonly (readonly [string, number | undefined])[] = [
    ["vol_000.mrc", 0],
    ["vol_1000.mrc", 1000],
    ["kmeans20/vol_007.mrc.gz", 7],
    ["kmeans20/VOL_007.MAP", 7],
    ["kmeans20_vol_004.mrc", 4],
    ["vol_012_box64", 12],
    ["vol_012_filtered.mrc", 12],
    ["vol_012_apix1.5.mrc", 12],
    ["vol_012_64.mrc", 12],
    ["run2_vol_012", 12],
    ["vol012.mrc", 12],
    ["map3.ccp4", 3],
    ["003_filtered.mrc", 3],
    ["7", 7],
    ["3.000000000000000000e+00", 3],
    ["18.0", 18],
    ["vol_mean.mrc", undefined],
    ["evolve_3.mrc", 3],
    ["vol_99999999999999999999.mrc", undefined],
    // Which number is meant cannot be told.
    ["state_3_box64.mrc", undefined],
    ["vol_003-vol_007", undefined],
    ["vol_003.mrc vol_004.mrc", undefined],
    ["vol_003-7", undefined],
    ["vol_3.5", undefined],
    ["run_5/map.mrc", undefined],
    ...["3 4", "3;4", "3:5", "3..5", "3\u20135", "3.5", "-3", "3-", "1e1", "0x10"]
      .map((name) => [name, undefined] as const),
  ];
  for (const [name, number] of names) assert.strictEqual(volumeNumber(name), number, name);
});

Deno.test("lists hold names, numbers and ranges, each volume once", () => {
  assert.deepStrictEqual(numbers("vol_003.mrc", "5", "7-9"), [3, 5, 7, 8, 9]);
  assert.deepStrictEqual(numbers("vol_003-vol_005", "7 - 8"), [3, 4, 5, 7, 8]);
  assert.throws(() => numbers("3", "vol_003.mrc"), /two are the same one \(3, vol_003\.mrc\)/);
  assert.throws(() => numbers("1-3", "2"), /two are the same one/);
  assert.throws(() => numbers("9-7"), /there is no such range \(9-7\)/);
  assert.throws(() => numbers("0-99999999"), /no such range/);
  assert.throws(() => numbers("mean.mrc"), /no number in a name \(mean\.mrc\)/);
  assert.throws(() => numbers("state_3_box64.mrc"), /which number is meant .*state_3_box64/);
  // The names of a run's maps are no ranges.
  assert.throws(() => namedVolumes(["3-5"]), /which number is meant/);
});

Deno.test("what is written in one piece is taken apart", () => {
  const split = (text: string) => splitVolumes(text).join("|");
  assert.strictEqual(split("vol_003.mrc vol_004.mrc"), "vol_003.mrc|vol_004.mrc");
  assert.strictEqual(split("vol_003.mrc\r\nvol_004.mrc\n"), "vol_003.mrc|vol_004.mrc");
  assert.strictEqual(split("3 4,5;7-9"), "3|4|5|7-9");
  assert.strictEqual(split("set 2 vol_003.mrc"), "set 2 vol_003.mrc");
  assert.deepStrictEqual(numbers(...splitVolumes("set 2 vol_003.mrc")), [3]);
  assert.strictEqual(split(" , "), "");
});

Deno.test("a file of volumes has one on each line, several names, or a column of them", () => {
  const entries = (text: string) => volumeEntries(text, "names.txt").join("|");
  const two = "vol_003.mrc|vol_010.mrc";
  assert.strictEqual(entries("\ufeffvol_003.mrc\r\n\r\n# mine\nvol_010.mrc\n"), two);
  assert.strictEqual(entries("vol_003.mrc\rvol_010.mrc\r"), two);
  assert.strictEqual(entries("vol_003.mrc vol_010.mrc"), two);
  assert.strictEqual(entries("vol_003.mrc, vol_010.mrc,"), two);
  assert.strictEqual(entries("my set 2/vol_003.mrc\n"), "2/vol_003.mrc");
  assert.strictEqual(entries("2 vol_003.mrc\n3 vol_010.mrc"), two);
  assert.strictEqual(entries("3-5\n7 - 8\n9"), "3-5|7 - 8|9");
  assert.strictEqual(entries('volume,cluster\n"vol_003.mrc",1\n5,0.3\n'), "vol_003.mrc|5");
  assert.strictEqual(entries("cluster,map_file\n1,vol_003.mrc\n2,vol_010.mrc"), two);
  assert.strictEqual(entries(",map_file,b 1\n0,vol_003.mrc,0.5\n1,vol_010.mrc,1"), two);
  assert.strictEqual(entries("cluster\tmap_file\n1\tvol_003.mrc\n2\tvol_010.mrc"), two);
  assert.strictEqual(entries("vol_003.mrc,0.5\nvol_010.mrc,0.25"), two);
  for (const text of ["3 4 5\n", "3,4,5", "3 120", "5 0.3", "vol_003.mrc vol_004.mrc 5"]) {
    assert.throws(() => entries(text), /line 1 has several values/, text);
  }
  assert.throws(() => entries("volume,cluster\n3\n"), /Cannot read names\.txt/);
  assert.throws(() => entries('["vol_003.mrc"]'), /it is no list of volumes/);
  assert.throws(() => entries("v\0o\0l\0"), /it is no text/);
  assert.throws(() => entries("# none\n"), /names\.txt: it lists no volumes/);
  assert.throws(() => entries("volume\n"), /it lists no volumes/);
});
