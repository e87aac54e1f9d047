import assert from "node:assert";
import {
  InputError,
  InterruptedError,
  RunError,
  type SirenError,
  UsageError,
} from "../core/errors.ts";
import { readMap } from "../core/mrc/mod.ts";
import { writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { readFinishedRun } from "./finished_run.ts";
import { runAll, sketchCommunities } from "./run.ts";
import { stability, type StabilityCall } from "./stability.ts";

/** Runs that tests take copies of: by rule phi of plain cubes, of which there can be no doubt, and of phantoms. */
const RUNS = {
  cubes: [writeCubes, "phi"],
  phantoms: [simulatePhantoms, "phi"],
  siren: [simulatePhantoms, "siren"],
} as const;
const made = new Map<keyof typeof RUNS, Promise<string>>();

/** A copy of a run, and its maps. */
async function copyOf(name: keyof typeof RUNS) {
  const [write, rule] = RUNS[name];
  const make = async () => {
    const path = await Deno.makeTempDir({ prefix: "siren_" });
    const options = { ...await write(`${path}/maps`), rule };
    await runAll(options, {}, `${path}/run`, quietly({ threads: 1, engine: "wasm" }));
    return path;
  };
  const known = made.get(name) ?? make();
  made.set(name, known);
  const folder = await temporaryFolder();
  await copyFolder(await known, folder.path);
  return { folder, run: `${folder.path}/run` };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

Deno.test.afterAll(async () => {
  for (const path of made.values()) await Deno.remove(await path, { recursive: true });
});

const hash = (folder: string) => hashFolder(folder, (name) => name.endsWith("run.lock"));

async function refused(
  call: StabilityCall,
  Kind: typeof SirenError,
  message: RegExp,
): Promise<void> {
  await assert.rejects(stability(call, quietly({ engine: "wasm" })), (error) => {
    assert.ok(error instanceof Kind, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("blocks without a doubt come back whole, each voxel with full confidence", async () => {
  const { folder, run } = await copyOf("cubes");
  await using _ = folder;
  const { sources, files, folder: results } = await stability(
    { run, options: { bootstraps: 6, over: "each" } },
    quietly({ engine: "wasm" }),
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

for (const rule of ["phantoms", "siren"] as const) {
  Deno.test(`stopped, or by other threads, it ends with the same bytes (run of ${rule})`, async () => {
    const { folder, run } = await copyOf(rule);
    await using _ = folder;
    const call = { run, options: { bootstraps: 5, seed: 7 } };
    await stability(call, quietly({ threads: 1, engine: "wasm" }));
    const expected = await hash(run);
    for (const part of ["04_stability", "shards/stability_both"]) {
      await Deno.remove(`${run}/${part}`, { recursive: true });
    }
    const stop = new AbortController();
    const tell = (news: { kind: string; done?: number; unit?: string }) => {
      if (news.unit === "replicates" && (news.done ?? 0) >= 2) stop.abort();
    };
    await assert.rejects(
      stability(call, quietly({ signal: stop.signal, tell, engine: "wasm" })),
      InterruptedError,
    );
    const left = await hash(run);
    assert.ok(
      left.has("shards/stability_both/000000.arrow") && !left.has("04_stability/files.json"),
    );
    await Deno.truncate(`${run}/shards/stability_both/000000.arrow`, 100);
    await stability(call, quietly({ engine: "wasm" }));
    assert.deepStrictEqual(await hash(run), expected);
  });
}

Deno.test("more replicates go on from those that are there; others need force", async () => {
  const { folder, run } = await copyOf("phantoms");
  await using _ = folder;
  const few = { run, options: { bootstraps: 3 } }, more = { run, options: { bootstraps: 5 } };
  await stability(few, quietly({ engine: "wasm" }));
  const first = await hash(run);
  await refused(more, UsageError, /04_stability: it holds other results \(files\.json\)$/);
  assert.deepStrictEqual(await hash(run), first);
  const surroundings = quietly({ engine: "wasm" });
  await stability({ ...more, force: true }, surroundings);
  const done = surroundings.news.flatMap((news) =>
    news.kind === "progress" && news.unit === "replicates" ? [news.done] : []
  );
  assert.deepStrictEqual(done, [3, 4, 5]);
  const lines = (await Deno.readTextFile(`${run}/04_stability/replicates.csv`)).split("\n");
  assert.strictEqual(lines.length, 1 + 5 + 1);
  // Another seed draws other volumes.
  const before = await Deno.readTextFile(`${run}/04_stability/replicates.csv`);
  await stability(
    { run, options: { bootstraps: 5, seed: 1 }, force: true },
    quietly({ engine: "wasm" }),
  );
  assert.notStrictEqual(await Deno.readTextFile(`${run}/04_stability/replicates.csv`), before);
});

Deno.test("results that were being written when it was killed are written again", async () => {
  const { folder, run } = await copyOf("cubes");
  await using _ = folder;
  await stability({ run, options: { bootstraps: 2 } }, quietly({ engine: "wasm" }));
  const expected = await hash(run);
  await Deno.remove(`${run}/04_stability/files.json`);
  await Deno.writeTextFile(`${run}/04_stability/stability.csv`, "of another");
  await stability({ run, options: { bootstraps: 2 } }, quietly({ engine: "wasm" }));
  assert.deepStrictEqual(await hash(run), expected);
});

Deno.test("a folder of one's own leaves the run as it is, and others' files too", async () => {
  const { folder, run } = await copyOf("cubes");
  await using _ = folder;
  const before = await hash(run);
  const outdir = `${folder.path}/out`;
  const options = { bootstraps: 2, samples: 20 };
  const { samples } = await stability({ run, options, outdir }, quietly({ engine: "wasm" }));
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
  const { folder, run } = await copyOf("cubes");
  await using _ = folder;
  const options = { samples: 5, over: "volumes" } as const;
  await refused({ run, options }, UsageError, /--samples with --over volumes: there the run's own/);
  await refused({ run: `${folder.path}/maps` }, RunError, /there is no run\.json$/);
  const sketch = `${folder.path}/sketch`;
  await sketchCommunities(
    { voldir: `${folder.path}/maps`, bin: 0.5 },
    sketch,
    quietly({ engine: "wasm" }),
  );
  await refused({ run: sketch }, RunError, /they are a sketch's, of its sampled voxels alone$/);
  await Deno.remove(`${run}/02_expand/files.json`);
  await refused({ run }, RunError, /it has not found its blocks yet$/);
});

Deno.test("cutoffs that were given are held against what they were", async () => {
  const { folder, run } = await copyOf("siren");
  await using _ = folder;
  const cutoffs = `${folder.path}/cutoffs.csv`;
  await Deno.copyFile(`${run}/02_expand/cutoffs.csv`, cutoffs);
  const given = `${folder.path}/given`;
  const maps = await simulatePhantoms(`${folder.path}/again`);
  await runAll({ ...maps, cutoffs }, { cutoffs }, given, quietly({ engine: "wasm" }));
  // Of volumes drawn anew there are totals that the file does not have.
  const options = { bootstraps: 2, over: "volumes" } as const;
  await refused({ run: given, options }, InputError, /cutoffs\.csv/);
  await Deno.writeTextFile(cutoffs, "");
  await refused({ run: given, options }, InputError, /has changed since it began/);
});

Deno.test("a run without blocks has a table without lines", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = { ...await writeCubes(`${folder.path}/maps`), rule: "phi" as const };
  await runAll({ ...options, min_block_size: 500 }, {}, run, quietly({ engine: "wasm" }));
  const { sources } = await stability(
    { run, options: { bootstraps: 2 } },
    quietly({ engine: "wasm" }),
  );
  assert.deepStrictEqual(sources[0]?.blocks, []);
  const { data } = await readMap(`${run}/04_stability/confidence.mrc`);
  assert.ok(data.every((value) => value === 0));
});
