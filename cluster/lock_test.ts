import assert from "node:assert";
import { RunError } from "../core/errors.ts";
import { temporaryFolder } from "../tests/surroundings.ts";
import { lockHolder, lockRun } from "./lock.ts";

const me = { host: "here", pid: Deno.pid, command: "siren run" };

const refused = (message: string) => (error: unknown) => {
  assert.ok(error instanceof RunError);
  assert.deepStrictEqual([error.message, error.remedy], [
    message,
    "Wait until it ends, or stop it; what it has done is kept.",
  ]);
  return true;
};

Deno.test("a run folder is held by one at a time and given back", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  assert.strictEqual(await lockHolder(path), undefined);
  {
    using _lock = await lockRun(path, me);
    assert.deepStrictEqual(await lockHolder(path), me);
    await assert.rejects(
      lockRun(path, { ...me, command: "siren resume" }),
      refused(`Cannot use ${path}: process ${Deno.pid} on here (siren run) is working on it`),
    );
    assert.deepStrictEqual(await lockHolder(path), me, "who was refused leaves no trace");
  }
  assert.strictEqual(await lockHolder(path), undefined);
  using _again = await lockRun(path, { ...me, command: "r" });
  assert.deepStrictEqual(await lockHolder(path), { ...me, command: "r" });
});

Deno.test("a holder that has not yet said who it is refuses all the same", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  using _lock = await lockRun(path, me);
  await Deno.writeTextFile(`${path}/run.lock`, '{"host":');
  await assert.rejects(
    lockRun(path, me),
    refused(`Cannot use ${path}: another process is working on it`),
  );
  assert.deepStrictEqual(await lockHolder(path), { host: "unknown", pid: 0, command: "unknown" });
});

Deno.test("asking who holds a run folder gets in nobody's way", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  (await lockRun(path, me))[Symbol.dispose]();
  const asker = await Deno.open(`${path}/run.lock`);
  assert.ok(await asker.tryLock(false)); // as lockHolder does, for a moment
  const taken = lockRun(path, me);
  setTimeout(() => asker.close(), 30);
  using _lock = await taken;
  assert.deepStrictEqual(await lockHolder(path), me);
});

Deno.test("a lock goes with its process, however that ends", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const module = new URL("./lock.ts", import.meta.url).href;
  const config = new URL("../deno.json", import.meta.url).pathname;
  const script = `
    const { lockRun } = await import(${JSON.stringify(module)});
    await lockRun(${JSON.stringify(path)}, { host: "node7", pid: Deno.pid, command: "siren run" });
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", `--config=${config}`, script],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /held/);
  await assert.rejects(
    lockRun(path, me),
    refused(`Cannot use ${path}: process ${child.pid} on node7 (siren run) is working on it`),
  );
  assert.strictEqual((await lockHolder(path))?.pid, child.pid);
  child.kill("SIGKILL");
  assert.strictEqual((await child.status).signal, "SIGKILL");
  await reader.cancel();
  assert.strictEqual(await lockHolder(path), undefined);
  using _lock = await lockRun(path, me);
});

Deno.test("a folder that cannot be written cannot be held", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/file`;
  await Deno.writeTextFile(file, "");
  await assert.rejects(lockRun(file, me), {
    name: "RunError",
    message: `Cannot use ${file}: Not a directory (os error 20)`,
    remedy: "A run needs a folder to write to.",
  });
});
