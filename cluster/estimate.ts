/**
 * What a run will take: time, memory and disk, learnt from some sections of its maps and a small sketch
 * of these, before anything is written.
 *
 * @module
 */
import { type OneEngine, takeVoxels, totals, triangularTiles } from "../core/cooccupancy/mod.ts";
import { axisOrder, readHeaderSync } from "../core/mrc/mod.ts";
import { pairCounts } from "../core/null_model/mod.ts";
import { random, sample } from "../core/random.ts";
import { union as unionOf, wordsFor, wordsOfSection } from "../core/volumes/mod.ts";
import { type EdgesOfShard, sortEdges } from "./edges.ts";
import { chooseEngine } from "./engine_choice.ts";
import { ruleOf } from "./link_rule.ts";
import { TILE_SIDE } from "./plan.ts";
import type { Surroundings } from "./progress.ts";
import { sampleSize } from "./read_volumes.ts";
import type { Run } from "./run_file.ts";
import { findBlocks } from "./sketch.ts";
import { sortSample, thresholdsOf, workOf } from "./sorted_sample.ts";
import { type ThreadPool, threadPool } from "./threads/pool.ts";
import type { SampledUnion } from "./volumes_file.ts";
import type { SketchWork } from "./work.ts";

/** What a run is expected to take. */
export interface RunEstimate {
  readonly maps: number;
  /** Side of the box in voxels. */
  readonly box: number;
  /** Bytes of the maps to read. */
  readonly mapBytes: number;
  readonly threads: number;
  /** Voxels of the union and of the sample. */
  readonly union: number;
  readonly sampled: number;
  /** Pairs to compare in the sketch, and how many of them will be linked. */
  readonly pairs: number;
  readonly links: number;
  readonly blocks: number;
  /** The engine, and why. */
  readonly engine: string;
  readonly seconds: {
    readonly reading: number;
    readonly sketch: number;
    readonly expansion: number;
    readonly results: number;
    readonly total: number;
  };
  /** Most memory, and disk, in bytes. */
  readonly memory: number;
  readonly disk: number;
}

/** Bytes of the maps that are looked at for the shape of the union, and the fewest sections of each. */
const LOOKED_AT = 2 ** 29, FEWEST_SECTIONS = 12;
/** Most bytes of maps that are read to learn how fast that goes. */
const TIMED = 2 ** 29;
/** For how long at least, in milliseconds. */
const READING = 200;
/** Voxels of the small sketch. */
const PILOT = 8192;

/**
 * What things cost on a processor of today, in seconds. Reading and comparing are measured on the spot;
 * these are small beside them unless a stage is short.
 */
const SECONDS = {
  /** Starting: the program, its threads. */
  start: 0.8,
  /** Turning a word of 32 voxels of a volume from volume-major to voxel-major. */
  word: 1.5e-9,
  /** Writing, gathering and sorting a link, and finding blocks among them. */
  link: 3e-7,
  /** A voxel of the union, in tables. */
  voxel: 2e-6,
  /** A word of a voxel's bits against a block's, in the expansion. */
  profileWord: 2e-9,
  /** A voxel of a mask: encoding, hashing, writing, drawing. */
  maskVoxel: 2.5e-8,
  /** A file of the results. */
  file: 6e-3,
} as const;

/** Memory in bytes: of Deno itself, of each thread, and of each of what a run holds. */
const BYTES = { base: 180e6, thread: 40e6, link: 40, voxel: 60, maskVoxel: 120 } as const;

/**
 * Estimates a run. Nothing is written.
 *
 * @param run As `planRun` gives it; with its expansion, if it has one.
 * @param lookedAt Bytes of the maps to look at for the shape of the union, about.
 * @throws {InputError} The maps cannot be read, or hold nothing to compare.
 */
