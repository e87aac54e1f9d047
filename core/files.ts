/**
 * Files: written so that they appear whole or not at all, and read with errors that say why.
 *
 * @module
 */
import { InputError, RunError } from "./errors.ts";
import { refusal } from "./refusal.ts";

/** Tells this process from those of other machines that write to the same disk. */
const PROCESS = crypto.randomUUID().slice(0, 8);
let attempts = 0;

/**
 * Writes a file under a temporary name in the same folder, flushes it to the disk and renames it. The
 * temporary name holds the process and the attempt, so that two writers never meet.
 *
 * @param path Where the file shall appear; its folder exists.
 * @param content Bytes, or text written as UTF-8.
 * @param attempt Whose attempt it is, for who finds the temporary file: letters, digits, _ and -.
 * @throws {RunError} The system refuses; the message says why. Nothing is left behind.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  attempt = String(Deno.pid),
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await writeParts(path, [bytes], attempt);
}

/**
 * As {@linkcode writeWhole}, for a file that is too large to be in memory at once.
 *
 * @param parts What the file is made of, one after the other. What they throw is thrown on.
 * @throws {RunError} The system refuses; the message says why. Nothing is left behind.
 */
export async function writeParts(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  attempt = String(Deno.pid),
): Promise<void> {
  const temporary = `${path}.${attempt}.${PROCESS}-${attempts++}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for await (const part of parts) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      await file.syncData();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // what matters is why the write failed
    const reason = refusal(error);
    if (reason === undefined) throw error;
    throw new RunError(
      `Cannot write ${path}: ${reason}`,
      "See that the folder is there, may be written to, and has room.",
      { cause: error },
    );
  }
}

/**
 * Makes a folder to write to, where it is missing.
 *
 * @param kind What to call it in messages.
 * @throws {RunError} The system refuses; the message says why.
 */
export async function makeFolder(path: string, kind = "folder"): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new RunError(`Cannot make the ${kind} ${path}: ${reason}`, "Give another --outdir.", {
      cause,
    });
  }
}

/** Reads a file, or gives undefined where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/**
 * Reads a file that a user gave.
 *
 * @throws {InputError} The system refuses; the message says why.
 */
export async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}

/** Whether there is a file or folder of this name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Removes what killed writers left in a folder; folders in it, which may be others' runs, are left alone. */
export async function removeTemporaries(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const isLeft = entry.isFile && /\.[\w-]+\.[0-9a-f]{8}-\d+\.tmp$/.test(entry.name);
    if (isLeft) await Deno.remove(`${folder}/${entry.name}`);
  }
}
