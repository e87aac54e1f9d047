import assert from "node:assert";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import { notReached } from "./reasons.ts";
import { findRoute } from "./ssh_config.ts";

const { targets: [target] } = findRoute({ host: "h" }, [], { home: "/h", user: "me" });

Deno.test("errors of the network are told in words; those that may pass are told apart", () => {
  const cases: [error: Error, message: RegExp, isPassing: boolean][] = [
    [new Error("connect ECONNREFUSED"), /: nothing listens there \(h port 22: connect/, true],
    [Object.assign(new Error("x"), { code: "ENOTFOUND" }), /: no machine has this name \(/, true],
    [Object.assign(new Error("x"), { code: "ETIMEDOUT" }), /: it does not answer \(/, true],
    [new Error("Keepalive timeout"), /: it broke the connection off \(/, true],
    [new Error("Too many authentication failures"), /: it was offered too many keys/, false],
    [new Error("Handshake failed: no matching key exchange algorithm"), /way of encryption/, false],
    [new Error("odd \u001b[31m"), /^Cannot reach me@h: odd \[31m \(h port 22\)$/, true],
  ];
  for (const [cause, message, isPassing] of cases) {
    const error = notReached("me@h", target, cause);
    assert.ok(error instanceof ClusterError);
    assert.match(error.message, message);
    assert.strictEqual(error instanceof ConnectionError, isPassing, error.message);
    assert.ok(error.remedy !== undefined);
  }
});

Deno.test("errors in words, and defects, are handed through", () => {
  for (const error of [new ClusterError("said"), new Deno.errors.NotCapable("net"), "text"]) {
    assert.strictEqual(notReached("me@h", target, error), error);
  }
});
