import assert from "node:assert";
import { InputError, RunError, type SirenError } from "../core/errors.ts";
import { formatCutoffsCsv } from "../core/null_model/mod.ts";
import { CUBES, writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { expandCommunities, resumeRun, runAll, sketchCommunities } from "./run.ts";
import { MADE_OF_BLOCKS } from "./results.ts";
import { readRun } from "./run_file.ts";
import { writeSeeds } from "./seeds_file.ts";

const hashRun = (run: string) => hashFolder(run, (name) => name === "run.lock");

const refused = (Kind: typeof SirenError, message: string, remedy: string) => (error: unknown) => {
  assert.ok(error instanceof Kind, String(error));
  assert.deepStrictEqual([error.message, error.remedy], [message, remedy]);
  return true;
};

async function setUp() {
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  return { folder, run, options: await writeCubes(`${folder.path}/maps`) };
}

Deno.test("a run over another needs force, and is then as if the other had never been", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await runAll({ ...options, seed: 1 }, {}, run, quietly());
  const expected = await hashRun(run);
  await Deno.remove(run, { recursive: true });

  await runAll({ ...options, min_block_size: 1, subsample: 1 }, {}, run, quietly());
  await expandCommunities(`${run}/00_sketch`, `${run}/00_sketch`, {}, {}, quietly(), true);
  await Deno.writeTextFile(`${run}/00_sketch/block_9.mrc`, "by hand");
  const before = await hashRun(run);
  await assert.rejects(
    runAll({ ...options, seed: 1 }, {}, run, quietly()),
    refused(
      RunError,
      `Cannot start a run in ${run}: it already holds one`,
      `Go on with it by \`siren resume ${run}\`, give another --outdir, or --force to start over.`,
    ),
  );
  assert.deepStrictEqual(await hashRun(run), before);
  await runAll({ ...options, seed: 1 }, {}, run, quietly(), true);
  assert.deepStrictEqual(await hashRun(run), expected);
});

Deno.test("results of something else are not mixed with a run's", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await Deno.mkdir(`${run}/00_sketch`, { recursive: true });
  await Deno.writeTextFile(`${run}/00_sketch/block_4.mrc`, "of the reference implementation");
  await assert.rejects(
    sketchCommunities(options, run, quietly()),
    refused(
      RunError,
      `Cannot start a run in ${run}: it holds results of something else (00_sketch)`,
      "Give another --outdir, or --force to throw them away.",
    ),
  );
  assert.ok(await Deno.stat(`${run}/00_sketch/block_4.mrc`));
  await sketchCommunities(options, run, quietly(), true);
  await assert.rejects(Deno.stat(`${run}/00_sketch/block_4.mrc`), Deno.errors.NotFound);
});

Deno.test("seeds that a thrown-away run left are not a new run's", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await Deno.mkdir(run);
  await writeSeeds(run, [{ id: 77, members: Uint32Array.of(1, 2, 3) }]);
  const { expand } = await runAll(options, {}, run, quietly());
  assert.deepStrictEqual(expand?.blocks.map(({ id }) => id), [0, 1, 2]);
});

Deno.test("an expansion over another needs force, and takes its own masks and options", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await runAll(options, { exp_frac: 0.3 }, run, quietly());
  const masks = `${folder.path}/masks`;
  await Deno.mkdir(masks);
  await Deno.copyFile(`${run}/00_sketch/block_1.mrc`, `${masks}/block_5.mrc`);
  const expand = (surroundings = quietly(), force = true) =>
    expandCommunities(run + "/00_sketch", masks, { exp_frac: 0.9 }, {}, surroundings, force);
  await assert.rejects(
    expand(quietly(), false),
    refused(
      RunError,
      `Cannot expand into ${run}/02_expand: it already holds an expansion`,
      "Give --force to replace it.",
    ),
  );
  const { expand: done } = await expand();
  assert.deepStrictEqual(done?.blocks.map(({ id, voxels }) => [id, voxels]), [[5, 27]]);
  assert.strictEqual((await readRun(run)).expand?.exp_frac, 0.9);
  const expected = await hashRun(run);
  await resumeRun(run, quietly());
  assert.deepStrictEqual(await hashRun(run), expected);
});

Deno.test("what was made of a run's blocks goes when other blocks come", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  const isThere = () =>
    Promise.all(
      MADE_OF_BLOCKS.map((part) => Deno.stat(`${run}/${part}`).then(() => true, () => false)),
    );
  const make = () =>
    Promise.all(
      MADE_OF_BLOCKS.map((part) => Deno.mkdir(`${run}/${part}/of_it`, { recursive: true })),
    );
  await runAll(options, {}, run, quietly());
  await make();
  await resumeRun(run, quietly());
  assert.deepStrictEqual(await isThere(), [true, true, true]);
  await expandCommunities(
    `${run}/00_sketch`,
    `${run}/00_sketch`,
    { exp_frac: 0.9 },
    {},
    quietly(),
    true,
  );
  assert.deepStrictEqual(await isThere(), [false, false, false]);
  await make();
  await runAll(options, {}, run, quietly(), true);
  assert.deepStrictEqual(await isThere(), [false, false, false]);
});

Deno.test("an expansion stopped before its masks are written down asks for nothing", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await runAll(options, { exp_frac: 0.3 }, run, quietly());
  await Deno.mkdir(`${run}/seeds.arrow/in_the_way`, { recursive: true });
  const masks = `${run}/00_sketch`;
  await assert.rejects(
    expandCommunities(masks, masks, { exp_frac: 0.9 }, {}, quietly(), true),
    /Is a directory/,
  );
  assert.strictEqual((await readRun(run)).expand, undefined);
  await Deno.remove(`${run}/seeds.arrow`, { recursive: true });
  assert.strictEqual((await resumeRun(run, quietly())).expand, undefined);
});

