import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { encodeHeader, encodeMap, makeHeader } from "../core/mrc/mod.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { readBlockMasks } from "./block_masks.ts";
import type { SampledUnion } from "./volumes_file.ts";

const BOX = 4;

/** A union of the voxels 10 to 19 of a box of 4^3: rows 0 to 9. */
const union: SampledUnion = {
  box: BOX,
  flat: Uint32Array.from({ length: 10 }, (_, row) => 10 + row),
  totals: new Uint32Array(10).fill(1),
  matrix: bitMatrix(10, 2),
  sampled: Uint32Array.of(3, 1),
};

const grid = { apix: 2, origin: { x: 0, y: 0, z: 0 }, nstart: { x: 0, y: 0, z: 0 } };

/** A mask file: `value` at some voxels, zero elsewhere. */
function mask(voxels: number[], value = 1, box = BOX): Uint8Array<ArrayBuffer> {
  const data = new Float32Array(box ** 3);
  for (const voxel of voxels) data[voxel] = value;
  return encodeMap(data, { ...grid, box });
}

/** Reads a folder of these files. */
async function read(folder: string, files: Record<string, Uint8Array>) {
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
  const { news, ...surroundings } = quietly();
  const blocks = await readBlockMasks(folder, union, surroundings);
  return { blocks: blocks.map(({ id, members }) => [id, [...members]]), news };
}

Deno.test("masks are read by their voxels and keep their numbers, in the order of these", async () => {
  await using folder = await temporaryFolder();
  const { blocks, news } = await read(folder.path, {
    "block_10.mrc": mask([12, 10]),
    "block_2.mrc": mask([19, 12]),
    "consensus.mrc": mask([10, 11, 12], 0.9),
  });
  assert.deepStrictEqual(blocks, [[2, [2, 9]], [10, [0, 2]]]);
  assert.deepStrictEqual(news, []);
});

Deno.test("masks of other names get the numbers after the largest, in natural order", async () => {
  await using folder = await temporaryFolder();
  const { blocks, news } = await read(folder.path, {
    "block_7.mrc": mask([10]),
    "head10.map": mask([11]),
    "head9.ccp4": mask([12]),
    "block_3_edited.mrc": mask([13]),
    [`block_${"9".repeat(10)}.mrc`]: mask([14]),
  });
  assert.deepStrictEqual(blocks, [[7, [0]], [8, [3]], [9, [4]], [10, [2]], [11, [1]]]);
  assert.deepStrictEqual(
    news.map((news) => news.kind === "note" ? news.text : news),
    [
      "block_3_edited.mrc is taken as block 8",
      "block_9999999999.mrc is taken as block 9",
      "head9.ccp4 is taken as block 10",
      "head10.map is taken as block 11",
    ],
  );
});

Deno.test("masks without any number count from 0", async () => {
  await using folder = await temporaryFolder();
  const { blocks } = await read(folder.path, { "a.mrc": mask([10]), "b.mrc": mask([11]) });
  assert.deepStrictEqual(blocks, [[0, [0]], [1, [1]]]);
});

Deno.test("the soft edge of a mask is inside above one half", async () => {
  await using folder = await temporaryFolder();
  const data = new Float32Array(BOX ** 3);
  data.set([1, 0.51, 0.5, 0.49, -1], 10);
  const soft = encodeMap(data, { ...grid, box: BOX });
  assert.deepStrictEqual((await read(folder.path, { "block_0.mrc": soft })).blocks, [[0, [0, 1]]]);
});

Deno.test("a mask may be gzipped, big-endian or of integers", async () => {
  await using folder = await temporaryFolder();
  const fields = { nx: BOX, ny: BOX, nz: BOX, cellaX: 8, cellaY: 8, cellaZ: 8 };
  const big = new Uint8Array(1024 + 4 * BOX ** 3);
  big.set(encodeHeader(makeHeader({ ...fields, byteOrder: "big" })));
  new DataView(big.buffer).setFloat32(1024 + 4 * 15, 1);
  const bytes = new Uint8Array(1024 + BOX ** 3);
  bytes.set(encodeHeader(makeHeader({ ...fields, mode: 0 })));
  bytes[1024 + 16] = 1;
  const { blocks } = await read(folder.path, {
    "block_0.mrc.gz": gzipSync(mask([14])),
    "block_1.mrc": big,
    "block_2.mrc": bytes,
  });
  assert.deepStrictEqual(blocks, [[0, [4]], [1, [5]], [2, [6]]]);
});

Deno.test("voxels that are hardly ever occupied are left out of a mask, and that is said", async () => {
  await using folder = await temporaryFolder();
  const { blocks, news } = await read(folder.path, { "block_1.mrc": mask([0, 63, 11]) });
  assert.deepStrictEqual(blocks, [[1, [1]]]);
  assert.deepStrictEqual(news, [{
    kind: "warning",
    text:
      "2 voxels of block_1.mrc are occupied in at most 1 % of the volumes: they say nothing and " +
      "are left out",
  }]);
});

const mend = "Mend the mask, or take it out of the folder.";
const refusals: [
  what: string,
  files: Record<string, Uint8Array>,
  message: (folder: string) => string,
  remedy?: string,
][] = [
  [
    "no masks but the consensus",
    { "consensus.mrc": mask([10]) },
    (folder) => `Cannot expand the blocks in ${folder}: it holds no masks`,
    "Give the folder of block_N.mrc files, such as RUN/00_sketch.",
  ],
  [
    "a mask of another box",
    { "block_0.mrc": mask([10]), "block_1.mrc": mask([10], 1, 5) },
    (folder) => `Cannot use ${folder}/block_1.mrc as a block: its box is 5 x 5 x 5, the maps' is 4`,
    "Resample the mask to the maps' grid, or take it out of the folder.",
  ],
  [
    "an empty mask",
    { "block_0.mrc": mask([]) },
    (folder) =>
      `Cannot use ${folder}/block_0.mrc as a block: none of its voxels is above 0.5 and occupied ` +
      "in more than 1 % of the volumes",
    mend,
  ],
  [
    "a mask outside the union",
    { "block_0.mrc": mask([0, 1, 2]) },
    (folder) =>
      `Cannot use ${folder}/block_0.mrc as a block: none of its voxels is above 0.5 and occupied ` +
      "in more than 1 % of the volumes",
    mend,
  ],
  [
    "a mask with a voxel that is not a number",
    { "block_0.mrc": mask([10], NaN) },
    (folder) => `Cannot use ${folder}/block_0.mrc as a block: voxel 10 is not a number`,
    mend,
  ],
  [
    "two masks of one number",
    { "block_1.mrc": mask([10]), "block_01.mrc": mask([11]) },
    (folder) => `Cannot use ${folder}/block_1.mrc as block 1: so is ${folder}/block_01.mrc`,
    "Rename one of them.",
  ],
  [
    "a damaged mask",
    { "block_0.mrc": mask([10]).subarray(0, 1100) },
    (folder) =>
      `Cannot read ${folder}/block_0.mrc: its header promises 1280 bytes, the file has 1100`,
    "The file is cut short or its header is damaged: copy or make it anew.",
  ],
];

for (const [what, files, message, remedy] of refusals) {
  Deno.test(`a folder with ${what} is refused`, async () => {
    await using folder = await temporaryFolder();
    await assert.rejects(read(folder.path, files), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepStrictEqual([error.message, error.remedy], [message(folder.path), remedy]);
      return true;
    });
  });
}
