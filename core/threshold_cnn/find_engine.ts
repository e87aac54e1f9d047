/**
 * Which engine computes the network.
 *
 * @module
 */
import { RunError, UsageError } from "../errors.ts";
import type {
  NetworkEngine,
  NetworkEngineFound,
  NetworkEngineName,
  networkEngineNames,
} from "./engine.ts";

/** Ways to look for engines; tests give others. */
export interface NetworkEngineFinders {
  onnx(threads: number): Promise<NetworkEngineFound>;
  /** @param onGpu Only that for CUDA, which the user has installed. */
  tfjs(onGpu: boolean): Promise<NetworkEngineFound>;
  /** Whether the user has named a TensorFlow.js for GPUs. */
  isGpuNamed(): boolean;
}

const finders: NetworkEngineFinders = {
  onnx: async (threads) => {
    const { findOnnxEngine } = await import("./onnx/engine.ts");
    return await findOnnxEngine(threads);
  },
  tfjs: async (onGpu) => {
    const { findTfjsEngine } = await import("./tfjs/engine.ts");
    return await findTfjsEngine(onGpu ? ["node-gpu"] : undefined);
  },
  isGpuNamed: () => {
    const variable = "SIREN_TFJS_NODE_GPU";
    const { state } = Deno.permissions.querySync({ name: "env", variable });
    return state === "granted" && Deno.env.get(variable) !== undefined;
  },
};

/**
 * Finds the engine that was asked for. `auto` is TensorFlow.js where the user has named one for GPUs and it
 * works, else ONNX Runtime.
 *
 * @param threads That compute, 1 or more; of TensorFlow.js only the processor's own libraries heed it.
 * @throws {UsageError} The engine that was asked for does not work here, and why.
 * @throws {RunError} None does, where any would do.
 * @example
 * ```ts
 * import { findNetworkEngine } from "./find_engine.ts";
 * import assert from "node:assert";
 *
 * const missing = { works: false, reason: "there is no library" } as const;
 * const finders = {
 *   onnx: () => Promise.resolve(missing),
 *   tfjs: () => Promise.resolve(missing),
 *   isGpuNamed: () => false,
 * };
 * await assert.rejects(findNetworkEngine("onnx", 2, finders), {
 *   message: "Cannot use --engine onnx: there is no library",
 * });
 * ```
 */
export async function findNetworkEngine(
  name: typeof networkEngineNames[number],
  threads: number,
  { onnx, tfjs, isGpuNamed }: NetworkEngineFinders = finders,
): Promise<NetworkEngine> {
  if (name !== "auto") {
    const found = await (name === "onnx" ? onnx(threads) : tfjs(false));
    if (found.works) return found.engine;
    throw new UsageError(`Cannot use --engine ${name}: ${found.reason}`, found.remedy);
  }
  const reasons: (readonly [NetworkEngineName, string])[] = [];
  if (isGpuNamed()) {
    const found = await tfjs(true);
    if (found.works) return found.engine;
    reasons.push(["tfjs", found.reason]);
  }
  const found = await onnx(threads);
  if (found.works) {
    const [gpu] = reasons;
    // Who has named a GPU's engine is to know why it is not used.
    const what = gpu === undefined ? found.engine.what : `${found.engine.what} (not ${gpu[1]})`;
    return { ...found.engine, what };
  }
  reasons.push(["onnx", found.reason]);
  const why = reasons.map(([name, reason]) => `${name}: ${reason}`).join("; ");
  throw new RunError(
    `Cannot compute the network: no engine works here (${why})`,
    `${found.remedy ?? ""} Or take --engine tfjs, which needs no native code but is slow.`.trim(),
  );
}
