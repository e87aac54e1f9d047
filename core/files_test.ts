import assert from "node:assert";
import { temporaryFolder } from "../tests/surroundings.ts";
import { RunError } from "./errors.ts";
import { isThere, readIfThere, removeTemporaries, writeWhole } from "./files.ts";

async function list(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

Deno.test("a file is written whole, as text or bytes, over one that was there, and nothing beside it", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.txt`;
  await writeWhole(path, "Å");
  assert.deepStrictEqual(await readIfThere(path), Uint8Array.of(0xc3, 0x85));
  await writeWhole(path, Uint8Array.of(1, 2, 3));
  assert.deepStrictEqual(await readIfThere(path), Uint8Array.of(1, 2, 3));
  await writeWhole(path, "");
  assert.deepStrictEqual(await readIfThere(path), new Uint8Array(0));
  assert.deepStrictEqual(await list(folder.path), ["a.txt"]);
});

Deno.test("a reader sees the file before or the file after, never a part", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.bin`;
  const versions = [0, 1, 2].map((value) => new Uint8Array(1 << 20).fill(value));
  await writeWhole(path, versions[0]!);
  let writing = true;
  const writer = (async () => {
    for (let i = 1; i <= 20; i++) await writeWhole(path, versions[i % 3]!);
    writing = false;
  })();
  let reads = 0;
  for (; writing; reads++) {
    const seen = await Deno.readFile(path);
    assert.strictEqual(seen.length, 1 << 20);
    assert.deepStrictEqual(seen, versions[seen[0]!]);
  }
  await writer;
  assert.ok(reads > 0);
});

Deno.test("writers of one name at one time do not mix their bytes", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.txt`;
  const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(path, text)));
  assert.ok(texts.includes(await Deno.readTextFile(path)));
  assert.deepStrictEqual(await list(folder.path), ["a.txt"]);
});

Deno.test("a write that fails leaves nothing and says why", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/taken/inside`, { recursive: true });
  await assert.rejects(writeWhole(`${folder.path}/taken`, "x"), /Is a directory/);
  assert.deepStrictEqual(await list(folder.path), ["taken"]);
  const missing = `${folder.path}/missing/a.txt`;
  await assert.rejects(writeWhole(missing, "x"), (error) => {
    assert.ok(error instanceof RunError);
    assert.strictEqual(error.message, `Cannot write ${missing}: there is no such file or folder`);
    return true;
  });
});

Deno.test("what killed writers left in a folder is removed, and nothing else", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/other_run`);
  const kept = [
    "run.json",
    "notes.tmp",
    "a.1-2.tmp.txt",
    "1-2.tmp",
    "other_run/run.json.18.0a1b2c3d-0.tmp",
  ];
  const left = ["run.json.17.0a1b2c3d-0.tmp", "000001.arrow.4711-0.00000000-31.tmp"];
  for (const name of [...kept, ...left]) await Deno.writeTextFile(`${path}/${name}`, "");
  await removeTemporaries(path);
  assert.deepStrictEqual(await list(path), [
    "1-2.tmp",
    "a.1-2.tmp.txt",
    "notes.tmp",
    "other_run",
    "run.json",
  ]);
  assert.deepStrictEqual(await list(`${path}/other_run`), ["run.json.18.0a1b2c3d-0.tmp"]);
});

Deno.test("a file or folder is there, or is not", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/a.txt`, "");
  for (const name of ["", "/a.txt"]) assert.strictEqual(await isThere(path + name), true);
  for (const name of ["/b", "/b/c", "/a.txt/c"]) {
    assert.strictEqual(await isThere(path + name), false);
  }
});

Deno.test("a missing file is no error, a file that cannot be read is", async () => {
  await using folder = await temporaryFolder();
  assert.strictEqual(await readIfThere(`${folder.path}/missing`), undefined);
  await assert.rejects(readIfThere(folder.path), /Is a directory/);
});
