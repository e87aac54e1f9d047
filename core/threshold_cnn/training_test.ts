import assert from "node:assert";
import { RunError } from "../errors.ts";
import { random } from "../random.ts";
import { startAdam } from "./adam.ts";
import { initialWeights, type Weights } from "./network.ts";
import { tinyEngine, tinyMaps, tinyNetwork } from "./testing.ts";
import { evaluate, fell, trainEpoch, type TrainingState } from "./training.ts";

const options = { batch_size: 4, seed: 3, augment: [] };
const places = Array.from({ length: 10 }, (_, i) => i);
const setting = { network: tinyNetwork, maps: tinyMaps(12), places, options };

function begin(lr: number): TrainingState {
  return {
    weights: initialWeights(tinyNetwork, random(2)),
    adam: startAdam(tinyNetwork, lr),
    epoch: 0,
  };
}

async function judge(weights: Weights) {
  const predictor = await tinyEngine.predictor(tinyNetwork, weights);
  return await evaluate(predictor, { ...setting, places: [10, 11] });
}

Deno.test("epochs of training lower the loss, of maps that are not learnt from too", async () => {
  const trainer = await tinyEngine.trainer(tinyNetwork);
  let state = begin(0.03);
  const before = await judge(state.weights);
  const losses: number[] = [];
  for (let epoch = 0; epoch < 25; epoch++) {
    const trained = await trainEpoch(trainer, state, setting);
    state = trained.state;
    losses.push(trained.loss);
  }
  const after = await judge(state.weights);
  assert.ok(losses.at(-1)! < losses[0]! / 2, losses.join());
  assert.ok(fell(before, after), JSON.stringify({ before, after }));
  assert.strictEqual(state.epoch, 25);
  assert.strictEqual(state.adam.step, 25 * 3);
  assert.deepStrictEqual([...state.weights.get("conv.1.num_batches_tracked")!.data], [75]); // its own name
});

Deno.test("an epoch follows from state and seed, whatever was trained before it", async () => {
  const trainer = await tinyEngine.trainer(tinyNetwork);
  const augmented = {
    ...setting,
    options: { ...options, augment: ["rotations", "amplitude"] },
  } as const;
  const first = await trainEpoch(trainer, begin(0.01), augmented);
  const second = await trainEpoch(trainer, first.state, augmented);
  assert.deepStrictEqual(await trainEpoch(trainer, first.state, augmented), second);
  const other = { ...augmented, options: { ...augmented.options, seed: 4 } };
  assert.notDeepStrictEqual((await trainEpoch(trainer, first.state, other)).loss, second.loss);
});

Deno.test("each batch is told, and may be the last", async () => {
  const trainer = await tinyEngine.trainer(tinyNetwork);
  const told: number[] = [];
  await trainEpoch(trainer, begin(0.01), { ...setting, onBatch: (maps) => void told.push(maps) });
  assert.deepStrictEqual(told, [4, 8, 10]);
  const stop = new Error("stopped");
  const onBatch = () => Promise.reject(stop);
  await assert.rejects(trainEpoch(trainer, begin(0.01), { ...setting, onBatch }), stop);
});

Deno.test("a loss that is not a number ends training with what to do", async () => {
  const trainer = await tinyEngine.trainer(tinyNetwork);
  const state = begin(0.01);
  const weights = new Map(state.weights).set("mlp.0.bias", {
    shape: [1],
    data: Float32Array.of(NaN),
  });
  const isTold = (where: RegExp) => (error: unknown) =>
    error instanceof RunError && where.test(error.message) && error.remedy !== undefined;
  await assert.rejects(
    trainEpoch(trainer, { ...state, weights }, setting),
    isTold(/the loss in epoch 1 is not a number \(NaN\)/),
  );
  await assert.rejects(judge(weights), isTold(/the loss of maps that are not learnt from/));
});

Deno.test("an evaluation's figures are those of its predictions", async () => {
  const { maps } = setting;
  const { meanError, predictions } = await judge(begin(0.01).weights);
  const distances = predictions.map((p, i) => Math.abs(p - maps.labels[10 + i]!));
  assert.strictEqual(meanError, (distances[0]! + distances[1]!) / 2);
  assert.ok(!fell({ loss: 1, meanError: 1 }, { loss: 0.5, meanError: 1 }));
});
