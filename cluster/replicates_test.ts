import assert from "node:assert";
import type { Block } from "../core/blocks/block.ts";
import { totals } from "../core/cooccupancy/mod.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";
import { blocksOfSetting, drawReplicate, type ReplicateBlocks } from "./replicates.ts";
import { runAll } from "./run.ts";
import { jobs } from "./threads/jobs.ts";
import type { Draw, ReplicateWork, Setting } from "./work.ts";

function workOf({ run, union }: FinishedRun, draw: Draw, settings: Setting[]): ReplicateWork {
  const { matrix, flat, sampled } = union;
  const before = run.volumes.length;
  const size = sampled.length;
  return { matrix, flat, sampled, grid: run.grid, before, seed: 3, size, draw, settings };
}

const settingOf = (options: Record<string, unknown>, expand: Record<string, unknown>): Setting => ({
  sketch: SketchOptionsSchema.parse(options),
  expand: ExpandOptionsSchema.parse(expand),
});

/** Blocks as ids and rows. */
const plain = (blocks: readonly Block[]) =>
  blocks.map(({ id, members }) => [id, Array.from(members).sort((a, b) => a - b)]);
const blocksOf = (found: ReplicateBlocks, setting: number) =>
  plain(blocksOfSetting(found, setting));

/** Settings of each rule that differ in all that a screen can try. */
const GRIDS: Record<string, readonly (readonly [object, object])[]> = {
  phi: [[{}, {}], [{ join: 0.4 }, { join: 0.4 }], [{ posp: 0.2 }, { posp: 0.2 }], [
    { min_block_size: 12 },
    {},
  ]],
  siren: [
    [{}, {}],
    [{}, { exp_frac: 0.6 }],
    [{ posp_factor: 1.5 }, { posp_factor: 1.5 }],
    [{ negp_factor: 1.1 }, { negp_factor: 1.1 }],
    [{ posp: 0.5, cutoff_method: "exact" }, { posp: 0.5 }],
    [{ communities: "louvain" }, {}],
  ],
  fdr: [[{}, {}], [{ posp: 0.2 }, {}], [{ posp: 1e-6 }, { exp_frac: 0.5 }]],
};

for (const [rule, grid] of Object.entries(GRIDS)) {
  Deno.test(`the blocks of many settings at once are those of a run of each (${rule})`, async () => {
    await using folder = await temporaryFolder();
    const maps = await simulatePhantoms(`${folder.path}/maps`);
    const expected = [], settings = [];
    let first: FinishedRun | undefined;
    for (const [i, [sketch, expand]] of grid.entries()) {
      const options = { ...maps, rule, ...sketch } as Parameters<typeof runAll>[0];
      await runAll(options, expand, `${folder.path}/${i}`, quietly({ threads: 1 }));
      const finished = await readFinishedRun(`${folder.path}/${i}`);
      first ??= finished;
      expected.push(plain(finished.blocks));
      settings.push(settingOf({ ...options }, { ...expand }));
    }
    const own = jobs({ engine: "wasm", replicates: workOf(first!, "halves", settings) });
    const found = await own.replicates({ replicate: 0 });
    for (const i of grid.keys()) assert.deepStrictEqual(blocksOf(found, i), expected[i], `${i}`);
    assert.ok(new Set(expected.map((blocks) => JSON.stringify(blocks))).size > 1, "they differ");
  });
}

