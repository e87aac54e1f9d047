import assert from "node:assert";
import { RunError } from "../core/errors.ts";
import { writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { lockRun } from "./lock.ts";
import { expandCommunities, runAll, sketchCommunities } from "./run.ts";
import { shardPath } from "./shards.ts";
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
