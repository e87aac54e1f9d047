/**
 * What fine-tuning takes and brings: maps with known levels are simulated, the network learns from 30 of
 * them, and is asked for the levels of 40 others before and after.
 *
 *     deno task bench:fine_tune PDB_FOLDER [WEIGHTS] [LEARNING_RATE] [MAPS] [EPOCHS]
 *
 * PDB_FOLDER holds the PDB files of one model, all in one frame; WEIGHTS are those to begin with, drawn by
 * a seed if "none" or not given. Everything runs as the program that a user starts. It takes all
 * permissions, for Deno lets nothing less look at another process under /proc.
 *
 * @module
 */
import { random } from "../core/random.ts";
import { initialWeights, thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/mod.ts";
import type { Measures } from "../core/threshold_cnn/measures.ts";
import { siren } from "../tests/processes.ts";
import { pdbPaths } from "./pdb_folder.ts";
import { watchMemory } from "./process_memory.ts";

const [pdbFolder, given = "none", rate = "1e-3", maps = "30", epochs = "5"] = Deno.args;
if (pdbFolder === undefined) {
  console.error("Give the folder of a model's PDB files.");
  Deno.exit(2);
}
const UNSEEN = "40";

const pdbs = pdbPaths(pdbFolder);

/** Runs the program to its end: seconds and peak memory in GiB. */
async function run(...args: string[]): Promise<{ seconds: number; peak: number }> {
  const began = performance.now();
  const child = siren(...args, "--quiet");
  const watching = watchMemory(child.pid);
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`siren ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
  return { seconds: (performance.now() - began) / 1000, peak: await watching() / 2 ** 30 };
}

const work = await Deno.makeTempDir({ prefix: "siren_bench_" });
try {
  const prepare = async (name: string, volumes: string, seed: string) => {
    const folder = `${work}/${name}`;
    const simulation = ["--outdir", folder, "--volumes", volumes, "--seed", seed];
    await run("simulate", "--for_cnn", ...pdbs, ...simulation);
    const labels = `${folder}/labels.csv`, out = `${work}/prepared_${name}`;
    await run("preprocess", "--voldir", folder, "--labels", labels, "--outdir", out);
    return { labels, normalised: `${out}/normalized` };
  };
  const learnt = await prepare("learnt", maps, "1");
  const unseen = await prepare("unseen", UNSEEN, "2");
  const drawn = `${work}/drawn.pth`;
  await writeCheckpoint(drawn, { weights: initialWeights(thresholdNetwork, random(0)) });
  const weights = given === "none" ? drawn : given;

  const measure = async (file: string, name: string): Promise<Measures> => {
    const statistics = `${unseen.normalised}/map_stats_downsampled.csv`;
    const flags = ["--voldir", unseen.normalised, "--normalize_csv", statistics];
    const out = ["--labels", unseen.labels, "--outdir", `${work}/${name}`];
    await run("eval_model", ...flags, "--weights_file", file, ...out);
    return JSON.parse(await Deno.readTextFile(`${work}/${name}/measures.json`)); // its own writer's
  };
  const before = await measure(weights, "before");
  const labels = `${learnt.normalised}/normalized_labels.csv`;
  const { seconds, peak } = await run(
    "fine_tune",
    ...["--voldir", learnt.normalised, "--labels", labels, "--weights", weights],
    ...["--lr", rate, "--num_epochs", epochs, "--outdir", `${work}/tuned`],
  );
  const after = await measure(`${work}/tuned/fine_tuned_weights.pth`, "after");

  console.log(
    `${maps} maps, ${epochs} epochs, learning rate ${rate}: ${seconds.toFixed(0)} s, peak memory ` +
      `${peak.toFixed(2)} GiB\n`,
  );
  console.log(`| ${UNSEEN} other maps | before | after |`);
  console.log("| --- | --- | --- |");
  const row = (title: string, of: (measures: Measures) => number | undefined, digits: number) =>
    console.log(
      `| ${title} | ${[before, after].map((m) => of(m)?.toFixed(digits) ?? "-").join(" | ")} |`,
    );
  row("mean absolute error, of -1 to 1", (m) => m.normalized_mean_absolute_error, 3);
  row("share inside the bounds", (m) => m.inside_bounds, 2);
  row("rank correlation", (m) => m.spearman, 3);
} finally {
  await Deno.remove(work, { recursive: true });
}
