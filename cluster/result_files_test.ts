import assert from "node:assert";
import { InputError } from "../core/errors.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { LIST, type ResultFiles, writeResults } from "./result_files.ts";

/** Result files of fixed contents, and the names of those that were made. */
function results(contents: Record<string, string | Uint8Array>): {
  files: ResultFiles;
  made: string[];
} {
  const made: string[] = [];
  const files = new Map(
    Object.entries(contents).map(([name, content]) => [name, () => {
      made.push(name);
      return content;
    }]),
  );
  return { files, made };
}

const contents = { "a.txt": "A", "b.bin": Uint8Array.of(1, 2), "block_0.mrc": "mask" };

Deno.test("results are written with a list of their hashes, in the order given", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/00_sketch`;
  const surroundings = quietly();
  const { files, made } = results(contents);
  assert.deepStrictEqual(await writeResults(path, "key", files, surroundings), []);
  assert.deepStrictEqual(made.toSorted(), Object.keys(contents));
  assert.strictEqual(await Deno.readTextFile(`${path}/a.txt`), "A");
  assert.deepStrictEqual(await Deno.readFile(`${path}/b.bin`), Uint8Array.of(1, 2));
  const list = JSON.parse(await Deno.readTextFile(`${path}/${LIST}`));
  assert.strictEqual(list.key, "key");
  const hashes = await hashFolder(path, (name) => name === LIST);
  assert.deepStrictEqual(Object.entries(list.files), [...hashes]);
  const steps = surroundings.news.map((news) => news.kind === "progress" ? news.done : news);
  assert.deepStrictEqual(steps, [0, 1, 2, 3]);
});

Deno.test("results that are there are neither made nor written again", async () => {
  await using folder = await temporaryFolder();
  await writeResults(folder.path, "key", results(contents).files, quietly());
  const before = (await Deno.stat(`${folder.path}/a.txt`)).ino;
  const { files, made } = results(contents);
  const surroundings = quietly();
  assert.deepStrictEqual(await writeResults(folder.path, "key", files, surroundings), []);
  assert.deepStrictEqual(made, []);
  assert.strictEqual((await Deno.stat(`${folder.path}/a.txt`)).ino, before);
  assert.deepStrictEqual(surroundings.news.filter(({ kind }) => kind !== "progress"), []);
});

Deno.test("a missing file is restored, an edited one is left alone and reported", async () => {
  await using folder = await temporaryFolder();
  await writeResults(folder.path, "key", results(contents).files, quietly());
  const list = await Deno.readTextFile(`${folder.path}/${LIST}`);
  await Deno.remove(`${folder.path}/b.bin`);
  await Deno.writeTextFile(`${folder.path}/a.txt`, "mine");
  await Deno.writeTextFile(`${folder.path}/block_7.mrc`, "added");
  const { files, made } = results(contents);
  const surroundings = quietly();
  assert.deepStrictEqual(await writeResults(folder.path, "key", files, surroundings), ["a.txt"]);
  assert.deepStrictEqual(made, ["b.bin"]);
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/a.txt`), "mine");
  assert.deepStrictEqual(await Deno.readFile(`${folder.path}/b.bin`), Uint8Array.of(1, 2));
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/block_7.mrc`), "added");
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/${LIST}`), list);
  assert.deepStrictEqual(surroundings.news.at(-1), {
    kind: "warning",
    text: `Changed since siren wrote it, and left as it is: ${folder.path}/a.txt`,
  });
});

Deno.test("a file that may be taken away stays away", async () => {
  await using folder = await temporaryFolder();
  const mayGo = (name: string) => name.startsWith("block_");
  await writeResults(folder.path, "key", results(contents).files, quietly(), mayGo);
  await Deno.remove(`${folder.path}/block_0.mrc`);
  await Deno.remove(`${folder.path}/a.txt`);
  const { files, made } = results(contents);
  const surroundings = quietly();
  assert.deepStrictEqual(await writeResults(folder.path, "key", files, surroundings, mayGo), [
    "block_0.mrc",
  ]);
  assert.deepStrictEqual(made, ["a.txt"]);
  await assert.rejects(Deno.stat(`${folder.path}/block_0.mrc`), Deno.errors.NotFound);
  assert.deepStrictEqual(surroundings.news.at(-1), {
    kind: "warning",
    text: `Changed since siren wrote it, and left as it is: ${folder.path}/block_0.mrc`,
  });
});

