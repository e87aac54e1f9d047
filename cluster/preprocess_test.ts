import assert from "node:assert";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { InputError, InterruptedError, RunError, SirenError, UsageError } from "../core/errors.ts";
import { encodeMap, readMap, statistics } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { cropMap, readNormalisedMap } from "../core/threshold_cnn/normalised_maps.ts";
import { normalise } from "../core/threshold_cnn/normalise.ts";
import { readStatistics } from "../core/threshold_cnn/map_statistics.ts";
import { VERSION } from "../core/version.ts";
import { fakeProfile } from "../cli/testing.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { preprocess } from "./preprocess.ts";
import { PreprocessOptionsSchema } from "./preprocess_file.ts";
import { placesOf } from "./preprocess_folder.ts";
import { mapsOfShard, preprocessStage } from "./preprocess_stage.ts";
import type { ClusterChoice } from "./slurm/choice.ts";
import type { Tasks } from "./slurm/files.ts";
import { readShard } from "./shards.ts";
import { decodeWork, encodeWork } from "./work_file.ts";
import { work } from "./worker.ts";

const zero = { x: 0, y: 0, z: 0 };

/** A map with something in it. */
function mapOf(box: number, seed: number): Uint8Array<ArrayBuffer> {
  const rng = random(seed);
  const data = Float32Array.from({ length: box ** 3 }, () => rng.uniform() ** 6 - 0.05);
  return encodeMap(data, { box, apix: 512 / box, origin: { x: 7, y: 0, z: 0 }, nstart: zero });
}

/** Maps of a box: vol_1, vol_3, vol_5, ... */
async function makeMaps(folder: string, count: number, box: number): Promise<string> {
  const maps = `${folder}/maps`;
  await Deno.mkdir(maps, { recursive: true });
  for (let i = 0; i < count; i++) {
    await Deno.writeFile(`${maps}/vol_${2 * i + 1}.mrc`, mapOf(box, i));
  }
  return maps;
}

const options = (voldir: string, changes: Record<string, unknown> = {}) =>
  PreprocessOptionsSchema.parse({ voldir, ...changes });

const hashAll = (folder: string) => hashFolder(folder, (name) => name.endsWith("run.lock"));

Deno.test("maps of any box and kind are written, in layout and tables as the reference's", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 1, 24);
  await Deno.writeFile(`${maps}/vol_10.map`, mapOf(65, 8));
  await Deno.writeFile(`${maps}/vol_2.ccp4.gz`, gzipSync(Buffer.from(mapOf(64, 9))));
  const labels = `${folder.path}/labels.csv`;
  await Deno.writeTextFile(labels, "map_file,contour_level\nvol_2.ccp4.gz,0.3\nvol_1.mrc,9\n");
  const outdir = `${folder.path}/a/out`;
  const surroundings = quietly();
  const summary = await preprocess({ options: options(maps), outdir, labels }, surroundings);
  assert.deepStrictEqual([summary.maps, summary.labels, summary.downsampled], [3, 2, true]);

  const names = ["vol_1.mrc", "vol_2.ccp4", "vol_10.map"];
  const sources = ["vol_1.mrc", "vol_2.ccp4.gz", "vol_10.map"].map((name) => `${maps}/${name}`);
  const written = [...(await hashFolder(`${outdir}/normalized`)).keys()];
  assert.deepStrictEqual(
    written,
    [
      ...names,
      ...names.map((name) => `downsampled/${name}`),
      "map_stats_downsampled.csv",
      "map_stats_raw.csv",
      "normalized_labels.csv",
    ].sort(),
  );
  const small = await readStatistics(summary.statistics, sources);
  const raw = await readStatistics(summary.raw_statistics ?? "", sources);
  for (const [i, name] of names.entries()) {
    const expected = await cropMap(sources[i]!, [64]);
    const { data, range } = expected.maps[0]!;
    const downsampled = await readMap(`${summary.sketch}/${name}`);
    assert.deepStrictEqual(downsampled.data, data);
    // A file holds the cell, from which the voxel size comes back without the dirt of the division.
    const { apix, origin: { x } } = downsampled.grid;
    assert.deepStrictEqual([apix, x], [8, Math.fround(expected.maps[0]!.grid.origin.x)]);
    const normalised = await readNormalisedMap(`${summary.normalized}/${name}`, 64);
    assert.deepStrictEqual(normalised, normalise(data, range));
    const { header } = await readMap(`${summary.normalized}/${name}`);
    const { min, mean, rms } = statistics(normalised);
    const own = [header.dmin, header.dmax, header.dmean, header.rms];
    assert.deepStrictEqual(own, [min, 1, mean, rms].map(Math.fround));
    const rounded = [small[i]!.min, small[i]!.max, raw[i]!.min, raw[i]!.max].map(Math.fround);
    const { own: whole } = expected;
    assert.deepStrictEqual(rounded, [range.min, range.max, whole.min, whole.max]);
  }
  const table = await Deno.readTextFile(summary.normalized_labels ?? "");
  assert.match(table, /^,vol_id,contour_level,normalized_label,vol_min,vol_max,map_file\n0,0,9,/);
  assert.match(table, /\n1,1,0\.3,-0\.\d+,.*,vol_2\.ccp4\n$/);
  const warnings = surroundings.news.flatMap((news) => news.kind === "warning" ? [news.text] : []);
  assert.strictEqual(warnings.length, 2);
  assert.match(warnings[0]!, /smaller than 64\^3, and enlarged to it, .*: vol_1\.mrc$/);
  assert.match(warnings[1]!, /beyond the densities of their maps in .*labels\.csv: vol_1\.mrc\./);
});

