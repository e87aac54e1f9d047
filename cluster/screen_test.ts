import assert from "node:assert";
import {
  InputError,
  InterruptedError,
  RunError,
  type SirenError,
  UsageError,
} from "../core/errors.ts";
import { readBlocks, score } from "../core/score/mod.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { parseExpandOptions, runAll, sketchCommunities } from "./run.ts";
import { screen, type ScreenCall } from "./screen.ts";

const hash = (folder: string) => hashFolder(folder, (name) => name.endsWith("run.lock"));

async function refused(
  call: ScreenCall,
  Kind: typeof SirenError,
  message: RegExp,
): Promise<void> {
  await assert.rejects(screen(call, quietly()), (error) => {
    assert.ok(error instanceof Kind, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("at every setting the blocks are those of a run, and the recommended one's are written", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await simulatePhantoms(`${folder.path}/maps`);
  const outdir = `${folder.path}/out`;
  const options = { voldir, bins: [0.3, 0.2], join: [0.7, 0.4], seed: 5 };
  const { rows, recommended, axes, thresholds, rule } = await screen(
    { options, outdir },
    quietly(),
  );
  assert.strictEqual(rule, "phi");
  assert.deepStrictEqual([thresholds, axes], [[0.2, 0.3], [{ name: "join", values: [0.4, 0.7] }]]);
  const grid = rows.map(({ threshold, values }) => [threshold, values]);
  assert.deepStrictEqual(grid, [
    [0.2, { join: 0.4 }],
    [0.2, { join: 0.7 }],
    [0.3, { join: 0.4 }],
    [0.3, { join: 0.7 }],
  ]);
  for (const { setting, threshold, values, sizes, command } of rows) {
    const own = { join: Number(values["join"]) };
    const run = `${folder.path}/run_${setting}`;
    const sketch = { voldir, bin: Number(threshold), rule: "phi", seed: 5, ...own } as const;
    const { expand, union } = await runAll(sketch, own, run, quietly());
    assert.deepStrictEqual(expand?.blocks.map(({ voxels }) => voxels), sizes);
    assert.strictEqual(rows[setting]!.union, union);
    assert.strictEqual(
      command,
      `siren run --voldir ${voldir} --bin ${threshold} --seed 5 --join ${own.join} --rule phi ` +
        "--outdir out",
    );
    if (setting !== recommended?.setting) continue;
    const { blocks } = await readBlocks(outdir);
    assert.deepStrictEqual(blocks, (await readBlocks(`${run}/02_expand`)).blocks);
  }
  assert.ok(recommended !== undefined);
  // A screen of a run has its volumes, its thresholds and its sample.
  const own = await screen(
    { options: { run: `${folder.path}/run_0`, join: [0.4, 0.7] }, outdir: `${folder.path}/own` },
    quietly(),
  );
  const told = (list: typeof rows) => list.map(({ sizes, information }) => [sizes, information]);
  assert.deepStrictEqual(told(own.rows), told(rows.slice(0, 2)));
});

/** What is tried of the other rules. */
const OTHERS: Record<"siren" | "fdr", ScreenCall["options"]> = {
  siren: { posp_factor: ["distance", 1.5], exp_frac: [0.25, 0.5] },
  fdr: { posp: [0.2, 0.001] },
};

for (const rule of ["siren", "fdr"] as const) {
  Deno.test(`so are those of rule ${rule}, by the command that is told`, async () => {
    await using folder = await temporaryFolder();
    const { voldir } = await simulatePhantoms(`${folder.path}/maps`);
    const options = { voldir, bins: [0.22], rule, ...OTHERS[rule] };
    const { rows } = await screen({ options, outdir: `${folder.path}/out` }, quietly());
    assert.strictEqual(rows.length, rule === "siren" ? 4 : 2);
    for (const { setting, sizes, command, values } of rows) {
      const { posp, posp_factor, exp_frac } = values as Record<string, number | string | undefined>;
      const factor = typeof posp_factor === "number" ? { posp_factor } : {};
      const level = typeof posp === "number" ? { posp } : {};
      const expand = parseExpandOptions({
        ...factor,
        ...(typeof exp_frac === "number" ? { exp_frac } : {}),
      }, rule);
      const run = `${folder.path}/${setting}`;
      const sketch = { voldir, bin: 0.22, rule, ...factor, ...level };
      const { expand: found } = await runAll(sketch, expand, run, quietly());
      assert.deepStrictEqual(found?.blocks.map(({ voxels }) => voxels), sizes);
      assert.strictEqual(command.includes("--posp_factor 1.5"), posp_factor === 1.5);
      assert.strictEqual(command.includes("--exp_frac 0.5"), exp_frac === 0.5);
      assert.strictEqual(command.includes("--posp 0.2"), posp === 0.2);
    }
  });
}

Deno.test("stopped, or by other threads, a screen ends with the same bytes", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await simulatePhantoms(`${folder.path}/maps`);
  const outdir = `${folder.path}/out`;
  const call = { options: { voldir, bins: [0.2, 0.25], halvings: 1 }, outdir };
  await screen(call, quietly({ threads: 1 }));
  const expected = await hash(outdir);
  await Deno.remove(outdir, { recursive: true });
  const stop = new AbortController();
  const tell = (news: { kind: string; stage?: string; done?: number }) => {
    if (news.stage === "screen_1" && (news.done ?? 0) >= 1) stop.abort();
  };
  await assert.rejects(screen(call, quietly({ signal: stop.signal, tell })), InterruptedError);
  assert.ok((await hash(outdir)).has("shards/screen_0/000002.arrow"));
  await screen(call, quietly());
  assert.deepStrictEqual(await hash(outdir), expected);
  await Deno.remove(`${outdir}/files.json`);
  await screen(call, quietly());
  assert.deepStrictEqual(await hash(outdir), expected);

  const other = { ...call, options: { ...call.options, halvings: 2 } };
  await refused(other, UsageError, /it holds other results \(files\.json\)$/);
  await screen({ ...other, force: true }, quietly());
});

Deno.test("a threshold above all densities is a setting without blocks, said so", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await simulatePhantoms(`${folder.path}/maps`);
  const surroundings = quietly();
  const options = { voldir, bins: [0.22, 99], halvings: 1 };
  const { rows, recommended } = await screen(
    { options, outdir: `${folder.path}/out` },
    surroundings,
  );
  assert.deepStrictEqual(rows.map(({ union, blocks }) => union > 0 && blocks > 0), [true, false]);
  assert.strictEqual(recommended?.threshold, 0.22);
  const warnings = surroundings.news.flatMap((news) => news.kind === "warning" ? [news.text] : []);
  assert.ok(warnings.some((text) => /^At 99: .*no voxel of any map is above/.test(text)));
  const high = { ...options, bins: [98, 99] };
  await refused({ options: high, outdir: `${folder.path}/b` }, InputError, /no voxel of any map/);
});

Deno.test("files of thresholds are tried as they are, with the maps that each keeps", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await simulatePhantoms(`${folder.path}/maps`);
  const names = [...Deno.readDirSync(voldir)].map(({ name }) => name)
    .filter((name) => name.endsWith(".mrc")).sort();
  const files = [0.2, 0.3].map((bin) => `${folder.path}/${bin}.csv`);
  for (const [i, file] of files.entries()) {
    // One threshold is far off: with --filter its map is left out.
    const lines = names.map((name, n) => `${name},${n === i ? 0.9 : 0.2 + 0.1 * i}\n`);
    await Deno.writeTextFile(file, `map_file,denormalized_predictions\n${lines.join("")}`);
  }
  const options = { voldir, binfiles: files, filter: true, halvings: 1 };
  const { rows } = await screen({ options, outdir: `${folder.path}/out` }, quietly());
  assert.deepStrictEqual(rows.map(({ threshold }) => threshold), files);
  for (const { threshold, sizes, union, setting } of rows) {
    const sketch = { voldir, binfile: String(threshold), filter: true, rule: "phi" } as const;
    const run = await runAll(sketch, {}, `${folder.path}/${setting}`, quietly());
    assert.deepStrictEqual([run.kept, run.union], [names.length - 1, union]);
    assert.deepStrictEqual(run.expand?.blocks.map(({ voxels }) => voxels), sizes);
  }
});

