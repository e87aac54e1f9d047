/**
 * The transport of a user whose machine submits jobs itself: a login node, or a workstation of the cluster.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ClusterError, ConnectionError, InputError, RunError } from "../../core/errors.ts";
import { refusal } from "../../core/refusal.ts";
import { removable } from "./removable.ts";
import { type Entry, MOST_BYTES, tooLarge, type Transport } from "./transport.ts";

const WHERE = "this machine";
/** How long a program may take, in seconds, if nothing else is said. */
const SECONDS = 120;

/** Makes names of temporary files this process's own, in the form that `removeTemporaries` knows. */
const PROCESS = crypto.randomUUID().slice(0, 8);
let attempts = 0;

/** Programs and files of this machine. */
export function localTransport(): Transport {
  return {
    where: WHERE,
    exec,
    home,
    makeFolder,
    list,
    read,
    tail,
    write,
    upload,
    remove,
    close: () => {},
  };
}

const exec: Transport["exec"] = async ([program, ...args], options = {}) => {
  const { environment = {}, seconds = SECONDS } = options;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      env: { ...environment },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A session of its own: Ctrl-C here does not cut off an sbatch that is under way.
      detached: true,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { code: 127, stdout: "", stderr: `${program}: command not found\n` };
    }
    const reason = error instanceof Deno.errors.NotCapable
      ? "siren starts no programs but Slurm's, by the PATH that it was started with"
      : refusal(error);
    if (reason === undefined) throw error;
    return { code: 126, stdout: "", stderr: `${program}: ${reason}\n` };
  }
  const stdout = gather(child.stdout), stderr = gather(child.stderr);
  let isLate = false;
  const clock = setTimeout(() => {
    isLate = true;
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It has ended, and what it has started holds its output open.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    stdout.stop();
    stderr.stop();
  }, seconds * 1000);
  try {
    const [out, err, { code }] = await Promise.all([stdout.text, stderr.text, child.status]);
    if (!isLate) return { code, stdout: out, stderr: err };
  } finally {
    clearTimeout(clock);
  }
  throw new ConnectionError(
    `Cannot run ${program} on ${WHERE}: there was no answer within ${seconds} s`,
    "Try again later.",
  );
};

/** Reads all of a stream as text, until its end or until told to stop. */
function gather(stream: ReadableStream<Uint8Array>): { text: Promise<string>; stop(): void } {
  const reader = stream.getReader();
  const read = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
    }
  };
  return { text: read(), stop: () => void reader.cancel().catch(() => {}) }; // nobody reads it any more
}

async function home(): Promise<string> {
  const path = Deno.env.get("HOME");
  if (path?.startsWith("/")) return await Promise.resolve(path);
  throw new RunError(
    `Cannot find the home folder on ${WHERE}: HOME names none (${path ?? "not set"})`,
    "Set HOME.",
  );
}

async function makeFolder(path: string): Promise<void> {
  await inWords(`make the folder ${path}`, () => Deno.mkdir(path, { recursive: true }));
}