Deno.test("maps of the box already are sketched as they are; another box is for the sketch alone", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 2, 64);
  const own = await preprocess({ options: options(maps), outdir: `${folder.path}/a` }, quietly());
  assert.deepStrictEqual([own.sketch, own.downsampled, own.raw_statistics], [
    maps,
    false,
    undefined,
  ]);
  assert.ok(!(await hashFolder(`${folder.path}/a`)).has("normalized/map_stats_raw.csv"));
  const places = { box: 20, outdir_downsampled: `${folder.path}/small` };
  const small = await preprocess(
    { options: options(maps, places), outdir: `${folder.path}/b` },
    quietly(),
  );
  assert.strictEqual(small.sketch, `${folder.path}/small`);
  const { data, grid } = await readMap(`${small.sketch}/vol_3.mrc`);
  assert.strictEqual(grid.box, 20);
  const [, second] = await readStatistics(small.statistics, [
    `${maps}/vol_1.mrc`,
    `${maps}/vol_3.mrc`,
  ]);
  assert.strictEqual(
    Math.fround(second!.max),
    (await cropMap(`${maps}/vol_3.mrc`, [20])).maps[0]!.range.max,
  );
  assert.strictEqual(data.length, 8000);
  const [a, b] = await Promise.all(
    [own, small].map(({ normalized }) => Deno.readFile(`${normalized}/vol_3.mrc`)),
  );
  assert.deepStrictEqual(a, b);
});

Deno.test("stopped, damaged or computed by other threads, it ends as it would have, to the byte", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 6, 12);
  const outdir = `${folder.path}/out`;
  const call = { options: options(maps, { box: 16 }), outdir };
  await preprocess(call, quietly({ threads: 1 }));
  const expected = await hashAll(outdir);
  await Deno.remove(outdir, { recursive: true });

  const stop = new AbortController();
  const tell = (news: { kind: string; done?: number }) => {
    if (news.kind === "progress" && (news.done ?? 0) >= 2) stop.abort();
  };
  await assert.rejects(preprocess(call, quietly({ signal: stop.signal, tell })), InterruptedError);
  assert.ok((await hashAll(outdir)).size < expected.size);
  await preprocess(call, quietly());
  assert.deepStrictEqual(await hashAll(outdir), expected);

  const map = `${outdir}/normalized/vol_3.mrc`, other = `${outdir}/normalized/vol_5.mrc`;
  const meddle: (() => Promise<void>)[] = [
    () => Deno.truncate(map, 2000),
    () => Deno.remove(`${outdir}/normalized/downsampled/vol_1.mrc`),
    () => Deno.copyFile(other, map),
    () => Deno.truncate(`${outdir}/preprocess/shards/preprocess/000001.arrow`, 100),
    () => Deno.remove(`${outdir}/normalized/map_stats_raw.csv`),
    () => Deno.writeTextFile(`${map}.17.0123abcd-4.tmp`, "half"),
  ];
  for (const act of meddle) {
    await act();
    assert.notDeepStrictEqual(await hashAll(outdir), expected);
    await preprocess(call, quietly());
    assert.deepStrictEqual(await hashAll(outdir), expected);
  }
  // Maps that were merely copied are the same maps.
  await Deno.utime(`${maps}/vol_1.mrc`, 1e9, 1e9);
  await preprocess(call, quietly());
  assert.deepStrictEqual(await hashAll(outdir), expected);
});

