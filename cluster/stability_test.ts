import assert from "node:assert";
import { InterruptedError, RunError, type SirenError, UsageError } from "../core/errors.ts";
import { readMap } from "../core/mrc/mod.ts";
import { writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { readFinishedRun } from "./finished_run.ts";
import { runAll, sketchCommunities } from "./run.ts";
import { stability, type StabilityCall } from "./stability.ts";

/** A run of plain cubes by rule phi: three blocks, of which there can be no doubt. */
async function cubes() {
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = { ...await writeCubes(`${folder.path}/maps`), rule: "phi" as const };
  await runAll(options, {}, run, quietly());
  return { folder, run };
}

/** A run of noisy phantoms. */
async function phantoms(rule: "phi" | "siren" = "phi") {
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await runAll({ ...await simulatePhantoms(`${folder.path}/maps`), rule }, {}, run, quietly());
  return { folder, run };
}

const hash = (folder: string) => hashFolder(folder, (name) => name.endsWith("run.lock"));

async function refused(
  call: StabilityCall,
  Kind: typeof SirenError,
  message: RegExp,
): Promise<void> {
  await assert.rejects(stability(call, quietly()), (error) => {
    assert.ok(error instanceof Kind, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("blocks without a doubt come back whole, each voxel with full confidence", async () => {
  const { folder, run } = await cubes();
  await using _ = folder;
  const { sources, files, folder: results } = await stability(
    { run, options: { bootstraps: 6, over: "each" } },
    quietly(),
  );
  assert.strictEqual(results, `${run}/04_stability`);
  assert.deepStrictEqual(sources.map(({ over }) => over), ["both", "volumes", "samples"]);
  for (const { blocks, replicate_blocks } of sources) {
    assert.deepStrictEqual(blocks.map(({ block, voxels, back }) => [block, voxels, back]), [
      [0, 27, 1],
      [1, 27, 1],
      [2, 27, 1],
    ]);
    for (const { jaccard_mean, confidence, core_voxels } of blocks) {
      assert.deepStrictEqual([jaccard_mean, confidence, core_voxels], [1, 1, 27]);
    }
    assert.deepStrictEqual(replicate_blocks, { least: 3, median: 3, most: 3 });
  }
  const { blocks, run: { grid } } = await readFinishedRun(run);
  const map = await readMap(`${results}/confidence.mrc`);
  assert.deepStrictEqual([map.grid.box, map.grid.apix, map.grid.nstart], [
    grid.box,
    grid.apix,
    grid.nstart,
  ]);
  const expected = new Float32Array(grid.box ** 3);
  for (const { voxels } of blocks) for (const voxel of voxels) expected[voxel] = 1;
  for (const name of ["confidence", "confidence_volumes", "confidence_samples", "blocks"]) {
    assert.deepStrictEqual((await readMap(`${results}/${name}.mrc`)).data, expected, name);
  }
  const own = new Float32Array(grid.box ** 3);
  for (const voxel of blocks[1]!.voxels) own[voxel] = 1;
  const one = await readMap(`${results}/confidence_block_${blocks[1]!.id}.mrc`);
  assert.deepStrictEqual(one.data, own);
  const csv = await Deno.readTextFile(`${results}/stability.csv`);
  assert.match(csv, /\nvolumes,2,27,1\.0000,0\.0000,.*,1\.0000,27\n/);
  const lines = (await Deno.readTextFile(`${results}/replicates.csv`)).trimEnd().split("\n");
  assert.strictEqual(lines.length, 1 + 3 * 6);
  const script = await Deno.readTextFile(`${results}/open_confidence.cxc`);
  assert.match(script, /\nopen "blocks\.mrc"\nopen "confidence_surface\.mrc"\n/);
  assert.doesNotMatch(script.replaceAll(/^#.*$/gm, ""), /\{\{/);
  const there = [...(await hash(results)).keys()];
  const told = files.map((path) => path.slice(results.length + 1));
  assert.deepStrictEqual([...told, "files.json"].sort(), there);
});

for (const rule of ["phi", "siren"] as const) {
  Deno.test(`stopped, or by other threads, it ends with the same bytes (${rule})`, async () => {
    const { folder, run } = await phantoms(rule);
    await using _ = folder;
    const call = { run, options: { bootstraps: 5, seed: 7 } };
    await stability(call, quietly({ threads: 1 }));
    const expected = await hash(run);
    for (const part of ["04_stability", "shards/stability_both"]) {
      await Deno.remove(`${run}/${part}`, { recursive: true });
    }
    const stop = new AbortController();
    const tell = (news: { kind: string; done?: number; unit?: string }) => {
      if (news.unit === "replicates" && (news.done ?? 0) >= 2) stop.abort();
    };
    await assert.rejects(
      stability(call, quietly({ signal: stop.signal, tell })),
      InterruptedError,
    );
    const left = await hash(run);
    assert.ok(
      left.has("shards/stability_both/000000.arrow") && !left.has("04_stability/files.json"),
    );
    await Deno.truncate(`${run}/shards/stability_both/000000.arrow`, 100);
    await stability(call, quietly());
    assert.deepStrictEqual(await hash(run), expected);
  });
}

Deno.test("more replicates go on from those that are there; others need force", async () => {
  const { folder, run } = await phantoms();
  await using _ = folder;
  const few = { run, options: { bootstraps: 3 } }, more = { run, options: { bootstraps: 5 } };
  await stability(few, quietly());
  const first = await hash(run);
  await refused(more, UsageError, /04_stability: it holds other results \(files\.json\)$/);
  assert.deepStrictEqual(await hash(run), first);
  const surroundings = quietly();
  await stability({ ...more, force: true }, surroundings);
  const done = surroundings.news.flatMap((news) =>
    news.kind === "progress" && news.unit === "replicates" ? [news.done] : []
  );
  assert.deepStrictEqual(done, [3, 4, 5]);
  const lines = (await Deno.readTextFile(`${run}/04_stability/replicates.csv`)).split("\n");
  assert.strictEqual(lines.length, 1 + 5 + 1);
  // Another seed draws other volumes.
  const before = await Deno.readTextFile(`${run}/04_stability/replicates.csv`);
  await stability({ run, options: { bootstraps: 5, seed: 1 }, force: true }, quietly());
  assert.notStrictEqual(await Deno.readTextFile(`${run}/04_stability/replicates.csv`), before);
});

Deno.test("results that were being written when it was killed are written again", async () => {
  const { folder, run } = await cubes();
  await using _ = folder;
  await stability({ run, options: { bootstraps: 2 } }, quietly());
  const expected = await hash(run);
  await Deno.remove(`${run}/04_stability/files.json`);
  await Deno.writeTextFile(`${run}/04_stability/stability.csv`, "of another");
  await stability({ run, options: { bootstraps: 2 } }, quietly());
  assert.deepStrictEqual(await hash(run), expected);
});

Deno.test("a folder of one's own leaves the run as it is, and others' files too", async () => {
  const { folder, run } = await cubes();
  await using _ = folder;
  const before = await hash(run);
  const outdir = `${folder.path}/out`;
  const options = { bootstraps: 2, samples: 20 };
  const { samples } = await stability({ run, options, outdir }, quietly());
  assert.strictEqual(samples, 20);
  assert.deepStrictEqual(await hash(run), before);
  assert.ok((await hash(outdir)).has("stability.csv"));

  const mine = `${folder.path}/mine`;
  await Deno.mkdir(mine);
  await Deno.writeTextFile(`${mine}/stability.csv`, "mine");
  await refused(
    { run, options, outdir: mine },
    UsageError,
    /it holds other results \(stability\.csv\)$/,
  );
  assert.strictEqual(await Deno.readTextFile(`${mine}/stability.csv`), "mine");
  await refused({ run, options, outdir: run }, UsageError, /it is a run's own folder$/);
});

Deno.test("what cannot be told is said", async () => {
  const { folder, run } = await cubes();
  await using _ = folder;
  const options = { samples: 5, over: "volumes" } as const;
  await refused({ run, options }, UsageError, /--samples with --over volumes: there the run's own/);
  await refused({ run: `${folder.path}/maps` }, RunError, /there is no run\.json$/);
  const sketch = `${folder.path}/sketch`;
  await sketchCommunities({ voldir: `${folder.path}/maps`, bin: 0.5 }, sketch, quietly());
  await refused({ run: sketch }, RunError, /they are a sketch's, of its sampled voxels alone$/);
  await Deno.remove(`${run}/02_expand/files.json`);
  await refused({ run }, RunError, /it has not found its blocks yet$/);
});

Deno.test("a run without blocks has a table without lines", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = { ...await writeCubes(`${folder.path}/maps`), rule: "phi" as const };
  await runAll({ ...options, min_block_size: 500 }, {}, run, quietly());
  const { sources } = await stability({ run, options: { bootstraps: 2 } }, quietly());
  assert.deepStrictEqual(sources[0]?.blocks, []);
  const { data } = await readMap(`${run}/04_stability/confidence.mrc`);
  assert.ok(data.every((value) => value === 0));
});
