/**
 * How well the rules find known blocks: simulated ribosome assembly, scored against its truth.
 *
 *     deno task bench:blocks PDB_FOLDER [SEEDS]
 *
 * PDB_FOLDER holds the PDB files of one model, all in one frame. For each setting and seed an ensemble
 * is simulated, every rule run and scored; the table gives the median and the least over the seeds.
 */
import { runAll } from "../cluster/mod.ts";
import { quantileOf } from "../core/quantile.ts";
import { loadUnion, readBlocks, score } from "../core/score/mod.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { readPdbs } from "./pdb_folder.ts";
import { surroundings } from "./surroundings.ts";

const SETTINGS = [
  { name: "10 blocks, noise 0.04", blocks: 10, volumes: 300, noise: 0.04 },
  { name: "10 blocks, noise 0.10", blocks: 10, volumes: 300, noise: 0.1 },
  { name: "10 blocks, 200 volumes", blocks: 10, volumes: 200, noise: 0.04 },
  { name: "6 blocks", blocks: 6, volumes: 300, noise: 0.04 },
  { name: "16 blocks", blocks: 16, volumes: 300, noise: 0.04 },
] as const;
const RULES = ["phi", "siren", "fdr"] as const;
const TREES = ["random", "chain", "star"] as const;

const [folder, seeds = "5"] = Deno.args;
if (folder === undefined) {
  console.error("Give the folder of a model's PDB files.");
  Deno.exit(2);
}
const pdbs = await readPdbs(folder);

const median = (values: number[]) => quantileOf(values, 0.5);

console.log(
  "| setting | rule | share of the ceiling, median (least) | mean best Jaccard | " +
    "adjusted Rand index | blocks found |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { name, ...setting } of SETTINGS) {
  const found = new Map<string, { ratio: number; jaccard: number; rand: number; blocks: number }[]>(
    RULES.map((rule) => [rule, []]),
  );
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
    try {
      const threshold = [0.2, 0.22, 0.25][seed % 3]!;
      const tree = TREES[seed % TREES.length]!;
      const options = simulateOptions.parse({ ...setting, seed, tree, threshold });
      const { truth } = await writeEnsemble(simulate(options, pdbs), `${work}/maps`);
      const union = await loadUnion(truth, `${work}/maps`);
      for (const rule of RULES) {
        const run = `${work}/${rule}`;
        await runAll(
          { voldir: `${work}/maps`, bin: truth.thresholds[0], rule },
          {},
          run,
          surroundings,
        );
        const { blocks } = await readBlocks(`${run}/02_expand`);
        const result = score(truth, blocks, union);
        found.get(rule)?.push({
          ratio: result.ceiling?.ratio ?? NaN,
          jaccard: result.meanJaccard,
          rand: result.adjustedRandIndex,
          blocks: blocks.size,
        });
      }
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  }
  for (const rule of RULES) {
    const results = found.get(rule) ?? [];
    const ratios = results.map(({ ratio }) => ratio);
    const cell = (key: "jaccard" | "rand") => median(results.map((r) => r[key])).toFixed(3);
    const counts = results.map(({ blocks }) => blocks).sort((a, b) => a - b);
    console.log(
      `| ${name} | ${rule} | ${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)}) | ` +
        `${cell("jaccard")} | ${cell("rand")} | ${counts.at(0)}-${counts.at(-1)} |`,
    );
  }
}
