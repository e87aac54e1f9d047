import assert from "node:assert";
import { InputError, InterruptedError, RunError } from "../core/errors.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import { initialWeights, thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { normaliseLevel } from "../core/threshold_cnn/normalise.ts";
import { readStatistics } from "../core/threshold_cnn/map_statistics.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/mod.ts";
import { random } from "../core/random.ts";
import { findMaps } from "../core/volumes/mod.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { exists, hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { resumeNetworkRun, runByNetwork } from "./network_run.ts";
import { runAll } from "./run.ts";
import { readRun } from "./run_file.ts";
import { runStatus } from "./status.ts";

/** Stands for the network: gives every map the level that its phantom was simulated for. */
function knowing(levels: readonly number[], onBatch: (done: number) => void = () => {}) {
  let done = 0;
  const engine: NetworkEngine = {
    name: "onnx",
    what: "a stand-in",
    predictor: () =>
      Promise.resolve({
        predict(maps) {
          const count = maps.length / thresholdNetwork.box ** 3;
          const answers = Float32Array.from(levels.slice(done, done += count));
          onBatch(done);
          return Promise.resolve(answers);
        },
        close: () => Promise.resolve(),
      }),
    trainer: () => Promise.reject(new Error("It only predicts")),
  };
  return () => Promise.resolve(engine);
}

/** Phantoms, weights that fit the network, and what a network that knows the phantoms predicts. */
async function prepare(folder: string) {
  const { voldir, bin } = await simulatePhantoms(`${folder}/maps`);
  const weights = `${folder}/weights.safetensors`;
  await writeCheckpoint(weights, { weights: initialWeights(thresholdNetwork, random(1)) });
  return { sketch: { voldir, rule: "phi" }, expand: {}, weights, bin } as const;
}

async function levelsOf(folder: string, bin: number): Promise<number[]> {
  const statistics = `${folder}/normalized/map_stats_downsampled.csv`;
  const ranges = await readStatistics(statistics, await findMaps(`${folder}/normalized`));
  return ranges.map((range) => normaliseLevel(bin, range));
}

Deno.test("a run by a network is preprocessing, prediction and a run, and goes on wherever it was stopped", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/out`;
  const { bin, ...call } = await prepare(folder.path);
  // Stopped before anything is predicted.
  const early = new AbortController();
  const stop = quietly({ signal: early.signal });
  await assert.rejects(
    runByNetwork(call, out, stop, false, () => {
      early.abort();
      return knowing([])();
    }),
    InterruptedError,
  );
  const status = await runStatus(out);
  assert.deepStrictEqual([status.state, status.volumes, status.next], [
    "interrupted",
    60,
    `siren resume ${out}`,
  ]);
  const levels = await levelsOf(out, bin);
  // Stopped while it predicts: nothing of that is there.
  const late = new AbortController();
  await assert.rejects(
    resumeNetworkRun(out, quietly({ signal: late.signal }), knowing(levels, () => late.abort())),
    InterruptedError,
  );
  assert.ok(!exists(`${out}/predictions.csv`));
  // A table that is not what was predicted is not believed.
  await Deno.writeTextFile(`${out}/predictions.csv`, "of something else");
  const summary = await resumeNetworkRun(out, quietly(), knowing(levels));
  assert.ok((summary.expand?.blocks.length ?? 0) > 0);
  assert.strictEqual((await runStatus(out)).state, "done");

  const binfile = `${out}/predictions.csv`;
  // Thresholds that are edited afterwards are not the run's.
  const table = await Deno.readFile(binfile);
  await Deno.writeTextFile(binfile, "edited");
  await assert.rejects(
    resumeNetworkRun(out, quietly()),
    /predictions.csv has changed since it began/,
  );
  await Deno.writeFile(binfile, table);

  // The same by hand, with the thresholds that came out.
  const byHand = `${folder.path}/by_hand`;
  await runAll({ ...call.sketch, binfile }, {}, byHand, quietly());
  const [one, other] = [
    await hashFolder(`${out}/02_expand`),
    await hashFolder(`${byHand}/02_expand`),
  ];
  assert.deepStrictEqual(one.get("blocks.json"), other.get("blocks.json"));
  assert.ok(one.size > 5);
});

Deno.test("a run by a network refuses weights of no use, other options, and weights that have changed", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/out`;
  const { bin: _, ...call } = await prepare(folder.path);
  const empty = `${folder.path}/empty.pth`;
  await Deno.writeTextFile(empty, "");
  await assert.rejects(runByNetwork({ ...call, weights: empty }, out, quietly()), InputError);
  assert.ok(!exists(out), "nothing is written before the weights are known to be of use");
  const stopped = new AbortController();
  stopped.abort();
  const surroundings = quietly({ signal: stopped.signal });
  await assert.rejects(runByNetwork(call, out, surroundings), InterruptedError);
  await assert.rejects(
    runByNetwork({ ...call, box: 16 }, out, quietly()),
    (error: Error) =>
      error instanceof RunError &&
      error.message ===
        `Cannot start a run in ${out}: it holds one of other options (network.json)`,
  );
  await writeCheckpoint(call.weights, { weights: initialWeights(thresholdNetwork, random(2)) });
  await assert.rejects(resumeNetworkRun(out, quietly()), /weights.safetensors has changed/);
});

Deno.test("thresholds of something else are not taken, and --force leaves nothing of an old run to go on with", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/out`;
  const { bin, ...call } = await prepare(folder.path);
  await Deno.mkdir(out);
  await Deno.writeTextFile(`${out}/predictions.csv`, "of something else");
  await assert.rejects(runByNetwork(call, out, quietly()), /it already holds thresholds/);
  await Deno.remove(`${out}/predictions.csv`);

  await runAll({ ...call.sketch, bin }, {}, out, quietly());
  await assert.rejects(runByNetwork(call, out, quietly()), /it already holds one/);
  const stopped = new AbortController();
  stopped.abort();
  const surroundings = quietly({ signal: stopped.signal });
  await assert.rejects(runByNetwork(call, out, surroundings, true), InterruptedError);
  assert.deepStrictEqual((await runStatus(out)).stages[0]?.name, "thresholds");
  // The maps of the phantom go on, with the thresholds that are predicted now.
  const summary = await resumeNetworkRun(out, quietly(), () => knowing(new Array(60).fill(-0.5))());
  assert.ok(exists(`${out}/predictions.csv`));
  assert.strictEqual(summary.volumes, 60);
});

Deno.test("the voxel size that is given is that of the maps as they came", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/out`;
  const { bin: _, ...call } = await prepare(folder.path);
  const small = { ...call, box: 16, sketch: { ...call.sketch, apix: 4 } };
  await runByNetwork(small, out, quietly(), false, () => knowing(new Array(60).fill(-0.5))());
  const { grid } = await readRun(out);
  assert.deepStrictEqual([grid.box, grid.apix], [16, 6]);
});
