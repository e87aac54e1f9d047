import assert from "node:assert";
import { RunError } from "../core/errors.ts";
import { writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { lockRun } from "./lock.ts";
import { expandCommunities, runAll, sketchCommunities } from "./run.ts";
import { readPlan } from "./plan_file.ts";
import { shardPath } from "./shards.ts";
import { type Batch, batchFolder, writeBatch, writeSiteFile } from "./slurm/files.ts";
import { runStatus } from "./status.ts";

const shards = (done: number, damaged = 0) => ({ done, total: 1, damaged });

Deno.test("the status of a sketch, of its expansion, and of what is lost of them", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/my run`;
  const stagesOf = async () => {
    const { stages } = await runStatus(run);
    return stages.map(({ state, shards }) => shards === undefined ? state : [state, shards]);
  };
  await sketchCommunities(await writeCubes(`${folder.path}/maps`), run, quietly());
  assert.deepStrictEqual(await runStatus(run), {
    folder: run,
    state: "done",
    volumes: 160,
    rule: "siren",
    stages: [
      { name: "volumes", state: "done" },
      { name: "sketch", state: "done", shards: shards(1) },
      { name: "expand", state: "not asked for" },
    ],
  });
  await expandCommunities(`${run}/00_sketch`, `${run}/00_sketch`, {}, {}, quietly());
  assert.deepStrictEqual((await runStatus(run)).state, "done");
  assert.deepStrictEqual(await stagesOf(), ["done", ["done", shards(1)], ["done", shards(1)]]);

  await Deno.truncate(shardPath(run, "expand", 0), 100);
  assert.deepStrictEqual(await runStatus(run), {
    folder: run,
    state: "interrupted",
    volumes: 160,
    rule: "siren",
    stages: [
      { name: "volumes", state: "done" },
      { name: "sketch", state: "done", shards: shards(1) },
      { name: "expand", state: "under way", shards: shards(0, 1) },
    ],
    next: `siren resume '${run}'`,
  });
  await Deno.remove(shardPath(run, "expand", 0));
  assert.deepStrictEqual((await stagesOf())[2], ["under way", shards(0)]);
  await Deno.remove(`${run}/02_expand`, { recursive: true });
  await Deno.remove(`${run}/shards/expand`, { recursive: true });
  assert.deepStrictEqual((await stagesOf())[2], "waiting");
  await Deno.remove(`${run}/00_sketch/files.json`);
  assert.deepStrictEqual((await stagesOf())[1], ["under way", shards(1)]);
  await Deno.truncate(`${run}/volumes.arrow`, 100);
  assert.deepStrictEqual((await stagesOf())[0], "waiting");

  {
    using _lock = await lockRun(run, { host: "node7", pid: 12, command: "siren resume" });
    const { state, holder, next, stages } = await runStatus(run);
    assert.deepStrictEqual([state, holder, next, stages[0]?.state], [
      "running",
      { host: "node7", pid: 12, command: "siren resume" },
      undefined,
      "under way",
    ]);
  }
  assert.deepStrictEqual((await runStatus(run)).state, "interrupted");
});

Deno.test("a run that asks for an expansion waits for it from the beginning", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const stop = new AbortController();
  const surroundings = quietly({ signal: stop.signal, tell: () => stop.abort() });
  const options = await writeCubes(`${folder.path}/maps`);
  await assert.rejects(runAll(options, {}, run, surroundings));
  const { state, stages, next } = await runStatus(run);
  assert.deepStrictEqual([state, next], ["interrupted", `siren resume ${run}`]);
  assert.deepStrictEqual(stages.map(({ state }) => state), ["waiting", "waiting", "waiting"]);
});

Deno.test("an expansion without blocks is done without shards", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = { ...await writeCubes(`${folder.path}/maps`), min_block_size: 100 };
  const { sketch, expand } = await runAll(options, {}, run, quietly());
  assert.deepStrictEqual([sketch.blocks, expand?.blocks, expand?.unassigned], [[], [], 108]);
  const { state, stages } = await runStatus(run);
  assert.deepStrictEqual([state, stages.at(-1)], ["done", { name: "expand", state: "done" }]);
});

Deno.test("a folder without a run has no status", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(runStatus(folder.path), RunError);
});

Deno.test("under rule fdr the counting of pairs is a stage of its own", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = await simulatePhantoms(`${folder.path}/maps`);
  await sketchCommunities({ ...options, rule: "fdr" }, run, quietly());
  const { stages } = await runStatus(run);
  assert.deepStrictEqual(stages.map(({ name, state }) => [name, state]), [
    ["volumes", "done"],
    ["count", "done"],
    ["sketch", "done"],
    ["expand", "not asked for"],
  ]);
});

Deno.test("a run whose tasks are in a cluster's hands says so, what it used, and how to go on", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await sketchCommunities(await writeCubes(`${folder.path}/maps`), run, quietly());
  const plan = await readPlan(run, "sketch");
  assert.ok(plan !== undefined);
  const profile = { file: "/clusters.toml", name: "big" };
  const place = { where: "me@login", folder: run, shared: true };
  await writeSiteFile(run, { format: 1, id: "0123abcd", run, profile, ...place });
  const batch: Batch = {
    format: 1,
    stage: "sketch",
    key: plan.key,
    number: 1,
    resources: { cpus: 4, exclude: [] },
    tasks: [[0]],
    chunks: [{ name: "siren-1", first: 0, size: 1, job: "7" }],
    ended: [],
  };
  await Deno.mkdir(batchFolder(run, batch), { recursive: true });
  await writeBatch(run, batch);
  assert.strictEqual((await runStatus(run)).state, "done", "what is there is there");
  await Deno.remove(shardPath(run, "sketch", 0));
  const { state, next, cluster } = await runStatus(run);
  assert.deepStrictEqual([state, next], ["on the cluster", `siren watch ${run}`]);
  assert.deepStrictEqual([cluster?.profile, cluster?.where], ["big", "me@login"]);
  assert.deepStrictEqual(cluster?.stages.map(({ stage, jobs }) => [stage, jobs]), [
    ["sketch", ["7"]],
  ]);

  await writeBatch(run, { ...batch, ended: [{ task: 0, outcome: "node", reason: "n1 failed" }] });
  const later = await runStatus(run);
  assert.deepStrictEqual([later.state, later.next], ["interrupted", `siren gather ${run}`]);
});
