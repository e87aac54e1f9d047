/**
 * Weights as a file holds them, before they are held against a network.
 *
 * @module
 */
import type { StoredTensor } from "./stored_tensor.ts";

/** What a file of weights is. */
export type WeightsKind = "PyTorch" | "safetensors";

/** State of the Adam optimiser; moments by the name of their parameter. */
export interface StoredAdam {
  readonly step: number;
  readonly learningRate: number;
  readonly mean: ReadonlyMap<string, StoredTensor>;
  readonly square: ReadonlyMap<string, StoredTensor>;
}

/** See the module. */
export interface StoredWeights {
  readonly kind: WeightsKind;
  /** By name, without the prefix that all of them had. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The prefix that all names had, such as `module.`; empty without. */
  readonly prefix: string;
  readonly epoch?: number;
  readonly loss?: number;
  readonly adam?: StoredAdam;
  /** Whether there is state of an optimiser that is not Adam's of all parameters, and is not used. */
  readonly hasOtherOptimizer: boolean;
}

/** What PyTorch's wrappers put before the names of a model's tensors. */
const PREFIXES = ["module.", "model.", "_orig_mod."];

/** Takes off what all names begin with because the model was wrapped, as by `DataParallel`. */
export function withoutPrefix(
  tensors: ReadonlyMap<string, StoredTensor>,
): { tensors: ReadonlyMap<string, StoredTensor>; prefix: string } {
  const names = [...tensors.keys()];
  let prefix = "";
  for (;;) {
    const next = PREFIXES.find((more) => names.every((name) => name.startsWith(prefix + more)));
    if (next === undefined || names.length === 0) break;
    prefix += next;
  }
  return {
    prefix,
    tensors: new Map(Array.from(tensors, ([name, tensor]) => [name.slice(prefix.length), tensor])),
  };
}

/** Whether a number counts something, such as epochs or steps. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
