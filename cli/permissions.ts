/**
 * Permissions that a command line does not need are given up before it does anything. siren is started with
 * those that a cluster and fast engines take; what has nothing to do with these runs without the network,
 * without other programs, without the environment and without native code.
 *
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Permission } from "./io.ts";

/** Those that a cluster takes. */
export const clusterPermissions: readonly Permission[] = ["net", "run", "env"];

/** Engines that are not native code. */
const PLAIN: readonly unknown[] = ["wasm", "webgpu", "reference"];

/** Those that computing here takes, by the engine that was asked for. */
export function enginePermissions(engine: unknown): readonly Permission[] {
  if (PLAIN.includes(engine)) return [];
  return engine === "tfjs" ? ["ffi", "env"] : ["ffi"];
}

/**
 * Those that computing the network takes: ONNX Runtime is native code, and where a TensorFlow.js for GPUs is
 * to be found a variable tells.
 */
export function networkPermissions(engine: unknown): readonly Permission[] {
  return engine === "onnx" ? ["ffi"] : ["ffi", "env"];
}

const allPermissions: readonly Permission[] = [...clusterPermissions, "ffi"];

const needs = new WeakMap<
  CommandUnknownOpts,
  (flags: Readonly<Record<string, unknown>>) => readonly Permission[]
>();

/** Says which permissions a command may need, given its flags; of those that say nothing it is none. */
export function needPermissions(
  command: CommandUnknownOpts,
  of: (flags: Readonly<Record<string, unknown>>) => readonly Permission[],
): void {
  needs.set(command, of);
}

/** The permissions that a command line does not need. */
export function needlessPermissions(command: CommandUnknownOpts): Permission[] {
  const needed = needs.get(command)?.(command.opts()) ?? [];
  return allPermissions.filter((name) => !needed.includes(name));
}
