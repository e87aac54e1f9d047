/**
 * How good the setting is that `siren screen` recommends: simulated ribosome assembly, scored against its
 * truth at every setting of a grid. And how long `siren stability` takes.
 *
 *     deno task bench:screen PDB_FOLDER [SEEDS]
 *
 * PDB_FOLDER holds the PDB files of one model, all in one frame. The table gives the mean best Jaccard index
 * of the recommended setting, as a share of that of the best setting and beside the mean of all.
 */
import { decodeArrow, runAll, screen, stability } from "../cluster/mod.ts";
import { parseSketchOptions } from "../cluster/run.ts";
import { planRun, readUnions } from "../cluster/read_volumes.ts";
import { blocksOfSetting, replicateOf } from "../cluster/replicates.ts";
import type { ScreenOptionsInput } from "../cluster/screen_options.ts";
import { threadPool } from "../cluster/threads/pool.ts";
import { score } from "../core/score/mod.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { readPdbs } from "./pdb_folder.ts";
import { surroundings } from "./surroundings.ts";

const ENSEMBLES = [
  { name: "10 blocks, noise 0.04", blocks: 10, volumes: 300, noise: 0.04, tree: "random" },
  { name: "10 blocks, noise 0.10", blocks: 10, volumes: 300, noise: 0.1, tree: "chain" },
  { name: "6 blocks, 200 volumes", blocks: 6, volumes: 200, noise: 0.04, tree: "star" },
  { name: "16 blocks", blocks: 16, volumes: 300, noise: 0.04, tree: "random" },
] as const;
const BINS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
const GRIDS = {
  phi: { join: [0.3, 0.5, 0.7] },
  siren: { posp_factor: ["distance", 1.25, 1.5, 2] },
} satisfies Record<string, ScreenOptionsInput>;

const [folder, seeds = "1"] = Deno.args;
if (folder === undefined) {
  console.error("Give the folder of a model's PDB files.");
  Deno.exit(2);
}
const pdbs = await readPdbs(folder);

console.log("| ensemble | rule | recommended | its score | share of the best | mean of all |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { name, ...setting } of ENSEMBLES) {
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
    try {
      const options = simulateOptions.parse({ ...setting, seed, threshold: 0.2 });
      const { truth } = await writeEnsemble(simulate(options, pdbs), `${work}/maps`);
      const runs = [];
      for (const bin of BINS) {
        const sketch = parseSketchOptions({ voldir: `${work}/maps`, bin });
        runs.push(await planRun(sketch, surroundings));
      }
      using pool = threadPool(surroundings.threads, surroundings.signal);
      const unions = await readUnions(runs, pool, surroundings);
      for (const [rule, grid] of Object.entries(GRIDS)) {
        const out = `${work}/${rule}`;
        const { rows, recommended } = await screen(
          {
            options: {
              voldir: `${work}/maps`,
              bins: BINS,
              rule: rule as keyof typeof GRIDS,
              ...grid,
            },
            outdir: out,
          },
          surroundings,
        );
        const scores = [];
        const perThreshold = rows.length / BINS.length;
        for (const [i] of rows.entries()) {
          const threshold = Math.floor(i / perThreshold);
          const union = unions[threshold];
          if (union === undefined || union instanceof Error) {
            scores.push(0);
            continue;
          }
          const path = `${out}/shards/screen_${threshold}/000000.arrow`;
          const shard = replicateOf(decodeArrow(await Deno.readFile(path), path));
          const blocks = blocksOfSetting(shard, i % perThreshold);
          const { flat } = union.union;
          const found = new Map(
            blocks.map(({ id, members }) => [String(id), members.map((row) => flat[row]!)]),
          );
          scores.push(score(truth, found).meanJaccard);
        }
        const best = Math.max(...scores);
        const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
        const own = recommended === undefined ? NaN : scores[recommended.setting]!;
        const words = recommended === undefined ? "none" : [
          `bin ${recommended.threshold}`,
          ...Object.entries(recommended.values).map(([key, value]) => `${key} ${value}`),
        ].join(", ");
        console.log(
          `| ${name} | ${rule} | ${words} | ${own.toFixed(3)} | ${(own / best).toFixed(2)} | ` +
            `${(mean / best).toFixed(2)} |`,
        );
      }
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  }
}

const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
try {
  const [{ name: _name, ...setting }] = ENSEMBLES;
  const options = simulateOptions.parse({ ...setting, seed: 1, threshold: 0.2 });
  await writeEnsemble(simulate(options, pdbs), `${work}/maps`);
  const run = `${work}/run`;
  const { union } = await runAll(
    { voldir: `${work}/maps`, bin: 0.2, rule: "phi" },
    {},
    run,
    surroundings,
  );
  const start = performance.now();
  const { bootstraps, sources } = await stability({ run }, surroundings);
  const seconds = (performance.now() - start) / 1000;
  const back = sources[0]!.blocks.map(({ back }) => back.toFixed(2)).join(" ");
  console.log(
    `\n${bootstraps} replicates of ${options.volumes} volumes x ${union} voxels on ` +
      `${surroundings.threads} threads: ${seconds.toFixed(0)} s; blocks come back ${back}`,
  );
} finally {
  await Deno.remove(work, { recursive: true });
}
