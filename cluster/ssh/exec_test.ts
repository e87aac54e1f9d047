import assert from "node:assert";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { ClusterError } from "../../core/errors.ts";
import { runProgram } from "./exec.ts";
import type { Session } from "./session.ts";

/** A session whose host answers all at once: that a channel is open, and at the same moment how its program ended. */
function hastySession(out: string, code: number): Session {
  const client = new EventEmitter() as unknown as Session["client"];
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
  Object.assign(client, {
    exec(_shell: string, opened: (error: undefined, channel: unknown) => void) {
      opened(undefined, channel);
      channel.emit("exit", code);
      channel.stderr.end(out);
      channel.end = () => channel; // the script goes nowhere: nobody reads it any more
      channel.stderr.on("end", () => channel.emit("close"));
    },
  });
  return {
    client,
    during: <T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) =>
      new Promise<T>(start),
  } as unknown as Session; // the rest of a session is not asked for
}

const options = { environment: {}, seconds: 1, mark: "m4rk", isRepeatable: false };

Deno.test("a program that ends as it begins has ended all the same", async () => {
  const session = hastySession("This account is currently not available.", 1);
  await assert.rejects(runProgram(session, "somewhere", ["true"], options), (error) => {
    assert.ok(error instanceof ClusterError);
    assert.match(error.message, /no shell is started for us there \(This account is currently not/);
    return true;
  });
});
