import assert from "node:assert";
import { join } from "node:path";
import { readHeader, readVoxelsSync } from "../mrc/read.ts";
import { referenceData } from "../mrc/testing.ts";
import { binarise, wordsFor } from "./binarise.ts";
import { checkEnsemble } from "./ensemble.ts";
import { keepByThreshold } from "./filter.ts";
import { findMaps } from "./find_maps.ts";
import { thresholdFor } from "./precision.ts";
import { readThresholds } from "./thresholds.ts";
import { union } from "./union.ts";

/** Reads, binarises and unites the maps that are kept. */
async function unite(folder: string, thresholds: ArrayLike<number>, kept: readonly boolean[]) {
  const maps = await findMaps(folder);
  const headers = await Promise.all(
    maps.map(async (name) => ({ name, header: await readHeader(name) })),
  );
  const { grid, warnings } = checkEnsemble(headers);
  assert.deepStrictEqual(warnings, []);
  const words = wordsFor(grid.box ** 3);
  const bits = new Uint32Array(words * maps.length);
  maps.forEach((map, k) => {
    const { header, data } = readVoxelsSync(map);
    const threshold = thresholdFor(header.mode, thresholds[k]!);
    binarise(data, threshold, map, bits.subarray(k * words, (k + 1) * words));
  });
  const rows = Array.from(maps.keys()).filter((k) => kept[k]);
  return union(bits, words, rows, maps.length);
}

async function sampledVoxels(folder: string): Promise<number[]> {
  const text = await Deno.readTextFile(join(folder, "siren", "voxels.txt"));
  return text.trim().split(/\s+/).map(Number).sort((a, b) => a - b);
}

const phantom20 = referenceData("golden/phantom20");
Deno.test({
  name: "../shared/golden/phantom20: the filter and the union are the reference's",
  ignore: phantom20.missing,
  async fn() {
    const { folder } = phantom20;
    const thresholds = await readThresholds(
      join(folder, "predictions.csv"),
      await findMaps(folder),
    );
    const kept = keepByThreshold(thresholds);
    const dropped = Array.from(kept.keys()).filter((k) => !kept[k]);
    assert.deepStrictEqual(dropped, [18, 44, 47]);
    const { voxels, matrix } = await unite(folder, thresholds, kept);
    assert.strictEqual(matrix.volumes, 97);
    // With a subsample of 1 every voxel of the union was drawn.
    assert.strictEqual(voxels.length, 561);
    assert.deepStrictEqual([...voxels], await sampledVoxels(folder));
  },
});

const phantom24 = referenceData("golden/phantom24");
Deno.test({
  name: "../shared/golden/phantom24: the union holds what the reference drew from it",
  ignore: phantom24.missing,
  async fn() {
    const all = Array.from({ length: 160 });
    const { voxels } = await unite(phantom24.folder, all.map(() => 0.5), all.map(() => true));
    assert.strictEqual(voxels.length, 1163);
    const sampled = await sampledVoxels(phantom24.folder);
    assert.strictEqual(sampled.length, Math.floor(1163 / 2));
    const members = new Set(voxels);
    assert.deepStrictEqual(sampled.filter((voxel) => !members.has(voxel)), []);
  },
});
