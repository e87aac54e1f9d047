/**
 * What a map costs the network that predicts thresholds, beside PyTorch on the same machine:
 *
 *     deno task bench:network
 *
 * Predictions of some maps and training steps of a batch, by ONNX Runtime and, where a python3 has torch,
 * by PyTorch; each by a process of its own, with the same maps and weights, and what they find is
 * compared. The maps are real ones where they lie beside the checkout, else noise: it makes no difference
 * to the time. Figures are medians of some rounds; what comes before the first map is told apart.
 *
 * @module
 */
import assert from "node:assert";
import process from "node:process";
import { z } from "zod";
import { readMap } from "../core/mrc/mod.ts";
import { referenceData } from "../core/mrc/testing.ts";
import { quantileOf } from "../core/quantile.ts";
import { random } from "../core/random.ts";
import type { Predictor, Trainer } from "../core/threshold_cnn/engine.ts";
import { initialWeights, thresholdNetwork, type Weights } from "../core/threshold_cnn/network.ts";
import { findOnnxEngine } from "../core/threshold_cnn/onnx/engine.ts";
import {
  readCheckpoint,
  writeCheckpoint,
} from "../core/threshold_cnn/weights_file/weights_file.ts";

const works = ["predict", "train"] as const;
type Work = typeof works[number];

/** Maps of a training step. */
const BATCH = 4;
const ROUNDS = 3;
const VOXELS = thresholdNetwork.box ** 3;

const figuresSchema = z.object({
  /** Seconds before the first map. */
  opened: z.number(),
  /** CPU seconds of each round. */
  cpu: z.array(z.number()),
  wall: z.array(z.number()),
  /** What was computed. */
  result: z.array(z.number()),
  /** Most memory that the process took, in bytes. */
  peak: z.number(),
});
type Figures = z.infer<typeof figuresSchema>;

/** Gives what predictions are compared by. */
function predicting(predictor: Predictor, maps: Float32Array<ArrayBuffer>) {
  return async () => Array.from(await predictor.predict(maps));
}

/** Gives what training steps are compared by: the loss, and norms of the last gradients. */
function training(trainer: Trainer, weights: Weights, maps: Float32Array<ArrayBuffer>) {
  const count = maps.length / VOXELS;
  const labels = new Float32Array(count).fill(-0.5);
  const dropout = new Float32Array(count * thresholdNetwork.dense[0]!.from).fill(1); // there are two
  return async () => {
    const { loss, gradients } = await trainer.gradients(weights, { maps, labels, dropout });
    const last = [...gradients].filter(([name]) => name.startsWith("mlp"));
    return [
      loss,
      ...last.map(([, values]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0))),
    ];
  };
}

/** Figures of this process, which does nothing else. */
async function measure(work: Work, threads: number, mapsFile: string, weightsFile: string) {
  const start = performance.now();
  const found = await findOnnxEngine(threads);
  if (!found.works) throw new Error(found.reason);
  const maps = new Float32Array((await Deno.readFile(mapsFile)).buffer);
  const { weights } = await readCheckpoint(weightsFile);
  const step = work === "predict"
    ? predicting(await found.engine.predictor(thresholdNetwork, weights), maps)
    : training(await found.engine.trainer(thresholdNetwork), weights, maps);
  const figures: Figures = {
    opened: (performance.now() - start) / 1000,
    cpu: [],
    wall: [],
    result: [],
    peak: 0,
  };
  for (let round = 0; round < ROUNDS; round++) {
    const cpu = process.cpuUsage(), wall = performance.now();
    figures.result = await step();
    const { user, system } = process.cpuUsage(cpu);
    figures.cpu.push((user + system) / 1e6);
    figures.wall.push((performance.now() - wall) / 1000);
  }
  figures.peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify(figures));
}

/** A python3 that has torch. */
async function findTorch(): Promise<string | undefined> {
  for (const python of ["/usr/bin/python3", "python3"]) {
    const command = new Deno.Command(python, { args: ["-c", "import torch"], stderr: "null" });
    const works = await command.output().then(({ success }) => success, () => false);
    if (works) return python;
  }
  return undefined;
}

/** What a process prints. */
async function figuresOf(program: string, args: string[]): Promise<Figures> {
  const command = new Deno.Command(program, { args, stderr: "inherit" });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`${program} failed`);
  return figuresSchema.parse(JSON.parse(new TextDecoder().decode(stdout)));
}

const median = (values: readonly number[]) => quantileOf(values, 0.5);

/** Writes maps and weights that all processes take; some maps lie beside the checkout. */
async function writeInputs(folder: string) {
  const { folder: real, missing } = referenceData("golden/cnn/normalized");
  const names = missing ? [] : [...Deno.readDirSync(real)].map(({ name }) => name)
    .filter((name) => name.endsWith(".mrc")).sort();
  const rng = random(0);
  const maps = Float32Array.from({ length: 8 * VOXELS }, () => Math.tanh(rng.normal()));
  for (const [i, name] of names.slice(0, 8).entries()) {
    maps.set((await readMap(`${real}/${name}`)).data, i * VOXELS);
  }
  const files: [string, number][] = [["all", 8], ["batch", BATCH], ["large", 2 * BATCH]];
  for (const [name, count] of files) {
    const bytes = new Uint8Array(maps.buffer, 0, 4 * count * VOXELS);
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
  await writeCheckpoint(`${folder}/weights.pth`, {
    weights: initialWeights(thresholdNetwork, random(1)),
  });
  return names.length > 0 ? "real maps" : "noise";
}

async function compare(folder: string) {
  const torch = await findTorch();
  const of = await writeInputs(folder);
  console.log(`64^3 voxels, ${of}`);
  if (torch === undefined) console.log("No python3 has torch: PyTorch was not measured.");
  const rows = [];
  const cases: [Work, string, number][] = [["predict", "all", 8], ["train", "batch", BATCH], [
    "train",
    "large",
    2 * BATCH,
  ]];
  for (const [work, file, count] of cases) {
    for (const threads of [1, 2]) {
      const inputs = [`${folder}/${file}`, `${folder}/weights.pth`];
      const own = ["run", "-A", "--quiet", import.meta.filename!, work, `${threads}`, ...inputs]; // a file
      const found = [{ engine: "ONNX Runtime", ...await figuresOf(Deno.execPath(), own) }];
      if (torch !== undefined) {
        const program = new URL("network.py", import.meta.url).pathname;
        const args = [program, work, `${threads}`, `${ROUNDS}`, ...inputs];
        found.push({ engine: "PyTorch", ...await figuresOf(torch, args) });
      }
      const [first, second] = found;
      for (const [i, value] of (second?.result ?? []).entries()) {
        assert.ok(Math.abs(first!.result[i]! - value) < 1e-4, `${value} by PyTorch`);
      }
      for (const { engine, cpu, wall, opened, peak } of found) {
        rows.push({
          work: work === "predict" ? "predict" : `train, batch ${count}`,
          engine,
          threads,
          "CPU-s a map": (median(cpu) / count).toFixed(2),
          "s a map": (median(wall) / count).toFixed(2),
          "s to start": opened.toFixed(1),
          "memory GiB": (peak / 2 ** 30).toFixed(2),
        });
      }
    }
  }
  console.table(rows);
}

if (import.meta.main) {
  const [work, threads, maps, weights] = Deno.args;
  if (work === undefined) {
    const folder = await Deno.makeTempDir({ prefix: "siren_bench_" });
    try {
      await compare(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  } else {
    const known = z.enum(works).parse(work);
    await measure(known, Number(threads), z.string().parse(maps), z.string().parse(weights));
  }
}
