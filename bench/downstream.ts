/**
 * How long it takes from blocks to a report: occupancies, analysis and report of 500 volumes by 30 blocks, as
 * the programs a user starts, and how large the report is.
 *
 *     deno task bench:downstream [VOLUMES] [BLOCKS] [BOX]
 *
 * Times are those of five runs after one that is not counted, start-up included; peak memory is that of the
 * whole process. `occupancy` reads all the maps anew; `analyse` takes the run's own bits; `report` finds the
 * analysis there, `report alone` makes it first.
 *
 * It takes all permissions, for Deno lets nothing less look at another process under /proc.
 */
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { siren } from "../tests/processes.ts";
import { watchMemory } from "./process_memory.ts";

const [volumes = "500", blocks = "30", box = "64"] = Deno.args;
const RUNS = 5;

const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
const maps = `${work}/maps`, run = `${work}/run`;

/** Runs a command line to its end; gives its seconds and its peak memory in bytes. */
async function time(words: readonly string[]): Promise<{ seconds: number; bytes: number }> {
  const began = performance.now();
  const child = siren(...words, "--quiet");
  const watching = watchMemory(child.pid);
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`siren ${words.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return { seconds: (performance.now() - began) / 1000, bytes: await watching() };
}

try {
  const options = simulateOptions.parse({
    volumes: Number(volumes),
    blocks: Number(blocks),
    box: Number(box),
    seed: 1,
  });
  const { truth } = await writeEnsemble(simulate(options, []), maps);
  const bin = String(truth.thresholds[0]);
  await time(["run", "--voldir", maps, "--bin", bin, "--outdir", run]);
  const found = JSON.parse(await Deno.readTextFile(`${run}/02_expand/blocks.json`));
  console.log(
    `${volumes} volumes of ${box}^3, ${truth.unionVoxels} union voxels, ${
      Object.keys(found).length
    } blocks\n`,
  );
  const analysis = `${run}/03_analysis`, report = `${run}/report.html`;
  const steps: readonly { name: string; words: string[]; without: string[] }[] = [
    {
      name: "occupancy",
      words: [
        "occupancy",
        "--mapdir",
        maps,
        "--blocks",
        run,
        "--bin",
        bin,
        "--outdir",
        `${work}/o`,
      ],
      without: [`${work}/o`],
    },
    { name: "analyse", words: ["analyse", run], without: [analysis] },
    { name: "report", words: ["report", run], without: [report] },
    { name: "report alone", words: ["report", run], without: [analysis, report] },
  ];
  console.log("| command | seconds: least | median | most | peak memory (MiB) |");
  console.log("| --- | --- | --- | --- | --- |");
  const medians = new Map<string, number>();
  for (const { name, words, without } of steps) {
    const seconds: number[] = [];
    let peak = 0;
    for (let i = 0; i <= RUNS; i++) {
      for (const path of without) await Deno.remove(path, { recursive: true }).catch(() => {});
      const one = await time(words);
      if (i > 0) seconds.push(one.seconds);
      peak = Math.max(peak, one.bytes);
    }
    seconds.sort((a, b) => a - b);
    medians.set(name, seconds[RUNS >> 1]!);
    const [least, middle, most] = [0, RUNS >> 1, RUNS - 1].map((i) => seconds[i]!.toFixed(2));
    console.log(`| ${name} | ${least} | ${middle} | ${most} | ${(peak / 2 ** 20).toFixed(0)} |`);
  }
  const sum = ["occupancy", "analyse", "report"].reduce((sum, name) => sum + medians.get(name)!, 0);
  const { size } = await Deno.stat(report);
  console.log(
    `\nThe three together: ${sum.toFixed(1)} s. The report: ${(size / 1e6).toFixed(1)} MB`,
  );
} finally {
  await Deno.remove(work, { recursive: true });
}