export async function estimateRun(
  run: Run,
  surroundings: Surroundings,
  lookedAt = LOOKED_AT,
): Promise<RunEstimate> {
  const { threads, signal, engine: asked } = surroundings;
  using pool = threadPool(threads, signal);
  const kept = run.volumes.filter((volume) => volume.kept);
  const mapBytes = kept.reduce((sum, volume) => sum + volume.bytes, 0);
  const bytesPerSecond = await timeReading(run, pool);
  const seen = await look(run, pool, lookedAt);
  const { share } = seen;
  const voxels = Math.round(seen.union.flat.length / share);
  const sampled = run.sketch.voxels === undefined
    ? sampleSize(voxels, run.sketch.subsample)
    : seen.union.sampled.length;
  const pairs = sampled * (sampled - 1) / 2;

  const pilot = { ...seen.union, sampled: pilotSample(seen.union, sampled, run.sketch.seed) };
  const sorted = sortSample(pilot);
  const matrix = takeVoxels(pilot.matrix, sorted.rows);
  const choice = await chooseEngine({ threads: pool, asked, matrix, pairs });
  const engine = choice.on === "cpu" ? choice.name : "wasm";
  const small = await smallSketch({ run, pilot, sampled, engine, pool });
  const links = Math.round(small.linked * pairs);

  const { box } = run.grid;
  const words = kept.length * wordsFor(box ** 3);
  const wordsPerVoxel = Math.ceil(kept.length / 32);
  const speed = choice.pairsPerSecond;
  const counted = run.sketch.rule === "fdr" ? 2 : 1;
  const stages = run.expand === undefined ? 1 : 2;
  const masks = stages * (small.blocks + 2) * box ** 3;
  const files = stages * (4 * small.blocks + 6); // of a block, and of all
  const compared = voxels * (run.sketch.rule === "phi" ? 0 : small.inBlocks * sampled);
  const seconds = {
    reading: mapBytes / bytesPerSecond + words * SECONDS.word + voxels * SECONDS.voxel,
    sketch: counted * pairs / speed + links * SECONDS.link,
    expansion: run.expand === undefined
      ? 0
      : compared / speed + voxels * small.blocks * wordsPerVoxel * SECONDS.profileWord / threads,
    results: masks * SECONDS.maskVoxel + files * SECONDS.file,
  };
  const bits = words * 4, rows = voxels * wordsPerVoxel * 4;
  const perVoxel = 30; // of volumes.arrow, beside the bits
  return {
    maps: kept.length,
    box,
    mapBytes,
    threads,
    union: voxels,
    sampled,
    pairs,
    links,
    blocks: small.blocks,
    engine: choice.why,
    seconds: {
      ...seconds,
      total: SECONDS.start + Object.values(seconds).reduce((sum, part) => sum + part, 0),
    },
    memory: BYTES.base + threads * BYTES.thread +
      Math.max(bits + rows, 2 * rows + links * BYTES.link + box ** 3 * BYTES.maskVoxel) +
      voxels * BYTES.voxel,
    // Links lie in shards, 10 bytes each, and in edges.arrow, 8 bytes each.
    disk: rows + voxels * perVoxel + links * 18 + masks * 4,
  };
}

/** Bytes of maps a second that all threads together read, hash and binarise. */
async function timeReading(run: Run, pool: ThreadPool): Promise<number> {
  const kept = run.volumes.filter((volume) => volume.kept);
  const size = kept[0]?.bytes ?? 1;
  const few = Math.max(1, Math.min(kept.length, 4 * pool.threads, Math.floor(TIMED / size)));
  const { box } = run.grid;
  const wordsPerVolume = wordsFor(box ** 3);
  const words = new Uint32Array(new SharedArrayBuffer(few * wordsPerVolume * 4));
  pool.share("volumes", { words, wordsPerVolume, box });
  const inputs = kept.slice(0, few).map(({ file, threshold }, row) => ({
    path: `${run.sketch.voldir}/${file}`,
    row,
    threshold,
  }));
  await pool.run("readVolume", inputs[0]!); // at least one map is kept; compilers
  // Small maps are read over and over: a rate over a few milliseconds says nothing.
  let best = 0;
  for (const began = performance.now(); best === 0 || performance.now() - began < READING;) {
    const start = performance.now();
    let bytes = 0;
    await pool.map("readVolume", inputs, (output) => void (bytes += output.bytes));
    best = Math.max(best, bytes / Math.max(performance.now() - start, 0.1) * 1000);
  }
  return best;
}

/** Voxels of the union that were seen, and what share of the box was looked at. */
interface Seen {
  readonly union: SampledUnion;
  readonly share: number;
}

