/**
 * All engines by name.
 *
 * @module
 */
import type { Awaitable } from "./engine.ts";
import type { Found } from "./found.ts";
import { findCuda } from "./cuda.ts";
import { findNative } from "./native.ts";
import { findReference } from "./reference.ts";
import { findTfjs } from "./tfjs.ts";
import { findWasm } from "./wasm.ts";
import { findWebgpu } from "./webgpu.ts";

/** What `--engine` takes. */
export const engineNames = [
  "auto",
  "native",
  "cuda",
  "webgpu",
  "tfjs",
  "wasm",
  "reference",
] as const;

/** A name that `--engine` takes. */
export type EngineName = (typeof engineNames)[number];

/** The name of an engine. */
export type OneEngine = Exclude<EngineName, "auto">;

const finders: Readonly<Record<OneEngine, (isAsked: boolean) => Awaitable<Found>>> = {
  native: () => findNative(),
  cuda: () => findCuda(),
  webgpu: findWebgpu,
  // Its back ends on the processor are downloaded, and slow.
  tfjs: (isAsked) => findTfjs(isAsked ? ["node-gpu", "wasm", "cpu"] : ["node-gpu"]),
  wasm: findWasm,
  reference: findReference,
};

/** Names of all engines. */
export const allEngines = Object.keys(finders) as readonly OneEngine[];

/** Engines that compute on the processor, the fastest first: what a run goes on with if a device fails. */
export const onProcessor: readonly OneEngine[] = ["native", "wasm", "reference"];

/** Engines that compute on a device of their own. */
export const onDevice: readonly OneEngine[] = allEngines.filter((name) =>
  !onProcessor.includes(name)
);

/**
 * Looks for an engine on this machine. Never throws: what stands in its way is the answer.
 *
 * @param isAsked Whether the user asked for this engine, and so for all that it may take: downloads, say.
 * @example
 * ```ts
 * import { findEngine } from "./engines.ts";
 * import assert from "node:assert";
 *
 * const found = await findEngine("reference");
 * assert.ok(found.works && found.on === "cpu");
 * ```
 */
export async function findEngine(name: OneEngine, isAsked = false): Promise<Found> {
  return await finders[name](isAsked);
}
