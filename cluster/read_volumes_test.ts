import assert from "node:assert";
import { both } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { BOX, CORE, CUBES, cubeVolumes, GRID, VOLUMES, writeCubes } from "../tests/cubes.ts";
import { simulatePhantoms } from "../tests/phantoms.ts";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { type SketchOptionsInput, SketchOptionsSchema } from "./options.ts";
import { completeVolumes, planRun, sampleSize } from "./read_volumes.ts";
import { sha256 } from "./hashes.ts";
import { resumeRun, sketchCommunities } from "./run.ts";
import { readRun, writeRun } from "./run_file.ts";
import { threadPool } from "./threads/pool.ts";

const UNION = [...CORE, ...CUBES.flat()].sort((a, b) => a - b);

/** Plans a run and reads its maps. */
async function read(folder: string, options: SketchOptionsInput) {
  const surroundings = quietly();
  using pool = threadPool(2, surroundings.signal);
  const run = await planRun(SketchOptionsSchema.parse(options), surroundings);
  await writeRun(folder, run);
  const known = await completeVolumes(folder, run, () => pool, surroundings);
  return { ...known, news: surroundings.news };
}

/** A folder with maps. */
async function withMaps() {
  const folder = await temporaryFolder();
  return { folder, options: await writeCubes(`${folder.path}/maps`) };
}

const refused = (message: string, remedy?: string) => (error: unknown) => {
  assert.ok(error instanceof InputError, String(error));
  assert.deepStrictEqual([error.message, error.remedy], [message, remedy]);
  return true;
};

Deno.test("a plan tells the maps, their grid and thresholds, and reads no voxel", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  const path = `${options.voldir}/vol_005.mrc`;
  const bytes = await Deno.readFile(path);
  new DataView(bytes.buffer).setFloat32(2000, NaN, true);
  await Deno.writeFile(path, bytes);
  const run = await planRun(SketchOptionsSchema.parse({ ...options, bin: 0 }), quietly());
  assert.deepStrictEqual(run.grid, GRID);
  assert.strictEqual(run.volumes.length, VOLUMES);
  assert.deepStrictEqual(run.volumes[5], {
    file: "vol_005.mrc",
    bytes: bytes.length,
    threshold: 0,
    kept: true,
  });
});

Deno.test("a plan refuses a map that is cut off, before anything is written", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  await Deno.truncate(`${options.voldir}/vol_005.mrc`, 2000);
  await assert.rejects(
    planRun(SketchOptionsSchema.parse({ ...options, bin: 0 }), quietly()),
    /Cannot read .*vol_005\.mrc: its header promises 5024 bytes, the file has 2000/,
  );
});

Deno.test("the union, its bits, totals and sample are those of the maps", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  const { run, union, news } = await read(folder.path, options);
  assert.deepStrictEqual([...union.flat], UNION);
  const volumes = cubeVolumes();
  for (const [row, voxel] of union.flat.entries()) {
    const occupied = volumes.filter((volume) => volume[voxel] === 1).length;
    assert.strictEqual(union.totals[row], occupied);
    assert.strictEqual(both(union.matrix, row, row), occupied);
  }
  assert.strictEqual(union.sampled.length, UNION.length / 2);
  assert.strictEqual(new Set(union.sampled).size, UNION.length / 2);
  const first = await Deno.readFile(`${options.voldir}/vol_000.mrc`);
  assert.deepStrictEqual(run.volumes[0], {
    file: "vol_000.mrc",
    bytes: first.length,
    sha256: sha256(first),
    threshold: 0.5,
    kept: true,
  });
  assert.deepStrictEqual(await readRun(folder.path), run);
  assert.deepStrictEqual(news.at(-1), {
    kind: "progress",
    stage: "volumes",
    done: VOLUMES,
    total: VOLUMES,
    unit: "maps",
  });
});

Deno.test("the sample follows the seed and the divisor", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  const sampleOf = async (
    changes: Partial<SketchOptionsInput>,
  ) => [...(await read(folder.path, { ...options, ...changes })).union.sampled];
  const first = await sampleOf({});
  assert.deepStrictEqual(await sampleOf({ seed: 0 }), first);
  assert.notDeepStrictEqual(await sampleOf({ seed: 1 }), first);
  assert.strictEqual((await sampleOf({ subsample: 2.5 })).length, Math.floor(UNION.length / 2.5));
  assert.deepStrictEqual((await sampleOf({ subsample: 1 })).sort((a, b) => a - b), [
    ...UNION.keys(),
  ]);
  assert.strictEqual((await sampleOf({ subsample: 1e9 })).length, 2, "two make a pair");
});

