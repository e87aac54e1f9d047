/**
 * Bringing files there: what an interrupted upload has brought is kept, and the whole is compared.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ClusterError, InputError } from "../../core/errors.ts";
import { refusal } from "../../core/refusal.ts";
import { PIECE, type RemoteFiles, UNDER_WAY } from "./files.ts";

/** What an upload needs of the connection. */
export interface UploadMeans {
  /** How messages call the machine. */
  readonly where: string;
  /** Does something with the files there, again should the connection go. */
  run<T>(what: string, action: (files: RemoteFiles) => Promise<T>): Promise<T>;
  /** SHA-256 of a file there, in hexadecimal. */
  hashThere(path: string): Promise<string>;
  /** Gives a file its name, over one that has it. */
  rename(from: string, to: string): Promise<void>;
}

/** How often a file is sent before it is given up that what arrives is what was sent. */
const TRIES = 2;

/**
 * Sends a file. Until it is whole it has a name that holds the SHA-256 of its content, so that a later
 * upload of the same content goes on where this one ended.
 *
 * @param from Path on this machine.
 * @param mode Permission bits.
 * @param tell Called with bytes there and bytes in all.
 * @throws {InputError} The file cannot be read, or changes while it is sent.
 * @throws {ClusterError} The host refuses it, or other bytes arrive than were sent.
 */
export async function uploadFile(
  means: UploadMeans,
  from: string,
  path: string,
  mode: number,
  tell: (done: number, total: number) => void,
): Promise<void> {
  using source = await openHere(from);
  const { size, hash } = await measure(source);
  let most = 0;
  const progress = (done: number) => {
    most = Math.max(most, done); // what has to be sent again is not counted back
    tell(most, size);
  };
  progress(0);
  const what = `upload ${path}`;
  const isThere = async () => {
    const there = await means.run(what, (files) => files.stat(path));
    return there?.isFile() === true && there.size === size && await means.hashThere(path) === hash;
  };
  if (await isThere()) {
    await means.run(what, (files) => files.setMode(path, mode));
    progress(size);
    return;
  }
  const part = `${path}.${hash}.part`;
  for (let turn = 1;; turn++) {
    await means.run(what, (files) =>
      files.openPart(part, async (handle, there) => {
        if (there > size) await files.cut(handle, size);
        await send(source, Math.min(there, size), size, progress, (bytes, position) => {
          return files.put(handle, bytes, position);
        }, from);
        await files.settle(handle, mode);
      }));
    if (await means.hashThere(part) === hash) break;
    await means.run(what, (files) => files.unlink(part));
    if ((await measure(source)).hash !== hash) throw changed(from);
    if (turn === TRIES) {
      throw new ClusterError(
        `Cannot write ${path} on ${means.where}: other bytes arrive than were sent (SHA-256 differs)`,
        "See to the disk there, and try again.",
      );
    }
  }
  try {
    await means.rename(part, path);
  } catch (error) {
    // It may have been done by a try whose answer was lost, or by another upload of the same content.
    if (!(error instanceof ClusterError) || !await isThere()) throw error;
  }
}

/** Sends the bytes of a file from a place on, in order, many requests at one time. */
async function send(
  source: Deno.FsFile,
  start: number,
  size: number,
  progress: (done: number) => void,
  put: (bytes: Uint8Array, position: number) => Promise<void>,
  name: string,
): Promise<void> {
  await source.seek(start, Deno.SeekMode.Start);
  const going = new Set<Promise<void>>();
  let done = start;
  progress(done);
  for (let at = start; at < size;) {
    const bytes = new Uint8Array(Math.min(PIECE, size - at));
    const count = await source.read(bytes);
    if (count === null) throw changed(name);
    while (going.size >= UNDER_WAY) await Promise.race(going);
    const one = put(bytes.subarray(0, count), at).then(() => {
      done += count;
      progress(done);
    }).finally(() => going.delete(one));
    one.catch(() => {}); // it is seen by those who wait below; here it only must not end the program
    going.add(one);
    at += count;
  }
  await Promise.all(going);
}

/** Size and SHA-256 of an open file. */
async function measure(source: Deno.FsFile): Promise<{ size: number; hash: string }> {
  await source.seek(0, Deno.SeekMode.Start);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  let size = 0;
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) break;
    hash.update(buffer.subarray(0, count));
    size += count;
  }
  return { size, hash: hash.digest("hex") };
}

async function openHere(path: string): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if ((await file.stat()).isFile) return file;
    file.close();
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
  throw new InputError(`Cannot read ${path}: it is no file`);
}

function changed(path: string): InputError {
  return new InputError(
    `Cannot read ${path}: it changed while it was sent`,
    "Try again when nothing writes to it.",
  );
}
