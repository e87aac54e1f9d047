import assert from "node:assert";
import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type { AnyAuthMethod, ParsedKey, Prompt } from "ssh2";
import { type Attempt, authentication, notLetIn, type Secrets } from "./authenticate.ts";
import type { Identity } from "./identities.ts";
import { recorded } from "./testing.ts";

/** A host that takes factors in order; what it says to each try. */
interface Host {
  /** Methods offered at each stage. */
  readonly stages: readonly (readonly string[])[];
  /** Whether a try is right at a stage. */
  readonly isRight: (method: AnyAuthMethod, stage: number) => boolean | Promise<boolean>;
}

function identity(label: string): Identity {
  const key = { type: "ssh-ed25519", comment: label } as ParsedKey; // nothing else is looked at here
  return { label, key, sign: () => Promise.resolve(Buffer.from(label)) };
}

/** Plays a host against the order of methods; gives the tries, and whether it let us in. */
async function play(
  host: Host,
  { keys = [], answers, secrets = new Map() }: {
    keys?: Identity[];
    answers?: (string | undefined)[];
    secrets?: Secrets;
  },
) {
  const attempt: Attempt = { tried: [], left: [], offered: [] };
  const { ask, asked } = recorded("/home", answers);
  const methods = authentication({
    where: "me@host",
    machine: "machine",
    user: "me",
    identities: () => Promise.resolve({ usable: keys, left: [] }),
    ask,
    secrets,
    attempt,
  });
  const tries: string[] = [];
  let stage = 0, isPartial = false;
  for (;;) {
    const { value: method, done } = await methods.next({
      methods: host.stages[stage] ?? [],
      isPartial,
    });
    if (done || method === undefined) return { isIn: false, tries, asked, attempt };
    tries.push(method.type);
    isPartial = method.type !== "none" && await host.isRight(method, stage);
    if (isPartial && ++stage === host.stages.length) return { isIn: true, tries, asked, attempt };
    // ssh2 says nothing of partial success of an agent's key.
    if (method.type === "agent") isPartial = false;
  }
}

/** Has the host take an agent's key: it lets it sign. */
async function signs(method: AnyAuthMethod, label: string): Promise<boolean> {
  if (method.type !== "agent" || typeof method.agent === "string") return false;
  const { agent } = method;
  const key = await new Promise<unknown>((resolve) => {
    agent.getIdentities((_error, keys) => resolve(keys?.[0]));
  });
  const named = key as ParsedKey; // ours, see identity()
  if (named.comment !== label) return false;
  return await new Promise((resolve) => {
    agent.sign(named, Buffer.alloc(0), {}, (error, signature) => {
      resolve(!error && signature?.toString() === label);
    });
  });
}

/** Has the host ask its questions. */
function answersTo(method: AnyAuthMethod, prompts: Prompt[]): Promise<string[]> {
  return new Promise((resolve) => {
    if (method.type !== "keyboard-interactive") resolve([]);
    else method.prompt("", "", "", prompts, resolve);
  });
}

Deno.test("keys are tried in order until one is right", async () => {
  const host: Host = { stages: [["publickey", "password"]], isRight: (one) => signs(one, "b") };
  const keys = ["a", "b", "c"].map(identity);
  const { isIn, tries, attempt } = await play(host, { keys });
  assert.ok(isIn);
  assert.deepStrictEqual(tries, ["none", "agent", "agent"]);
  assert.deepStrictEqual(attempt.tried, ["a", "b"]);
});

Deno.test("after a right key the host is asked what else it wants", async () => {
  const prompts = [{ prompt: "Code: ", echo: true }];
  const host: Host = {
    stages: [["publickey"], ["keyboard-interactive"]],
    isRight: async (one, stage) =>
      stage === 0 ? await signs(one, "a") : (await answersTo(one, prompts))[0] === "123",
  };
  const { isIn, tries, asked } = await play(host, {
    keys: [identity("a"), identity("b")],
    answers: ["999", "123"],
  });
  assert.ok(isIn);
  assert.deepStrictEqual(tries, [
    "none",
    "agent",
    "none",
    "keyboard-interactive",
    "keyboard-interactive",
  ]);
  assert.deepStrictEqual(asked, ["me@host: Code: ", "me@host: Code: "]);
});

Deno.test("a password is remembered for the next connection, a code is not", async () => {
  const prompts = [{ prompt: "Password: ", echo: false }, {
    prompt: "OTP password: ",
    echo: false,
  }];
  const host: Host = {
    stages: [["keyboard-interactive"]],
    isRight: async (one) => (await answersTo(one, prompts)).join() === "secret,1",
  };
  const secrets: Secrets = new Map();
  const first = await play(host, { answers: ["wrong", "1", "secret", "1"], secrets });
  assert.ok(first.isIn);
  assert.strictEqual(first.asked.length, 4, "a wrong password is not kept");
  const second = await play(host, { answers: ["1"], secrets });
  assert.ok(second.isIn);
  assert.deepStrictEqual(second.asked, ["me@host: OTP password: (secret)"]);
  const changed: Host = {
    ...host,
    isRight: async (one) => (await answersTo(one, prompts))[0] === "new",
  };
  const third = await play(changed, { answers: ["1", "new", "2"], secrets });
  assert.ok(third.isIn, "a password that was changed is asked for");
});

Deno.test("three wrong answers are enough, and none is the end", async () => {
  const methods = ["keyboard-interactive", "password"];
  const prompts = [{ prompt: "Code: ", echo: true }];
  const isRight = async (method: AnyAuthMethod) => {
    await answersTo(method, prompts);
    return false;
  };
  const host: Host = { stages: [methods], isRight };
  const all = await play(host, { answers: ["a", "b", "c", "d", "e", "f", "g"] });
  assert.ok(!all.isIn);
  assert.deepStrictEqual(all.tries.slice(1), [
    ...Array(3).fill("keyboard-interactive"),
    ...Array(3).fill("password"),
  ]);
  assert.strictEqual(all.asked.length, 6);
  const few = await play(host, { answers: ["a"] });
  assert.deepStrictEqual(few.tries.slice(1), ["keyboard-interactive", "keyboard-interactive"]);
  assert.strictEqual(few.asked.length, 3, "the question and the password stay unanswered");
});

Deno.test("control characters in a host's questions do not reach the terminal", async () => {
  const prompts = [{ prompt: "\u001b[2JPassword\u202e: ", echo: false }];
  const host: Host = {
    stages: [["keyboard-interactive"]],
    isRight: async (one) => (await answersTo(one, prompts))[0] === "x",
  };
  assert.deepStrictEqual((await play(host, { answers: ["x"] })).asked, [
    "me@host: [2JPassword: (secret)",
  ]);
});

Deno.test("without a terminal nothing is asked, and the error says so", async () => {
  const host: Host = { stages: [["keyboard-interactive", "password"]], isRight: () => true };
  const { isIn, tries, attempt } = await play(host, {});
  assert.ok(!isIn);
  assert.deepStrictEqual(tries, ["none"]);
  const { message, remedy } = notLetIn("me@host", attempt, false);
  assert.strictEqual(
    message,
    "Cannot reach me@host: it does not let us in (tried: nothing; not tried: questions of the " +
      "host need a terminal, a password needs a terminal; the host takes: keyboard-interactive, password)",
  );
  assert.match(remedy ?? "", /ssh-add/);
});
