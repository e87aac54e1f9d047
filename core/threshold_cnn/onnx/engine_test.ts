import assert from "node:assert";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { readMap } from "../../mrc/mod.ts";
import { referenceData } from "../../mrc/testing.ts";
import { type Random, random } from "../../random.ts";
import type { Batch, NetworkEngine } from "../engine.ts";
import {
  initialWeights,
  type Network,
  parameterShapes,
  type Tensor,
  thresholdNetwork,
} from "../network.ts";
import { readCheckpoint } from "../weights_file/weights_file.ts";
import { findOnnxEngine } from "./engine.ts";
import { NoRuntime } from "./runtime.ts";
import { plainNetwork, type PlainWeights } from "./testing.ts";
import { idleParameters } from "./train_graph.ts";

async function engine(threads = 1): Promise<NetworkEngine> {
  const found = await findOnnxEngine(threads);
  assert.ok(found.works, found.works ? "" : found.reason);
  return found.engine;
}

/** Small ones: with an odd edge before a pooling, kernels of many sizes, and all that may be left out. */
const networks: Network[] = [
  {
    box: 17,
    convolutions: [
      { name: "conv.0", from: 1, to: 3, kernel: 5, norm: "conv.1", pool: false },
      { name: "conv.3", from: 3, to: 5, kernel: 5, norm: "conv.4", pool: true },
      { name: "conv.7", from: 5, to: 4, kernel: 3, norm: "conv.8", pool: true },
      { name: "conv.11", from: 4, to: 5, kernel: 1, pool: false },
    ],
    average: 1,
    dense: [{ name: "mlp.0", from: 5, to: 4 }, { name: "mlp.2", from: 4, to: 1 }],
  },
  {
    box: 14,
    convolutions: [
      { name: "conv.0", from: 1, to: 2, kernel: 7, norm: "conv.1", pool: true },
      { name: "conv.3", from: 2, to: 3, kernel: 2, pool: false },
    ],
    average: 2,
    dense: [{ name: "mlp.0", from: 3, to: 1 }],
  },
  {
    box: 6,
    convolutions: [{ name: "conv.0", from: 1, to: 3, kernel: 3, pool: true }],
    average: 2,
    dense: [{ name: "mlp.0", from: 3, to: 1 }],
  },
];

/** Weights whose normalisations do something, with factors of both signs. */
function someWeights(network: Network, rng: Random): Map<string, Tensor> {
  const weights = initialWeights(network, rng);
  for (const { norm } of network.convolutions) {
    if (norm === undefined) continue;
    const set = (name: string, draw: () => number) => {
      const { data } = weights.get(`${norm}.${name}`)!; // all tensors are there
      for (let i = 0; i < data.length; i++) data[i] = draw();
    };
    set("weight", () => (rng.integer(2) === 0 ? -1 : 1) * (0.5 + rng.uniform()));
    set("bias", () => 0.3 + 0.3 * rng.normal());
    set("running_mean", () => 0.1 * rng.normal());
    set("running_var", () => 0.2 + rng.uniform());
  }
  return weights;
}

function someBatch({ box, dense }: Network, count: number, rng: Random): Batch {
  const features = dense[0]!.from; // there is a dense layer
  return {
    maps: Float32Array.from({ length: count * box ** 3 }, () => 0.5 * rng.normal()),
    labels: Float32Array.from({ length: count }, () => 0.6 * rng.uniform() - 0.3),
    dropout: Float32Array.from({ length: count * features }, () => rng.integer(4) === 0 ? 0 : 1.25),
  };
}

function plain(weights: ReadonlyMap<string, Tensor>): Map<string, Float64Array> {
  return new Map([...weights].map(([name, { data }]) => [name, Float64Array.from(data)]));
}

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assert.strictEqual(found.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    assert.ok(difference <= tolerance, `${i}: ${found[i]} for ${expected[i]}`);
  }
}

Deno.test("predictions are those of the network computed plainly", async () => {
  const onnx = await engine();
  for (const [seed, network] of networks.entries()) {
    const rng = random(seed);
    const weights = someWeights(network, rng);
    const batch = { ...someBatch(network, 3, rng) };
    batch.dropout.fill(1);
    const expected = plainNetwork(network, plain(weights), batch, false).predictions;
    const predictor = await onnx.predictor(network, weights);
    assertClose(await predictor.predict(batch.maps), expected, 1e-5);
    assert.deepStrictEqual(await predictor.predict(new Float32Array(0)), new Float32Array(0));
    await assert.rejects(() => predictor.predict(batch.maps.slice(1)), RangeError);
    await predictor.close();
  }
});

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}

/** The derivative of the loss along a direction, by differences. */
function slopeAlong(
  network: Network,
  weights: PlainWeights,
  batch: Batch,
  name: string,
  direction: Float64Array,
) {
  const step = 1e-6;
  const [above, below] = [step, -step].map((by) => {
    const moved = weights.get(name)!.map((value, i) => value + by * direction[i]!);
    return plainNetwork(network, new Map([...weights, [name, moved]]), batch, true).loss;
  });
  return (above! - below!) / (2 * step);
}

