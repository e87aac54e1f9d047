import assert from "node:assert";
import fc from "fast-check";
import { parseState, type TaskState } from "./states.ts";

Deno.test("a state is read long, short, cut off, with flags, and with who cancelled", () => {
  const expected: Record<string, TaskState> = {
    PENDING: "pending",
    PD: "pending",
    R: "running",
    CONFIGURING: "running",
    "RUNNING,COMPLETING": "completing",
    COMPLETED: "done",
    CD: "done",
    "CANCELLED by 1000": "cancelled",
    "CANCELLED by name@site": "cancelled",
    "CANCELLED+": "cancelled",
    "OUT_OF_ME+": "out_of_memory",
    "NODE_FAIL": "node_fail",
    BOOT_FAIL: "node_fail",
    TIMEOUT: "timeout",
    PREEMPTED: "preempted",
    SUSPENDED: "suspended",
    STOPPED: "suspended",
    DEADLINE: "failed",
    RESIZING: "running",
    STAGE_OUT: "completing",
    SPECIAL_EXIT: "pending",
    REQUEUE_HOLD: "pending",
    "REQUEUE+": "pending",
    " FAILED\n": "failed",
  };
  for (const [text, state] of Object.entries(expected)) {
    assert.strictEqual(parseState(text), state, text);
  }
});

Deno.test("a state that is new, or could be several, is unknown: neither done nor failed", () => {
  for (const text of ["", "REVOKED", "TRANSCENDED", "CO+", "+", "done", "COMPLETED!", "COMPLETE"]) {
    assert.strictEqual(parseState(text), "unknown", text);
  }
  fc.assert(fc.property(fc.string(), (text) => {
    const state = parseState(text);
    if (state === "done") assert.match(text.trim(), /^(?:COMPLETED|CD|COMPLETE[D]?\+)/);
  }));
});
