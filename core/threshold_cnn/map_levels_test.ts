import assert from "node:assert";
import { referenceData, withFolder } from "../mrc/testing.ts";
import { writeMap } from "../mrc/write.ts";
import { findMaps } from "../volumes/find_maps.ts";
import { findLevels } from "./map_levels.ts";

const zero = { x: 0, y: 0, z: 0 };

Deno.test("each map has its own level, and the range that it would be normalised by", () =>
  withFolder(async (folder) => {
    const densities = Float32Array.from({ length: 64 }, (_, i) => i - 20);
    for (const [i, scale] of [1, 100].entries()) {
      const data = densities.map((density) => density * scale);
      await writeMap(`${folder}/vol_${i}.mrc`, data, {
        box: 4,
        apix: 2,
        origin: zero,
        nstart: zero,
      });
    }
    const done: number[] = [];
    const maps = await findMaps(folder);
    const found = await findLevels(
      maps,
      { method: "volume", mass: 10 * 8 / 1.21219 / 1000 },
      (count) => done.push(count),
    );
    assert.deepStrictEqual(done, [1, 2]);
    assert.deepStrictEqual(found.map(({ map }) => map), maps);
    assert.deepStrictEqual(found.map(({ level }) => level), [33.5, 3350]);
    assert.deepStrictEqual(found.map(({ occupied }) => occupied), [10 / 64, 10 / 64]);
    assert.strictEqual(found[0]!.statistics.min, 1);
    assert.ok(Math.abs(found[1]!.statistics.max - 4300) < 0.1);
    await assert.rejects(findLevels(maps, { method: "volume", mass: 1000 }), {
      message: /^Cannot find a threshold for .*vol_0\.mrc: the molecule is larger than the box/,
    });
  }));

const { folder, missing } = referenceData("real/ribosome_occupancy/00_aligned");

Deno.test({
  name: "real maps of ribosomes: levels are about what their users take, 0.7",
  ignore: missing,
  async fn() {
    const maps = (await findMaps(folder)).slice(0, 4);
    for (
      const [options, least, greatest] of [
        [{ method: "otsu" }, 0.9, 1.2],
        [{ method: "sigma", sigmas: 2.5 }, 0.6, 0.9],
        [{ method: "volume", mass: 1000 }, 0.6, 0.9],
      ] as const
    ) {
      for (const { map, level } of await findLevels(maps, options)) {
        assert.ok(level > least && level < greatest, `${map} ${options.method} ${level}`);
      }
    }
  },
});
