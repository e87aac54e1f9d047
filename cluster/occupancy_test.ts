/** Occupancies of masks and blocks in an ensemble of which a test knows every voxel. */
import assert from "node:assert";
import { gzipSync } from "node:zlib";
import { InterruptedError, SirenError } from "../core/errors.ts";
import { encodeHeader, encodeMap, type MapGrid } from "../core/mrc/mod.ts";
import { makeHeader } from "../core/mrc/header.ts";
import { readOccupancy } from "../core/occupancy/read_occupancy.ts";
import { BOX, CORE, CUBES, cubeVolumes, GRID, writeCubes } from "../tests/cubes.ts";
import { exists, hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { measureOccupancies, writeOccupancies } from "./occupancy.ts";
import type { OccupancyOptions } from "./occupancy_options.ts";
import { runAll } from "./run.ts";

/** A map of densities at some voxels. */
function densities(at: Iterable<readonly [voxel: number, density: number]>, box = BOX) {
  const data = new Float32Array(box ** 3);
  for (const [voxel, density] of at) data[voxel] = density;
  return data;
}
const encode = (data: Float32Array, changes: Partial<MapGrid> = {}) =>
  encodeMap(data, { ...GRID, ...changes });
const every = (voxels: readonly number[], density = 1) =>
  densities(voxels.map((voxel) => [voxel, density] as const));

/** Folders of maps, masks and references; what is written to them is given by name. */
async function setUp(files: Readonly<Record<string, Uint8Array>>) {
  const { path, ...folder } = await temporaryFolder();
  for (const name of ["maps", "masks", "refs"]) await Deno.mkdir(`${path}/${name}`);
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${path}/${name}`, bytes);
  const options = { mapdir: `${path}/maps`, maskdir: `${path}/masks` };
  return {
    ...folder,
    path,
    options,
    /** Measures, and gives the rows and what was said. */
    async measure(changes: OccupancyOptions = {}, threads = 2) {
      const { news, ...surroundings } = quietly({ threads });
      const measured = await measureOccupancies({ ...options, ...changes }, surroundings);
      const { table } = measured;
      const width = table.regions.length;
      const rows = table.volumes.map((_, i) => [...table.values.slice(i * width, (i + 1) * width)]);
      const said = news.flatMap((news) => news.kind === "progress" ? [] : [news.text]);
      return { ...measured, rows, said };
    },
  };
}

/** A file that holds a map of any mode whose columns run along z. */
function turned(data: Float32Array, mode: number): Uint8Array {
  const header = makeHeader({ nx: BOX, ny: BOX, nz: BOX, mode, mapc: 3, mapr: 2, maps: 1 });
  const values = mode === 1 ? new Int16Array(data.length) : new Float16Array(data.length);
  data.forEach((density, voxel) => {
    const x = voxel % BOX, y = Math.floor(voxel / BOX) % BOX, z = Math.floor(voxel / BOX / BOX);
    values[(x * BOX + y) * BOX + z] = density;
  });
  const raw = new Uint8Array(values.buffer);
  const bytes = new Uint8Array(1024 + raw.length);
  bytes.set(encodeHeader(header));
  bytes.set(raw, 1024);
  return bytes;
}

const half = [...CUBES[0]!.slice(0, 9)];
const soft = densities([...CUBES[0]!.map((v) => [v, 0.75] as const), [999, 0.25], [998, 0.5]]);
const maps = {
  "maps/vol_2.mrc": encode(every(CUBES[0]!, 4)),
  "maps/vol_10.mrc.gz": gzipSync(encode(every(half, 2))),
  "maps/vol_11.map": turned(every([...half, 999], 2), 1),
  "maps/vol_12.ccp4": turned(every([...half, 999], 2), 12),
};
const masks = {
  "masks/Mask_A_chaina.mrc": encode(soft),
  "masks/core, all.mrc": encode(every(CORE)),
};
const refs = {
  "refs/A_chaina.mrc": encode(every(CUBES[0]!, 0.5)),
  "refs/core, all.mrc": encode(every(CORE, 2)),
};

Deno.test("shares, mean densities and densities over references are what they should be", async () => {
  await using folder = await setUp({ ...maps, ...masks, ...refs });
  const shares = await folder.measure({ bin: 1.5 });
  assert.deepStrictEqual(shares.table.volumes, [
    "vol_2.mrc",
    "vol_10.mrc.gz",
    "vol_11.map",
    "vol_12.ccp4",
  ]);
  assert.deepStrictEqual(shares.table.regions, [
    { name: "core, all", voxels: 27 },
    { name: "Mask_A_chaina", voxels: 27 },
  ]);
  assert.strictEqual(shares.measure, "occupied_share");
  // A mask's voxels are those above one half: voxel 999 is not of it.
  assert.deepStrictEqual(shares.rows, [[0, 1], [0, 1 / 3], [0, 1 / 3], [0, 1 / 3]]);
  // Voxels are above the threshold strictly.
  assert.deepStrictEqual((await folder.measure({ bin: 2 })).rows, [[0, 1], [0, 0], [0, 0], [0, 0]]);

  const sums = [81, 13.5, 14, 14];
  const mean = await folder.measure();
  assert.strictEqual(mean.measure, "mean_density");
  assert.deepStrictEqual(mean.rows, sums.map((sum) => [0, sum / 21]));
  const over = await folder.measure({ refdir: `${folder.path}/refs` });
  assert.strictEqual(over.measure, "density_over_reference");
  assert.deepStrictEqual(over.rows, sums.map((sum) => [0, sum / 13.5]));
  const headers = /^The start of .*vol_2\.mrc .* is used/;
  for (const { said } of [shares, mean, over]) {
    assert.ok(
      said.every((text) => headers.test(text) || /^The (origin|position)/.test(text)),
      said.join(),
    );
  }
});

Deno.test("each map has its own threshold from a CSV file, in its own precision", async () => {
  await using folder = await setUp({ ...maps, ...masks });
  const binfile = `${folder.path}/thresholds.csv`;
  const rows = ["vol_2.mrc,4", "vol_10.mrc,1", "vol_11.map,1.9", "vol_12.ccp4,1.99999"];
  await Deno.writeTextFile(binfile, `map_file,denormalized_predictions\n${rows.join("\n")}\n`);
  const { rows: shares, thresholds } = await folder.measure({ binfile });
  // 1.99999 is 2 as a 16-bit float.
  assert.deepStrictEqual(shares.map(([, share]) => share), [0, 1 / 3, 1 / 3, 0]);
  assert.deepStrictEqual(thresholds, [4, 1, 1.9, 1.99999]);
});

Deno.test("a run's blocks have one occupancy: in its bits, in its maps, and by files of them", async () => {
  await using folder = await setUp({});
  const { path } = folder;
  const run = `${path}/run`;
  const { voldir, bin } = await writeCubes(`${path}/maps`);
  await runAll({ voldir, bin }, {}, run, quietly());
  const own = await folder.measure({ mapdir: undefined, maskdir: undefined, blocks: run });
  const naive = cubeVolumes().map((volume) =>
    CUBES.map((cube) => cube.filter((voxel) => volume[voxel]! > bin).length / cube.length)
  );
  const sortedColumns = (rows: number[][]) =>
    rows[0]!.map((_, i) => rows.map((row) => row[i]!)).sort();
  assert.deepStrictEqual(sortedColumns(own.rows), sortedColumns(naive));
  assert.deepStrictEqual(own.table.regions.map(({ name }) => name), ["b0", "b1", "b2"]);
  assert.deepStrictEqual(own.thresholds, Array(160).fill(bin));

  const alone = `${path}/alone`;
  await Deno.mkdir(alone);
  const list = await Deno.readTextFile(`${run}/02_expand/blocks.json`);
  await Deno.writeTextFile(`${path}/blocks.json`, list);
  for (const id of [0, 1, 2]) {
    await Deno.copyFile(`${run}/02_expand/block_${id}.mrc`, `${alone}/block_${id}.mrc`);
  }
  await Deno.copyFile(`${run}/02_expand/consensus.mrc`, `${alone}/consensus.mrc`);
  const said: Record<string, string[]> = {};
  for (const blocks of [run, `${run}/02_expand`, `${path}/blocks.json`, alone]) {
    const found = await folder.measure({ maskdir: undefined, blocks, bin });
    assert.deepStrictEqual(found.table, own.table, blocks);
    said[blocks] = found.said;
  }
  assert.deepStrictEqual(Object.values(said), [
    [],
    [],
    [`${path}/blocks.json does not say what box its voxels are of: it is taken to be 10, the maps'`],
    [],
  ]);

  // Densities of blocks, over maps of their names.
  for (const [i, cube] of CUBES.entries()) {
    const name = i === 1 ? `b${i}` : `block_${i}`;
    await Deno.writeFile(`${path}/refs/${name}.mrc`, encode(every(cube, 2)));
  }
  const density = await folder.measure({ maskdir: undefined, blocks: run });
  assert.deepStrictEqual(density.table.values, own.table.values);
  const over = await folder.measure({ maskdir: undefined, blocks: run, refdir: `${path}/refs` });
  assert.deepStrictEqual(over.table.values, own.table.values.map((share) => share / 2));

  // A folder of masks, as another command names it.
  const masks = await folder.measure({ maskdir: alone, bin });
  assert.deepStrictEqual(masks.table.values, own.table.values);
  assert.deepStrictEqual(masks.table.regions.map(({ name }) => name), [
    "block_0",
    "block_1",
    "block_2",
  ]);
  assert.deepStrictEqual(masks.said, [
    "consensus.mrc, the map that lies beside siren's block masks, is not measured",
  ]);

  // A mask that was edited is not what is measured, and that is said.
  await Deno.writeFile(`${run}/02_expand/block_1.mrc`, encode(every(CORE)));
  const edited = await folder.measure({ maskdir: undefined, blocks: run, bin });
  assert.deepStrictEqual(edited.table, own.table);
  assert.match(edited.said.join(), /changed since siren wrote them \(block_1\.mrc in .*--maskdir/);
});

