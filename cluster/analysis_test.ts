import assert from "node:assert";
import { exists, hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { readAnalysis } from "../core/analysis/mod.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { loadAnalysis, writeAnalysis } from "./analysis.ts";
import { lockRun } from "./lock.ts";
import { writeReport } from "./report.ts";
import { runAll } from "./run.ts";

/** A run on an ensemble whose blocks need each other, and two of which exclude each other. */
async function makeRun(folder: string): Promise<string> {
  const tree = {
    parents: [-1, 0, 1, -1, 3, 3],
    probabilities: [0.75, 0.65, 0.6, 0.7, 0.5, 0.45],
    exclusive: [[4, 5]] as [number, number][],
  };
  const options = simulateOptions.parse({ box: 32, apix: 8, volumes: 150, seed: 4, tree });
  const { truth } = await writeEnsemble(simulate(options, []), `${folder}/maps`);
  const bin = truth.thresholds[0]!; // there are 150
  const run = `${folder}/out`;
  await runAll(
    { voldir: `${folder}/maps`, bin, rule: "phi" },
    {},
    run,
    quietly({ engine: "wasm" }),
  );
  return run;
}

Deno.test("from maps to the order of assembly that they were made by; again, nothing changes", async () => {
  await using folder = await temporaryFolder();
  const run = await makeRun(folder.path);
  const { analysis, folder: written, files } = await writeAnalysis({ run }, {}, {}, quietly());
  assert.strictEqual(written, `${run}/03_analysis`);
  assert.ok(files.every((path) => exists(path)));
  // Blocks are found in another order: they are told by how often they are there, and by what needs them.
  const { dependencies, pairs, table, junk } = analysis;
  assert.strictEqual(table.regions.length, 6);
  const needed = table.regions.map((_, region) =>
    dependencies.filter((d) => d.needs === region).length
  );
  assert.deepStrictEqual(needed.toSorted(), [0, 0, 0, 1, 2, 2]);
  assert.strictEqual(dependencies.filter(({ direct }) => direct).length, 4);
  assert.ok(dependencies.every(({ exceptions }) => exceptions === 0));
  const exclusive = pairs.filter((pair) => pair.exclusive);
  assert.strictEqual(exclusive.length, 1);
  const both = new Set([exclusive[0]!.a, exclusive[0]!.b]);
  const parents = dependencies.filter(({ region }) => both.has(region)).map(({ needs }) => needs);
  assert.strictEqual(parents.length, 2);
  assert.strictEqual(parents[0], parents[1], "they need the same");
  assert.deepStrictEqual(junk, []);
  assert.deepStrictEqual(await readAnalysis(written), analysis);

  const before = await hashFolder(run);
  await writeAnalysis({ run }, {}, {}, quietly());
  assert.deepStrictEqual(await hashFolder(run), before);
  assert.deepStrictEqual(await loadAnalysis({ run }, quietly()), analysis);

  // Other options: other files, and what reads the analysis reads these.
  await writeAnalysis({ run }, { clusters: 3, linkage: "average" }, {}, quietly());
  const other = await loadAnalysis({ run }, quietly());
  assert.deepStrictEqual([Math.max(...other.clusters), other.linkage], [3, "average"]);

  // Elsewhere, the run stays as it is.
  const held = await hashFolder(run);
  const outdir = `${folder.path}/elsewhere`;
  await writeAnalysis({ run }, {}, { outdir }, quietly());
  assert.deepStrictEqual(await readAnalysis(outdir), analysis);
  assert.deepStrictEqual(await hashFolder(run), held);

  // From the table alone, regions go together in the same way.
  const again = `${folder.path}/again`;
  const csv = `${outdir}/occupancy.csv`;
  const { analysis: bare } = await writeAnalysis(
    { occupancy: csv },
    {},
    { outdir: again },
    quietly(),
  );
  assert.deepStrictEqual(bare.pairs, analysis.pairs);
  assert.deepStrictEqual(bare.clusters, analysis.clusters);
  assert.deepStrictEqual(bare.components, analysis.components.slice(0, 1));
  // A held run is left alone, a damaged analysis is told of.
  const holder = { host: "elsewhere", pid: 7, command: "siren run" };
  {
    using _ = await lockRun(run, holder);
    await assert.rejects(writeAnalysis({ run }, {}, {}, quietly()), RunError);
  }
  await Deno.writeTextFile(`${run}/03_analysis/analysis.json`, "{}");
  await assert.rejects(loadAnalysis({ run }, quietly()), InputError);
});

Deno.test("what cannot be analysed is told, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  const outdir = `${folder.path}/out`;
  await assert.rejects(
    writeAnalysis({ occupancy: "no.csv" }, {}, { outdir }, quietly()),
    InputError,
  );
  await assert.rejects(writeAnalysis({ occupancy: "no.csv" }, {}, {}, quietly()), UsageError);
  await assert.rejects(writeAnalysis({ run: folder.path }, {}, {}, quietly()), RunError);
  assert.ok(!exists(`${folder.path}/run.lock`));
  const csv = `${folder.path}/a.csv`;
  await Deno.writeTextFile(csv, "map_file,b0\nvol_0.mrc,1\nvol_1.mrc,nan\n");
  await assert.rejects(writeAnalysis({ occupancy: csv }, {}, { outdir }, quietly()), InputError);
  await Deno.writeTextFile(csv, "map_file,b0\nvol_0.mrc,1\n");
  const wrong = writeAnalysis({ occupancy: csv }, { fdr: 2 }, { outdir }, quietly());
  await assert.rejects(wrong, UsageError);
  assert.ok(!exists(outdir));
});

Deno.test("a block to which no voxel was left is in no volume, in the analysis and in the report", async () => {
  await using folder = await temporaryFolder();
  const run = await makeRun(folder.path);
  const path = `${run}/02_expand/blocks.json`;
  const blocks = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...blocks, 77: [] }));
  const { analysis } = await writeAnalysis({ run }, {}, {}, quietly());
  const { regions, values } = analysis.table;
  assert.deepStrictEqual(regions.at(-1), { name: "b77", voxels: 0 });
  assert.ok(values.every((value, i) => value === 0 || i % regions.length < regions.length - 1));
  assert.ok(analysis.dependencies.every(({ region, needs }) => region < 6 && needs < 6));
  const report = await writeReport(run, {}, quietly());
  assert.strictEqual(report.blocks, 7);
});