async function list(path: string): Promise<Entry[] | undefined> {
  return await inWords(`list ${path}`, async () => {
    const entries: Entry[] = [];
    try {
      for await (const { name } of Deno.readDir(path)) {
        const entry = await describe(path, name);
        if (entry !== undefined) entries.push(entry);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
    return entries;
  });
}

/** One entry of a folder, or undefined where it went between the listing and now. */
async function describe(folder: string, name: string): Promise<Entry | undefined> {
  try {
    const { isDirectory, size } = await Deno.stat(`${folder}/${name}`);
    return { name, bytes: isDirectory ? 0 : size, isFolder: isDirectory };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function read(
  path: string,
  most = MOST_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return await opened(path, async (file) => {
    const { size } = await file.stat();
    if (size > most) throw tooLarge(path, WHERE, size, most);
    return await readInto(file, size);
  });
}

async function tail(path: string, most: number): Promise<string | undefined> {
  return await opened(path, async (file) => {
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - most), Deno.SeekMode.Start);
    return new TextDecoder().decode(await readInto(file, Math.min(size, most)));
  });
}

/** Does something with an open file; undefined where there is none. */
async function opened<T>(
  path: string,
  action: (file: Deno.FsFile) => Promise<T>,
): Promise<T | undefined> {
  return await inWords(`read ${path}`, async () => {
    try {
      using file = await Deno.open(path);
      return await action(file);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
  });
}

/** So many bytes from where a file stands, or fewer where it ends before. */
async function readInto(file: Deno.FsFile, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < bytes.length) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length < bytes.length ? bytes.slice(0, length) : bytes;
}

async function write(path: string, content: Uint8Array | string, mode = 0o644): Promise<void> {
  const temporary = `${path}.write.${PROCESS}-${attempts++}.tmp`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await inWords(`write ${path}`, async () => {
    try {
      {
        using file = await createPrivate(temporary);
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        await Deno.chmod(temporary, mode);
        await file.syncData();
      }
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {}); // what matters is why the write failed
      throw error;
    }
  });
}

/** Creates a file that nobody else may read before it is whole and gets its mode. */
function createPrivate(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { write: true, createNew: true, mode: 0o600 });
}

const upload: Transport["upload"] = async (from, path, options = {}) => {
  const { mode = 0o644, tell } = options;
  const temporary = `${path}.upload.${PROCESS}-${attempts++}.tmp`;
  try {
    const sent = await copy(from, temporary, tell);
    await inWords(`write ${path}`, async () => {
      if (await hashFile(temporary) !== sent) {
        throw new RunError(
          `Cannot write ${path}: the disk gives back other bytes than were written`,
          "See to the disk, and try again.",
        );
      }
      await Deno.chmod(temporary, mode);
      await Deno.rename(temporary, path);
    });
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // what matters is why the upload failed
    throw error;
  }
};

/** Copies a file piece by piece; gives the SHA-256 of what was read. */
async function copy(
  from: string,
  to: string,
  tell?: (done: number, total: number) => void,
): Promise<string> {
  using source = await openInput(from);
  const { size } = await source.stat();
  const hash = createHash("sha256");
  using target = await inWords(`write ${to}`, () => createPrivate(to));
  const buffer = new Uint8Array(1 << 20);
  let done = 0;
  tell?.(0, size);
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) break;
    const piece = buffer.subarray(0, count);
    hash.update(piece);
    await inWords(`write ${to}`, async () => {
      for (let at = 0; at < count;) at += await target.write(piece.subarray(at));
    });
    done += count;
    tell?.(Math.min(done, size), size);
  }
  if (done !== size) {
    throw new InputError(
      `Cannot read ${from}: it changed while it was copied (${size} bytes, then ${done})`,
      "Try again when nothing writes to it.",
    );
  }
  await inWords(`write ${to}`, () => target.syncData());
  return hash.digest("hex");
}

async function openInput(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new InputError(`Cannot read ${path}: ${reason}`, undefined, { cause });
  }
}

async function hashFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}

async function remove(path: string): Promise<void> {
  await inWords(`remove ${path}`, async () => {
    const whole = await removable(path, { where: WHERE, realPath, home: realHome });
    if (whole === undefined) return;
    try {
      await Deno.remove(whole, { recursive: true });
    } catch (error) {
      const isGone = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory;
      if (!isGone) throw error;
    }
  });
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Where there is no home folder, none has to be guarded. */
async function realHome(): Promise<string | undefined> {
  const path = Deno.env.get("HOME");
  return path?.startsWith("/") ? await realPath(path) : undefined;
}

/** Does something with files; what the system refuses becomes an error in words. */
async function inWords<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new ClusterError(
        `Cannot ${what} on ${WHERE}: Deno keeps siren from it`,
        "Give a folder of your own on a disk, and start siren as the README says.",
        { cause },
      );
    }
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new RunError(
      `Cannot ${what}: ${reason}`,
      "See that the folder is there, may be used, and has room.",
      { cause },
    );
  }
}