Deno.test("the same bytes are written with any number of threads, and come back", async () => {
  await using folder = await setUp({ ...maps, ...masks, ...refs });
  const hashes = [];
  for (const threads of [1, 3]) {
    const outdir = `${folder.path}/out_${threads}`;
    const measured = await folder.measure({ refdir: `${folder.path}/refs` }, threads);
    const { csv, arrow, maven } = await writeOccupancies(outdir, measured, { maven: true });
    const { volumes, regions, values } = measured.table;
    assert.deepStrictEqual(await readOccupancy(arrow), measured.table);
    assert.deepStrictEqual((await readOccupancy(csv)).values, values);
    const read = await readOccupancy(maven!);
    assert.deepStrictEqual([read.volumes, read.values], [["2", "10", "11", "12"], values]);
    assert.deepStrictEqual(read.regions.map(({ name }) => name), ["core, all", "A_chaina"]);
    assert.deepStrictEqual([volumes.length, regions.length], [4, 2]);
    hashes.push(await hashFolder(outdir));
    await assert.rejects(
      writeOccupancies(outdir, measured),
      /others already \(.*occupancy\.csv\)/,
    );
    await writeOccupancies(outdir, measured, { maven: true, force: true });
  }
  assert.deepStrictEqual(hashes[0], hashes[1]);
  assert.deepStrictEqual([...hashes[0]!.keys()], [
    "occupancy.arrow",
    "occupancy.csv",
    "occupancy_maven.csv",
  ]);
});

