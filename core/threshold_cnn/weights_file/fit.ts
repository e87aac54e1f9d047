/**
 * Holds weights from a file against the network that they are for.
 *
 * @module
 */
import { InputError } from "../../errors.ts";
import type { AdamState, Checkpoint } from "../checkpoint.ts";
import { type Network, parameterShapes, type Tensor, weightShapes } from "../network.ts";
import { isFloating, type StoredTensor } from "./stored_tensor.ts";
import type { StoredWeights } from "./stored_weights.ts";
import { told } from "../../told.ts";

/** How many differences a message tells. */
const TOLD = 3;
const COUNT = /\.num_batches_tracked$/;
const VARIANCE = /\.running_var$/;

/**
 * How tensors differ from those of a network: of another shape or type, missing, or unknown.
 *
 * @returns A clause for each tensor that differs, as in "conv.0.bias is missing"; none where they fit.
 */
export function differences(
  tensors: ReadonlyMap<string, StoredTensor>,
  network: Network,
): string[] {
  return differencesFrom(tensors, weightShapes(network));
}

function differencesFrom(
  tensors: ReadonlyMap<string, StoredTensor>,
  shapes: ReadonlyMap<string, readonly number[]>,
): string[] {
  const found: string[] = [];
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      // Old versions of PyTorch do not count batches, and new ones read what they wrote.
      if (!COUNT.test(name)) found.push(`${name} is missing`);
    } else if (!isSame(tensor.shape, shape)) {
      found.push(`${name} is ${shapeText(tensor.shape)}, not ${shapeText(shape)}`);
    } else if (!COUNT.test(name) && !isFloating(tensor.dtype)) {
      found.push(`${name} is of type ${tensor.dtype}, not of floating point`);
    }
  }
  for (const name of tensors.keys()) {
    if (!shapes.has(name)) found.push(`${told(name)} is not in the network`);
  }
  return found;
}

/**
 * Makes a checkpoint of what a file holds.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} A tensor differs from the network's or holds what it cannot: a value that is not
 *   finite, or beyond 32-bit floats, or a negative variance.
 */
export function checkpointOf(stored: StoredWeights, network: Network, name: string): Checkpoint {
  const refuse = (reason: string, remedy?: string) =>
    new InputError(`Cannot use ${name}: ${reason}`, remedy);
  /** All numbers of a tensor. */
  const numbers = (tensor: StoredTensor, what: string, least = -Infinity) => {
    const values = tensor.float32s();
    const wrong = values.findIndex((value) => !Number.isFinite(value) || value < least);
    if (wrong === -1) return values;
    const value = tensor.at(wrong);
    const reason = Number.isFinite(value) && value >= least
      ? "which is beyond 32-bit floats"
      : Number.isFinite(value)
      ? "which cannot be negative"
      : "which is not finite";
    throw refuse(
      `${what} holds ${value}, ${reason} (number ${wrong} of it)`,
      "Take an earlier checkpoint of the training that made it.",
    );
  };
  const fit = (
    tensors: ReadonlyMap<string, StoredTensor>,
    shapes: ReadonlyMap<string, readonly number[]>,
    whose: string,
  ) => {
    const found = differencesFrom(tensors, shapes);
    if (found.length === 0) return;
    const more = found.length > TOLD ? `, and ${found.length - TOLD} more` : "";
    throw refuse(
      `${whose} are not those of the network: ${found.slice(0, TOLD).join("; ")}${more}`,
      "See siren weights inspect for what it holds.",
    );
  };

  const shapes = weightShapes(network);
  fit(stored.tensors, shapes, "its tensors");
  const weights = new Map<string, Tensor>();
  for (const [key, shape] of shapes) {
    const tensor = stored.tensors.get(key);
    if (tensor === undefined) { // a count, which nothing is computed from
      weights.set(key, { shape, data: new Float32Array(1) });
      continue;
    }
    const isCount = COUNT.test(key);
    const data = numbers(tensor, key, isCount || VARIANCE.test(key) ? 0 : undefined);
    weights.set(key, { shape, data: isCount ? data.map(Math.round) : data });
  }
  const { epoch, loss } = stored;
  let adam: AdamState | undefined;
  if (stored.adam !== undefined) {
    const { step, learningRate, mean, square } = stored.adam;
    const parameters = parameterShapes(network);
    for (const moments of [mean, square]) fit(moments, parameters, "the tensors of its optimizer");
    if (!(learningRate >= 0 && learningRate < Infinity)) {
      throw refuse(`the learning rate of its optimizer is ${learningRate}`);
    }
    const read = (moments: ReadonlyMap<string, StoredTensor>, what: string, least?: number) =>
      new Map(
        [...parameters.keys()].map((key) =>
          [key, numbers(moments.get(key)!, `${what} of ${key}`, least)] as const // all are there
        ),
      );
    adam = {
      step,
      learningRate,
      mean: read(mean, "the optimizer's mean"),
      square: read(square, "the optimizer's mean square", 0),
    };
  }
  return {
    weights,
    ...(epoch !== undefined && { epoch }),
    ...(loss !== undefined && { loss }),
    ...(adam && { adam }),
  };
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** A shape to read: 32 x 1 x 7 x 7 x 7. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : shape.join(" x ");
}