Deno.test("gradients are those of the network computed plainly", async () => {
  const onnx = await engine();
  for (const [seed, network] of networks.entries()) {
    const rng = random(seed, 1);
    const trainer = await onnx.trainer(network);
    for (const count of [3, 1]) {
      const weights = someWeights(network, rng);
      const batch = someBatch(network, count, rng);
      const found = await trainer.gradients(weights, batch);
      const precise = plain(weights);
      const expected = plainNetwork(network, precise, batch, true);
      assertClose(found.predictions, expected.predictions, 1e-5);
      assertClose([found.loss], [expected.loss], 1e-5 * expected.loss);

      const norms = network.convolutions.flatMap(({ norm }) => norm === undefined ? [] : [norm]);
      assert.deepStrictEqual([...found.statistics.keys()], norms);
      for (const [i, norm] of norms.entries()) {
        const { mean, variance } = found.statistics.get(norm)!;
        assertClose(mean, expected.statistics[i]!.mean, 1e-5);
        assertClose(variance, expected.statistics[i]!.variance, 1e-5);
      }

      assert.deepStrictEqual([...found.gradients.keys()], [...parameterShapes(network).keys()]);
      for (const [name, gradient] of found.gradients) {
        const direction = Float64Array.from(gradient, () => rng.normal());
        const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
        const along = slopeAlong(network, precise, batch, name, direction);
        const size = norm(gradient);
        assertClose([slope], [along], 1e-3 * size + 1e-8);
        if (idleParameters(network).includes(name)) assert.strictEqual(size, 0);
        else if (count > 1) assert.ok(size > 1e-6, `${name}: ${size}`);
      }
    }
    await trainer.close();
  }
});

Deno.test("numbers do not depend on how many threads compute", async () => {
  const network = networks[0]!;
  const weights = someWeights(network, random(9));
  const batch = someBatch(network, 2, random(10));
  const results = [];
  for (const threads of [1, 2, 3]) {
    const onnx = await engine(threads);
    const predictor = await onnx.predictor(network, weights);
    const trainer = await onnx.trainer(network);
    results.push([await predictor.predict(batch.maps), await trainer.gradients(weights, batch)]);
    await predictor.close();
    await trainer.close();
  }
  assert.deepStrictEqual(results[1], results[0]);
  assert.deepStrictEqual(results[2], results[0]);
});

Deno.test("batches of any size may come in any order", async () => {
  const network = networks[1]!;
  const weights = someWeights(network, random(3));
  const trainer = await (await engine()).trainer(network);
  const losses = new Map<number, number>();
  for (const count of [2, 3, 1, 2, 3, 1]) {
    const { loss } = await trainer.gradients(weights, someBatch(network, count, random(count)));
    assert.strictEqual(loss, losses.get(count) ?? loss);
    losses.set(count, loss);
  }
  const none = someBatch(network, 0, random(0));
  await assert.rejects(() => trainer.gradients(weights, none), RangeError);
  await trainer.close();
});

Deno.test("where ONNX Runtime does not work, it is said why", async () => {
  const missing = () => Promise.reject(new NoRuntime("it has gone", "Fetch it."));
  assert.deepStrictEqual(await findOnnxEngine(1, missing), {
    works: false,
    reason: "ONNX Runtime: it has gone",
    remedy: "Fetch it.",
  });
  await assert.rejects(
    findOnnxEngine(1, () => Promise.reject(new TypeError("a defect"))),
    TypeError,
  );
});

const golden = referenceData("golden/cnn");

async function goldenMaps(names: readonly string[]): Promise<Float32Array<ArrayBuffer>> {
  const size = thresholdNetwork.box ** 3;
  const maps = new Float32Array(names.length * size);
  for (const [i, name] of names.entries()) {
    maps.set((await readMap(`${golden.folder}normalized/${name}`)).data, i * size);
  }
  return maps;
}

Deno.test("real maps: predictions are PyTorch's", { ignore: golden.missing }, async () => {
  const { weights } = await readCheckpoint(`${golden.folder}weights.pth`);
  const text = await Deno.readTextFile(`${golden.folder}predictions.csv`);
  const rows = z.array(z.object({ map_file: z.string(), prediction: z.coerce.number() }))
    .parse(parse(text, { columns: true }));
  assert.strictEqual(rows.length, 8);
  const predictor = await (await engine(2)).predictor(thresholdNetwork, weights);
  const maps = await goldenMaps(rows.map((row) => row.map_file));
  assertClose(await predictor.predict(maps), rows.map((row) => row.prediction), 1e-6);
  await predictor.close();
});

Deno.test("real maps: gradients are PyTorch's", { ignore: golden.missing }, async () => {
  const { weights } = await readCheckpoint(`${golden.folder}weights.pth`);
  const step = z.object({
    labels: z.array(z.number()),
    maps: z.array(z.string()),
    loss: z.number(),
    gradients: z.record(z.string(), z.object({ l2: z.number() })),
  }).parse(JSON.parse(await Deno.readTextFile(`${golden.folder}train_step.json`)));
  const trainer = await (await engine(2)).trainer(thresholdNetwork);
  const { loss, gradients } = await trainer.gradients(weights, {
    maps: await goldenMaps(step.maps),
    labels: Float32Array.from(step.labels),
    dropout: new Float32Array(step.maps.length * 384).fill(1),
  });
  await trainer.close();
  assertClose([loss], [step.loss], 1e-5 * step.loss);
  const norms = new Map([...gradients].map(([name, values]) => [name, norm(values)]));
  assert.deepStrictEqual(new Set(norms.keys()), new Set(Object.keys(step.gradients)));
  const most = Math.max(...norms.values());
  const idle = idleParameters(thresholdNetwork);
  for (const [name, { l2 }] of Object.entries(step.gradients)) {
    // What normalisation takes away has no derivative; PyTorch's is what rounding leaves of it.
    const tolerance = idle.includes(name) ? 3e-5 * most : 5e-3 * l2;
    assertClose([norms.get(name)!], [l2], tolerance);
  }
});
