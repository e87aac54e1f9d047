/**
 * The network computed by TensorFlow.js: on GPUs by CUDA (tfjs-node-gpu) or WebGPU. On the processor it is
 * there to be tested: ONNX Runtime is faster.
 *
 * @module
 */
import {
  adapterName,
  findAdapter,
  NoDevice,
  withoutDesktop,
} from "../../cooccupancy/webgpu/device.ts";
import { RunError } from "../../errors.ts";
import {
  backendNames,
  NoBackend,
  openTfjs,
  type TfjsBackend,
  type TfjsModules,
  tfjsModules,
  withBackend,
} from "../../tfjs/load.ts";
import type { NetworkEngine, NetworkEngineFound, Predictor, Trainer } from "../engine.ts";
import type { Network, Weights } from "../network.ts";
import {
  convolve,
  kernelDerivativeByConvolutions,
  kernelDerivativeByProducts,
} from "./convolution.ts";
import { features } from "./features.ts";
import { gradients } from "./gradients.ts";
import { levelOf } from "./head.ts";
import { mapTensors, parameterTensors, withoutNorms } from "./layout.ts";
import { type Tensorflow, usedOfTensorflow } from "./tensorflow.ts";

/** TensorFlow.js with the back end that it is used with. */
interface Opened {
  readonly tf: Tensorflow;
  readonly backend: TfjsBackend;
}

/** Back ends that compute on a GPU. */
export const gpuBackends: readonly TfjsBackend[] = ["node-gpu", "webgpu"];

/**
 * Looks for a back end of TensorFlow.js that computes the network. Its packages are fetched if they are
 * not here yet, but for tfjs-node-gpu, which the user installs.
 *
 * @param backends Those that will do, the best first. By default all: "webgpu" is then passed over where
 *   it would compute on the processor, which WebAssembly does faster.
 * @returns Never rejected: where none works, why.
 */
export async function findTfjsEngine(
  backends?: readonly TfjsBackend[],
  modules: TfjsModules = tfjsModules,
): Promise<NetworkEngineFound> {
  const reasons: string[] = [];
  let remedy: string | undefined;
  for (const backend of backends ?? [...gpuBackends, "wasm", "cpu"] as const) {
    const { what } = backendNames[backend];
    try {
      const adapter = backend === "webgpu" ? await adapterOf(backends === undefined) : undefined;
      const tf = await open(backend, modules);
      const on = adapter === undefined ? what : `${what} on ${adapter}`;
      return { works: true, engine: engineOf({ tf, backend }, `TensorFlow.js: ${on}`) };
    } catch (error) {
      reasons.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof NoBackend) remedy ??= error.remedy;
    }
  }
  const reason = reasons.join("; ");
  return { works: false, reason, ...(remedy === undefined ? {} : { remedy }) };
}

/** What WebGPU computes on. */
async function adapterOf(mustBeHardware: boolean): Promise<string> {
  let name;
  try {
    name = adapterName((await findAdapter()).info);
  } catch (error) {
    if (!(error instanceof NoDevice)) throw error;
    throw new NoBackend(error.reason);
  }
  if (mustBeHardware && name.software) {
    throw new NoBackend(`it would compute on the processor (${name.what})`);
  }
  return name.what;
}

async function open(backend: TfjsBackend, modules: TfjsModules): Promise<Tensorflow> {
  if (backend === "node-gpu") withFullPrecision();
  const load = () => openTfjs<Tensorflow>({ backend, modules, used: usedOfTensorflow, probe });
  // It looks for an adapter by itself.
  return await (backend === "webgpu" ? withoutDesktop(load) : load());
}

/** Keeps NVIDIA's libraries from rounding factors to 10 bits, as they do by default on newer cards. */
function withFullPrecision(): void {
  const variable = "NVIDIA_TF32_OVERRIDE";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  if (state === "granted" && Deno.env.get(variable) === undefined) Deno.env.set(variable, "0");
}

/** Refuses back ends that convolve wrongly, or with few digits. */
async function probe(tf: Tensorflow): Promise<void> {
  // Of single precision's 24 bits, half precision and TF32 keep 11.
  const small = 2 ** -16;
  const given = tf.tidy(() => {
    const map = tf.tensor(Float32Array.from({ length: 64 }, (_, i) => 1 + i * small), [4, 4, 4, 1]);
    const kernel = tf.tensor(new Float32Array(27).fill(1 / 32), [3, 3, 3, 1, 1]);
    return convolve(tf, map, kernel);
  });
  const [first, ...rest] = Array.from(await given.data());
  given.dispose();
  const last = rest.at(-1);
  // The mean of the 27 places: 21 at the first corner, and 21 more at the last.
  const right = [21, 42].map((place) => 27 / 32 * (1 + place * small));
  const isRight = rest.length === 7 && first !== undefined && last !== undefined &&
    Math.abs(first - right[0]!) < 2e-6 && Math.abs(last - right[1]!) < 2e-6;
  if (!isRight) throw new NoBackend(`it is not exact (${first} for ${right[0]})`);
}

function engineOf(opened: Opened, what: string): NetworkEngine {
  const kernelDerivative = opened.backend === "wasm"
    ? kernelDerivativeByConvolutions
    : kernelDerivativeByProducts;
  return {
    name: "tfjs",
    what,
    predictor: (network, weights) => makePredictor(opened, network, weights),
    trainer: (network) =>
      Promise.resolve<Trainer>({
        gradients: (weights, batch) =>
          using(opened, () => gradients(opened.tf, network, weights, batch, kernelDerivative)),
        close: () => Promise.resolve(),
      }),
  };
}

/** Computes when it is this back end's turn. */
async function using<T>({ tf, backend }: Opened, act: () => T | Promise<T>): Promise<T> {
  try {
    return await withBackend(tf, backend, act);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      `Cannot compute with ${backendNames[backend].what}: ${reason}`,
      "Try --engine onnx.",
      { cause: error },
    );
  }
}

async function makePredictor(
  opened: Opened,
  network: Network,
  weights: Weights,
): Promise<Predictor> {
  const { tf } = opened;
  const folded = withoutNorms(network, weights);
  const parameters = await using(opened, () => parameterTensors(tf, network, folded));
  return {
    predict: (voxels) =>
      using(opened, async () => {
        const maps = mapTensors(tf, network, voxels);
        const predictions = new Float32Array(maps.length);
        for (const [i, map] of maps.entries()) {
          const found = features(tf, network, parameters, map);
          predictions[i] = levelOf(network, folded, await found.data());
          tf.dispose([map, found]);
        }
        return predictions;
      }),
    close: () => using(opened, () => tf.dispose([...parameters.values()])),
  };
}
