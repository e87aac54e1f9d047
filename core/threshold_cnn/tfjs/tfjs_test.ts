import assert from "node:assert";
import { referenceData } from "../../mrc/testing.ts";
import { random } from "../../random.ts";
import { openTfjs, type TfjsBackend, tfjsModules, withBackend } from "../../tfjs/load.ts";
import type { Gradients } from "../engine.ts";
import { initialWeights, type Network, parameterShapes, thresholdNetwork } from "../network.ts";
import { readNormalisedMap } from "../normalised_maps.ts";
import { findOnnxEngine } from "../onnx/engine.ts";
import { readCheckpoint } from "../weights_file/weights_file.ts";
import {
  convolve,
  kernelDerivativeByConvolutions,
  kernelDerivativeByProducts,
} from "./convolution.ts";
import { findTfjsEngine } from "./engine.ts";
import { pool, poolDerivative } from "./pool.ts";
import { type Tensorflow, type TfTensor, usedOfTensorflow } from "./tensorflow.ts";

const backends = ["cpu", "wasm", "webgpu"] as const satisfies readonly TfjsBackend[];

/** As SIREn's network, with fewer channels in a smaller box; a pooling leaves a plane over. */
const network: Network = {
  box: 25,
  convolutions: [
    { name: "conv.0", from: 1, to: 4, kernel: 5, norm: "conv.1", pool: false },
    { name: "conv.3", from: 4, to: 6, kernel: 3, norm: "conv.4", pool: true },
    { name: "conv.7", from: 6, to: 8, kernel: 2, norm: "conv.8", pool: true },
    { name: "conv.11", from: 8, to: 5, kernel: 1, pool: false },
  ],
  average: 3,
  dense: [{ name: "mlp.0", from: 5, to: 3 }, { name: "mlp.2", from: 3, to: 1 }],
};

/** Weights that normalise, and maps with a flat part, where poolings choose among equals. */
function example() {
  const draw = random(5);
  const weights = initialWeights(network, draw);
  for (const [name, { data }] of weights) {
    if (!/^conv\.[148]\./.test(name) || name.endsWith("tracked")) continue;
    for (const i of data.keys()) data[i]! += 0.3 * draw.uniform();
  }
  const count = 2, voxels = network.box ** 3;
  const maps = Float32Array.from(
    { length: count * voxels },
    (_, i) => i % network.box < 8 ? -1.001 : 2 * draw.uniform() - 1,
  );
  return {
    weights,
    batch: {
      maps,
      labels: Float32Array.of(-0.5, 0.1),
      dropout: Float32Array.from({ length: count * 5 }, (_, i) => i % 4 === 1 ? 0 : 1 / 0.7),
    },
  };
}

/** Greatest difference, as a share of the greatest number. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.strictEqual(found.length, expected.length);
  let most = 0, scale = 0;
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(found[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return scale === 0 ? most : most / scale;
}

async function engineOf(backend: TfjsBackend) {
  const found = await findTfjsEngine([backend]);
  if (!found.works) assert.fail(found.reason);
  return found.engine;
}

async function compute(engine: Awaited<ReturnType<typeof engineOf>>) {
  const { weights, batch } = example();
  const predictor = await engine.predictor(network, weights);
  const trainer = await engine.trainer(network);
  const predictions = await predictor.predict(batch.maps);
  const gradients = await trainer.gradients(weights, batch);
  await predictor.close();
  await trainer.close();
  return { predictions, gradients };
}

const close = (found: ArrayLike<number>, expected: ArrayLike<number>, what: string) => {
  const off = difference(found, expected);
  assert.ok(off < 1e-4, `${what}: ${off}`);
};

/** Compares what two engines say about a batch. */
function compare(found: Gradients, expected: Gradients): void {
  assert.ok(Math.abs(found.loss / expected.loss - 1) < 1e-5, `${found.loss}, ${expected.loss}`);
  close(found.predictions, expected.predictions, "predictions");
  const biases = new Set(network.convolutions.flatMap(({ name, norm }) => norm ? [name] : []));
  for (const name of parameterShapes(network).keys()) {
    const own = found.gradients.get(name)!, other = expected.gradients.get(name)!;
    // A normalisation takes these biases off again: they have no derivative, but for rounding.
    if (biases.has(name.replace(".bias", "")) && name.endsWith(".bias")) {
      assert.ok(Math.max(...own.map(Math.abs), ...other.map(Math.abs)) < 1e-5, name);
    } else close(own, other, name);
  }
  for (const [norm, { mean, variance, count }] of expected.statistics) {
    const own = found.statistics.get(norm)!; // asserted by the next lines
    close(own.mean, mean, norm);
    close(own.variance, variance, norm);
    assert.strictEqual(own.count, count);
  }
}

let onnx: Promise<Awaited<ReturnType<typeof compute>>> | undefined;

/** What ONNX Runtime says. */
function expected() {
  onnx ??= findOnnxEngine(2).then((found) => {
    if (!found.works) assert.fail(found.reason);
    return compute(found.engine);
  });
  return onnx;
}

for (const backend of backends) {
  Deno.test(`tfjs ${backend} predicts and learns as ONNX Runtime does`, async (test) => {
    const found = await findTfjsEngine([backend]);
    if (backend === "webgpu" && !found.works && /adapter/.test(found.reason)) {
      await test.step({ name: found.reason, ignore: true, fn: () => {} });
      return;
    }
    const { predictions, gradients } = await compute(await engineOf(backend));
    const other = await expected();
    close(predictions, other.predictions, "predictions");
    compare(gradients, other.gradients);
  });
}

