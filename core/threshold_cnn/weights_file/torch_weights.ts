/**
 * Finds a model's tensors, and where training stood, in what `torch.save` wrote.
 *
 * @module
 */
import { InputError } from "../../errors.ts";
import type { PickleValue } from "../../pickle/mod.ts";
import { StoredTensor } from "./stored_tensor.ts";
import {
  isCount,
  isParameter,
  namedTensors,
  type StoredAdam,
  type StoredWeights,
} from "./stored_weights.ts";
import { told } from "../../told.ts";
import { readTorchFile } from "./torch_reader.ts";

/** Under which key a checkpoint has what; SIREn's are the first. */
const MODEL_KEYS = ["model_state_dict", "state_dict", "model"];
const OPTIMIZER_KEYS = ["optimizer_state_dict", "optimizer"];
/** How many keys a message lists. */
const LISTED = 5;

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/**
 * Reads weights that `torch.save` wrote: a `state_dict`, or a dict with one in it, as `model_state_dict`
 * (SIREn's checkpoints), `state_dict` or `model`.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} See {@linkcode readTorchFile} and {@linkcode namedTensors}; or there are no weights
 *   in it.
 */
export function readTorchWeights(bytes: Uint8Array<ArrayBuffer>, name: string): StoredWeights {
  const refuse = (reason: string) =>
    new InputError(
      `Cannot read ${name}: ${reason}`,
      "Load it in PyTorch, and torch.save the model's state_dict().",
    );
  const root = dictOf(readTorchFile(bytes, name));
  if (root === undefined) throw refuse("what it holds is no dict");
  const inside = firstDict(root, MODEL_KEYS);
  const state = inside ?? root;
  const named = new Map<string, StoredTensor>();
  for (const [key, value] of state) {
    if (typeof key !== "string" || !(value instanceof StoredTensor)) {
      const keys = [...state.keys()].slice(0, LISTED).map(keyText).join(", ");
      const more = state.size > LISTED ? ", ..." : "";
      throw refuse(`it holds no state_dict (its keys are ${keys}${more})`);
    }
    named.set(key, value);
  }
  if (named.size === 0) throw refuse("its state_dict is empty");
  const { tensors, prefix } = namedTensors(named, refuse);
  const found = { kind: "PyTorch", tensors, prefix } as const;
  if (inside === undefined) return { ...found, hasOtherOptimizer: false };

  const epoch = numberOf(root.get("epoch"));
  const loss = numberOf(root.get("loss"));
  const optimizer = firstDict(root, OPTIMIZER_KEYS);
  const parameters = [...tensors.keys()].filter(isParameter);
  const adam = optimizer && adamOf(optimizer, parameters);
  return {
    ...found,
    ...(epoch !== undefined && isCount(epoch) && { epoch }),
    ...(loss !== undefined && Number.isFinite(loss) && { loss }),
    ...(adam && { adam }),
    hasOtherOptimizer: adam === undefined && (dictOf(optimizer?.get("state"))?.size ?? 0) > 0,
  };
}

function dictOf(value: PickleValue): Dict | undefined {
  return value instanceof Map ? value : undefined;
}

function firstDict(dict: Dict, keys: readonly string[]): Dict | undefined {
  return keys.map((key) => dictOf(dict.get(key))).find((value) => value !== undefined);
}

function keyText(key: PickleValue): string {
  if (typeof key === "string") return `"${told(key)}"`;
  return typeof key === "number" || typeof key === "bigint" ? told(`${key}`) : "an object";
}

/** A number, or the only number of a tensor. */
function numberOf(value: PickleValue): number | undefined {
  if (value instanceof StoredTensor && value.shape.every((size) => size === 1)) return value.at(0);
  return typeof value === "number" ? value : undefined;
}

/**
 * State of `torch.optim.Adam`, which numbers the parameters in the order of the model.
 *
 * @returns Undefined where it is another optimiser's, or that of some parameters only.
 */
function adamOf(optimizer: Dict, parameters: readonly string[]): StoredAdam | undefined {
  const state = dictOf(optimizer.get("state"));
  const groups = optimizer.get("param_groups");
  if (state === undefined || !Array.isArray(groups)) return undefined;
  const numbers: PickleValue[] = [];
  for (const group of groups) {
    const params = dictOf(group)?.get("params");
    // The groups may all be one; more numbers than parameters are wrong in any case.
    if (!Array.isArray(params) || numbers.length + params.length > parameters.length) {
      return undefined;
    }
    for (const number of params) numbers.push(number);
  }
  const learningRate = numberOf(dictOf(groups[0])?.get("lr"));
  if (numbers.length !== parameters.length || learningRate === undefined) return undefined;
  const mean = new Map<string, StoredTensor>();
  const square = new Map<string, StoredTensor>();
  const steps = new Set<number>();
  for (const [i, name] of parameters.entries()) {
    const moments = dictOf(state.get(numbers[i]));
    const first = moments?.get("exp_avg"), second = moments?.get("exp_avg_sq");
    const step = numberOf(moments?.get("step"));
    if (!(first instanceof StoredTensor) || !(second instanceof StoredTensor)) return undefined;
    if (step === undefined || !isCount(step)) return undefined;
    mean.set(name, first);
    square.set(name, second);
    steps.add(step);
  }
  const [step] = steps;
  return step === undefined || steps.size > 1 ? undefined : { step, learningRate, mean, square };
}