/** Looks at some sections of every map or, where they cannot be had one by one, at all of them. */
async function look(run: Run, pool: ThreadPool, lookedAt: number): Promise<Seen> {
  const kept = run.volumes.filter((volume) => volume.kept);
  const { box } = run.grid;
  const bytes = kept.reduce((sum, volume) => sum + volume.bytes, 0);
  const canSeek = haveSections(run);
  const before = run.volumes.length;
  if (!canSeek) {
    const wordsPerVolume = wordsFor(box ** 3);
    const words = sharedWords(kept.length * wordsPerVolume);
    pool.share("volumes", { words, wordsPerVolume, box });
    await pool.map("readVolume", kept.map((volume, row) => inputOf(run, volume, row)), () => {});
    await pool.release();
    const { voxels, matrix } = unionOf(words, wordsPerVolume, [...kept.keys()], before, true);
    return { union: seenUnion(box, voxels, matrix), share: 1 };
  }
  const wanted = Math.floor(lookedAt / Math.max(bytes / box, 1));
  const count = Math.min(box, Math.max(FEWEST_SECTIONS, wanted));
  const sections = Array.from({ length: count }, (_, i) => Math.floor((i + 0.5) * box / count));
  const perSection = wordsOfSection({ nx: box, ny: box });
  const wordsPerVolume = count * perSection;
  const words = sharedWords(kept.length * wordsPerVolume);
  pool.share("volumes", { words, wordsPerVolume, box });
  const inputs = kept.map((volume, row) => ({ ...inputOf(run, volume, row), sections }));
  await pool.map("readSections", inputs, () => {});
  await pool.release();
  const { voxels, matrix } = unionOf(words, wordsPerVolume, [...kept.keys()], before, true);
  const flat = voxels.map((voxel) => {
    const [section, rest] = [Math.floor(voxel / (perSection * 32)), voxel % (perSection * 32)];
    return sections[section]! * box ** 2 + rest;
  });
  return { union: seenUnion(box, flat, matrix), share: count / box };
}

const sharedWords = (length: number) => new Uint32Array(new SharedArrayBuffer(length * 4));

const inputOf = (run: Run, { file, threshold }: Run["volumes"][number], row: number) => ({
  path: `${run.sketch.voldir}/${file}`,
  row,
  threshold,
});

const seenUnion = (
  box: number,
  flat: Uint32Array,
  matrix: SampledUnion["matrix"],
): SampledUnion => ({ box, flat, totals: totals(matrix), matrix, sampled: new Uint32Array() });

/** Whether every map's sections lie one after the other along z, so that some can be read alone. */
function haveSections({ sketch: { voldir }, volumes }: Run): boolean {
  for (const { file, kept } of volumes) {
    if (!kept) continue;
    const { header, gzipped } = readHeaderSync(`${voldir}/${file}`);
    if (gzipped || !axisOrder(header).every((axis, i) => axis === i)) return false;
  }
  return true;
}

function pilotSample({ flat }: SampledUnion, sampled: number, seed: number): Uint32Array {
  return sample(flat.length, Math.min(flat.length, sampled, PILOT), random(seed));
}

/** Sketches the pilot as the run would be sketched. */
async function smallSketch({ run, pilot, sampled, engine, pool }: {
  run: Run;
  pilot: SampledUnion;
  sampled: number;
  engine: OneEngine;
  pool: ThreadPool;
}): Promise<{ linked: number; blocks: number; inBlocks: number }> {
  const sorted = sortSample(pilot);
  const { volumes } = pilot.matrix;
  const tiles = triangularTiles(pilot.sampled.length, TILE_SIDE);
  pool.share("engine", engine);
  const share = (least: Uint16Array, byDistance?: SketchWork["byDistance"]) => {
    const thresholds = thresholdsOf(sorted, least);
    pool.share("sketch", workOf({ union: pilot }, sorted, thresholds, byDistance));
  };
  const inputs = tiles.map((tile) => ({ tiles: [tile] }));
  const rule = await ruleOf(run, { totals: sorted.totals, volumes, sampled }, async () => {
    share(new Uint16Array(sorted.totals.length ** 2));
    const counts = pairCounts(sorted.totals, volumes);
    await pool.map(
      "countSketch",
      inputs,
      (counted) =>
        counted.pairs.forEach((pairs, i) =>
          counts.add(counted.row_class[i]!, counted.column_class[i]!, counted.both[i]!, pairs)
        ),
    );
    return counts;
  });
  share(rule.least, rule.byDistance);
  const parts: EdgesOfShard[] = [];
  await pool.map("linkSketch", inputs, (edges) => void parts.push(edges));
  await pool.release();
  const edges = sortEdges(parts, pilot);
  const blocks = findBlocks(run, pilot, edges);
  const members = blocks.reduce((sum, block) => sum + block.members.length, 0);
  const size = pilot.sampled.length;
  return {
    linked: edges.u.length / Math.max(size * (size - 1) / 2, 1),
    blocks: blocks.length,
    inBlocks: members / Math.max(size, 1),
  };
}