Deno.test("what is odd but can be measured is said", async () => {
  await using folder = await setUp({
    "maps/vol_1.mrc": encode(every(CORE)),
    "masks/a.mrc": encode(every(CORE)),
    "masks/b.mrc": encode(every(CORE)),
    "masks/large.mrc": encode(every(CORE, 255)),
    "masks/negative.mrc": encode(densities([...CORE.map((v) => [v, 1] as const), [0, -0.5]])),
    "masks/fine.mrc": encode(every(half), { apix: 3 }),
    "masks/moved.mrc": encode(every(half.slice(1)), { origin: { x: 0, y: 0, z: 0 } }),
    ...Object.fromEntries(
      ["a", "b", "large", "negative", "fine", "moved", "other"].map((name) => [
        `refs/${name}.mrc`,
        encode(every(CORE)),
      ]),
    ),
  });
  const { said, rows } = await folder.measure({ refdir: `${folder.path}/refs` });
  assert.deepStrictEqual(rows, [[1, 1, 0, 255, 0, 1]]);
  const expected = [
    /^The voxel size of .*fine\.mrc is not that of .*vol_1\.mrc: voxels are matched by their place/,
    /^The position of .*moved\.mrc is not that of .*vol_1\.mrc/,
    /^Masks hold 0 to 1, but .*large\.mrc holds 0 to 255, and others do alike \(1\): is it a map\?/,
    /^Masks are the same, voxel by voxel: a\.mrc, b\.mrc$/,
    /^Reference maps that no region asks for: other\.mrc$/,
  ];
  assert.strictEqual(said.length, expected.length, said.join("\n"));
  expected.forEach((message, i) => assert.match(said[i]!, message));
});

