/**
 * The program of one thread: keeps what is shared with it and does jobs one after the other.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { SirenError } from "../../core/errors.ts";
import { jobs, type Shared } from "./jobs.ts";
import type { Reply, Request } from "./pool.ts";

const shared: Partial<Shared> = {};
const todo = jobs(shared, (text) => self.postMessage({ kind: "warning", text } satisfies Reply));

self.onmessage = async (event: MessageEvent<Request>) => {
  const request = event.data;
  if (request.kind === "share") {
    Object.assign(shared, { [request.key]: request.value });
    return;
  }
  let reply: Reply;
  const transfer: Transferable[] = [];
  try {
    // The name and its input come from the pool's typed `map`, so they fit each other.
    const output = await todo[request.name](request.input as never);
    for (const value of Object.values(output as object)) {
      if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
        transfer.push(value.buffer);
      }
    }
    reply = { kind: "output", output };
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    reply = {
      kind: "failure",
      name: cause.name,
      message: cause.message,
      remedy: cause instanceof SirenError ? cause.remedy : undefined,
      stack: cause.stack,
    };
  }
  self.postMessage(reply, transfer);
};