Deno.test("an automatic sample is half of the union, with fewer than 10^8 pairs", () => {
  assert.deepStrictEqual([0, 1, 3, 11, 28284].map((voxels) => sampleSize(voxels, "auto")), [
    0,
    1,
    2,
    5,
    14142,
  ]);
  assert.strictEqual(sampleSize(5_000_000, "auto"), 14142);
  assert.ok(14142 * 14141 / 2 < 1e8);
});

Deno.test("volumes.arrow is used again where it is whole, and made again where it is not", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  const { run, union } = await read(folder.path, options);
  const path = `${folder.path}/volumes.arrow`;
  const whole = await Deno.readFile(path);
  using pool = threadPool(1, new AbortController().signal);
  const again = async () => {
    const surroundings = quietly();
    const known = await completeVolumes(folder.path, run, () => pool, surroundings);
    assert.deepStrictEqual(known.union, union);
    assert.deepStrictEqual(await Deno.readFile(path), whole);
    return surroundings.news;
  };
  const stages = (news: Awaited<ReturnType<typeof again>>) =>
    new Set(news.map((news) => news.kind === "progress" ? news.stage : news.text));
  assert.deepStrictEqual(stages(await again()), new Set(["check"]));
  await Deno.truncate(path, whole.length - 1);
  assert.deepStrictEqual(
    stages(await again()),
    new Set([
      "check",
      `Cannot read ${path}: its checksum does not match its content: reading the maps again`,
      "volumes",
    ]),
  );
  await Deno.remove(path);
  assert.deepStrictEqual(stages(await again()), new Set(["check", "volumes"]));
});

const meddling: [what: string, act: (path: string) => Promise<void>, how: string][] = [
  ["gone", (path) => Deno.remove(path), "it is not there any more"],
  [
    "of another length",
    (path) => Deno.writeTextFile(path, "x", { append: true }),
    "it had 5024 bytes and now has 5025",
  ],
  ["of another content", async (path) => {
    const bytes = await Deno.readFile(path);
    bytes[1030]! ^= 1;
    await Deno.writeFile(path, bytes);
  }, "its content is another"],
];

for (const [what, act, how] of meddling) {
  Deno.test(`a map that is ${what} since the run began is noticed`, async () => {
    const { folder, options } = await withMaps();
    await using _ = folder;
    const { run } = await read(folder.path, options);
    const path = `${options.voldir}/vol_007.mrc`;
    await act(path);
    using pool = threadPool(2, new AbortController().signal);
    await assert.rejects(
      completeVolumes(folder.path, run, () => pool, quietly()),
      refused(
        `Cannot go on with this run: ${path} has changed since it began (${how})`,
        "Put the map back as it was, or start a new run.",
      ),
    );
  });
}

Deno.test("a sample is taken from a file as it stands there", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  const voxels = `${folder.path}/voxels.txt`;
  const [a, b, c] = [UNION[50], UNION[3], UNION[70]];
  for (const text of [`${a}\n${b}\n${c}\n`, `${a}.0\r\n\r\n  ${b}.\r\n${c}`]) {
    await Deno.writeTextFile(voxels, text);
    const { union } = await read(folder.path, { ...options, voxels });
    assert.deepStrictEqual([...union.sampled], [50, 3, 70]);
  }
});

const list = "It must list voxels occupied in more than 1 % of these maps at these thresholds, " +
  "each once.";
const more = "Give more, or leave --voxels out to have a sample drawn.";
const samples: [what: string, text: string, message: string, remedy?: string][] = [
  ["a voxel outside the union", `0\n${BOX}\n5\n`, "line 3 is not a voxel of the union (5)", list],
  ["a voxel outside the box", `0\n1000\n`, "line 2 is not a voxel of the union (1000)", list],
  ["a voxel twice", `0\n1\n00\n`, "line 3 stands there twice (00)", list],
  ["a word", "0\nvoxel\n", "line 2 is not a flat voxel index (voxel)", list],
  ["a negative number", "-1\n0\n", "line 1 is not a flat voxel index (-1)", list],
  ["a fraction", "0\n1.5\n", "line 2 is not a flat voxel index (1.5)", list],
  ["two columns", "0 1\n", "line 1 is not a flat voxel index (0 1)", list],
  ["one voxel", "0\n", "it lists fewer than 2 voxels", more],
  ["nothing", "\n", "it lists fewer than 2 voxels", more],
];