Deno.test("maps that hold nothing to find are recommended no setting", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await writeCubes(`${folder.path}/maps`);
  const options = { voldir, bins: [0.5], min_block_size: [500], halvings: 1 };
  const outdir = `${folder.path}/out`;
  const { recommended, reason, rows } = await screen({ options, outdir }, quietly());
  assert.strictEqual(recommended, undefined);
  assert.match(reason, /^No setting finds blocks that come back/);
  assert.deepStrictEqual([rows[0]?.blocks, rows[0]?.recommended], [0, false]);
  assert.strictEqual(await Deno.readTextFile(`${outdir}/blocks.json`), "{}");
});

Deno.test("what does not go together is refused before maps are read", async () => {
  await using folder = await temporaryFolder();
  const { voldir } = await writeCubes(`${folder.path}/maps`);
  const outdir = `${folder.path}/out`;
  const refuse = (options: ScreenCall["options"], message: RegExp) =>
    refused({ options, outdir }, UsageError, message);
  await refuse({ bins: [1] }, /neither a run nor --voldir is given$/);
  await refuse({ voldir }, /one of --bins and --binfile is needed$/);
  await refuse({ voldir, bins: [1], binfiles: ["a"] }, /--bins and --binfile exclude each other$/);
  await refuse({ run: outdir, bins: [1] }, /Cannot use --bins with a run/);
  await refuse({ voldir, bins: [1], exp_frac: [0.5] }, /--exp_frac goes with --rule siren or fdr/);
  await refuse({ voldir, bins: [1], rule: "siren", join: [0.5] }, /--join goes with --rule phi/);
  const many = Array.from({ length: 50 }, (_, i) => (i + 1) / 100);
  await refuse({ voldir, bins: [0.5], join: many, posp: many }, /Cannot screen 2500 settings/);
  await assert.rejects(Deno.stat(outdir), Deno.errors.NotFound);
  await refused({ options: { run: voldir }, outdir }, RunError, /there is no run\.json$/);
  const run = `${folder.path}/run`;
  await sketchCommunities({ voldir, bin: 0.5, rule: "phi" }, run, quietly());
  const options = { voldir, bins: [0.5] };
  await refused({ options, outdir: run }, UsageError, /it is a run's own folder$/);
});

Deno.test("the recommended setting is nearly as good as the best, where the truth is known", async () => {
  await using folder = await temporaryFolder();
  const maps = `${folder.path}/maps`;
  const simulated = simulateOptions.parse({
    box: 24,
    apix: 8,
    volumes: 120,
    blocks: 4,
    noise: 0.06,
    seed: 2,
  });
  const { truth } = await writeEnsemble(simulate(simulated, []), maps);
  const options = { voldir: maps, bins: [0.1, 0.2, 0.3, 0.8], join: [0.5, 0.8], halvings: 2 };
  const { rows, recommended } = await screen({ options, outdir: `${folder.path}/out` }, quietly());
  assert.ok(recommended !== undefined);
  const scores = [];
  for (const { threshold, values, setting } of rows) {
    const join = Number(values["join"]);
    const run = `${folder.path}/${setting}`;
    const sketch = { voldir: maps, bin: Number(threshold), rule: "phi", join } as const;
    await runAll(sketch, { join }, run, quietly({ threads: 1, engine: "wasm" }));
    scores.push(score(truth, (await readBlocks(run)).blocks).meanJaccard);
  }
  const own = scores[recommended.setting]!, best = Math.max(...scores);
  assert.ok(own > 0.9 * best, `${own} of ${best}`);
  assert.ok(Math.min(...scores) < 0.8 * best, `${scores}`);
});
