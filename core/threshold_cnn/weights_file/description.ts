/**
 * What `siren weights inspect` says about a file of weights.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { elements, type Network, thresholdNetwork } from "../network.ts";
import { checkpointOf, differences } from "./fit.ts";
import { InputError } from "../../errors.ts";
import type { Dtype } from "./stored_tensor.ts";
import { isParameter, type WeightsKind } from "./stored_weights.ts";
import { readWeightsFile } from "./weights_file.ts";

/** A file of weights in words and numbers; goes into JSON as it is. */
export interface WeightsDescription {
  readonly file: string;
  readonly fileBytes: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
  readonly kind: WeightsKind;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: Dtype;
  }[];
  /** Numbers that training changes: all but those of batch normalisation's statistics. */
  readonly parameters: number;
  /** What all names begin with and is not told in them; empty without. */
  readonly prefix: string;
  /** Epochs trained, or null where the file does not tell. */
  readonly epoch: number | null;
  readonly loss: number | null;
  /** State of an optimizer: Adam's can be trained on from; others' are not used. */
  readonly optimizer: "none" | "Adam" | "other";
  /** Steps that Adam took, or null. */
  readonly steps: number | null;
  readonly learningRate: number | null;
  /** Whether siren can predict with it. */
  readonly fits: boolean;
  /** Why not: how its tensors differ from the network's, or what is wrong with their numbers. */
  readonly differences: readonly string[];
}

/**
 * Describes a file of weights of any network.
 *
 * @param network The network that it may be for.
 * @throws {InputError} It cannot be read; see `readWeightsFile`.
 */
export async function describeWeights(
  path: string,
  network: Network = thresholdNetwork,
): Promise<WeightsDescription> {
  const { bytes, stored } = await readWeightsFile(path);
  const tensors = Array.from(
    stored.tensors,
    ([name, { shape, dtype }]) => ({ name, shape, dtype }),
  );
  const found = differences(stored.tensors, network);
  if (found.length === 0) {
    try {
      checkpointOf(stored, network, path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      found.push(error.message.replace(`Cannot use ${path}: `, ""));
    }
  }
  return {
    file: path,
    fileBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    kind: stored.kind,
    tensors,
    parameters: tensors.filter(({ name }) => isParameter(name))
      .reduce((sum, { shape }) => sum + elements(shape), 0),
    prefix: stored.prefix,
    epoch: stored.epoch ?? null,
    loss: stored.loss ?? null,
    optimizer: stored.adam !== undefined ? "Adam" : stored.hasOtherOptimizer ? "other" : "none",
    steps: stored.adam?.step ?? null,
    learningRate: stored.adam?.learningRate ?? null,
    fits: found.length === 0,
    differences: found,
  };
}