for (const [what, text, message, remedy] of samples) {
  Deno.test(`a sample of ${what} is refused`, async () => {
    const { folder, options } = await withMaps();
    await using _ = folder;
    const voxels = `${folder.path}/voxels.txt`;
    await Deno.writeTextFile(voxels, text);
    await assert.rejects(
      read(folder.path, { ...options, voxels }),
      refused(`Cannot use ${voxels}: ${message}`, remedy),
    );
  });
}

Deno.test("with one threshold an empty map counts as a volume; with one for each it is left out", async () => {
  const { folder, options: { voldir } } = await withMaps();
  await using _ = folder;
  const warning = (fate: string) => ({
    kind: "warning",
    text: `No voxel of vol_002.mrc is above its threshold (${fate}`,
  });
  const binfile = `${folder.path}/thresholds.csv`;
  const rows = Array.from({ length: VOLUMES }, (_, k) => `${k},${k === 2 ? 9 : 0.5}`);
  await Deno.writeTextFile(binfile, ["vol_id,denormalized_predictions", ...rows].join("\n"));
  const dropped = await read(folder.path, { voldir, binfile });
  assert.deepStrictEqual(
    dropped.news.find(({ kind }) => kind === "warning"),
    warning("9): it is left out"),
  );
  assert.strictEqual(dropped.union.matrix.volumes, VOLUMES - 1);
  assert.deepStrictEqual(dropped.run.volumes.map(({ kept }) => kept).indexOf(false), 2);

  const path = `${voldir}/vol_002.mrc`;
  const map = await Deno.readFile(path);
  await Deno.writeFile(path, map.fill(0, 1024));
  const kept = await read(folder.path, { voldir, bin: 0.5 });
  assert.deepStrictEqual(
    kept.news.find(({ kind }) => kind === "warning"),
    warning("0.5): it counts as a volume with every voxel empty"),
  );
  assert.strictEqual(kept.union.matrix.volumes, VOLUMES);
});

Deno.test("a threshold that leaves nothing of any map is refused", async () => {
  const { folder, options } = await withMaps();
  await using _ = folder;
  await assert.rejects(
    read(folder.path, { ...options, bin: 1 }),
    refused(
      `Cannot find blocks in ${options.voldir}: no voxel of any map is above its threshold ` +
        "(1 for vol_000.mrc)",
      "Give a lower threshold; `siren info` shows the maps' densities.",
    ),
  );
});

Deno.test("a map added, a map of another length and another thresholds CSV are noticed on resume", async () => {
  await using folder = await temporaryFolder();
  const maps = `${folder.path}/maps`, run = `${folder.path}/run`, csv = `${folder.path}/thr.csv`;
  const { bin } = await simulatePhantoms(maps);
  const names = (await Array.fromAsync(Deno.readDir(maps), ({ name }) => name))
    .filter((name) => name.endsWith(".mrc"));
  const thresholds = (value: number) =>
    "vol_id,denormalized_predictions,map_file\n" +
    names.map((name, i) => `${i},${value},${name}\n`).join("");
  await Deno.writeTextFile(csv, thresholds(bin));
  await sketchCommunities({ voldir: maps, binfile: csv }, run, quietly());
  const refused = (message: string) =>
    assert.rejects(resumeRun(run, quietly()), (error) => {
      assert.ok(error instanceof InputError);
      assert.strictEqual(error.message, `Cannot go on with this run: ${message}`);
      return true;
    });

  await Deno.copyFile(`${maps}/vol_007.mrc`, `${maps}/vol_500.mrc`);
  await refused(`${maps}/vol_500.mrc was added to the maps since it began`);
  await Deno.remove(`${maps}/vol_500.mrc`);
  await Deno.writeTextFile(csv, thresholds(bin * 1.1));
  await refused(`${csv} has changed since it began (its content is another)`);
  await Deno.writeTextFile(csv, thresholds(bin));
  const { size } = await Deno.stat(`${maps}/vol_007.mrc`);
  await Deno.writeTextFile(`${maps}/vol_007.mrc`, "x", { append: true });
  await refused(
    `${maps}/vol_007.mrc has changed since it began (it had ${size} bytes and now has ${size + 1})`,
  );
  await Deno.truncate(`${maps}/vol_007.mrc`, size);
  await resumeRun(run, quietly());
});
