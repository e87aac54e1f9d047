/**
 * The first stage of a run: maps in, `volumes.arrow` out.
 *
 * @module
 */
import { basename } from "node:path";
import { totals } from "../core/cooccupancy/mod.ts";
import { InputError } from "../core/errors.ts";
import { readMapHeader } from "../core/mrc/mod.ts";
import { random, sample } from "../core/random.ts";
import {
  checkEnsemble,
  findMaps,
  keepByThreshold,
  readThresholds,
  union as unionOf,
  wordsFor,
} from "../core/volumes/mod.ts";
import { isThere, readIfThere, readInput, writeWhole } from "../core/files.ts";
import { hashGiven } from "./given_files.ts";
import { MOST_SAMPLED, type SketchOptions } from "./options.ts";
import type { Surroundings } from "./progress.ts";
import { fingerprint } from "./hashes.ts";
import { inOrder, type Run, versions, writeRun } from "./run_file.ts";
import type { ThreadPool } from "./threads/pool.ts";
import { decodeVolumes, encodeVolumes, type SampledUnion } from "./volumes_file.ts";

/** From so many bytes of occupancy on its size is told before the maps are read. */
const WORTH_A_WORD = 2 ** 26;

/** A sample below this cannot be tested for anything. */
const FEWEST_SAMPLED = 2;

/**
 * Looks at the maps' headers and thresholds, and says what the run is. Nothing is written.
 *
 * @param options Paths in it are absolute.
 * @throws {InputError} The maps do not belong together, or not to the thresholds.
 */
export async function planRun(options: SketchOptions, surroundings: Surroundings): Promise<Run> {
  const paths = await findMaps(options.voldir);
  const headers = [];
  for (const path of paths) headers.push({ name: path, header: await readMapHeader(path) });
  const { grid, warnings } = checkEnsemble(
    headers,
    options.apix === undefined ? {} : { apix: options.apix },
  );
  for (const text of warnings) surroundings.tell({ kind: "warning", text });
  const thresholds = options.binfile === undefined
    ? new Float64Array(paths.length).fill(options.bin ?? NaN)
    : await readThresholds(options.binfile, paths);
  const kept = options.filter ? keepByThreshold(thresholds) : paths.map(() => true);
  const volumes = [];
  for (const [i, path] of paths.entries()) {
    const { size } = await Deno.stat(path);
    volumes.push({ file: basename(path), bytes: size, threshold: thresholds[i]!, kept: kept[i]! });
  }
  const files = await hashGiven(options.binfile, options.voxels, options.cutoffs);
  return { format: 1, versions: versions(), grid, sketch: options, files, volumes };
}

/** Says what `volumes.arrow` depends on. */
export function volumesKey(run: Run): string {
  const { seed, subsample } = run.sketch;
  return fingerprint([run.grid, run.volumes, seed, subsample, run.sketch.voxels ?? ""]);
}

/**
 * The union of the run's maps: from `volumes.arrow` if that is whole, else from the maps.
 *
 * @param folder The run folder; `run.json` and `volumes.arrow` are written when the maps are read.
 * @returns The run as it is now known (hashes, empty volumes), and the union.
 * @throws {InputError} A map is damaged, changed since the run began, or there is nothing to find.
 */
export async function completeVolumes(
  folder: string,
  run: Run,
  pool: () => ThreadPool,
  surroundings: Surroundings,
): Promise<{ run: Run; union: SampledUnion }> {
  const path = `${folder}/volumes.arrow`;
  await checkFolder(run);
  const known = run.volumes.every((volume) => volume.sha256 !== undefined || !volume.kept);
  if (known) {
    await checkUnchanged(run, pool, surroundings);
    const bytes = await readIfThere(path);
    if (bytes !== undefined) {
      try {
        return { run, union: decodeVolumes(bytes, volumesKey(run), path) };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        surroundings.tell({ kind: "warning", text: `${error.message}: reading the maps again` });
      }
    }
  }
  const [read] = await readUnions([run], pool(), surroundings);
  if (read === undefined) throw new Error("One run gives one union");
  if (read instanceof InputError) throw read;
  const { run: whole, union } = read;
  await writeRun(folder, whole);
  await writeWhole(path, encodeVolumes(union, volumesKey(whole)));
  return { run: whole, union };
}

/** A run as it is known when its maps have been read (hashes, empty volumes), and its union. */
export interface ReadRun {
  readonly run: Run;
  readonly union: SampledUnion;
}

/**
 * Reads maps once for several runs that differ in their thresholds, and makes the union of each.
 *
 * @param runs One or more, of the same folder of maps.
 * @returns For each run its union, or why there is none: every map is empty, or no voxel is occupied often.
 * @throws {InputError} A map is damaged, or there is not enough memory.
 * @throws {InterruptedError} The signal was aborted.
 */
