import assert from "node:assert";
import { InputError } from "../errors.ts";
import { parseBlocks, readBlocks } from "./read_blocks.ts";

Deno.test("parseBlocks keeps ids and voxels", () => {
  const blocks = parseBlocks(`{"12": [7, 3], "b": []}`, "blocks.json");
  assert.deepStrictEqual([...blocks], [["12", [7, 3]], ["b", []]]);
});

Deno.test("parseBlocks refuses what is no such file, naming the block", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["no JSON", "{", /^it is no JSON file$/],
    ["a list", "[[1, 2]]", /^the file: /],
    ["no list", `{"3": 4}`, /^block 3: /],
    ["a fraction", `{"3": [1, 2.5]}`, /^block 3, entry 1: /],
    ["below zero", `{"3": [-1]}`, /^block 3, entry 0: /],
    ["twice", `{"3": [1, 2, 1]}`, /^block 3 names a voxel twice \(1\)$/],
  ];
  for (const [name, text, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => parseBlocks(text, "b.json"), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /^Cannot read b\.json: /);
        assert.match(error.message.slice("Cannot read b.json: ".length), reason);
        return true;
      });
    });
  }
});

Deno.test("readBlocks takes a file, a folder, or a run folder: expanded blocks before sketched", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(readBlocks(folder), {
      name: "InputError",
      message: `Cannot read blocks: there are none (${folder})`,
    });
    await assert.rejects(readBlocks(`${folder}/nowhere`), /there are none/);
    for (const place of ["00_sketch", "02_expand", "."]) {
      await Deno.mkdir(`${folder}/${place}`, { recursive: true });
      const path = place === "." ? `${folder}/blocks.json` : `${folder}/${place}/blocks.json`;
      await Deno.writeTextFile(path, `{"${place}": [1]}`);
      const read = await readBlocks(folder);
      assert.deepStrictEqual([...read.blocks.keys()], [place]);
      assert.strictEqual(read.path, path);
      assert.deepStrictEqual((await readBlocks(path)).blocks, read.blocks);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
