/** Twenty real maps end to end: old cryoDRGN files without a machine stamp, beside a file that is no map. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { runAll, runStatus } from "../cluster/mod.ts";
import { readMap } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { killAfter, siren } from "./processes.ts";
import { exists, hashFolder, quietly, temporaryFolder } from "./surroundings.ts";

const voldir = fileURLToPath(
  new URL("../../shared/real/ribosome_occupancy/00_aligned/", import.meta.url),
);
const ignore = !exists(voldir);

/** Kills for each rule. */
const KILLS = 3;

for (const rule of ["siren", "phi", "fdr"] as const) {
  Deno.test({
    name: `the 20 real maps run end to end under rule ${rule} [../shared]`,
    ignore,
    fn: async () => {
      await using folder = await temporaryFolder();
      const run = folder.path;
      const { news, ...surroundings } = quietly();
      const options = { voldir, bin: 0.7, rule };
      const { volumes, kept, union, sampled, sketch, expand } = await runAll(
        options,
        {},
        run,
        surroundings,
      );
      assert.deepStrictEqual(news.filter(({ kind }) => kind === "warning"), []);
      assert.deepStrictEqual([volumes, kept], [20, 20]);
      assert.strictEqual(sampled, Math.floor(union / 2));

      // The union, counted anew: 20 maps, so that one map is more than 1 % of them.
      const counts = new Uint8Array(64 ** 3);
      for await (const { name } of Deno.readDir(voldir)) {
        if (!name.endsWith(".mrc")) continue;
        const { data } = await readMap(voldir + name);
        data.forEach((density, i) => counts[i]! += density > 0.7 ? 1 : 0);
      }
      assert.strictEqual(union, counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0));

      const blocks: Record<string, number[]> = JSON.parse(
        await Deno.readTextFile(`${run}/02_expand/blocks.json`),
      );
      const assigned = new Set(Object.values(blocks).flat());
      assert.ok([...assigned].every((voxel) => counts[voxel]! > 0));
      assert.strictEqual(expand?.unassigned, union - assigned.size);
      assert.strictEqual(expand?.blocks.length, sketch.blocks.length);
      assert.ok(sketch.blocks.every(({ voxels }) => voxels >= 6));
      assert.strictEqual((await runStatus(run)).state, "done");
    },
  });

  Deno.test({
    name: `the 20 real maps under rule ${rule}, killed at ${KILLS} random moments, end as an ` +
      "undisturbed run, to the byte [../shared]",
    ignore,
    fn: async () => {
      await using folder = await temporaryFolder();
      const run = `${folder.path}/run`;
      const hashRun = () => hashFolder(run, (name) => name === "run.lock");
      const start = () =>
        siren("run", "--voldir", voldir, "--bin", "0.7", "--rule", rule, "--outdir", run);
      const began = performance.now();
      const { code, stderr } = await start().output();
      assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
      const took = performance.now() - began;
      const expected = await hashRun();
      await Deno.remove(run, { recursive: true });

      const rng = random(rule.length);
      const goOn = () => exists(`${run}/run.json`) ? siren("resume", run) : start();
      for (let kills = 0; kills < KILLS;) {
        const child = goOn();
        // The start of the program is no part of the run.
        const moment = took * (0.25 + 0.7 * rng.uniform());
        using _killing = killAfter(child, moment);
        const { signal, code, stderr } = await child.output();
        if (signal === "SIGKILL") kills++;
        else {
          assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
          assert.deepStrictEqual(await hashRun(), expected);
          await Deno.remove(run, { recursive: true });
        }
      }
      assert.strictEqual((await goOn().output()).code, 0);
      assert.deepStrictEqual(await hashRun(), expected);
    },
  });
}