async function refused(
  work: Promise<unknown>,
  Kind: typeof SirenError,
  message: RegExp,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof Kind, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("what was being written when it was killed goes, also where it had just begun", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 2, 24);
  const outdir = `${folder.path}/out`;
  await Deno.mkdir(`${outdir}/preprocess`, { recursive: true });
  const left = `${outdir}/preprocess/preprocess.json.22103.ebf9cad0-0.tmp`;
  await Deno.writeTextFile(left, "{");
  await preprocess({ options: options(maps), outdir }, quietly());
  assert.ok(![...(await hashAll(outdir)).keys()].some((name) => name.endsWith(".tmp")));
});

Deno.test("other maps and options are noticed, and nothing of anyone else's is replaced", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 2, 12);
  const outdir = `${folder.path}/out`;
  const call = { options: options(maps), outdir };
  const again = (changes: Record<string, unknown> = {}) =>
    preprocess({ ...call, ...changes }, quietly());
  await again();
  const map = `${maps}/vol_1.mrc`, bytes = await Deno.readFile(map);

  await refused(again({ options: options(maps, { box: 20 }) }), RunError, /--box was 64 and is 20/);
  await Deno.writeFile(map, bytes.with(1500, 3));
  await Deno.utime(map, 1e9, 1e9);
  await refused(again(), InputError, /^Cannot go on: .*vol_1\.mrc has changed since/);
  await Deno.writeFile(map, mapOf(13, 1));
  await refused(again(), RunError, /\(vol_1\.mrc has changed\)/);
  await Deno.remove(map);
  await refused(again(), RunError, /vol_1\.mrc is not among the maps any more/);
  await Deno.writeFile(map, bytes);
  await Deno.writeFile(`${maps}/vol_7.mrc`, mapOf(12, 7));
  await refused(again(), RunError, /vol_7\.mrc was added to the maps/);

  await Deno.remove(`${maps}/vol_3.mrc`);
  await again({ force: true });
  const found = [...(await hashFolder(`${outdir}/normalized`)).keys()];
  assert.deepStrictEqual(found.filter((name) => name.endsWith(".mrc")), [
    "downsampled/vol_1.mrc",
    "downsampled/vol_7.mrc",
    "vol_1.mrc",
    "vol_7.mrc",
  ]);

  await Deno.writeTextFile(`${outdir}/preprocess/preprocess.json`, '{"format": 1}');
  await refused(again(), InputError, /^Cannot read .*preprocess\.json: .*expected/);
  await again({ force: true });

  await Deno.writeTextFile(`${outdir}/normalized/mine.mrc`, "mine");
  for (const force of [false, true]) {
    await refused(
      again({ force }),
      RunError,
      /it holds a map that this did not write \(mine\.mrc\)/,
    );
  }
  assert.strictEqual(await Deno.readTextFile(`${outdir}/normalized/mine.mrc`), "mine");
  const named = { ...call, outdir: `${folder.path}/named` };
  await Deno.mkdir(`${named.outdir}/normalized`, { recursive: true });
  await Deno.writeTextFile(`${named.outdir}/normalized/vol_1.mrc`, "old");
  await refused(preprocess(named, quietly()), RunError, /this did not write \(vol_1\.mrc\)/);
  await preprocess({ ...named, force: true }, quietly());
});

