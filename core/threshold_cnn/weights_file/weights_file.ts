/**
 * Files of weights: PyTorch's `.pth` and `.safetensors`, read by what they hold, written by their ending.
 *
 * @module
 */
import { extname } from "node:path";
import { InputError, UsageError } from "../../errors.ts";
import { readInput, writeWhole } from "../../files.ts";
import { refusal } from "../../refusal.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { type Network, thresholdNetwork } from "../network.ts";
import { fileKind, HEAD_BYTES } from "./file_kind.ts";
import { checkpointOf } from "./fit.ts";
import { readSafetensorsWeights, safetensorsBytes } from "./safetensors_weights.ts";
import type { StoredWeights } from "./stored_weights.ts";
import { readTorchWeights } from "./torch_weights.ts";
import { torchBytes } from "./torch_writer.ts";

/** Largest file that is read, in bytes; with Adam's state SIREn's network takes 28 million. */
const MAX_BYTES = 2 ** 31;

const writers = {
  ".pth": torchBytes,
  ".pt": torchBytes,
  ".safetensors": safetensorsBytes,
} as const;

/** A file of weights, and what it holds. */
export interface WeightsFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stored: StoredWeights;
}

/**
 * Reads a file of weights of any network. Nothing in it is run.
 *
 * @param path A file of `torch.save` with a `state_dict`, alone or as a checkpoint has it; or a
 *   `.safetensors` file. What it is shows in its bytes, not in its name.
 * @throws {InputError} It cannot be read, is damaged or of another kind, or its pickle calls something that
 *   is not PyTorch's.
 */
export async function readWeightsFile(path: string): Promise<WeightsFile> {
  const { head, size } = await readHead(path);
  const kind = fileKind(head, path);
  if (size > MAX_BYTES) {
    throw new InputError(
      `Cannot read ${path}: it is too large for weights of such a network (${size} bytes)`,
    );
  }
  const bytes = await readInput(path);
  const read = kind === "PyTorch" ? readTorchWeights : readSafetensorsWeights;
  return { bytes, stored: read(bytes, path) };
}

/** The first bytes of a file, and how many it has. */
async function readHead(path: string): Promise<{ head: Uint8Array<ArrayBuffer>; size: number }> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(HEAD_BYTES);
    let filled = 0, read: number | null;
    while (filled < head.length && (read = await file.read(head.subarray(filled))) !== null) {
      filled += read;
    }
    return { head: head.slice(0, filled), size: (await file.stat()).size };
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}

/**
 * Reads a network's weights, and where training stood if the file tells. Numbers of 16, 32 and 64 bits become
 * 32-bit floats; a prefix of all names, as of `DataParallel`, is taken off. An optimizer's state that is not
 * Adam's, or not of all parameters, is left out.
 *
 * @param path See {@linkcode readWeightsFile}.
 * @param network The network that the weights are for.
 * @throws {InputError} See {@linkcode readWeightsFile}; or the weights are of another network, which the
 *   message tells; or some are not finite, or a variance is negative.
 */
export async function readCheckpoint(
  path: string,
  network: Network = thresholdNetwork,
): Promise<Checkpoint> {
  const { stored } = await readWeightsFile(path);
  return checkpointOf(stored, network, path);
}

/**
 * Writes a network's weights, and where training stood, whole or not at all. The same checkpoint gives the
 * same bytes.
 *
 * @param path Ends in `.pth` or `.pt`, for what PyTorch and SIREn's own programs load, or in `.safetensors`.
 *   A file that is there is replaced.
 * @param checkpoint All tensors of the network; moments of all parameters where there is a state of Adam.
 * @param network The network that the weights are for.
 * @throws {UsageError} The ending is another.
 * @throws {RunError} The system refuses; the message says why.
 * @example
 * ```ts
 * import { readCheckpoint, writeCheckpoint } from "./weights_file.ts";
 * import { initialWeights, type Network } from "../network.ts";
 * import { random } from "../../random.ts";
 * import assert from "node:assert";
 *
 * const network: Network = {
 *   box: 8,
 *   convolutions: [{ name: "conv.0", from: 1, to: 2, kernel: 3, norm: "conv.1", pool: true }],
 *   average: 2,
 *   dense: [{ name: "mlp.0", from: 2, to: 1 }],
 * };
 * const checkpoint = { weights: initialWeights(network, random(1)), epoch: 3, loss: 0.5 };
 * const folder = await Deno.makeTempDir();
 * await writeCheckpoint(`${folder}/weights.pth`, checkpoint, network);
 * assert.deepStrictEqual(await readCheckpoint(`${folder}/weights.pth`, network), checkpoint);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeCheckpoint(
  path: string,
  checkpoint: Checkpoint,
  network: Network = thresholdNetwork,
): Promise<void> {
  await writeWhole(path, writerOf(path)(checkpoint, network));
}

/**
 * Looks whether weights can be written under a name, before they are there.
 *
 * @throws {UsageError} The ending is not known.
 */
export function checkWeightsName(path: string): void {
  writerOf(path);
}

function writerOf(path: string): typeof torchBytes {
  const ending = extname(path).toLowerCase();
  if (!isWritten(ending)) {
    throw new UsageError(
      `Cannot write ${path}: its ending does not tell which file of weights it shall be`,
      `Give one that ends in ${Object.keys(writers).join(", ")}.`,
    );
  }
  return writers[ending];
}

function isWritten(ending: string): ending is keyof typeof writers {
  return Object.hasOwn(writers, ending);
}
