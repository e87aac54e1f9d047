import assert from "node:assert";
import { workerEnvironment } from "../cluster/worker.ts";
import { makeClient, sleep } from "./client.ts";
import { fakeIo, home } from "./testing.ts";

Deno.test("makeClient takes the user from the environment", async () => {
  const io = fakeIo({}, {
    HOME: "/home/me",
    USER: "",
    LOGNAME: "me",
    SSH_AUTH_SOCK: "/run/agent",
    DENO_DIR: "/cache",
  });
  const ask = () => Promise.resolve("yes");
  const { now, sleep, siren, ...client } = await makeClient(io, ask);
  assert.deepStrictEqual(client, {
    home: "/home/me",
    user: "me",
    agent: "/run/agent",
    environment: { DENO_DIR: "/cache", DENO_NO_UPDATE_CHECK: "1" },
    ask,
  });
  assert.ok(now() instanceof Date && sleep !== undefined && siren.length > 1);
});

Deno.test("makeClient leaves out what is not there", async () => {
  const client = await makeClient(fakeIo({}, home), undefined);
  assert.deepStrictEqual([client.agent, client.environment, "ask" in client], [
    undefined,
    { DENO_NO_UPDATE_CHECK: "1" },
    false,
  ]);
});

Deno.test("makeClient asks the system for the user's name where the environment lacks it", async () => {
  assert.strictEqual((await makeClient(fakeIo({}, home), undefined)).user, "me");
  const io = { ...fakeIo({}, home), userName: () => Promise.resolve(undefined) };
  await assert.rejects(makeClient(io, undefined), {
    name: "UsageError",
    message: "Cannot go to a cluster: the environment does not say who you are (USER is not set)",
  });
  await assert.rejects(makeClient(fakeIo({}, { USER: "you" }), undefined), {
    message: "Cannot go to a cluster: the environment does not say who you are (HOME is not set)",
  });
});

Deno.test("the words that start a worker start siren, with nothing but what a worker needs", async () => {
  const { siren, environment } = await makeClient(
    fakeIo({}, home),
    undefined,
  );
  const permissions = siren.filter((word) => word.startsWith("--allow-"));
  assert.deepStrictEqual(permissions.filter((word) => !word.startsWith("--allow-env=")), [
    "--allow-read",
    "--allow-write",
    "--allow-sys=hostname,systemMemoryInfo",
    "--allow-ffi",
  ]);
  assert.ok(permissions.includes(`--allow-env=${workerEnvironment.join(",")}`));
  assert.ok(siren.includes("--cached-only"), "nodes need no internet");
  const [deno, ...args] = siren;
  const { code, stdout } = await new Deno.Command(deno, {
    args: [...args, "worker", "--help"],
    env: { ...environment },
    cwd: "/",
  }).output();
  assert.strictEqual(code, 0);
  assert.match(new TextDecoder().decode(stdout), /^Usage: siren worker /);
});

Deno.test("sleep ends when its time is over, or at once when it is told to", async () => {
  const abort = new AbortController();
  await sleep(1, abort.signal);
  const long = sleep(1_000_000, abort.signal);
  abort.abort();
  await long;
  await sleep(1_000_000, abort.signal);
});
