import assert from "node:assert";
import { pathToFileURL } from "node:url";
import { withFolder } from "./mrc/testing.ts";
import { keepLock } from "./keep_lock.ts";

const LOCK = '{"version":"5"}\n';

/** A checkout with a deno.lock. */
function withCheckout(use: (folder: URL, lock: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    await Deno.writeTextFile(`${folder}/deno.lock`, LOCK);
    await use(pathToFileURL(`${folder}/`), `${folder}/deno.lock`);
  });
}

Deno.test("deno.lock is put back, whether the import works or not", async () => {
  await withCheckout(async (folder, lock) => {
    const load = async () => {
      await Deno.writeTextFile(lock, "more");
      return 7;
    };
    assert.strictEqual(await keepLock(load, folder), 7);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
    const fail = async () => {
      await load();
      throw new TypeError("no network");
    };
    await assert.rejects(keepLock(fail, folder), TypeError);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
    assert.strictEqual([...Deno.readDirSync(folder)].length, 2);
  });
});

Deno.test("a deno.lock that does not change is not written", async () => {
  await withCheckout(async (folder, lock) => {
    const { ino } = await Deno.stat(lock);
    await keepLock(() => Promise.resolve(), folder);
    assert.strictEqual((await Deno.stat(lock)).ino, ino);
  });
});

Deno.test("imports at the same time take turns", async () => {
  await withCheckout(async (folder, lock) => {
    let running = 0;
    const load = async () => {
      assert.strictEqual(++running, 1);
      const before = await Deno.readTextFile(lock);
      await Deno.writeTextFile(lock, "more");
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return before;
    };
    const found = await Promise.all([0, 1, 2].map(() => keepLock(load, folder)));
    assert.deepStrictEqual(found, [LOCK, LOCK, LOCK]);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
  });
});

Deno.test("without a deno.lock, as in a bundle, nothing is kept", async () => {
  await withFolder(async (folder) => {
    assert.strictEqual(await keepLock(() => Promise.resolve(1), pathToFileURL(`${folder}/`)), 1);
    assert.strictEqual([...Deno.readDirSync(folder)].length, 0);
  });
  const remote = new URL("https://example.org/siren/");
  assert.strictEqual(await keepLock(() => Promise.resolve(2), remote), 2);
});

Deno.test("a deno.lock that cannot be written again does not keep the import from working", async () => {
  const folder = await Deno.makeTempDir({ prefix: "siren_test_" });
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  await Deno.writeTextFile(`${folder}/deno.lock`, LOCK);
  const load = async () => {
    await Deno.remove(folder, { recursive: true });
    return 3;
  };
  assert.strictEqual(await keepLock(load, pathToFileURL(`${folder}/`)), 3);
});
