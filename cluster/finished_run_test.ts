import assert from "node:assert";
import { InputError, RunError } from "../core/errors.ts";
import { both } from "../core/cooccupancy/mod.ts";
import { writeCubes } from "../tests/cubes.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { readFinishedRun } from "./finished_run.ts";
import { runAll, sketchCommunities } from "./run.ts";

async function setUp() {
  const folder = await temporaryFolder();
  return { folder, run: `${folder.path}/run`, options: await writeCubes(`${folder.path}/maps`) };
}

Deno.test("a finished run is read without its maps, blocks as its files have them", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  const { expand } = await runAll(options, {}, run, quietly());
  await Deno.remove(`${folder.path}/maps`, { recursive: true });
  const finished = await readFinishedRun(run);
  assert.strictEqual(finished.results, `${run}/02_expand`);
  assert.deepStrictEqual(
    finished.blocks.map(({ id, voxels }) => [id, voxels.length]),
    expand?.blocks.map(({ id, voxels }) => [id, voxels]),
  );
  const { union, volumes } = finished;
  assert.strictEqual(volumes.length, union.matrix.volumes);
  for (const { voxels, members } of finished.blocks) {
    assert.deepStrictEqual(members.map((row) => union.flat[row]!), voxels);
    for (const row of members) assert.strictEqual(both(union.matrix, row, row), union.totals[row]);
  }
  // The colours of the ChimeraX script.
  const script = await Deno.readTextFile(`${run}/02_expand/open_blocks.cxc`);
  for (const { colour } of finished.blocks) assert.ok(script.includes(colour));
});

Deno.test("without an expansion the sketch's blocks are the run's", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await sketchCommunities(options, run, quietly());
  assert.strictEqual((await readFinishedRun(run)).results, `${run}/00_sketch`);
});

Deno.test("what is no finished run is refused, and so are blocks that are not the run's", async () => {
  const { folder, run, options } = await setUp();
  await using _ = folder;
  await Deno.mkdir(run);
  await assert.rejects(readFinishedRun(run), RunError);
  await runAll(options, {}, run, quietly());
  const blocks = `${run}/02_expand/blocks.json`;
  await Deno.writeTextFile(blocks, `{"0": [999]}`);
  await assert.rejects(readFinishedRun(run), /Cannot use the run in .*: block 0 of .* \(999\)/);
  await Deno.writeTextFile(blocks, "{");
  await assert.rejects(readFinishedRun(run), InputError);
  await Deno.remove(`${run}/02_expand/files.json`);
  await assert.rejects(readFinishedRun(run), /it has not found its blocks yet/);
});
