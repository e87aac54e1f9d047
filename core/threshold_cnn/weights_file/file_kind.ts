/**
 * Tells from a file's first bytes whether it may hold weights, and what it is if it does not.
 *
 * @module
 */
import { InputError } from "../../errors.ts";
import type { WeightsKind } from "./stored_weights.ts";

/** How many of a file's first bytes {@linkcode fileKind} takes. */
export const HEAD_BYTES = 1024;

/** What begins the pickle of a file of PyTorch before 1.6: its magic number, 0x1950a86a20f9469cfc6c. */
const OLD_TORCH = [
  0x80,
  0x02,
  0x8a,
  0x0a,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
];
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const GZIP = [0x1f, 0x8b];
const HDF5 = [0x89, 0x48, 0x44, 0x46];
/** Longest header of the safetensors format, in bytes; its reader takes shorter ones only, and says so. */
const MAX_HEADER_BYTES = 100_000_000;
/** Where MRC files say that they are maps. */
const MRC_STAMP = 208;

const GIVE = "Give a checkpoint of PyTorch (.pth) or a .safetensors file.";
const SAVE_AGAIN = "Load it in PyTorch 1.6 or later, and torch.save it again.";

/**
 * Finds out what a file is.
 *
 * @param head The first {@linkcode HEAD_BYTES} bytes of the file, or all that it has.
 * @param name What to call the file in messages.
 * @throws {InputError} It holds no weights, or in a form that is not read; the message says what it is.
 */
export function fileKind(head: Uint8Array, name: string): WeightsKind {
  const refuse = (reason: string, remedy: string) =>
    new InputError(`Cannot read ${name}: ${reason}`, remedy);
  const begins = (bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  const text = new TextDecoder("latin1").decode(head);
  if (head.length === 0) throw refuse("it is empty", "Copy or download it again.");
  if (begins(ZIP)) return "PyTorch";
  if (text.startsWith("version https://git-lfs.github.com/spec/")) {
    throw refuse(
      "it is a Git LFS pointer, which only tells where the weights are",
      "In the repository that it is from, do: git lfs pull.",
    );
  }
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(text)) {
    throw refuse(
      "it is a web page, not weights",
      "Download the file itself, with the page's download button or its raw address.",
    );
  }
  if (begins(OLD_TORCH)) throw refuse("it is of PyTorch's old format, before 1.6", SAVE_AGAIN);
  const [first, protocol = Infinity] = head;
  if (first === 0x80 && protocol <= 5) {
    throw refuse("it is a pickle, but not one of torch.save", SAVE_AGAIN);
  }
  if (text.slice(MRC_STAMP, MRC_STAMP + 4) === "MAP ") {
    throw refuse("it is a map, not weights", GIVE);
  }
  if (begins(GZIP)) throw refuse("it is compressed with gzip", "Unpack it with gunzip.");
  if (begins(HDF5)) throw refuse("it is an HDF5 file, as of Keras", GIVE);
  if (isSafetensors(head)) return "safetensors";
  throw refuse("it is not a file of weights", GIVE);
}

/** Whether there is a length that can be one, and what begins a JSON object. */
function isSafetensors(head: Uint8Array): boolean {
  if (head.length <= 8) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length <= MAX_HEADER_BYTES && head[8] === 0x7b;
}
