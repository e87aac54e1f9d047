/** Occupancies of 26 chains in twenty real maps, against those that MAVEn gave. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { readOccupancy } from "../core/occupancy/mod.ts";
import { siren } from "./processes.ts";
import { exists, temporaryFolder } from "./surroundings.ts";

const data = fileURLToPath(new URL("../../shared/real/ribosome_occupancy/", import.meta.url));
const expectedPath = `${data}03_occupancies/occupancies_expected.csv`;

/** MAVEn computes in single precision here and there. */
const TOLERANCE = 2e-4;

Deno.test({
  name: "the occupancies of 26 chains in 20 real maps are MAVEn's [../shared]",
  ignore: !exists(expectedPath),
  fn: async () => {
    await using folder = await temporaryFolder();
    const given = {
      mapdir: `${data}00_aligned`,
      maskdir: `${data}02_masks/00_expected`,
      refdir: `${data}01_PDB_mrc/00_expected`,
      outdir: folder.path,
    };
    const args = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value]);
    const { code, stderr } = await siren("occupancy", ...args, "--maven", "--quiet").output();
    assert.deepStrictEqual([code, new TextDecoder().decode(stderr)], [0, ""]);

    const found = await readOccupancy(`${folder.path}/occupancy_maven.csv`);
    const expected = await readOccupancy(expectedPath);
    assert.deepStrictEqual(found.regions, expected.regions);
    assert.deepStrictEqual(found.volumes.toSorted(), expected.volumes.toSorted());
    assert.deepStrictEqual([found.volumes.length, found.regions.length], [20, 26]);
    const rowOf = new Map(expected.volumes.map((volume, row) => [volume, row]));
    found.values.forEach((value, i) => {
      const row = rowOf.get(found.volumes[Math.floor(i / 26)]!)!;
      const wanted = expected.values[26 * row + i % 26]!;
      assert.ok(
        Math.abs(value - wanted) <= TOLERANCE * Math.abs(wanted),
        `${value}, not ${wanted}`,
      );
    });

    const own = await readOccupancy(`${folder.path}/occupancy.arrow`);
    assert.deepStrictEqual(own.values, found.values);
    assert.deepStrictEqual(
      own.volumes.map((file) => String(Number(/(\d+)\.mrc$/.exec(file)![1]))),
      found.volumes,
    );
  },
});