Deno.test("replicates are the same whichever are computed before, and each is another", async () => {
  await using folder = await temporaryFolder();
  const options = { ...await simulatePhantoms(`${folder.path}/maps`), rule: "phi" as const };
  await runAll(options, {}, `${folder.path}/run`, quietly({ threads: 1 }));
  const finished = await readFinishedRun(`${folder.path}/run`);
  for (const draw of ["volumes", "samples", "both", "halves"] as const) {
    const work = workOf(finished, draw, [settingOf(options, {})]);
    const found = async (...replicates: number[]) => {
      const own = jobs({ engine: "wasm", replicates: work });
      const texts = [];
      for (const replicate of replicates) {
        texts.push(JSON.stringify(blocksOf(await own.replicates({ replicate }), 0)));
      }
      return texts;
    };
    const upwards = await found(1, 2, 3);
    assert.deepStrictEqual(await found(3, 2, 1), upwards.toReversed());
    assert.strictEqual(new Set(upwards).size, 3, draw);
  }
});

Deno.test("what is drawn is drawn as it is called", async () => {
  await using folder = await temporaryFolder();
  const options = { ...await simulatePhantoms(`${folder.path}/maps`), rule: "phi" as const };
  await runAll(options, {}, `${folder.path}/run`, quietly({ threads: 1 }));
  const finished = await readFinishedRun(`${folder.path}/run`);
  const { union } = finished;
  const { volumes } = union.matrix;
  const draw = (draw: Draw, replicate: number) =>
    drawReplicate(union, workOf(finished, draw, []), replicate);

  const samples = draw("samples", 0);
  assert.strictEqual(samples.union.matrix, union.matrix);
  assert.strictEqual(samples.union.sampled.length, union.sampled.length);
  assert.notDeepStrictEqual(samples.union.sampled, union.sampled);

  // Half and half are all volumes, each once.
  const whole = draw("halves", 0);
  assert.deepStrictEqual([whole.union.sampled, whole.union.matrix], [union.sampled, union.matrix]);
  const sums = new Uint32Array(union.flat.length);
  for (const replicate of [1, 2]) {
    const { union: half, rows } = draw("halves", replicate);
    assert.strictEqual(half.matrix.volumes, volumes / 2);
    const own = totals(half.matrix);
    rows.forEach((row, i) => sums[row]! += own[i]!);
  }
  // But for voxels that are in the union of one half alone.
  const differing = sums.filter((sum, row) => sum !== union.totals[row]).length;
  assert.ok(differing < sums.length / 20, `${differing} of ${sums.length}`);

  for (const kind of ["volumes", "both"] as const) {
    const { union: drawn, rows } = draw(kind, 5);
    assert.strictEqual(drawn.matrix.volumes, volumes);
    assert.deepStrictEqual(drawn.totals, totals(drawn.matrix));
    assert.deepStrictEqual(drawn.flat, rows.map((row) => union.flat[row]!));
    const least = drawn.totals.reduce((least, total) => Math.min(least, total), Infinity);
    assert.ok(least > volumes / 100, "occupied in more than 1 %");
    const isOwn = Array.from(drawn.sampled, (place) => union.sampled.includes(rows[place]!));
    assert.strictEqual(isOwn.every(Boolean), kind === "volumes");
  }
});

Deno.test("an ensemble too small to be halved has no blocks and no accident", async () => {
  await using folder = await temporaryFolder();
  const options = { ...await simulatePhantoms(`${folder.path}/maps`), rule: "phi" as const };
  await runAll(options, {}, `${folder.path}/run`, quietly({ threads: 1 }));
  const finished = await readFinishedRun(`${folder.path}/run`);
  const { union } = finished;
  const one = {
    ...union.matrix,
    volumes: 1,
    wordsPerVoxel: 1,
    words: new Uint32Array(union.flat.length),
  };
  one.words.fill(1);
  for (const rule of ["phi", "siren", "fdr"] as const) {
    for (const draw of ["halves", "both", "samples", "volumes"] as const) {
      const work = workOf(finished, draw, [settingOf({ ...options, rule }, {})]);
      const own = jobs({ engine: "wasm", replicates: { ...work, matrix: one } });
      for (const replicate of [0, 1, 2]) {
        const { row } = await own.replicates({ replicate });
        assert.strictEqual(row.length, 0, `${rule}, ${draw}`);
      }
    }
  }
});
