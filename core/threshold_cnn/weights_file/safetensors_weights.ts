/**
 * Weights in the safetensors format: the model's tensors under their names; where training stood, as text in
 * the metadata; Adam's moments as tensors `adam.mean.*` and `adam.square.*`.
 *
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { type Network, parameterShapes, weightShapes } from "../network.ts";
import { type PlainTensor, readSafetensors, writeSafetensors } from "./safetensors.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { isCount, namedTensors, type StoredAdam, type StoredWeights } from "./stored_weights.ts";

const MEAN = "adam.mean.";
const SQUARE = "adam.square.";
const EPOCH = "epoch";
const LOSS = "loss";
const STEP = "adam_step";
const LEARNING_RATE = "learning_rate";

/**
 * Reads weights. Metadata of others' making that reads otherwise is no error.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} See {@linkcode readSafetensors} and {@linkcode namedTensors}; or there is no tensor
 *   in it.
 */
export function readSafetensorsWeights(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): StoredWeights {
  const { tensors: all, metadata } = readSafetensors(bytes, name);
  const [mean, square] = [MEAN, SQUARE].map((start) => under(all, start)) as [Moments, Moments];
  const model = new Map(
    [...all].filter(([name]) => !name.startsWith(MEAN) && !name.startsWith(SQUARE)),
  );
  const refuse = (reason: string) => new InputError(`Cannot read ${name}: ${reason}`);
  if (model.size === 0) throw refuse("there are no tensors in it");
  const number = (key: string) => {
    const text = metadata.get(key)?.trim();
    const value = text === undefined || text === "" ? NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  };
  const epoch = number(EPOCH), loss = number(LOSS), step = number(STEP);
  const learningRate = number(LEARNING_RATE);
  const adam: StoredAdam | undefined =
    step !== undefined && isCount(step) && learningRate !== undefined && mean.size > 0
      ? { step, learningRate, mean, square }
      : undefined;
  return {
    kind: "safetensors",
    ...namedTensors(model, refuse),
    ...(epoch !== undefined && isCount(epoch) && { epoch }),
    ...(loss !== undefined && { loss }),
    ...(adam && { adam }),
    hasOtherOptimizer: adam === undefined && mean.size + square.size > 0,
  };
}

type Moments = ReadonlyMap<string, StoredTensor>;

/** The tensors whose names begin so, by the rest of their names. */
function under(tensors: Moments, start: string): Moments {
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(start))
      .map(([name, tensor]) => [name.slice(start.length), tensor]),
  );
}

/**
 * The bytes of a `.safetensors` file.
 *
 * @param checkpoint Holds all tensors of the network.
 */
export function safetensorsBytes(
  checkpoint: Checkpoint,
  network: Network,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, PlainTensor>();
  for (const [name, shape] of weightShapes(network)) {
    const { data } = checkpoint.weights.get(name)!; // all tensors of the network are there
    const isLong = name.endsWith(".num_batches_tracked");
    tensors.set(name, { shape, data: isLong ? BigInt64Array.from(data, BigInt) : data });
  }
  const metadata = new Map([["format", "pt"]]); // PyTorch's names, which its users' tools ask for
  const { adam, epoch, loss } = checkpoint;
  if (epoch !== undefined) metadata.set(EPOCH, String(epoch));
  if (loss !== undefined) metadata.set(LOSS, String(loss));
  if (adam !== undefined) {
    metadata.set(STEP, String(adam.step)).set(LEARNING_RATE, String(adam.learningRate));
    for (const [name, shape] of parameterShapes(network)) {
      tensors.set(MEAN + name, { shape, data: adam.mean.get(name)! }); // moments are there of all
      tensors.set(SQUARE + name, { shape, data: adam.square.get(name)! });
    }
  }
  return writeSafetensors(tensors, metadata);
}