const refusals: readonly {
  what: string;
  files: Readonly<Record<string, Uint8Array | string>>;
  options?: (path: string) => OccupancyOptions;
  message: RegExp;
  remedy?: RegExp;
}[] = [
  {
    what: "a mask of another box",
    files: { "masks/m.mrc": encode(densities([[0, 1]], 12), { box: 12 }) },
    message: /m\.mrc with the maps: its box is 12, theirs is 10 \(.*vol_2\.mrc\)/,
    remedy: /siren mask --box 10/,
  },
  {
    what: "an empty mask",
    files: { "masks/m.mrc": encode(densities([])) },
    message: /m\.mrc as a mask: all of its voxels are 0/,
  },
  {
    what: "a mask of no voxel above one half",
    files: { "masks/m.mrc": encode(every(half, 0.5)) },
    options: () => ({ bin: 1 }),
    message: /m\.mrc as a mask: none of its voxels is above 0\.5/,
  },
  {
    what: "a mask with a voxel that is no number",
    files: { "masks/m.mrc": encode(densities([[7, NaN]])) },
    message: /m\.mrc as a mask: voxel 7 is not a finite number \(NaN\)/,
  },
  {
    what: "weights that cancel",
    files: { "masks/m.mrc": encode(densities([[7, 1], [8, -1]])) },
    message: /mean density in m: its weights sum to 0/,
  },
  {
    what: "a map with a voxel that is no number",
    files: {
      "masks/m.mrc": encode(every(half)),
      "maps/vol_9.mrc": encode(densities([[999, Infinity]])),
    },
    message: /vol_9\.mrc: its density is Infinity at voxel \(z, y, x\) = \(9, 9, 9\)/,
  },
  {
    what: "a map of another box",
    files: {
      "masks/m.mrc": encode(every(half)),
      "maps/vol_9.mrc": encode(densities([], 12), { box: 12 }),
    },
    message: /their boxes differ \(10 and 12\)/,
  },
  {
    what: "two masks of one name",
    files: { "masks/m.mrc": encode(every(half)), "masks/m.map": encode(every(half)) },
    message: /m\.map and .*m\.mrc together: both are called m/,
  },
  {
    what: "a mask called as the column of the maps' names",
    files: { "masks/map_file.mrc": encode(every(half)) },
    message: /"map_file" as the name of a region/,
  },
  {
    what: "a missing reference",
    files: { "masks/m.mrc": encode(every(half)), "refs/n.mrc": encode(every(half)) },
    options: (path) => ({ refdir: `${path}/refs` }),
    message: /there is none for m \(it holds n\.mrc\)/,
    remedy: /here m\.mrc/,
  },
  {
    what: "a reference of another box",
    files: {
      "masks/m.mrc": encode(every(half)),
      "refs/m.mrc": encode(densities([[0, 1]], 12), { box: 12 }),
    },
    options: (path) => ({ refdir: `${path}/refs` }),
    message: /refs\/m\.mrc with the maps: its box is 12/,
  },
  {
    what: "a reference that sums to zero",
    files: { "masks/m.mrc": encode(every(half)), "refs/m.mrc": encode(densities([])) },
    options: (path) => ({ refdir: `${path}/refs` }),
    message: /refs\/m\.mrc as a reference: its densities sum to 0/,
  },
  {
    what: "a reference with a voxel that is no number",
    files: { "masks/m.mrc": encode(every(half)), "refs/m.mrc": encode(densities([[1, NaN]])) },
    options: (path) => ({ refdir: `${path}/refs` }),
    message: /refs\/m\.mrc as a reference: its densities sum to NaN/,
  },
  {
    what: "a block beyond the box",
    files: { "blocks.json": '{"0": [1, 1000]}' },
    options: (path) => ({ maskdir: undefined, blocks: `${path}/blocks.json` }),
    message: /block 0 holds a voxel outside the box of 10 \(1000\)/,
  },
  {
    what: "an empty block",
    files: { "blocks.json": '{"0": []}' },
    options: (path) => ({ maskdir: undefined, blocks: `${path}/blocks.json` }),
    message: /block 0 of .*: it holds no voxel/,
  },
  {
    what: "no blocks",
    files: { "blocks.json": "{}" },
    options: (path) => ({ maskdir: undefined, blocks: `${path}/blocks.json` }),
    message: /the blocks of .*blocks\.json: it has none/,
  },
  {
    what: "a list of blocks beside their masks of another box",
    files: {
      "blocks.json": '{"0": [1]}',
      "block_0.mrc": encode(densities([[0, 1]], 12), { box: 12 }),
    },
    options: (path) => ({ maskdir: undefined, blocks: path }),
    message: /the blocks of .*blocks\.json with the maps: its box is 12/,
  },
  {
    what: "block masks of another box",
    files: { "masks/block_0.mrc": encode(densities([[0, 1]], 12), { box: 12 }) },
    options: (path) => ({ maskdir: undefined, blocks: `${path}/masks` }),
    message: /the blocks of .*masks with the maps: its box is 12/,
  },
  {
    what: "two masks of one block",
    files: { "masks/block_7.mrc": encode(every(half)), "masks/block_07.mrc": encode(every(half)) },
    options: (path) => ({ maskdir: undefined, blocks: `${path}/masks` }),
    message: /the masks of .*: two are block 7/,
  },
  {
    what: "blocks that are not there",
    files: {},
    options: (path) => ({ maskdir: undefined, blocks: `${path}/nowhere` }),
    message: /Cannot read blocks: there are none/,
  },
  {
    what: "a folder without masks",
    files: {},
    message: /Cannot find masks in .*: it is empty/,
  },
  {
    what: "no maps for what is no run",
    files: { "blocks.json": '{"0": [1]}' },
    options: (path) => ({ mapdir: undefined, maskdir: undefined, blocks: `${path}/blocks.json` }),
    message: /--mapdir is needed/,
  },
  {
    what: "options that contradict each other",
    files: {},
    options: (path) => ({ blocks: path, refdir: path, bin: 1, binfile: path }),
    message:
      /--maskdir and --blocks exclude.*--bin and --binfile exclude.*--refdir goes with densities/,
  },
  {
    what: "a threshold that is no number",
    files: { "masks/m.mrc": encode(every(half)) },
    options: () => ({ bin: NaN }),
    message: /Cannot measure occupancies: /,
  },
];

for (const { what, files, options = () => ({}), message, remedy } of refusals) {
  Deno.test(`occupancies refuse ${what}`, async () => {
    const bytes = Object.entries(files).map(([name, content]) => [
      name,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    ]);
    await using folder = await setUp({
      "maps/vol_2.mrc": maps["maps/vol_2.mrc"],
      ...Object.fromEntries(bytes),
    });
    await assert.rejects(folder.measure(options(folder.path)), (error) => {
      assert.ok(error instanceof SirenError, String(error));
      assert.match(error.message, message);
      if (remedy !== undefined) assert.match(error.remedy ?? "", remedy);
      return true;
    });
  });
}

Deno.test("stopped, nothing is written", async () => {
  await using folder = await setUp({ ...maps, ...masks });
  const surroundings = quietly({ signal: AbortSignal.abort() });
  await assert.rejects(measureOccupancies(folder.options, surroundings), InterruptedError);
  assert.ok(!exists(`${folder.path}/out`));
});