export async function readUnions(
  runs: readonly Run[],
  pool: ThreadPool,
  surroundings: Surroundings,
): Promise<(ReadRun | InputError)[]> {
  const { bits, wordsPerVolume, rows } = await readMaps(runs, pool, surroundings);
  const unions: (ReadRun | InputError)[] = [];
  for (const [r, run] of runs.entries()) {
    try {
      const read = foundIn(run, rows[r]!, surroundings);
      const kept = read.flatMap(({ volume, row }) => volume.kept ? [row] : []);
      const before = run.volumes.length;
      const { voxels: flat, matrix } = unionOf(bits, wordsPerVolume, kept, before, true);
      const sampled = run.sketch.voxels === undefined
        ? drawSample(flat.length, run.sketch)
        : await readSample(run.sketch.voxels, flat);
      const union = { box: run.grid.box, flat, totals: totals(matrix), matrix, sampled };
      unions.push({ run: inOrder({ ...run, volumes: read.map(({ volume }) => volume) }), union });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unions.push(error);
    }
  }
  return unions;
}

/** What reading a map told of it, and its row among the bits. */
interface FoundVolume {
  readonly row: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly occupied: number;
}

/** Reads the maps that the runs keep into bits, one row for each run and map; each file is read once. */
async function readMaps(runs: readonly Run[], pool: ThreadPool, surroundings: Surroundings) {
  const [{ grid, sketch: { voldir } }] = runs as [Run, ...Run[]]; // one or more
  const wordsPerVolume = wordsFor(grid.box ** 3);
  const targets = new Map<string, { r: number; row: number; threshold: number }[]>();
  let count = 0, bytes = 0;
  for (const [r, { volumes }] of runs.entries()) {
    for (const { file, threshold, kept, bytes: size } of volumes) {
      if (!kept) continue;
      const own = targets.get(file);
      const target = { r, row: count++, threshold };
      if (own !== undefined) own.push(target);
      else {
        targets.set(file, [target]);
        bytes += size;
      }
    }
  }
  const bits = new Uint32Array(sharedMemory(count * wordsPerVolume * 4, runs));
  if (bits.byteLength >= WORTH_A_WORD) {
    surroundings.tell({
      kind: "note",
      text:
        `${targets.size} maps of ${grid.box}^3, ${gibibytes(bytes)} GiB to read; their occupancy ` +
        `takes ${gibibytes(bits.byteLength)} GiB of memory, whatever the densities`,
    });
  }
  pool.share("volumes", { words: bits, wordsPerVolume, box: grid.box });
  const inputs = Array.from(targets, ([file, own]) => ({
    path: `${voldir}/${file}`,
    targets: own.map(({ row, threshold }) => ({ row, threshold })),
  }));
  const files = [...targets];
  const rows = runs.map(() => new Map<string, FoundVolume>());
  let done = 0;
  const report = () =>
    surroundings.tell({
      kind: "progress",
      stage: "volumes",
      done,
      total: files.length,
      unit: "maps",
    });
  report();
  await pool.map("readVolumeAt", inputs, ({ occupied, ...read }, i) => {
    const [file, own] = files[i]!;
    own.forEach(({ r, row }, t) => rows[r]!.set(file, { row, ...read, occupied: occupied[t]! }));
    done++;
    report();
  });
  await pool.release(); // of the bits
  return { bits, wordsPerVolume, rows };
}

/** What is now known of a run's volumes, and the row of each among the bits. */
function foundIn(
  run: Run,
  found: ReadonlyMap<string, FoundVolume>,
  surroundings: Surroundings,
): { volume: Run["volumes"][number]; row: number }[] {
  const kept = run.volumes.filter((volume) => volume.kept);
  const empty = kept.filter((volume) => found.get(volume.file)?.occupied === 0);
  if (empty.length === kept.length) {
    throw new InputError(
      `Cannot find blocks in ${run.sketch.voldir}: no voxel of any map is above its threshold ` +
        `(${empty[0]?.threshold} for ${empty[0]?.file})`,
      "Give a lower threshold; `siren info` shows the maps' densities.",
    );
  }
  // With a threshold for each map, one that leaves nothing is a failed prediction, and the map is left
  // out; with one threshold for all, an empty map is a state of the ensemble.
  const dropEmpty = run.sketch.binfile !== undefined;
  for (const { file, threshold } of empty) {
    const fate = dropEmpty ? "it is left out" : "it counts as a volume with every voxel empty";
    surroundings.tell({
      kind: "warning",
      text: `No voxel of ${file} is above its threshold (${threshold}): ${fate}`,
    });
  }
  return run.volumes.map((volume) => {
    const entry = found.get(volume.file);
    if (entry === undefined) return { volume, row: -1 };
    const { row, bytes, sha256, occupied } = entry;
    return { volume: { ...volume, bytes, sha256, kept: !(dropEmpty && occupied === 0) }, row };
  });
}

