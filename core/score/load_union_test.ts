import assert from "node:assert";
import { totals } from "../cooccupancy/bit_matrix.ts";
import { simulate, simulateOptions } from "../simulate/simulate.ts";
import { writeEnsemble } from "../simulate/write_ensemble.ts";
import { loadUnion } from "./load_union.ts";

Deno.test("loadUnion binarises each map of a truth at its own threshold", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const made = simulate(
      simulateOptions.parse({ box: 16, apix: 8, volumes: 40, blocks: 2, amplitude: 0.5 }),
      [],
    );
    const { truth } = await writeEnsemble(made, folder);
    const { voxels, matrix } = await loadUnion(truth, folder);
    assert.strictEqual(voxels.length, truth.unionVoxels);
    const expected = new Uint32Array(16 ** 3);
    truth.thresholds.forEach((threshold, k) =>
      made.ensemble.volume(k).forEach((density, v) => expected[v]! += density > threshold ? 1 : 0)
    );
    assert.deepStrictEqual(totals(matrix), Uint32Array.from(voxels, (v) => expected[v]!));

    await assert.rejects(loadUnion({ ...truth, box: 17 }, folder), {
      name: "InputError",
      message: `Cannot use ${folder}/vol_000.mrc: its box is not that of the truth (16, not 17)`,
    });
    await Deno.remove(`${folder}/vol_039.mrc`);
    await assert.rejects(loadUnion(truth, folder), {
      name: "InputError",
      message: `Cannot read ${folder}/vol_039.mrc: there is no such file or folder`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
