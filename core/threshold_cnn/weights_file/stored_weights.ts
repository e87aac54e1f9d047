/**
 * Weights as a file holds them, before they are held against a network.
 *
 * @module
 */
import type { InputError } from "../../errors.ts";
import { told } from "../../told.ts";
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

/** Most tensors of a model, and most characters of a tensor's name, that are read. */
const MAX_TENSORS = 10_000;
const MAX_NAME = 1000;

/**
 * Takes off what all names begin with because the model was wrapped, as by `DataParallel`.
 *
 * @param tensors The tensors of a model, by name.
 * @param refuse Makes the error.
 * @throws {InputError} There are more than 10,000 tensors, or a name has more than 1,000 characters.
 */
export function namedTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  refuse: (reason: string) => InputError,
): { tensors: ReadonlyMap<string, StoredTensor>; prefix: string } {
  const beyond = (most: number) => `more than the ${most} that are read`;
  if (tensors.size > MAX_TENSORS) {
    throw refuse(`it holds ${tensors.size} tensors, ${beyond(MAX_TENSORS)}`);
  }
  const names = [...tensors.keys()];
  for (const name of names) {
    if (name.length <= MAX_NAME) continue;
    const length = `${name.length} characters`;
    throw refuse(`the name of a tensor is of ${length}, ${beyond(MAX_NAME)} (${told(name)})`);
  }
  let prefix = "";
  for (;;) {
    const at = prefix.length;
    const next = PREFIXES.find((more) => names.every((name) => name.startsWith(more, at)));
    if (next === undefined || names.length === 0) break;
    prefix += next;
  }
  return {
    prefix,
    tensors: new Map(Array.from(tensors, ([name, tensor]) => [name.slice(prefix.length), tensor])),
  };
}

/** Whether a tensor of this name is changed by training, and no statistic of batch normalisation. */
export function isParameter(name: string): boolean {
  return !/\.(running_mean|running_var|num_batches_tracked)$/.test(name);
}

/** Whether a number counts something, such as epochs or steps. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
