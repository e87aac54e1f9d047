import assert from "node:assert";
import { makeHeader } from "../mrc/header.ts";
import { readMapHeader } from "../mrc/read.ts";
import { encodeMap } from "../mrc/write.ts";
import { binarise } from "./binarise.ts";
import { binariseSections, wordsOfSection } from "./sections.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid = { box: 6, apix: 2, origin: zero, nstart: zero };

async function withMap(data: Float32Array, test: (path: string) => Promise<void>) {
  const path = await Deno.makeTempFile({ suffix: ".mrc" });
  try {
    await Deno.writeFile(path, encodeMap(data, grid));
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("sections of a map are binarised as the whole map is", async () => {
  const data = Float32Array.from({ length: 216 }, (_, i) => Math.sin(i * i));
  await withMap(data, async (path) => {
    const header = await readMapHeader(path);
    const words = wordsOfSection(header);
    assert.strictEqual(words, 2); // 36 voxels
    const bits = new Uint32Array(3 * words);
    binariseSections(path, header, [5, 0, 3], 0.25, bits);
    [5, 0, 3].forEach((section, i) => {
      const expected = binarise(data.slice(section * 36, section * 36 + 36), 0.25, "a.mrc").bits;
      assert.deepStrictEqual(bits.slice(i * words, (i + 1) * words), expected);
    });
  });
});

Deno.test("a section that is not finite, or not there, is refused", async () => {
  const data = new Float32Array(216);
  data[40] = NaN;
  await withMap(data, async (path) => {
    const header = await readMapHeader(path);
    const bits = new Uint32Array(2);
    assert.throws(() => binariseSections(path, header, [1], 0, bits), {
      message: `Cannot binarise ${path}: a density of section 1 is not a finite number`,
    });
    await Deno.truncate(path, 1024 + 36 * 4 * 2 + 10);
    assert.throws(() => binariseSections(path, header, [2], 0, bits), {
      message: `Cannot read ${path}: it ends within section 2`,
    });
    const none = makeHeader({ nx: 6, ny: 6, nz: 6, mode: 2 });
    assert.throws(() => binariseSections("/nowhere/a.mrc", none, [2], 0, bits), {
      message: "Cannot read /nowhere/a.mrc: there is no such file or folder",
    });
  });
});
