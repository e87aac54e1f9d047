/**
 * Files at the other end, over SFTP.
 *
 * @module
 */
import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import ssh2, { type FileEntryWithStats, type SFTPWrapper, type Stats } from "ssh2";
import { ClusterError } from "../../core/errors.ts";
import { type Entry, MOST_BYTES, tooLarge } from "../transport/transport.ts";
import { ConnectionLost, type Session } from "./session.ts";
import { printable } from "./settings.ts";

/** Bytes of one request, and how many are under way at one time. */
export const PIECE = 128 * 1024, UNDER_WAY = 32;
/** How long one request may take, in seconds: shared disks can be slow. */
const SECONDS = 120;

const { STATUS_CODE } = ssh2.utils.sftp;

/** The server said no. */
class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

type Callback<T> = (error: Error | undefined | null, value: T) => void;

/** Files over one connection. Paths are absolute. */
export class RemoteFiles {
  constructor(readonly session: Session, readonly where: string) {}

  /** Asks one thing of the file server. */
  async ask<T>(request: (sftp: SFTPWrapper, done: Callback<T>) => void): Promise<T> {
    const sftp = await this.session.sftp();
    return await this.session.during<T>((resolve, reject) => {
      request(sftp, (error, value) => {
        if (error) reject(asRefusal(error));
        else resolve(value);
      });
    }, SECONDS);
  }

