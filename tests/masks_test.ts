/** Blocks that a user edited, took away or added by hand, between the sketch and the expansion. */
import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { expandCommunities, resumeRun, sketchCommunities } from "../cluster/mod.ts";
import { readRun } from "../cluster/run_file.ts";
import { encodeHeader, encodeMap, makeHeader } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { BOX, CUBES, GRID, writeCubes } from "./cubes.ts";
import { killAfter, siren } from "./processes.ts";
import { exists, hashFolder, quietly, temporaryFolder } from "./surroundings.ts";

type Blocks = Record<string, number[]>;

/** A sketch over the cubes, and what is done with it. */
async function sketchCubes() {
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await sketchCommunities(await writeCubes(`${folder.path}/maps`), run, quietly());
  const own = `${run}/00_sketch`;
  const sketched: Blocks = JSON.parse(await Deno.readTextFile(`${own}/blocks.json`));
  return {
    path: folder.path,
    run,
    own,
    sketched,
    /** Expands the masks of a folder; gives the blocks and what was said. */
    async expand(masks: string, options = {}) {
      const { news, ...surroundings } = quietly();
      await expandCommunities(own, masks, options, {}, surroundings, true);
      const text = await Deno.readTextFile(`${run}/02_expand/blocks.json`);
      const said = news.flatMap((news) => news.kind === "progress" ? [] : [news.text])
        .filter((text) => !text.startsWith("engine "));
      return { blocks: JSON.parse(text) as Blocks, said };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A mask over the cubes' box with these densities. */
function mask(densities: Iterable<readonly [voxel: number, density: number]>) {
  const data = new Float32Array(BOX ** 3);
  for (const [voxel, density] of densities) data[voxel] = density;
  return data;
}
const ones = (voxels: number[]) => voxels.map((voxel) => [voxel, 1] as const);
const encode = (data: Float32Array) => encodeMap(data, GRID);
const cubeWith = (voxel: number) => CUBES.find((cube) => cube.includes(voxel))!;
const sorted = (voxels: number[]) => voxels.toSorted((a, b) => a - b);

Deno.test("masks edited, taken away and added among the sketch's are expanded and left as they are", async () => {
  await using sketch = await sketchCubes();
  const { own, sketched, run } = sketch;
  const cubes = [0, 1, 2].map((id) => cubeWith(sketched[id]![0]!));

  // Block 0 becomes the cube of block 2, block 1 goes, and a part of its cube comes under another name.
  await Deno.writeFile(`${own}/block_0.mrc`, encode(mask(ones(cubes[2]!.slice(0, 9)))));
  await Deno.remove(`${own}/block_1.mrc`);
  await Deno.writeFile(`${own}/head.mrc`, encode(mask(ones(cubes[1]!.slice(20)))));
  const edited = await hashFolder(own);

  const { blocks, said } = await sketch.expand(own);
  assert.deepStrictEqual(blocks, { 0: cubes[2], 2: cubes[2], 3: cubes[1] });
  const kept = `Changed since siren wrote it, and left as it is: ${own}/block_0.mrc, ` +
    `${own}/block_1.mrc`;
  assert.deepStrictEqual(said, ["head.mrc is taken as block 3", kept]);
  assert.deepStrictEqual(await hashFolder(own), edited);

  const expected = await hashFolder(run, (name) => name === "run.lock");
  const surroundings = quietly();
  const { sketch: { changed } } = await resumeRun(run, surroundings);
  assert.deepStrictEqual(changed.toSorted(), ["block_0.mrc", "block_1.mrc"]);
  assert.deepStrictEqual(await hashFolder(run, (name) => name === "run.lock"), expected);

  // Expanded once more: what was taken away has not come back meanwhile.
  assert.deepStrictEqual((await sketch.expand(own, { exp_frac: 0.5 })).blocks, blocks);
});

Deno.test("the expansion follows the masks' voxels, not the sketch behind them", async () => {
  await using sketch = await sketchCubes();
  const { path, sketched } = sketch;
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  const [a, b] = [cubeWith(sketched[0]![0]!), cubeWith(sketched[1]![0]!)];
  // Half of each of two cubes: voxels of both are linked with half of it.
  await Deno.writeFile(
    `${masks}/block_0.mrc`,
    encode(mask(ones([...a.slice(0, 5), ...b.slice(0, 5)]))),
  );
  const together = await sketch.expand(masks, { exp_frac: 0.5 });
  assert.deepStrictEqual(together.blocks, { 0: sorted([...a, ...b]) });
  const apart = await sketch.expand(masks, { exp_frac: 0.51 });
  assert.deepStrictEqual(apart.blocks, { 0: sorted([...a.slice(0, 5), ...b.slice(0, 5)]) });
});

Deno.test("a soft mask, a gzipped one and a big-endian one are the masks they were", async () => {
  await using sketch = await sketchCubes();
  const { path, own, sketched } = sketch;
  const expected = await sketch.expand(own);
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  const soft = mask(cubeWith(sketched[0]![0]!).map((voxel) => [voxel, 0.5] as const));
  for (const voxel of sketched[0]!) soft[voxel] = 0.51;
  await Deno.writeFile(`${masks}/block_0.mrc`, encode(soft));
  await Deno.writeFile(`${masks}/block_1.mrc.gz`, gzipSync(encode(mask(ones(sketched[1]!)))));
  const big = new Uint8Array(1024 + 4 * BOX ** 3);
  const sizes = { nx: BOX, ny: BOX, nz: BOX };
  big.set(encodeHeader(makeHeader({ ...sizes, byteOrder: "big" })));
  const view = new DataView(big.buffer);
  for (const voxel of sketched[2]!) view.setFloat32(1024 + 4 * voxel, 1);
  await Deno.writeFile(`${masks}/block_2.map`, big);
  const { blocks, said } = await sketch.expand(masks);
  assert.deepStrictEqual(blocks, expected.blocks);
  assert.deepStrictEqual(said, []);
});

Deno.test("what is expanded is what the masks were when the expansion began", async () => {
  await using sketch = await sketchCubes();
  const { path, run, sketched } = sketch;
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  await Deno.writeFile(`${masks}/block_4.mrc`, encode(mask(ones(sketched[1]!))));
  const { blocks } = await sketch.expand(masks);
  assert.deepStrictEqual(Object.keys(blocks), ["4"]);
  await Deno.remove(masks, { recursive: true });
  await Deno.remove(`${run}/shards/expand`, { recursive: true });
  await Deno.remove(`${run}/02_expand`, { recursive: true });
  const { expand } = await resumeRun(run, quietly());
  assert.deepStrictEqual(expand?.blocks.map(({ id, voxels }) => [id, voxels]), [[4, 27]]);
});

/** Kills of an expansion that replaces another. */
const KILLS = 6;

Deno.test(`an expansion over another, killed at ${KILLS} random moments, is never half the one and half the other`, async () => {
  await using sketch = await sketchCubes();
  const { path, run, own, sketched } = sketch;
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  await Deno.writeFile(`${masks}/block_7.mrc`, encode(mask(ones(sketched[1]!))));
  const hashRun = () => hashFolder(run, (name) => name === "run.lock");
  const line = ["--config", own, "--exp_frac", "0.9", "--threads", "2", "--force"];
  const expand = () => siren("expand_communities", "--blockdir", masks, ...line);

  const began = performance.now();
  assert.strictEqual((await expand().output()).code, 0);
  const took = performance.now() - began;
  const expected = await hashRun();
  const rng = random(3);
  for (let kill = 0; kill < KILLS; kill++) {
    await sketch.expand(own, { exp_frac: 0.3 });
    const before = await hashRun();
    const child = expand();
    using _killing = killAfter(child, took * (0.2 + 0.8 * rng.uniform()));
    await child.output();
    await resumeRun(run, quietly());
    const { expand: options } = await readRun(run);
    if (options === undefined) {
      assert.ok(!exists(`${run}/02_expand/files.json`), "the old expansion was given up");
      assert.strictEqual((await expand().output()).code, 0);
    }
    const after = await hashRun();
    assert.deepStrictEqual(after, options?.exp_frac === 0.3 ? before : expected);
  }
});
