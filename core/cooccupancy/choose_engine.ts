/**
 * Picks an engine by name.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import type { EngineFactory } from "./engine.ts";
import { referenceEngine } from "./reference.ts";
import { hasWasm, wasmEngine } from "./wasm.ts";

/** What `--engine` takes. */
export const engineNames = ["auto", "wasm", "reference"] as const;

/** A name that `--engine` takes. */
export type EngineName = (typeof engineNames)[number];

/** An engine that was picked. */
export interface ChosenEngine {
  readonly factory: EngineFactory;
  /** The engine's own name, never "auto". */
  readonly name: Exclude<EngineName, "auto">;
  /** Why this one, for the user to read. */
  readonly why: string;
}

/**
 * Picks an engine. All engines give the same answers; they differ in speed.
 *
 * @param name "auto" takes the fastest that works on this machine.
 * @throws {UsageError} If the engine does not work on this machine.
 * @example
 * ```ts
 * import { makeEngine } from "./choose_engine.ts";
 * import assert from "node:assert";
 *
 * assert.strictEqual(makeEngine("reference").why, "asked for");
 * ```
 */
export function makeEngine(name: EngineName): ChosenEngine {
  if (name === "reference") {
    return { factory: referenceEngine, name, why: "asked for" };
  }
  if (hasWasm()) {
    const why = name === "wasm" ? "asked for" : "fastest of those that work here";
    return { factory: wasmEngine, name: "wasm", why };
  }
  if (name === "wasm") {
    throw new UsageError(
      "Cannot use the wasm engine: this machine's WebAssembly has no SIMD (wasm)",
      "Use --engine reference.",
    );
  }
  return { factory: referenceEngine, name: "reference", why: "WebAssembly has no SIMD here" };
}