Deno.test("what cannot be done is said before anything is written", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 2, 12);
  const outdir = `${folder.path}/out`;
  const call = (changes: Record<string, unknown>, surroundings = quietly()) =>
    preprocess({ options: options(maps), outdir, ...changes }, surroundings);
  const labels = `${folder.path}/labels.csv`;
  await Deno.writeTextFile(labels, "map_file,contour_level\nvol_2.mrc,1\n");
  await refused(call({ labels }), InputError, /maps that are not there \(vol_2\.mrc\)/);
  const onMaps = options(maps, { outdir_downsampled: maps });
  await refused(call({ options: onMaps }), UsageError, /would be in one folder/);
  await refused(call({ options: options(`${folder.path}/none`) }), InputError, /Cannot find maps/);
  const choice = (profile: Record<string, unknown>): ClusterChoice => ({
    profile: fakeProfile("big", profile),
    client: undefined as unknown as ClusterChoice["client"], // not come to
    mode: "wait",
  });
  const far = quietly({ cluster: choice({ ssh: { host: "far" } }) });
  await refused(call({}, far), UsageError, /by profile big: .* it has an ssh host$/);
  const scratch = quietly({ cluster: choice({ scratch: "/scratch" }) });
  await refused(call({}, scratch), UsageError, /it has a scratch folder$/);
  const onFile = options(maps, { outdir_downsampled: labels });
  await refused(call({ options: onFile }), RunError, /^Cannot write to .*labels\.csv: /);
  assert.ok(!(await hashFolder(folder.path)).has("out/preprocess/preprocess.json"));
  await Deno.writeFile(
    `${maps}/flat.mrc`,
    encodeMap(new Float32Array(8), {
      box: 2,
      apix: 1,
      origin: zero,
      nstart: zero,
    }),
  );
  await refused(call({}), InputError, /Cannot normalise .*flat\.mrc: none of its densities/);
});

Deno.test("a task of a cluster computes the same from the work file alone", async () => {
  await using folder = await temporaryFolder();
  const maps = await makeMaps(folder.path, 3, 12);
  const outdir = `${folder.path}/out`;
  await preprocess({ options: options(maps), outdir }, quietly());
  const expected = await hashFolder(`${outdir}/normalized`, (name) => name.endsWith(".csv"));
  const own = `${outdir}/preprocess`;
  const planned = JSON.parse(await Deno.readTextFile(`${own}/preprocess.json`));
  const stage = preprocessStage(planned, placesOf(outdir, planned), 64);
  const shard = await readShard(own, stage, 1);
  assert.ok(shard !== undefined && shard !== "damaged");
  assert.deepStrictEqual(mapsOfShard(shard).map(({ map }) => map), [1]);
  const { work: workOf, ...head } = decodeWork(encodeWork(stage), "work.arrow");
  const { work: ownWork, ...ownHead } = stage;
  assert.deepStrictEqual([head, workOf()], [ownHead, ownWork()]);

  for (const name of expected.keys()) await Deno.remove(`${outdir}/normalized/${name}`);
  await Deno.remove(`${own}/shards/preprocess/000001.arrow`);
  await Deno.remove(`${own}/shards/preprocess/000002.arrow`);
  await Deno.mkdir(`${own}/slurm/work`, { recursive: true });
  await Deno.mkdir(`${own}/slurm/preprocess-1/reports`, { recursive: true });
  await Deno.writeFile(`${own}/slurm/work/work.arrow`, encodeWork(stage));
  const tasks: Tasks = {
    format: 1,
    siren: VERSION,
    stage: "preprocess",
    key: stage.key,
    work: "work.arrow",
    engine: "auto",
    tasks: [[1, 2]],
  };
  const tasksFile = `${own}/slurm/preprocess-1/tasks.json`;
  await Deno.writeTextFile(tasksFile, JSON.stringify(tasks));
  const lines: string[] = [];
  const code = await work({
    tasksFile,
    first: 0,
    threads: 2,
    environment: { SLURM_ARRAY_TASK_ID: "0", SLURM_JOB_ID: "17" },
    host: "n1",
    leave: new AbortController().signal,
    log: (line) => void lines.push(line),
    now: () => new Date(),
  });
  assert.strictEqual(code, 0);
  assert.ok(lines.some((line) => /^shard [12]: 1728 voxels.*, n1, cpu \(preprocess\)$/.test(line)));
  const written = await hashFolder(`${outdir}/normalized`, (name) => name.endsWith(".csv"));
  assert.strictEqual(written.size, 4);
  for (const [name, hash] of written) assert.strictEqual(hash, expected.get(name), name);
});
