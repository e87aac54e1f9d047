/**
 * How long a whole run takes, start-up included: 300 volumes of 64^3, sketch and expand, as the program
 * a user starts.
 *
 *     deno task bench:run [PDB_FOLDER] [VOLUMES]
 *
 * PDB_FOLDER holds the PDB files of one model, all in one frame; a phantom stands in without it. Times are
 * those of five runs after one that is not counted; peak memory is that of the whole process.
 *
 * It takes all permissions, for Deno lets nothing less look at another process under /proc.
 */
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { siren } from "../tests/processes.ts";
import { readPdbs } from "./pdb_folder.ts";
import { watchMemory } from "./process_memory.ts";

const [folder, volumes = "300"] = Deno.args;
const RUNS = 5;

const pdbs = folder === undefined ? [] : await readPdbs(folder);
const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
try {
  const options = simulateOptions.parse({ volumes: Number(volumes), seed: 1 });
  const { truth } = await writeEnsemble(simulate(options, pdbs), `${work}/maps`);
  console.log(`${volumes} volumes of ${truth.box}^3, ${truth.unionVoxels} union voxels\n`);
  console.log("| rule | seconds: least | median | most | peak memory (MiB) |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const rule of ["phi", "siren", "fdr"]) {
    const seconds: number[] = [];
    let peak = 0;
    for (let i = 0; i <= RUNS; i++) {
      const began = performance.now();
      const child = siren(
        "run",
        ...["--voldir", `${work}/maps`, "--bin", `${truth.thresholds[0]}`],
        ...["--rule", rule, "--outdir", `${work}/run`, "--force", "--quiet"],
      );
      const watching = watchMemory(child.pid);
      const { success } = await child.output();
      if (!success) throw new Error(`The run failed (rule ${rule})`);
      if (i > 0) seconds.push((performance.now() - began) / 1000);
      peak = Math.max(peak, await watching());
    }
    seconds.sort((a, b) => a - b);
    const [least, middle, most] = [0, RUNS >> 1, RUNS - 1].map((i) => seconds[i]!.toFixed(2));
    console.log(`| ${rule} | ${least} | ${middle} | ${most} | ${(peak / 2 ** 20).toFixed(0)} |`);
  }
} finally {
  await Deno.remove(work, { recursive: true });
}
