/**
 * Files that hold maps: opened, read in pieces, and refused with errors that say why.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { refusal } from "../refusal.ts";
import type { MrcHeader } from "./header.ts";
import { validateHeader } from "./validate.ts";

/** An open file and its length in bytes at that time. */
export interface OpenFile extends Disposable {
  readonly file: Deno.FsFile;
  readonly size: number;
}

/**
 * Opens a file.
 *
 * @throws {InputError} Where it is no regular file. What the system refuses is thrown as it is: see
 *   {@linkcode asInputError}.
 */
export function openFile(path: string): OpenFile {
  // Asked before it is opened, for opening a pipe waits for its writer.
  const { isFile, size } = Deno.statSync(path);
  if (!isFile) throw new InputError(`Cannot read ${path}: it is not a file`);
  const file = Deno.openSync(path);
  return { file, size, [Symbol.dispose]: () => file.close() };
}

/** What the system refuses as an error that a user can understand; any other error as it is. */
export function asInputError(error: unknown, path: string): unknown {
  const reason = refusal(error);
  if (reason === undefined) return error;
  return new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause: error });
}

/** Fills `bytes` from the file; fewer come back where the file ends before. */
export function readBytes(file: Deno.FsFile, bytes: Uint8Array): Uint8Array {
  let length = 0;
  while (length < bytes.length) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** Refuses a header with errors. */
export function checked(header: MrcHeader, fileBytes: number, name: string): MrcHeader {
  for (const { severity, message, remedy } of validateHeader(header, fileBytes)) {
    if (severity === "error") throw new InputError(`Cannot read ${name}: ${message}`, remedy);
  }
  return header;
}