Deno.test("what the sketch remembers may be said again, the voxel size of the headers too", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await sketchCommunities(options, run, quietly());
  const remembered = { ...options, apix: 1.5, filter: false, rule: "siren" as const };
  const masks = `${run}/00_sketch`;
  const { expand } = await expandCommunities(masks, masks, {}, remembered, quietly());
  assert.strictEqual(expand?.blocks.length, 3);
});

Deno.test("a file that the options name is held against what it was", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  const voxels = `${folder.path}/voxels.txt`, cutoffs = `${folder.path}/cutoffs.csv`;
  const expandCutoffs = `${folder.path}/expand.csv`;
  await sketchCommunities({ ...options, subsample: 1 }, run, quietly());
  await Deno.copyFile(`${run}/00_sketch/voxels.txt`, voxels);
  await Deno.copyFile(`${run}/00_sketch/cutoffs.csv`, cutoffs);
  await Deno.copyFile(cutoffs, expandCutoffs);
  await runAll({ ...options, voxels, cutoffs }, { cutoffs: expandCutoffs }, run, quietly(), true);
  const expected = await hashRun(run);
  await resumeRun(run, quietly());
  for (const path of [voxels, cutoffs, expandCutoffs]) {
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text + "\n");
    await assert.rejects(
      resumeRun(run, quietly()),
      refused(
        InputError,
        `Cannot go on with this run: ${path} has changed since it began (its content is another)`,
        "Put the file back as it was, or start a new run.",
      ),
    );
    await Deno.remove(path);
    await assert.rejects(
      resumeRun(run, quietly()),
      refused(
        InputError,
        `Cannot go on with this run: ${path} has changed since it began (it is not there any more)`,
        "Put the file back as it was, or start a new run.",
      ),
    );
    await Deno.writeTextFile(path, text);
  }
  assert.deepStrictEqual(await hashRun(run), expected);
});

Deno.test("the sample and the cutoffs that a run wrote give the same run again", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await runAll({ ...options, seed: 4, cutoff_method: "bootstrap" }, {}, run, quietly());
  const again = `${folder.path}/again`;
  await runAll(
    {
      ...options,
      voxels: `${run}/00_sketch/voxels.txt`,
      cutoffs: `${run}/00_sketch/cutoffs.csv`,
    },
    { cutoffs: `${run}/02_expand/cutoffs.csv` },
    again,
    quietly(),
  );
  const results = (folder: string) =>
    hashFolder(
      folder,
      (name) => /^(run|shards|volumes)|config\.json$|files\.json$/.test(name),
    );
  assert.deepStrictEqual(await results(again), await results(run));
});

Deno.test("the least phi decides who is in a block, in the sketch and in the expansion", async () => {
  await using folder = await temporaryFolder();
  const options = { ...await simulatePhantoms(`${folder.path}/maps`), rule: "phi" as const };
  const found = async (name: string, join?: number) => {
    const own = join === undefined ? {} : { join };
    const run = `${folder.path}/${name}`;
    const { sketch, expand } = await runAll({ ...options, ...own }, own, run, quietly());
    const voxels = (blocks: readonly { voxels: number }[] | undefined) =>
      blocks?.reduce((sum, block) => sum + block.voxels, 0) ?? NaN;
    return [voxels(sketch.blocks), voxels(expand?.blocks)] as const;
  };
  const own = await found("own"), [loose, strict] = [await found("a", 0.3), await found("b", 0.8)];
  assert.deepStrictEqual(await found("same", 0.5), own);
  for (const stage of [0, 1] as const) {
    assert.ok(loose[stage] > own[stage] && own[stage] > strict[stage], `${[loose, own, strict]}`);
  }
});

Deno.test("an ensemble of one sampled voxel, or of one map, has no blocks and no accident", async () => {
  await using folder = await temporaryFolder();
  const options = await writeCubes(`${folder.path}/maps`);
  for await (const { name } of Deno.readDir(options.voldir)) {
    if (name !== "vol_003.mrc") await Deno.remove(`${options.voldir}/${name}`);
  }
  for (const rule of ["siren", "phi", "fdr"] as const) {
    const run = `${folder.path}/${rule}`;
    const { sketch, expand } = await runAll({ ...options, rule }, {}, run, quietly());
    assert.deepStrictEqual([sketch.blocks, expand?.blocks], [[], []]);
  }
});

Deno.test("cutoffs that never link give no blocks under any bound", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  const cutoffs = `${folder.path}/cutoffs.csv`;
  const totals = new Uint32Array(161).map((_, total) => total);
  const none = new Float64Array(161 ** 2).fill(1000);
  await Deno.writeTextFile(cutoffs, formatCutoffsCsv({ totals, positive: none, negative: none }));
  const { sketch } = await runAll({ ...options, cutoffs }, {}, run, quietly());
  assert.deepStrictEqual([sketch.edges, sketch.blocks], [0, []]);
});

Deno.test("a run can be moved with its maps' path kept", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await sketchCommunities(options, run, quietly());
  const moved = `${folder.path}/elsewhere/run`;
  await Deno.mkdir(`${folder.path}/elsewhere`);
  await Deno.rename(run, moved);
  const config = `${moved}/00_sketch/config.json`;
  const { expand } = await expandCommunities(config, `${moved}/00_sketch`, {}, {}, quietly());
  assert.strictEqual(expand?.folder, `${moved}/02_expand`);
  const blocks = JSON.parse(await Deno.readTextFile(`${moved}/02_expand/blocks.json`));
  assert.deepStrictEqual(
    Object.values(blocks).sort((a, b) => (a as number[])[0]! - (b as number[])[0]!),
    CUBES,
  );
});
