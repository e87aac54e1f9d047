import assert from "node:assert";
import { pathToFileURL } from "node:url";
import { withFolder } from "./mrc/testing.ts";
import { keepLock } from "./keep_lock.ts";

/** The text of a deno.lock with these packages, by specifier. */
function lockOf(
  specifiers: Record<string, string>,
  packages: Record<string, object>,
  dependencies: string[] = ["npm:zod@4.6.7"],
): string {
  return JSON.stringify(
    { version: "5", specifiers, npm: packages, workspace: { dependencies } },
    null,
    2,
  ) + "\n";
}

const zod = { "npm:zod@4.6.7": "4.6.7" };
const packages = {
  "long@5.3.2": { integrity: "sha512-long" },
  "zod@4.6.7": { integrity: "sha512-zod", dependencies: ["long"] },
};
const LOCK = lockOf(zod, packages);

const PACKAGE = "npm:@tensorflow/tfjs-core@4.22.0";
/** The same as Deno writes it once the package is imported: one of another package's has two versions now. */
const MORE = lockOf({ [PACKAGE]: "4.22.0", "npm:other@1": "1.0.0", ...zod }, {
  "@tensorflow/tfjs-core@4.22.0": { integrity: "sha512-core", dependencies: ["long@4.0.0"] },
  "long@4.0.0": { integrity: "sha512-other" },
  ...packages,
  "zod@4.6.7": { integrity: "sha512-zod", dependencies: ["long@5.3.2"] },
});

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
      await Deno.writeTextFile(lock, MORE);
      return 7;
    };
    assert.strictEqual(await keepLock(PACKAGE, load, folder), 7);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
    const fail = async () => {
      await load();
      throw new TypeError("no network");
    };
    await assert.rejects(keepLock(PACKAGE, fail, folder), TypeError);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
    assert.strictEqual([...Deno.readDirSync(folder)].length, 2);
  });
});

Deno.test("a deno.lock that something else has changed is left as it is", async () => {
  const others = {
    "another version of what it held": MORE.replace("sha512-zod", "sha512-newer"),
    "another specifier": MORE.replace('"npm:zod@4.6.7": "4.6.7"', '"npm:zod@4.6.7": "4.6.8"'),
    "a package that was taken out": lockOf({ [PACKAGE]: "4.22.0" }, packages),
    "a package that was updated": MORE.replace('"long@5.3.2": {', '"long@5.3.3": {'),
    "a package that deno.json names": lockOf({ [PACKAGE]: "4.22.0", ...zod }, packages, [PACKAGE]),
    "nothing of the package": LOCK.replace('"npm": {', '"jsr": {},\n  "npm": {'),
    "no JSON": MORE.replace("{", "<<<<<<< HEAD\n{"),
    "no object": "7",
    "other things in its parts": '{"specifiers":3,"npm":[]}',
  };
  await withCheckout(async (folder, lock) => {
    for (const [what, text] of Object.entries(others)) {
      assert.ok(text !== LOCK && text !== MORE, what);
      await Deno.writeTextFile(lock, LOCK);
      await keepLock(PACKAGE, () => Deno.writeTextFile(lock, text), folder);
      assert.strictEqual(await Deno.readTextFile(lock), text, what);
    }
    await Deno.writeTextFile(lock, MORE);
    const reformatted = MORE.replaceAll("  ", " ");
    await keepLock(PACKAGE, () => Deno.writeTextFile(lock, reformatted), folder);
    assert.strictEqual(await Deno.readTextFile(lock), reformatted, "it held the package before");
  });
});

Deno.test("a deno.lock that does not change is not written", async () => {
  await withCheckout(async (folder, lock) => {
    const { ino } = await Deno.stat(lock);
    await keepLock(PACKAGE, () => Promise.resolve(), folder);
    assert.strictEqual((await Deno.stat(lock)).ino, ino);
  });
});

Deno.test("imports at the same time take turns", async () => {
  await withCheckout(async (folder, lock) => {
    let running = 0;
    const load = async () => {
      assert.strictEqual(++running, 1);
      const before = await Deno.readTextFile(lock);
      await Deno.writeTextFile(lock, MORE);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return before;
    };
    const found = await Promise.all([0, 1, 2].map(() => keepLock(PACKAGE, load, folder)));
    assert.deepStrictEqual(found, [LOCK, LOCK, LOCK]);
    assert.strictEqual(await Deno.readTextFile(lock), LOCK);
  });
});

Deno.test("without a deno.lock, as in a bundle, nothing is kept", async () => {
  await withFolder(async (folder) => {
    assert.strictEqual(
      await keepLock(PACKAGE, () => Promise.resolve(1), pathToFileURL(`${folder}/`)),
      1,
    );
    assert.strictEqual([...Deno.readDirSync(folder)].length, 0);
  });
  const remote = new URL("https://example.org/siren/");
  assert.strictEqual(await keepLock(PACKAGE, () => Promise.resolve(2), remote), 2);
});

Deno.test("a deno.lock that cannot be written again does not keep the import from working", async () => {
  const folder = await Deno.makeTempDir({ prefix: "siren_test_" });
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  await Deno.writeTextFile(`${folder}/deno.lock`, LOCK);
  const load = async () => {
    await Deno.remove(folder, { recursive: true });
    return 3;
  };
  assert.strictEqual(await keepLock(PACKAGE, load, pathToFileURL(`${folder}/`)), 3);
});