const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/** One bit for each voxel of each map, while the maps are read. */
function sharedMemory(bytes: number, runs: readonly Run[]): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const [{ grid, volumes }] = runs as [Run, ...Run[]]; // one or more
    const times = runs.length === 1 ? "" : ` at ${runs.length} thresholds`;
    throw new InputError(
      `Cannot read ${volumes.length} maps of box ${grid.box}${times}: their occupancy needs ` +
        `${gibibytes(bytes)} GiB of memory in one piece`,
      "Use fewer maps, or crop or downsample them to a smaller box.",
      { cause },
    );
  }
}

/** Looks whether the folder still holds the run's maps, each of its size, and no others. */
async function checkFolder({ sketch: { voldir }, volumes }: Run): Promise<void> {
  for (const { file, bytes } of volumes) {
    const path = `${voldir}/${file}`;
    if (!await isThere(path)) throw changed(path, "it is not there any more");
    const { size } = await Deno.stat(path);
    if (size !== bytes) throw changed(path, `it had ${bytes} bytes and now has ${size}`);
  }
  const ours = new Set(volumes.map(({ file }) => file));
  const added = (await findMaps(voldir)).find((path) => !ours.has(basename(path)));
  if (added !== undefined) {
    throw new InputError(
      `Cannot go on with this run: ${added} was added to the maps since it began`,
      "Take the map out of the folder, or start a new run.",
    );
  }
}

/** Hashes the maps again and compares. */
async function checkUnchanged(run: Run, pool: () => ThreadPool, surroundings: Surroundings) {
  const known = run.volumes.filter((volume) => volume.sha256 !== undefined);
  const paths = known.map((volume) => ({ path: `${run.sketch.voldir}/${volume.file}` }));
  let done = 0;
  await pool().map("hashFile", paths, (output, i) => {
    if (output.sha256 !== known[i]!.sha256) throw changed(paths[i]!.path, "its content is another");
    const total = paths.length;
    surroundings.tell({ kind: "progress", stage: "check", done: ++done, total, unit: "maps" });
  });
}

function changed(path: string, how: string): InputError {
  return new InputError(
    `Cannot go on with this run: ${path} has changed since it began (${how})`,
    "Put the map back as it was, or start a new run.",
  );
}

function drawSample(voxels: number, options: SketchOptions): Uint32Array {
  return sample(voxels, sampleSize(voxels, options.subsample), random(options.seed));
}

/** How many of the union's voxels are sampled. */
export function sampleSize(voxels: number, subsample: SketchOptions["subsample"]): number {
  const size = subsample === "auto"
    ? Math.min(Math.floor(voxels / 2), MOST_SAMPLED)
    : Math.floor(voxels / subsample);
  return Math.max(Math.min(FEWEST_SAMPLED, voxels), size);
}

/** Reads a sample: one flat voxel index a line. */
async function readSample(path: string, flat: Uint32Array): Promise<Uint32Array> {
  const rowOf = new Map(Array.from(flat, (voxel, row) => [voxel, row]));
  const text = new TextDecoder().decode(await readInput(path));
  const rows: number[] = [];
  const seen = new Set<number>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    // The reference's tools write integers as floats now and then.
    const voxel = /^\d+(\.0*)?$/.test(line.trim()) ? Number(line) : NaN;
    const row = rowOf.get(voxel);
    const reason = Number.isNaN(voxel)
      ? "is not a flat voxel index"
      : row === undefined
      ? "is not a voxel of the union"
      : seen.has(row)
      ? "stands there twice"
      : undefined;
    if (row === undefined || reason !== undefined) {
      throw new InputError(
        `Cannot use ${path}: line ${i + 1} ${reason} (${line.trim()})`,
        "It must list voxels occupied in more than 1 % of these maps at these thresholds, each once.",
      );
    }
    seen.add(row);
    rows.push(row);
  }
  if (rows.length < FEWEST_SAMPLED) {
    throw new InputError(
      `Cannot use ${path}: it lists fewer than ${FEWEST_SAMPLED} voxels`,
      "Give more, or leave --voxels out to have a sample drawn.",
    );
  }
  return Uint32Array.from(rows);
}

/** Fingerprint of the union and the sample, for whatever is computed from them. */
export function unionKey(union: SampledUnion): string {
  const { box, flat, matrix, sampled } = union;
  return fingerprint([box, matrix.volumes, flat, matrix.words, sampled]);
}
