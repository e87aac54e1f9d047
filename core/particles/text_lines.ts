/**
 * The lines of text files that may be larger than memory.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";

const PART_BYTES = 1 << 20;

/** Longest line; what has longer ones is no table. */
const MAX_LINE_BYTES = 1 << 20;

const NEWLINE = 0x0a;

/**
 * Reads a file in parts of whole lines.
 *
 * @returns Bytes that end with a line end, but for the last ones. Each part is to be used before the next is
 *   asked for.
 * @throws {InputError} The file cannot be read, or has a line that is no line.
 */
export async function* wholeLines(path: string): AsyncGenerator<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(PART_BYTES + MAX_LINE_BYTES);
    let held = 0;
    for (;;) {
      const read = await file.read(buffer.subarray(held, held + PART_BYTES));
      if (read === null) break;
      const end = held + read;
      const last = buffer.subarray(0, end).lastIndexOf(NEWLINE) + 1;
      if (last > 0) yield buffer.subarray(0, last);
      buffer.copyWithin(0, last, end);
      held = end - last;
      if (held > MAX_LINE_BYTES) {
        throw new InputError(
          `Cannot read ${path}: it has lines of more than ${MAX_LINE_BYTES} bytes`,
          "It is not a text file.",
        );
      }
    }
    if (held > 0) yield buffer.subarray(0, held);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}

/**
 * Goes through the lines of {@linkcode wholeLines}' bytes.
 *
 * @param use Is given where a line begins and where the next one does.
 */
export function eachLine(bytes: Uint8Array, use: (from: number, to: number) => void): void {
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline + 1;
    use(from, to);
    from = to;
  }
}