/** TensorFlow.js with a back end that is current while `act` runs. */
async function withTf(backend: TfjsBackend, act: (tf: Tensorflow) => Promise<void>) {
  const used = usedOfTensorflow;
  const tf = await openTfjs<Tensorflow>({ backend, modules: tfjsModules, used, probe: () => {} });
  await withBackend(tf, backend, () => act(tf));
}

const numbers = async (tensor: TfTensor) => Array.from(await tensor.data());

Deno.test("planes that are convolved in parts give the same", () =>
  withTf("cpu", async (tf) => {
    const draw = random(1);
    const tensor = (shape: number[]) =>
      tf.tensor(
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw.uniform()),
        shape,
      );
    const map = tensor([7, 6, 5, 2]), kernel = tensor([3, 3, 3, 2, 4]);
    const whole = convolve(tf, map, kernel);
    assert.deepStrictEqual(whole.shape, [5, 4, 3, 4]);
    for (const planes of [1, 2, 4]) {
      const parts = convolve(tf, map, kernel, planes * 6 * 5 * 3 * 2);
      assert.deepStrictEqual(await numbers(parts), await numbers(whole));
    }
    const dy = tensor([5, 4, 3, 4]);
    close(
      await numbers(kernelDerivativeByConvolutions(tf, map, dy, 3)),
      await numbers(kernelDerivativeByProducts(tf, map, dy, 3)),
      "derivatives by the kernel",
    );
  }));

for (const backend of backends) {
  Deno.test(`pooling takes the first of equals with tfjs ${backend}`, async (test) => {
    if (!(await findTfjsEngine([backend])).works && backend === "webgpu") {
      await test.step({ name: "there is no adapter", ignore: true, fn: () => {} });
      return;
    }
    await withTf(backend, async (tf) => {
      // 3 x 2 x 4, one channel; the last plane has no partner.
      const map = [5, 1, 0, 2, 5, 5, 2, 2, 5, 1, 2, 0, 5, 5, 0, 0, ...Array<number>(8).fill(9)];
      const tensor = tf.tensor(Float32Array.from(map), [3, 2, 4, 1]);
      const pooled = pool(tf, tensor);
      assert.deepStrictEqual([pooled.shape, await numbers(pooled)], [[1, 1, 2, 1], [5, 2]]);
      const dy = tf.tensor(Float32Array.of(3, 7), [1, 1, 2, 1]);
      const derivative = await numbers(poolDerivative(tf, tensor, dy));
      const places = derivative.flatMap((value, i) => value === 0 ? [] : [[i, value]]);
      assert.deepStrictEqual(places, [[0, 3], [3, 7]]);
    });
  });
}

Deno.test("nothing is left in tfjs after predictions and gradients", async () => {
  const engine = await engineOf("wasm");
  let left = NaN;
  const count = () =>
    withTf("wasm", (tf) => {
      left = (tf as Tensorflow & { memory(): { numTensors: number } }).memory().numTensors;
      return Promise.resolve();
    });
  await count();
  const before = left;
  await compute(engine);
  await count();
  assert.strictEqual(left, before);
});

Deno.test("looking for tfjs webgpu does not ask for a desktop", async () => {
  const engine = JSON.stringify(import.meta.resolve("./engine.ts"));
  const { XDG_RUNTIME_DIR: _, ...env } = Deno.env.toObject();
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-lock",
      "--no-check",
      `const { findTfjsEngine } = await import(${engine});
       await findTfjsEngine(["webgpu"]);
       console.log(Deno.env.get("XDG_RUNTIME_DIR"));`,
    ],
    cwd: import.meta.dirname!, // it is a file
    clearEnv: true,
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.strictEqual(text(stdout), "undefined\n");
  assert.doesNotMatch(text(stderr), /XDG_RUNTIME_DIR/);
});

Deno.test("a back end that is missing or rounds is refused with its reason", async () => {
  const core = "data:text/javascript,export const tensor = 1";
  assert.deepStrictEqual(await findTfjsEngine(["cpu"], { ...tfjsModules, core }), {
    works: false,
    reason: `tfjs cpu: ${core} is not TensorFlow.js`,
  });
  const none = await findTfjsEngine(["node-gpu"], { ...tfjsModules, nodeGpu: "/nowhere" });
  assert.ok(!none.works && /^tfjs-node-gpu \(CUDA\): \/nowhere does not load/.test(none.reason));
  assert.match(none.remedy ?? "", /^It takes CUDA/);
});

const golden = referenceData("golden/cnn");

Deno.test({
  name: "tfjs wasm predicts a map as PyTorch does, at full size (golden/cnn)",
  ignore: golden.missing,
  async fn() {
    const { weights } = await readCheckpoint(`${golden.folder}weights.pth`);
    const map = await readNormalisedMap(`${golden.folder}normalized/vol_018.mrc`, 64);
    const predictor = await (await engineOf("wasm")).predictor(thresholdNetwork, weights);
    const [level] = await predictor.predict(map);
    await predictor.close();
    assert.ok(Math.abs(level! + 0.10668708) < 1e-6, String(level));
  },
});