  async list(path: string): Promise<Entry[] | undefined> {
    const found = await this.#orNone(
      `list ${path}`,
      () => this.ask<FileEntryWithStats[]>((sftp, done) => sftp.readdir(path, done)),
    );
    if (found === undefined) return undefined;
    const entries = await Promise.all(found.map(async ({ filename: name, attrs }) => {
      if (name === "." || name === ".." || name === "" || /[/\0]/.test(name)) {
        throw new ClusterError(
          `Cannot list ${path} on ${this.where}: it names a file that none can have ` +
            `(${JSON.stringify(name)})`,
        );
      }
      // A link counts as what it leads to; one that leads nowhere is left out.
      const stats = attrs.isSymbolicLink() ? await this.stat(`${path}/${name}`) : attrs;
      if (stats === undefined) return [];
      const isFolder = stats.isDirectory();
      return [{ name, bytes: isFolder ? 0 : stats.size, isFolder }];
    }));
    return entries.flat();
  }

  /** What a path leads to; undefined where there is nothing. */
  async stat(path: string): Promise<Stats | undefined> {
    return await this.#orNone(
      `look at ${path}`,
      () => this.ask<Stats>((sftp, done) => sftp.stat(path, done)),
    );
  }

  async realPath(path: string): Promise<string | undefined> {
    return await this.#orNone(
      `look at ${path}`,
      () => this.ask<string>((sftp, done) => sftp.realpath(path, done)),
    );
  }

  /**
   * Content of a file: what it began with if it is written to meanwhile, without gaps.
   *
   * @throws {ClusterError} It has more than `most` bytes, or says so.
   */
  async read(path: string, most = MOST_BYTES): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#orNone(`read ${path}`, () =>
      this.#opened(path, "r", async (handle) => {
        const start = new Uint8Array(PIECE);
        const count = await this.readInto(handle, start, 0);
        const size = count < PIECE ? count : Math.max(count, await this.#sizeOf(path, handle));
        if (size > most) throw tooLarge(path, this.where, size, most);
        if (count < PIECE) return start.slice(0, count);
        const whole = new Uint8Array(size);
        whole.set(start);
        let end = whole.length;
        await inParallel(pieces(count, whole.length), async ([from, to]) => {
          const had = await this.readInto(handle, whole.subarray(from, to), from);
          if (had < to - from) end = Math.min(end, from + had); // it was cut short meanwhile
        });
        return end < size ? whole.slice(0, end) : whole;
      }));
  }

  /** The size of an open file; a server may say what it likes. */
  async #sizeOf(path: string, handle: Buffer): Promise<number> {
    const { size } = await this.ask<{ readonly size?: number }>((sftp, done) =>
      sftp.fstat(handle, done)
    );
    if (Number.isSafeInteger(size) && size !== undefined && size >= 0) return size;
    throw new ClusterError(
      `Cannot read ${path} on ${this.where}: its file server tells no size that a file can have (${size})`,
      "See whether sftp brings the file.",
    );
  }

  async tail(path: string, most: number): Promise<string | undefined> {
    return await this.#orNone(`read ${path}`, () =>
      this.#opened(path, "r", async (handle) => {
        const size = await this.#sizeOf(path, handle);
        const start = Math.max(0, size - most);
        const bytes = new Uint8Array(size - start);
        let length = 0;
        while (length < bytes.length) {
          const part = bytes.subarray(length, length + PIECE);
          const count = await this.readInto(handle, part, start + length);
          if (count === 0) break;
          length += count;
        }
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length));
      }));
  }

  /** Reads until a buffer is full or the file ends; gives the number of bytes. */
  async readInto(
    handle: Buffer,
    into: Uint8Array<ArrayBuffer>,
    position: number,
  ): Promise<number> {
    const buffer = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
    let length = 0;
    while (length < buffer.length) {
      const count = await this.session.sftp().then((sftp) =>
        this.session.during<number>((resolve, reject) => {
          const left = buffer.length - length;
          sftp.read(handle, buffer, length, left, position + length, (error, had) => {
            if (error) reject(asRefusal(error));
            else resolve(had);
          });
        }, SECONDS)
      );
      if (count === 0) break;
      length += count;
    }
    return length;
  }

  /** Writes a whole file under a new name. */
  async create(path: string, content: Uint8Array, mode: number): Promise<void> {
    await this.#inWords(`write ${path}`, () =>
      this.#opened(path, "wx", async (handle) => {
        await this.put(handle, content, 0);
        await this.settle(handle, mode);
      }, mode));
  }

  /** Writes bytes at a place of a file. */
  async put(handle: Buffer, content: Uint8Array, position: number): Promise<void> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    await inParallel(
      pieces(0, bytes.length),
      ([from, to]) =>
        this.ask<unknown>((sftp, done) =>
          sftp.write(handle, bytes, from, to - from, position + from, (error) => done(error, null))
        ),
    );
  }

  /** Sets the mode of an open file and has it written to the disk, where the server can do that. */
  async settle(handle: Buffer, mode: number): Promise<void> {
    await this.ask<unknown>((sftp, done) =>
      sftp.fsetstat(handle, { mode }, (error) => done(error, null))
    );
    await this.ask<unknown>((sftp, done) => {
      try {
        sftp.ext_openssh_fsync(handle, (error) => done(error, null));
      } catch (error) {
        if (!isLacking(error)) throw error;
        done(undefined, null);
      }
    });
  }

  async setMode(path: string, mode: number): Promise<void> {
    await this.#inWords(
      `write ${path}`,
      () => this.ask<unknown>((sftp, done) => sftp.chmod(path, mode, (error) => done(error, null))),
    );
  }

  /** Cuts an open file to a size in bytes. */
  async cut(handle: Buffer, size: number): Promise<void> {
    await this.ask<unknown>((sftp, done) =>
      sftp.fsetstat(handle, { size }, (error) => done(error, null))
    );
  }

  /** Gives a file its name, over one that has it; false where the server cannot do that in one step. */
  async rename(from: string, to: string): Promise<boolean> {
    return await this.#inWords(`write ${to}`, () =>
      this.ask<boolean>((sftp, done) => {
        try {
          sftp.ext_openssh_rename(from, to, (error) => {
            const isUnknown = error instanceof Error && "code" in error &&
              error.code === STATUS_CODE.OP_UNSUPPORTED;
            if (isUnknown) done(undefined, false);
            else done(error, true);
          });
        } catch (error) {
          if (!isLacking(error)) throw error;
          done(undefined, false);
        }
      }));
  }

  /** Removes a file; one that is not there is as good. */
  async unlink(path: string): Promise<void> {
    await this.#orNone(
      `remove ${path}`,
      () => this.ask<unknown>((sftp, done) => sftp.unlink(path, (error) => done(error, null))),
    );
  }

  async makeFolder(path: string): Promise<void> {
    await this.#inWords(`make the folder ${path}`, () => this.#makeFolder(path));
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      await this.ask<unknown>((sftp, done) => sftp.mkdir(path, (error) => done(error, null)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const there = await this.stat(path);
      if (there?.isDirectory()) return;
      const above = path.replace(/\/+[^/]*\/*$/, "");
      if (there !== undefined || error.code !== STATUS_CODE.NO_SUCH_FILE || above === "") {
        throw error;
      }
      await this.#makeFolder(above);
      // Another one may have made it meanwhile: that is looked at as above, but one level only.
      await this.ask<unknown>((sftp, done) => sftp.mkdir(path, (error) => done(error, null)))
        .catch(async (second) => {
          if (!(await this.stat(path))?.isDirectory()) throw second;
        });
    }
  }

  /** Opens a file to write to it, at whatever place; gives its size. */
  async openPart<T>(
    path: string,
    action: (handle: Buffer, size: number) => Promise<T>,
  ): Promise<T> {
    const { OPEN_MODE } = ssh2.utils.sftp;
    return await this.#inWords(
      `write ${path}`,
      () =>
        this.#opened(path, OPEN_MODE.READ | OPEN_MODE.WRITE | OPEN_MODE.CREAT, async (handle) => {
          return await action(handle, await this.#sizeOf(path, handle));
        }, 0o600),
    );
  }

  /** Does something with the bytes of a file, piece by piece in order. */
  async eachPiece(path: string, action: (piece: Uint8Array) => void): Promise<void> {
    await this.#inWords(`read ${path}`, () =>
      this.#opened(path, "r", async (handle) => {
        for (let at = 0;;) {
          const batch = new Uint8Array(PIECE * UNDER_WAY);
          const counts: number[] = [];
          await inParallel(pieces(0, batch.length), async ([from, to]) => {
            counts.push(await this.readInto(handle, batch.subarray(from, to), at + from));
          });
          const count = counts.reduce((sum, one) => sum + one, 0);
          action(batch.subarray(0, count));
          if (count < batch.length) return;
          at += count;
        }
      }));
  }

  async #opened<T>(
    path: string,
    flags: "r" | "wx" | number,
    action: (handle: Buffer) => Promise<T>,
    mode = 0o644,
  ): Promise<T> {
    const handle = await this.ask<Buffer>((sftp, done) => sftp.open(path, flags, mode, done));
    let isDone = false;
    try {
      const result = await action(handle);
      isDone = true;
      return result;
    } finally {
      const closing = this.ask<unknown>((sftp, done) =>
        sftp.close(handle, (error) => done(error, null))
      );
      // Some disks say only now that they are full; after an error that one is what matters.
      if (isDone) await closing;
      else await closing.catch(() => {});
    }
  }

  async #orNone<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Refused && error.code === STATUS_CODE.NO_SUCH_FILE) return undefined;
      throw this.#wording(what, error);
    }
  }

  async #inWords<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw this.#wording(what, error);
    }
  }

  #wording(what: string, error: unknown): unknown {
    if (!(error instanceof Refused)) return error;
    const reason = error.code === STATUS_CODE.NO_SUCH_FILE
      ? "there is no such file or folder"
      : error.code === STATUS_CODE.PERMISSION_DENIED
      ? "the system denies permission"
      : `the system refuses (${printable(error.message)})`;
    return new ClusterError(
      `Cannot ${what} on ${this.where}: ${reason}`,
      "See that the folder is there, may be used, and has room (disk and quota).",
      { cause: error },
    );
  }
}

/** What ssh2 hands on: a status of the server has a number as its code; all else is the end of the channel. */
function asRefusal(error: Error): Error {
  const isStatus = "code" in error && typeof error.code === "number" &&
    error.code !== STATUS_CODE.CONNECTION_LOST && error.code !== STATUS_CODE.NO_CONNECTION;
  return isStatus && "code" in error && typeof error.code === "number"
    ? new Refused(error.code, error.message)
    : new ConnectionLost(error.message, { cause: error });
}

/** Whether ssh2 says that the server has not announced an extension. */
function isLacking(error: unknown): boolean {
  return error instanceof Error && /does not support this extended request/.test(error.message);
}

/** The pieces of a stretch of bytes. */
function pieces(from: number, to: number): [from: number, to: number][] {
  const count = Math.ceil(Math.max(0, to - from) / PIECE);
  return Array.from(
    { length: count },
    (_, i) => [from + i * PIECE, Math.min(to, from + (i + 1) * PIECE)],
  );
}

/** Does something with each item, begun in order, {@linkcode UNDER_WAY} at one time. */
async function inParallel<T>(
  items: readonly T[],
  action: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const item = items[next++];
      if (item !== undefined) await action(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(UNDER_WAY, items.length) }, worker));
}
