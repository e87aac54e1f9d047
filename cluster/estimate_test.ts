import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { estimateRun } from "./estimate.ts";
import { ExpandOptionsSchema, type Rule, SketchOptionsSchema } from "./options.ts";
import { planRun } from "./read_volumes.ts";
import { runAll } from "./run.ts";

async function setUp() {
  const folder = await temporaryFolder();
  const options = simulateOptions.parse({ box: 48, apix: 8, volumes: 60, blocks: 5, seed: 4 });
  const { truth } = await writeEnsemble(simulate(options, []), `${folder.path}/maps`);
  return { folder, maps: { voldir: `${folder.path}/maps`, bin: truth.thresholds[0] ?? NaN } };
}

const near = (found: number, expected: number, factor: number) =>
  assert.ok(
    found < expected * factor && found > expected / factor,
    `${found} is not near ${expected}`,
  );

Deno.test("what a run is expected to take is near what it takes, and nothing is written", async () => {
  const { folder, maps } = await setUp();
  await using _ = folder;
  const surroundings = quietly();
  for (const rule of ["phi", "siren", "fdr"] as const satisfies readonly Rule[]) {
    const run = `${folder.path}/${rule}`;
    const options = SketchOptionsSchema.parse({ ...maps, rule });
    const planned = {
      ...await planRun(options, surroundings),
      expand: ExpandOptionsSchema.parse({}),
    };
    const before = await hashFolder(folder.path);
    // A budget so small that a few sections of each map are all that is looked at.
    const expected = await estimateRun(planned, surroundings, 1);
    assert.deepStrictEqual(await hashFolder(folder.path), before);
    const { union, sampled, sketch } = await runAll(options, {}, run, surroundings);
    assert.deepStrictEqual([expected.maps, expected.box, expected.threads], [60, 48, 2]);
    near(expected.union, union, 1.3);
    near(expected.sampled, sampled, 1.3);
    near(expected.pairs, sketch.pairs ?? NaN, 1.7);
    // Under rules that look at distances, sections hold too many close pairs; their links are few.
    near(expected.links + 1000, (sketch.edges ?? NaN) + 1000, rule === "phi" ? 1.5 : 4);
    near(expected.blocks, sketch.blocks.length, 2);
    let bytes = 0;
    for (const name of (await hashFolder(run)).keys()) {
      bytes += (await Deno.stat(`${run}/${name}`)).size;
    }
    near(expected.disk, bytes, 2);
    const { total, ...parts } = expected.seconds;
    const sum = Object.values(parts).reduce((sum, part) => sum + part, 0);
    assert.ok(Object.values(parts).every((part) => part >= 0) && total > sum);
    assert.ok(expected.memory > 1e8 && expected.memory < 1e9);
  }
});

Deno.test("maps whose sections cannot be had one by one are estimated by whole ones", async () => {
  const { folder, maps } = await setUp();
  await using _ = folder;
  const options = SketchOptionsSchema.parse({ ...maps, rule: "phi" });
  const plain = await estimateRun(await planRun(options, quietly()), quietly());
  for await (const { name } of Deno.readDir(maps.voldir)) {
    if (!name.endsWith(".mrc")) continue;
    const bytes = await Deno.readFile(`${maps.voldir}/${name}`);
    await Deno.writeFile(`${maps.voldir}/${name}`, gzipSync(bytes, { level: 1 }));
  }
  const gzipped = await estimateRun(await planRun(options, quietly()), quietly());
  near(gzipped.union, plain.union, 1.3);
  assert.strictEqual(gzipped.seconds.expansion, 0, "a sketch alone");
});
