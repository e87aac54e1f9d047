/**
 * The engine that computes the network by ONNX Runtime, on the processor. It takes graphs of ordinary
 * operators, which are made here from the network's definition: one that predicts, and for training one
 * that gives the loss and all its derivatives.
 *
 * @module
 */
import type { NetworkEngineFound } from "../engine.ts";
import { openPredictor } from "./predictor.ts";
import { loadRuntime, NoRuntime, ONNX_VERSION, type Runtime } from "./runtime.ts";
import { openTrainer } from "./trainer.ts";

/**
 * Looks for ONNX Runtime. It is fetched from npm (100 MB) when it is first asked for.
 *
 * Predictions and gradients do not depend on the number of threads. While it computes a map, or a batch,
 * nothing else happens on the thread that asked.
 *
 * @param threads That compute, 1 or more; all processors may be given.
 * @param load Loads it; tests give another.
 * @returns Never rejected for want of it: where it does not work, why.
 * @example
 * ```ts
 * import { findOnnxEngine } from "./engine.ts";
 * import assert from "node:assert";
 *
 * const found = await findOnnxEngine(2);
 * assert.ok(found.works ? found.engine.name === "onnx" : found.reason.length > 0);
 * ```
 */
export async function findOnnxEngine(
  threads: number,
  load: () => Promise<Runtime> = loadRuntime,
): Promise<NetworkEngineFound> {
  let runtime: Runtime;
  try {
    runtime = await load();
  } catch (error) {
    if (!(error instanceof NoRuntime)) throw error;
    return { works: false, reason: `ONNX Runtime: ${error.message}`, remedy: error.remedy };
  }
  return {
    works: true,
    engine: {
      name: "onnx",
      what: `ONNX Runtime ${ONNX_VERSION} (cpu)`,
      predictor: (network, weights) => openPredictor(runtime, threads, network, weights),
      trainer: (network) => Promise.resolve(openTrainer(runtime, threads, network)),
    },
  };
}
