/**
 * Reads what `torch.save` writes: a zip archive with a pickle, and the numbers of the tensors beside it.
 * Nothing in it is run.
 *
 * @module
 */
import { InputError } from "../../errors.ts";
import { PickleTuple, type PickleValue, readPickle } from "../../pickle/mod.ts";
import { dtypeSize } from "./stored_tensor.ts";
import { told } from "../../told.ts";
import { Storage, storageDtype, torchGlobals } from "./torch_globals.ts";
import { readZip } from "./zip_reader.ts";

/** Largest pickle in bytes; the tensors' numbers are not in it. */
const MAX_PICKLE_BYTES = 2 ** 26;

const SAVE_AGAIN = "Load it in PyTorch, and torch.save the model's state_dict().";
const TRUSTED =
  "If you trust the file, load it in PyTorch, and torch.save the model's state_dict() alone.";

/**
 * Reads a file of `torch.save`, as PyTorch writes it since version 1.6.
 *
 * @param bytes The whole file.
 * @param name What to call the file in messages.
 * @returns What was saved, its tensors as `StoredTensor`, its objects of no interest as `Inert`.
 * @throws {InputError} It is damaged, of another kind, big-endian, or its pickle calls what is not PyTorch's.
 */
export function readTorchFile(bytes: Uint8Array<ArrayBuffer>, name: string): PickleValue {
  const refuse = (reason: string, remedy?: string) =>
    new InputError(`Cannot read ${name}: ${reason}`, remedy);
  const entries = readZip(bytes, name);
  const pickles = [...entries.keys()].filter((entry) => /^[^/]+\/data\.pkl$/.test(entry));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw refuse(
      "it is a zip archive, but not one of torch.save",
      "If there is a weights file in it, unpack it and give that.",
    );
  }
  const root = pickle.slice(0, pickle.lastIndexOf("/"));
  if (entries.has(`${root}/constants.pkl`)) {
    throw refuse("it is a program of TorchScript, not weights alone", SAVE_AGAIN);
  }
  const order = entries.get(`${root}/byteorder`);
  const named = order === undefined ? "little" : new TextDecoder().decode(order.subarray(0, 16));
  if (named !== "little") {
    throw refuse(
      `its numbers are not little-endian ("${told(named)}")`,
      "Load it in PyTorch on a machine with an x86 or Arm processor, and torch.save it there.",
    );
  }
  const content = entries.get(pickle)!; // its name is from there
  if (content.length > MAX_PICKLE_BYTES) {
    throw refuse(`its pickle is too large (${content.length} bytes)`, SAVE_AGAIN);
  }
  return readPickle(content, name, {
    remedy: TRUSTED,
    globals: torchGlobals((reason) => refuse(`its pickle ${reason}`, SAVE_AGAIN)),
    persistent: (id) => {
      // Kind, type, number of the entry, device, how many; newer and older files say more after these.
      const [kind, type, key, , count] = id instanceof PickleTuple ? id.items : [];
      const dtype = storageDtype(type);
      const isStorage = kind === "storage" && typeof key === "string" && typeof count === "number";
      if (!isStorage || dtype === undefined) {
        throw refuse("its pickle refers to something that is no storage of numbers", SAVE_AGAIN);
      }
      const numbers = entries.get(`${root}/data/${key}`);
      if (numbers === undefined) throw refuse(`numbers are missing in it (data/${told(key)})`);
      if (count !== numbers.length / dtypeSize(dtype)) {
        throw refuse(`it holds ${numbers.length} bytes for ${count} numbers (data/${told(key)})`);
      }
      return new Storage(dtype, numbers);
    },
  });
}
