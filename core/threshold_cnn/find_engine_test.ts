import assert from "node:assert";
import { RunError, UsageError } from "../errors.ts";
import type { NetworkEngine, NetworkEngineFound } from "./engine.ts";
import { findNetworkEngine, type NetworkEngineFinders } from "./find_engine.ts";
import { tinyEngine } from "./testing.ts";

const engine = (name: "onnx" | "tfjs"): NetworkEngine => ({ ...tinyEngine, name, what: name });

/** Finders of engines that work, or not for the reason given. */
function finders(given: { onnx?: string; tfjs?: string; gpu?: boolean }): NetworkEngineFinders {
  const found = (name: "onnx" | "tfjs"): Promise<NetworkEngineFound> => {
    const reason = given[name];
    return Promise.resolve(
      reason === undefined
        ? { works: true, engine: engine(name) }
        : { works: false, reason, remedy: `Mend ${name}.` },
    );
  };
  return {
    onnx: () => found("onnx"),
    tfjs: () => found("tfjs"),
    isGpuNamed: () => given.gpu ?? false,
  };
}

Deno.test("auto takes TensorFlow.js where a GPU's is named and works, else ONNX Runtime", async () => {
  const find = async (given: Parameters<typeof finders>[0]) =>
    (await findNetworkEngine("auto", 2, finders(given))).what;
  assert.strictEqual(await find({}), "onnx");
  assert.strictEqual(await find({ gpu: true }), "tfjs");
  assert.strictEqual(await find({ gpu: true, tfjs: "no card" }), "onnx (not no card)");
});

Deno.test("an engine that was asked for and does not work is refused, and so is having none", async () => {
  const bad = finders({ onnx: "no library", tfjs: "no card", gpu: true });
  for (const [name, reason] of [["onnx", "no library"], ["tfjs", "no card"]] as const) {
    await assert.rejects(
      findNetworkEngine(name, 2, bad),
      new UsageError(`Cannot use --engine ${name}: ${reason}`, `Mend ${name}.`),
    );
  }
  await assert.rejects(
    findNetworkEngine("auto", 2, bad),
    new RunError(
      "Cannot compute the network: no engine works here (tfjs: no card; onnx: no library)",
      "Mend onnx. Or take --engine tfjs, which needs no native code but is slow.",
    ),
  );
});
