/** Blocks of finished runs: compared, merged, and told apart by the volumes that hold them. */
import assert from "node:assert";
import {
  compareSources,
  consolidateBlocks,
  type ConsolidateCall,
  identifyBlocks,
  readBlockSource,
  runAll,
  sceneFiles,
  writeAnalysis,
} from "../cluster/mod.ts";
import { readFinishedRun } from "../cluster/finished_run.ts";
import { decodeMap, encodeMap, readMap } from "../core/mrc/mod.ts";
import { BOX, CUBES, GRID, writeCubes } from "./cubes.ts";
import { exists, hashFolder, quietly, temporaryFolder } from "./surroundings.ts";

let base: Promise<{ path: string; maps: { voldir: string; bin: number } } & AsyncDisposable>;

/** A finished run over the cubes, which is copied for each test. */
async function runOnce() {
  const folder = await temporaryFolder();
  const maps = await writeCubes(`${folder.path}/maps`);
  await runAll({ ...maps, rule: "phi" }, {}, `${folder.path}/run`, quietly());
  return {
    path: folder.path,
    maps,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test.beforeAll(async () => void await (base = runOnce()));
Deno.test.afterAll(async () => await (await base)[Symbol.asyncDispose]());

/** The run over the cubes in a folder of its own; its maps are everyone's. */
async function runCubes() {
  const { path, maps } = await base;
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await copyFolder(`${path}/run`, run);
  return {
    path: folder.path,
    run,
    maps,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

const sorted = (voxels: Iterable<number>) => [...voxels].sort((a, b) => a - b);
const said = (news: ReturnType<typeof quietly>["news"]) =>
  news.flatMap((piece) => piece.kind === "progress" ? [] : [piece.text]);
const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));
const lines = async (path: string) =>
  (await Deno.readTextFile(path)).trim().split("\n").map((line) => line.split(","));
const maskOf = async (path: string) => {
  const { data } = await readMap(path);
  return [...data.keys()].filter((voxel) => data[voxel] === 1);
};

Deno.test("blocks are read from a run, its folders, its list and its masks, the same from each", async () => {
  await using cubes = await runCubes();
  const { run, path } = cubes;
  const own = `${run}/02_expand`;
  const whole = await readBlockSource(run);
  assert.strictEqual(whole.path, `${own}/blocks.json`);
  assert.deepStrictEqual(whole.grid, { ...GRID });
  assert.strictEqual(whole.run?.run.volumes.length, 160);
  assert.deepStrictEqual(
    Array.from(whole.blocks.values(), (voxels) => [...voxels]).sort((a, b) => a[0]! - b[0]!),
    CUBES.map(sorted).sort((a, b) => a[0]! - b[0]!),
  );
  for (const place of [own, `${own}/blocks.json`]) {
    assert.deepStrictEqual((await readBlockSource(place)).blocks, whole.blocks);
  }
  // Masks alone: in a folder of their own, and with names of the user's.
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  for (const id of whole.blocks.keys()) {
    await Deno.copyFile(`${own}/block_${id}.mrc`, `${masks}/block_${id}.mrc`);
  }
  await Deno.copyFile(`${own}/consensus.mrc`, `${masks}/consensus.mrc`);
  const ofMasks = await readBlockSource(masks);
  assert.deepStrictEqual(ofMasks.blocks, whole.blocks);
  assert.deepStrictEqual([ofMasks.path, ofMasks.run], [masks, undefined]);
  assert.strictEqual(ofMasks.grid?.apix, GRID.apix);
  await Deno.rename(`${masks}/block_0.mrc`, `${masks}/Mask_head.mrc`);
  assert.deepStrictEqual([...(await readBlockSource(masks)).blocks.keys()], [
    "1",
    "2",
    "Mask_head",
  ]);
  // A list far from everything has no grid, beside its masks it has theirs.
  await Deno.copyFile(`${own}/blocks.json`, `${path}/list.json`);
  assert.strictEqual((await readBlockSource(`${path}/list.json`)).grid, undefined);
  await Deno.copyFile(`${own}/blocks.json`, `${masks}/blocks.json`);
  assert.strictEqual((await readBlockSource(masks)).grid?.box, BOX);
});

Deno.test("blocks that cannot be read are refused, with what to do", async () => {
  await using cubes = await runCubes();
  const { path, run } = cubes;
  const refused = async (make: (folder: string) => Promise<void>, message: RegExp) => {
    const folder = await Deno.makeTempDir({ dir: path });
    await make(folder);
    await assert.rejects(readBlockSource(folder), (error) => {
      assert.ok(error instanceof Error && error.name === "InputError", String(error));
      assert.match(error.message, message);
      return true;
    });
  };
  const mask = (data: Float32Array, grid = GRID) => encodeMap(data, grid);
  const one = (box = BOX) => Float32Array.from({ length: box ** 3 }, (_, i) => i === 5 ? 1 : 0);
  await refused(
    () => Promise.resolve(),
    /Cannot find blocks.json or block masks in .*: it is empty/,
  );
  await refused(
    (folder) => Deno.writeFile(`${folder}/a.mrc`, mask(new Float32Array(BOX ** 3))),
    /Cannot use .*a.mrc as a mask: all of its voxels are 0/,
  );
  await refused(
    (folder) => Deno.writeFile(`${folder}/a.mrc`, mask(one().fill(NaN, 3, 4))),
    /voxel 3 is not a finite number/,
  );
  await refused(async (folder) => {
    await Deno.writeFile(`${folder}/a.mrc`, mask(one()));
    await Deno.writeFile(`${folder}/b.mrc`, mask(one(8), { ...GRID, box: 8 }));
  }, /their boxes or voxel sizes differ \(10 voxels of 1.5 A and 8 voxels of 1.5 A\)/);
  await refused(async (folder) => {
    await Deno.writeFile(`${folder}/block_1.mrc`, mask(one()));
    await Deno.writeFile(`${folder}/block_01.mrc`, mask(one()));
  }, /two are block 1/);
  await refused((folder) => Deno.writeTextFile(`${folder}/blocks.json`, "{"), /it is no JSON file/);
  await refused(
    (folder) => Deno.writeTextFile(`${folder}/blocks.json`, `{"0": [1, 4294967296]}`),
    /block 0 holds a voxel that no map has \(4294967296\)/,
  );
  await refused(
    (folder) => Deno.writeFile(`${folder}/a.mrc`, mask(one().fill(-1.5, 9, 10))),
    /a.mrc as a block: it is no mask, for its values are not 0 to 1 \(-1.5 to 1\)/,
  );
  // A list in a run must be of the run's box.
  await Deno.writeTextFile(`${run}/02_expand/blocks.json`, `{"0": [1, 1000]}`);
  await assert.rejects(
    readBlockSource(run),
    /block 0 holds a voxel outside the box of 10 \(1000\)/,
  );
  await assert.rejects(readBlockSource(`${path}/nowhere`), /there are none/);
});

Deno.test("compare: two runs, in what they differ, and files", async () => {
  await using cubes = await runCubes();
  const { path, run, maps } = cubes;
  const other = `${path}/other`;
  await runAll({ ...maps, rule: "fdr", seed: 3, bin: 0.4 }, {}, other, quietly());
  const outdir = `${path}/compared`;
  const surroundings = quietly();
  const result = await compareSources(run, other, { outdir }, surroundings);
  assert.deepStrictEqual(said(surroundings.news), []);
  assert.strictEqual(result.comparison.pairs.length, 3);
  assert.ok(result.comparison.pairs.every(({ jaccard, shift }) => jaccard === 1 && shift === 0));
  assert.deepStrictEqual(result.differences, [
    { what: "bin", a: "0.5", b: "0.4" },
    { what: "seed", a: "0", b: "3" },
    { what: "rule", a: "phi", b: "fdr" },
    { what: "maps of one name with another threshold", a: "160", b: "0" },
  ]);
  assert.deepStrictEqual(
    result.files.map((file) => file.slice(outdir.length + 1)),
    ["compare.csv", "jaccard.csv", "moved.csv", "compare.json", "compare.svg", "compare.png"],
  );
  assert.strictEqual((await lines(`${outdir}/compare.csv`)).length, 4);
  assert.strictEqual((await readJson(`${outdir}/compare.json`)).adjusted_rand_index, 1);

  // Again: nothing is written. The other way round: refused, unless by force.
  const before = await hashFolder(outdir);
  await compareSources(run, other, { outdir }, quietly());
  assert.deepStrictEqual(await hashFolder(outdir), before);
  await assert.rejects(compareSources(other, run, { outdir }, quietly()), {
    name: "UsageError",
    message: `Cannot write to ${outdir}: it holds other results (files.json)`,
  });
  await compareSources(other, run, { outdir, force: true }, quietly());
  assert.match(await Deno.readTextFile(`${outdir}/compare.json`), /"a": ".*other/);
});

Deno.test("compare: boxes that differ are refused, other voxel sizes told, and masks that were edited", async () => {
  await using cubes = await runCubes();
  const { path, run } = cubes;
  for (
    const [name, grid] of [["small", { ...GRID, box: 8 }], ["coarse", {
      ...GRID,
      apix: 3,
    }]] as const
  ) {
    await Deno.mkdir(`${path}/${name}`);
    const data = Float32Array.from({ length: grid.box ** 3 }, (_, i) => i < 40 ? 1 : 0);
    await Deno.writeFile(`${path}/${name}/block_0.mrc`, encodeMap(data, grid));
  }
  await assert.rejects(compareSources(run, `${path}/small`, {}, quietly()), (error) => {
    assert.ok(error instanceof Error && error.name === "InputError");
    assert.match(error.message, /their boxes differ \(10 voxels of 1.5 A and 8 voxels of 1.5 A\)/);
    return true;
  });
  const surroundings = quietly();
  const { differences } = await compareSources(run, `${path}/coarse`, {}, surroundings);
  assert.deepStrictEqual(differences, [{ what: "voxel size", a: "1.5 A", b: "3 A" }]);
  await Deno.copyFile(`${path}/coarse/block_0.mrc`, `${run}/02_expand/block_0.mrc`);
  await compareSources(run, `${path}/coarse`, {}, surroundings);
  assert.match(said(surroundings.news)[0]!, /^Masks beside .* were changed .*\(block_0.mrc\)/);
});

/** A list of blocks of the run's voxels: the first two overlap, the third is apart. */
async function overlapping(folder: string) {
  const [a, b, c] = CUBES.map((cube) => cube as readonly number[]) as [
    number[],
    number[],
    number[],
  ];
  const list = `${folder}/list.json`;
  await Deno.writeTextFile(
    list,
    JSON.stringify({ 4: [...a, ...b.slice(0, 9)], 1: [...a.slice(5), ...b.slice(0, 12)], head: c }),
  );
  return list;
}

Deno.test("consolidate: overlapping blocks of a run become one, with all files of a run's blocks", async () => {
  await using cubes = await runCubes();
  const { path, run } = cubes;
  const surroundings = quietly();
  const call: ConsolidateCall = {
    blocks: await overlapping(path),
    run,
    options: {},
    outdir: `${path}/merged`,
  };
  const { blocks, before, rounds } = await consolidateBlocks(call, surroundings);
  assert.deepStrictEqual(said(surroundings.news), ["head is taken as block 5"]);
  assert.deepStrictEqual([before, rounds], [3, 1]);
  assert.deepStrictEqual(blocks.map(({ id, parts, voxels }) => [id, parts, voxels]), [
    [1, [1, 4], 39],
    [5, [5], 27],
  ]);
  assert.ok(blocks.every(({ cohesion }) => cohesion! > 0));
  const merged = sorted([...CUBES[0]!, ...CUBES[1]!.slice(0, 12)]);
  assert.deepStrictEqual(await maskOf(`${call.outdir}/block_1.mrc`), merged);
  assert.deepStrictEqual(sorted((await readJson(`${call.outdir}/blocks.json`))[1]), merged);
  assert.deepStrictEqual(
    (await lines(`${call.outdir}/consolidated.csv`)).slice(1).map(([a, b]) => [a, b]),
    [
      ["1", "1"],
      ["4", "1"],
      ["5", "5"],
    ],
  );
  const names = (await readJson(`${call.outdir}/files.json`)).files;
  for (
    const name of ["blocks.csv", "blocks.arrow", "blocks.png", "open_blocks.cxc", "consensus.mrc"]
  ) {
    assert.ok(name in names, name);
  }
  // What was made is a set of blocks of its own: siren takes it as it takes others.
  const { comparison } = await compareSources(call.outdir, run, {}, quietly());
  assert.strictEqual(comparison.pairs.length, 2);

  // The same bytes from the same call in another folder.
  await consolidateBlocks({ ...call, outdir: `${path}/again` }, quietly({ threads: 1 }));
  assert.deepStrictEqual(await hashFolder(`${path}/again`), await hashFolder(call.outdir));
});

Deno.test("consolidate: masks of no run, and what cannot be consolidated", async () => {
  await using cubes = await runCubes();
  const { path, run } = cubes;
  const list = await overlapping(path);
  const masks = `${path}/masks`;
  await Deno.mkdir(masks);
  for (const [id, voxels] of Object.entries<number[]>(await readJson(list))) {
    const data = new Float32Array(BOX ** 3);
    for (const voxel of voxels) data[voxel] = 1;
    await Deno.writeFile(`${masks}/block_${id}.mrc`, encodeMap(data, GRID));
  }
  const call = { blocks: masks, options: { method: "siren" as const }, outdir: `${path}/out` };
  const { blocks, files } = await consolidateBlocks(call, quietly());
  assert.deepStrictEqual(blocks.map(({ id, parts }) => [id, parts]), [[1, [1, 4]], [5, [5]]]);
  assert.deepStrictEqual(files.map((file) => file.split("/").at(-1)), [
    "block_1.mrc",
    "block_5.mrc",
    "blocks.json",
    "blocks.csv",
    "open_blocks.cxc",
    "consolidated.csv",
  ]);
  const { grid } = decodeMap(await Deno.readFile(`${call.outdir}/block_1.mrc`), "mask");
  assert.deepStrictEqual(grid, GRID);
  const [header, first] = await lines(`${call.outdir}/blocks.csv`);
  assert.strictEqual(header!.join(), "id,voxels,volume_A3,x_A,y_A,z_A,x_voxel,y_voxel,z_voxel");
  assert.strictEqual(Number(first![2]), 39 * 1.5 ** 3 - 0.025);
  assert.ok(Math.abs(Number(first![3]) - (GRID.origin.x + 1.5 * Number(first![6]))) < 2e-3);
  assert.doesNotMatch(
    await Deno.readTextFile(`${call.outdir}/open_blocks.cxc`),
    /^(open|rename).*consensus/m,
  );

  const refused = (changes: object, name: string, message: RegExp) =>
    assert.rejects(
      consolidateBlocks({ ...call, outdir: `${path}/other`, ...changes }, quietly()),
      (error) => error instanceof Error && error.name === name && message.test(error.message),
    );
  await refused({ blocks: list }, "UsageError", /nothing tells the grid of its voxels/);
  await refused({ outdir: `${run}/02_expand` }, "UsageError", /it is a run's own folder/);
  await refused({ outdir: run }, "UsageError", /it is a run's own folder/);
  await Deno.writeTextFile(`${path}/none.json`, "{}");
  await refused({ blocks: `${path}/none.json`, run }, "InputError", /it holds no blocks/);
  await Deno.writeTextFile(`${path}/far.json`, `{"0": [999]}`);
  await refused(
    { blocks: `${path}/far.json`, run },
    "InputError",
    /no voxel of block 0 is one of the run/,
  );
  await Deno.mkdir(`${path}/taken`);
  await Deno.writeTextFile(`${path}/taken/blocks.csv`, "mine");
  await refused({ outdir: `${path}/taken` }, "UsageError", /it holds other results \(blocks.csv\)/);
  assert.strictEqual(await Deno.readTextFile(`${path}/taken/blocks.csv`), "mine");
  assert.ok(!exists(`${path}/other`));
});

Deno.test("id_blocks: the cubes, told by the volumes that hold them, from bits as from maps", async () => {
  await using cubes = await runCubes();
  const { path, run, maps } = cubes;
  const options = { run, min_size: 5 };
  const outdir = `${path}/identified`;
  const { regions, without, volumes } = await identifyBlocks(options, { outdir }, quietly());
  assert.deepStrictEqual([volumes, without.length, regions.length], [160, 0, 3]);
  const { blocks } = await readBlockSource(run);
  for (const region of regions) {
    // A cube is there as a whole: its percentile 99 is a tie at 1, and nothing else goes with it in all volumes.
    assert.deepStrictEqual(
      await maskOf(`${outdir}/block_${region.id}.mrc`),
      [...blocks.get(String(region.id))!],
    );
    assert.deepStrictEqual([region.of, region.jaccard, region.cutoff], [`b${region.id}`, 1, 1]);
  }
  const classes = await lines(`${outdir}/classes.csv`);
  assert.deepStrictEqual(classes[0], ["map_file", "b0", "b1", "b2"]);
  const { table } = (await writeAnalysis({ run }, {}, {}, quietly())).analysis;
  table.volumes.forEach((file, volume) => {
    const expected = [0, 1, 2].map((k) => table.values[volume * 3 + k] === 1 ? "high" : "low");
    assert.deepStrictEqual(classes[volume + 1], [file, ...expected]);
  });

  const fromMaps = await identifyBlocks(
    {
      mapdir: maps.voldir,
      occupancy: `${run}/03_analysis/occupancy.csv`,
      bin: maps.bin,
      min_size: 5,
    },
    { outdir: `${path}/from_maps` },
    quietly(),
  );
  for (const { id } of fromMaps.regions) {
    assert.deepStrictEqual(
      await Deno.readFile(`${path}/from_maps/block_${id}.mrc`),
      await Deno.readFile(`${outdir}/block_${id}.mrc`),
    );
  }
  // A table in another order is brought into the run's.
  const [head, ...rows] = (await Deno.readTextFile(`${run}/03_analysis/occupancy.csv`)).trim()
    .split("\n");
  await Deno.writeTextFile(`${path}/turned.csv`, [head, ...rows.toReversed()].join("\n"));
  const turned = await identifyBlocks(
    { ...options, occupancy: `${path}/turned.csv` },
    { outdir: `${path}/turned` },
    quietly(),
  );
  assert.deepStrictEqual(turned.regions, regions);
});

Deno.test("id_blocks: by density, with maps of the difference and of t, in pieces", async () => {
  await using cubes = await runCubes();
  const { path, run, maps } = cubes;
  const outdir = `${path}/dense`;
  const options = { run, method: "density", block: "b1", min_size: 5, diff_p: 90 } as const;
  const { regions } = await identifyBlocks(options, { outdir }, quietly());
  const [region] = regions;
  assert.strictEqual(region!.kind, "with");
  const { blocks } = await readBlockSource(run);
  const block = [...blocks.get("1")!];
  const mask = await maskOf(`${outdir}/block_${region!.id}.mrc`);
  assert.ok(block.every((voxel) => mask.includes(voxel)));
  const { data: difference } = await readMap(`${outdir}/difference_b1.mrc`);
  assert.ok(block.every((voxel) => difference[voxel] === 1));
  // Against sums over the classes, by hand.
  const classes = await lines(`${outdir}/classes.csv`);
  const sums = { high: new Float64Array(BOX ** 3), low: new Float64Array(BOX ** 3) };
  const counts = { high: 0, low: 0 };
  for (const [file, role] of classes.slice(1)) {
    if (role !== "high" && role !== "low") continue;
    counts[role]++;
    const { data } = await readMap(`${maps.voldir}/${file}`);
    data.forEach((density, voxel) => sums[role][voxel]! += density);
  }
  difference.forEach((value, voxel) => {
    const expected = sums.high[voxel]! / counts.high - sums.low[voxel]! / counts.low;
    assert.ok(Math.abs(value - expected) < 1e-6);
  });
  assert.ok(exists(`${outdir}/t_b1.mrc`));

  const where = await identifyBlocks(
    {
      run,
      method: "density",
      where: "b1 > 0.5 || b2 > 0.5",
      min_size: 5,
      diff_p: 90,
      pieces: true,
      normalise: "standard",
    },
    { outdir: `${path}/where` },
    quietly(),
  );
  // Clusters are those of the run's analysis, made on the way where there is none.
  await identifyBlocks({ run, where: "cluster == 1" }, { outdir: `${path}/cluster` }, quietly());
  const { analysis } = await writeAnalysis({ run }, {}, {}, quietly());
  assert.deepStrictEqual(
    (await lines(`${path}/cluster/classes.csv`)).slice(1).map(([, role]) => role),
    analysis.clusters.map((cluster) => cluster === 1 ? "high" : "low"),
  );
  const found = await Promise.all(
    where.regions.filter(({ kind }) => kind === "with")
      .map(({ id }) => maskOf(`${path}/where/block_${id}.mrc`)),
  );
  for (const id of ["1", "2"]) {
    assert.ok(found.some((piece) => [...blocks.get(id)!].every((voxel) => piece.includes(voxel))));
  }
});

Deno.test("id_blocks: what tells nothing is said, and what does not belong together is refused", async () => {
  await using cubes = await runCubes();
  const { path, run, maps } = cubes;
  await Deno.writeTextFile(
    `${path}/table.csv`,
    "map_file,always,never,odd\n" +
      Array.from(
        { length: 160 },
        (_, k) => `vol_${String(k).padStart(3, "0")}.mrc,0.5,0,${k % 2}\n`,
      ).join(""),
  );
  const surroundings = quietly();
  const { without, regions } = await identifyBlocks(
    { run, occupancy: `${path}/table.csv` },
    { outdir: `${path}/out` },
    surroundings,
  );
  assert.deepStrictEqual(regions, []);
  assert.deepStrictEqual(without, [
    {
      of: "always",
      reason: "its occupancy is above 0 in every volume (the least is 0.500); give a greater --low",
    },
    { of: "never", reason: "no volume holds any of it" },
    { of: "odd", reason: "no region has 31 voxels or more" },
  ]);
  assert.deepStrictEqual(said(surroundings.news), [
    "Nothing is told of always: its occupancy is above 0 in every volume (the least is 0.500); give a " +
    "greater --low",
    "Nothing is told of never: no volume holds any of it",
  ]);

  const refused = (options: object, name: string, message: RegExp) =>
    assert.rejects(
      identifyBlocks(options, { outdir: `${path}/other` }, quietly()),
      (error) => {
        assert.ok(error instanceof Error && error.name === name, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  const table = `${path}/table.csv`;
  await refused({}, "UsageError", /a run is needed, or --mapdir and --occupancy/);
  await refused({ run, block: "b9" }, "UsageError", /there is no such region \(b9\)/);
  await refused({ run, block: "b1", where: "b1 > 0" }, "UsageError", /--block and --where exclude/);
  await refused({ run, diff_p: 90 }, "UsageError", /--diff_p goes with --method density/);
  await refused(
    { run, in_low: 3, method: "density" },
    "UsageError",
    /--in_low goes with --method occ/,
  );
  await refused({ run, where: "b1 >", low: 0.1 }, "UsageError", /--low goes with occupancies/);
  await refused({ run, where: "b1 > 2" }, "InputError", /where: no volume meets the condition/);
  await refused({ run, where: "b1 >= 0" }, "InputError", /where: every volume meets the condition/);
  await refused({ run, bin: 1 }, "UsageError", /--bin and --binfile go with --mapdir/);
  await refused({ mapdir: maps.voldir, occupancy: table }, "UsageError", /--mapdir needs --bin/);
  await refused(
    { run, occupancy: table, block: "always" },
    "InputError",
    /no block has volumes of both/,
  );
  await Deno.writeTextFile(`${path}/less.csv`, "map_file,b0\nvol_000.mrc,1\nvol_001.mrc,0\n");
  await refused(
    { run, occupancy: `${path}/less.csv` },
    "InputError",
    /it lacks volumes of the run \(vol_002/,
  );
  await Deno.writeTextFile(`${path}/more.csv`, "map_file,b0\nvol_000.mrc,1\nx.mrc,0\n");
  await refused(
    { run, occupancy: `${path}/more.csv` },
    "InputError",
    /has volumes that the run has not \(x/,
  );
  await refused(
    { mapdir: maps.voldir, occupancy: `${path}/more.csv`, bin: 0.5 },
    "InputError",
    /there are no maps in .* for volumes of the occupancies \(x.mrc\)/,
  );
  const broken = new Float32Array(BOX ** 3).fill(NaN, 7, 8);
  await copyFolder(maps.voldir, `${path}/maps`);
  await Deno.writeFile(`${path}/maps/vol_001.mrc`, encodeMap(broken, GRID));
  await refused(
    { mapdir: `${path}/maps`, occupancy: `${path}/less.csv`, bin: 0.5 },
    "InputError",
    /vol_001.mrc: a density is not a finite number \(voxel 7\)/,
  );
  assert.ok(!exists(`${path}/other`));
});

Deno.test("scenes: paths within a run are seen from the folder, others whole, and odd ones told", async () => {
  await using cubes = await runCubes();
  const { path, run, maps } = cubes;
  const { analysis } = await writeAnalysis({ run }, {}, {}, quietly());
  const finished = await readFinishedRun(run);
  const read = async (folder: string, name: string) => {
    const make = sceneFiles(analysis, finished, folder).files.get(name);
    assert.ok(make !== undefined, name);
    const content = await make();
    return typeof content === "string" ? content : new TextDecoder().decode(content);
  };
  const opened = async (folder: string, name: string) =>
    Array.from((await read(folder, name)).matchAll(/^open "(.*)"$/gm), ([, one]) => one!);
  const own = `${run}/03_analysis`;
  assert.deepStrictEqual(await opened(own, "colour_volume.cxc"), [
    "../02_expand/consensus.mrc",
    "block_markers.cmm",
  ]);
  assert.deepStrictEqual(await opened(`${path}/elsewhere`, "colour_volume.cxc"), [
    `${run}/02_expand/consensus.mrc`,
    "block_markers.cmm",
  ]);
  const clusters = new Set(analysis.clusters);
  for (const cluster of clusters) {
    const [medoid, markers, ...others] = await opened(own, `cluster_${cluster}.cxc`);
    assert.ok(medoid!.startsWith(`${maps.voldir}/vol_`) && exists(medoid!));
    assert.strictEqual(markers, "block_markers.cmm");
    assert.ok(others.every((other) => exists(other.startsWith("/") ? other : `${own}/${other}`)));
  }
  assert.ok(!sceneFiles(analysis, finished, own).files.has(`cluster_${clusters.size + 1}.cxc`));
  const notebook = await read(own, "analysis.ipynb");
  assert.ok(notebook.includes('RESULTS = \\"../02_expand\\"'));
  assert.ok(notebook.includes('RUN = \\"..\\"'));
  // The files in the run are these, to the byte.
  for (const name of ["analysis.ipynb", "cluster_1.cxc", "block_markers.cmm"]) {
    assert.strictEqual(await Deno.readTextFile(`${own}/${name}`), await read(own, name));
  }

  const odd = {
    ...finished,
    run: { ...finished.run, sketch: { ...finished.run.sketch, voldir: "/a$b" } },
  };
  const { files, warnings } = sceneFiles(analysis, odd, own);
  assert.deepStrictEqual([...files.keys()], ["analysis.ipynb"]);
  assert.deepStrictEqual(warnings, [
    'There are no ChimeraX scripts: ChimeraX would expand the $ of a path ("/a$b")',
  ]);
  assert.deepStrictEqual([...sceneFiles(analysis, undefined, own).files.keys()], [
    "analysis.ipynb",
  ]);
});
