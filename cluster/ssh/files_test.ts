import assert from "node:assert";
import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type { SFTPWrapper } from "ssh2";
import { PIECE, RemoteFiles } from "./files.ts";
import { ConnectionLost, type Session } from "./session.ts";

/** Files over a server that answers as it likes. */
function filesOf(sftp: Partial<Record<keyof SFTPWrapper, (...args: never[]) => void>>) {
  const session: Session = {
    client: undefined as never, // files are all that is asked for
    isLost: false,
    during: (start) => new Promise(start),
    sftp: () => Promise.resolve(sftp as unknown as SFTPWrapper),
    close: () => {},
  };
  return new RemoteFiles(session, "me@h");
}

const isFile = { isSymbolicLink: () => false, isDirectory: () => false, size: 1 };

Deno.test("a name that leads out of its folder is refused", async () => {
  for (const filename of ["..", ".", "", "a/b", "../a", "a\0"]) {
    const files = filesOf({
      readdir: (_path: string, done: (error: undefined, list: unknown) => void) =>
        done(undefined, [{ filename, attrs: isFile }]),
    });
    await assert.rejects(files.list("/a"), {
      name: "ClusterError",
      message: `Cannot list /a on me@h: it names a file that none can have (${
        JSON.stringify(filename)
      })`,
    });
  }
});

/** A server with one open file. */
function serving(
  read: (position: number, length: number) => Uint8Array | undefined,
  size: number | undefined,
) {
  let closed = 0;
  const files = filesOf({
    open: (...args: unknown[]) => reply(args)(undefined, Buffer.from("h")),
    fstat: (_handle: Buffer, done: (error: undefined, stats: object) => void) =>
      done(undefined, { size }),
    read: (
      ...[, into, at, length, position, done]: [
        Buffer,
        Buffer,
        number,
        number,
        number,
        (error: undefined, count: number) => void,
      ]
    ) => {
      const bytes = read(position, length) ?? new Uint8Array(0);
      into.set(bytes, at);
      queueMicrotask(() => done(undefined, bytes.length));
    },
    close: (...args: unknown[]) => {
      closed++;
      reply(args)(undefined);
    },
  });
  return { files, closed: () => closed };
}

const reply = (args: unknown[]) => args.at(-1) as (error: undefined, value?: unknown) => void;

/** Byte `i` of a file is `i % 251`. */
const content = (from: number, to: number) =>
  Uint8Array.from({ length: Math.max(0, to - from) }, (_, i) => (from + i) % 251);

Deno.test("a size that a server makes up takes no memory", async () => {
  for (const size of [2 ** 31, 2 ** 40, 2 ** 64, -1, NaN, 1.5, undefined]) {
    const { files, closed } = serving((at, length) => content(at, at + length), size);
    if (size === -1 || !Number.isSafeInteger(size)) {
      for (const ask of [files.read("/a"), files.tail("/a", 10)]) {
        await assert.rejects(ask, {
          name: "ClusterError",
          message:
            `Cannot read /a on me@h: its file server tells no size that a file can have (${size})`,
        });
      }
      assert.strictEqual(closed(), 2);
    } else {
      await assert.rejects(files.read("/a"), {
        name: "ClusterError",
        message: `Cannot read /a on me@h: it is too large (${size} bytes; at most ${
          2 ** 30
        } are taken)`,
      });
      assert.strictEqual(closed(), 1);
    }
  }
});

Deno.test("of a file that shrinks or grows while it is read there is what it begins with", async () => {
  const size = 5 * PIECE + 7;
  for (const is of [0, 1, PIECE, PIECE + 1, 3 * PIECE - 1, size, size + 1, 9 * PIECE]) {
    // It has `size` bytes for the first piece, and `is` from then on.
    const { files } = serving(
      (at, length) => content(at, Math.min(at + length, at === 0 ? size : is)),
      size,
    );
    const got = await files.read("/a");
    assert.deepStrictEqual(got, content(0, Math.min(size, Math.max(is, PIECE))), String(is));
  }
  const { files } = serving((at, length) => content(at, Math.min(at + length, PIECE)), 0);
  assert.deepStrictEqual(await files.read("/a"), content(0, PIECE), "it was emptied");
});

Deno.test("a file is created with its mode, not given it afterwards", async () => {
  const calls: unknown[][] = [];
  const note = (name: string) => (...args: unknown[]) => {
    calls.push([name, ...args.slice(1, -1).filter((one) => !(one instanceof Uint8Array))]);
    reply(args)(undefined, Buffer.from("h"));
  };
  const files = filesOf({
    open: note("open"),
    write: note("write"),
    fsetstat: note("fsetstat"),
    ext_openssh_fsync: note("fsync"),
    close: note("close"),
  });
  await files.create("/a", new Uint8Array(3), 0o600);
  assert.deepStrictEqual(calls.slice(0, 2), [["open", "wx", 0o600], ["write", 0, 3, 0]]);
});

Deno.test("what the server says no to is told in words; the end of its channel is a loss", async () => {
  const answering = (error: Error) =>
    filesOf({ readdir: (_path: string, done: (error: Error) => void) => done(error) }).list("/a");
  const status = (code: number, message: string) => Object.assign(new Error(message), { code });
  assert.strictEqual(await answering(status(2, "No such file")), undefined);
  await assert.rejects(answering(status(3, "Permission denied")), {
    name: "ClusterError",
    message: "Cannot list /a on me@h: the system denies permission",
  });
  await assert.rejects(answering(status(4, "Failure\u001b[2J")), {
    name: "ClusterError",
    message: "Cannot list /a on me@h: the system refuses (Failure[2J)",
  });
  await assert.rejects(answering(new Error("No response from server")), ConnectionLost);
});
