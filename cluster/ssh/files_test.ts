import assert from "node:assert";
// @ts-types="@types/ssh2"
import type { SFTPWrapper } from "ssh2";
import { RemoteFiles } from "./files.ts";
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