Deno.test("results interrupted before their list are all written again", async () => {
  await using folder = await temporaryFolder();
  const failing = new Map(results(contents).files).set("z.txt", () => {
    throw new Error("no space left");
  });
  await assert.rejects(writeResults(folder.path, "key", failing, quietly()), /no space left/);
  await assert.rejects(Deno.stat(`${folder.path}/${LIST}`), Deno.errors.NotFound);
  await Deno.writeTextFile(`${folder.path}/a.txt`, "half");
  const { files, made } = results(contents);
  assert.deepStrictEqual(await writeResults(folder.path, "key", files, quietly()), []);
  assert.deepStrictEqual(made.toSorted(), Object.keys(contents));
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/a.txt`), "A");
});

Deno.test("where one file fails, nothing is written any more once that is told", async () => {
  await using folder = await temporaryFolder();
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const files: ResultFiles = new Map([
    ["a.txt", () => promise],
    ["b.txt", () => {
      setTimeout(() => resolve(Uint8Array.of(1)), 20);
      throw new Error("no space left");
    }],
  ]);
  await assert.rejects(writeResults(folder.path, "key", files, quietly()), /no space left/);
  assert.deepStrictEqual(await Deno.readFile(`${folder.path}/a.txt`), Uint8Array.of(1));
});

Deno.test("results of another key replace those that are there, and none of the old ones stays", async () => {
  await using folder = await temporaryFolder();
  await writeResults(folder.path, "key", results(contents).files, quietly());
  await Deno.writeTextFile(`${folder.path}/notes.txt`, "the user's own");
  const { files, made } = results({ "a.txt": "other", "c.txt": "C" });
  await writeResults(folder.path, "other key", files, quietly());
  assert.deepStrictEqual(made.toSorted(), ["a.txt", "c.txt"]);
  const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  assert.deepStrictEqual(names.sort(), ["a.txt", "c.txt", LIST, "notes.txt"]);
  const list = JSON.parse(await Deno.readTextFile(`${folder.path}/${LIST}`));
  assert.deepStrictEqual([list.key, Object.keys(list.files)], ["other key", ["a.txt", "c.txt"]]);
});

Deno.test("a file that was edited is left alone under another key too, and stays reported", async () => {
  await using folder = await temporaryFolder();
  await writeResults(folder.path, "key", results(contents).files, quietly());
  for (const name of ["a.txt", "block_0.mrc"]) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "by hand");
  }
  const other = { "a.txt": "other", "b.bin": "other" };
  const write = () => writeResults(folder.path, "other key", results(other).files, quietly());
  assert.deepStrictEqual(await write(), ["a.txt", "block_0.mrc"]);
  assert.deepStrictEqual(await write(), ["a.txt"]);
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/a.txt`), "by hand");
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/b.bin`), "other");
  assert.strictEqual(await Deno.readTextFile(`${folder.path}/block_0.mrc`), "by hand");
});

for (
  const [what, text] of [
    ["truncated", '{"key": "key", "fil'],
    ["without hashes", '{"key":"key"}'],
    ["with more in it", '{"key":"key","files":{},"x":1}'],
  ] as const
) {
  Deno.test(`a list of results that is ${what} is refused, and nothing is written`, async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/${LIST}`, text);
    const { files, made } = results(contents);
    await assert.rejects(writeResults(folder.path, "key", files, quietly()), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepStrictEqual([error.message, error.remedy], [
        `Cannot read ${folder.path}/${LIST}: it is damaged`,
        "Remove it, and every result is written again.",
      ]);
      return true;
    });
    assert.deepStrictEqual(made, []);
  });
}
