/**
 * How much of each mask or block is in each map: what `siren occupancy` does.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder, writeWhole } from "../core/files.ts";
import { apixOf, gridOf, readMapHeader } from "../core/mrc/mod.ts";
import { blockOccupancy } from "../core/occupancy/block_occupancy.ts";
import { formatMavenCsv, OCCUPANCY_MAVEN } from "../core/occupancy/maven.ts";
import { type Measure, MEASURES } from "../core/occupancy/measure.ts";
import {
  formatOccupancyCsv,
  OCCUPANCY_ARROW,
  OCCUPANCY_CSV,
  occupancyArrow,
} from "../core/occupancy/occupancy_file.ts";
import { matchReferences } from "../core/occupancy/references.ts";
import { type RegionWeights, regionWeights } from "../core/occupancy/region_weights.ts";
import type { OccupancyTable } from "../core/occupancy/table.ts";
import { VERSION } from "../core/version.ts";
import { checkEnsemble, findMaps, list, readThresholds } from "../core/volumes/mod.ts";
import { readFinishedRun } from "./finished_run.ts";
import {
  checkGrids,
  type MeasuredRegion,
  type NamedGrid,
  namedGrid,
  readBlockRegions,
  readMasks,
} from "./occupancy_regions.ts";
import { type OccupancyOptions, OccupancyOptionsSchema } from "./occupancy_options.ts";
import type { Surroundings } from "./progress.ts";
import { type ThreadPool, threadPool } from "./threads/pool.ts";

/** Occupancies, and how they were measured. */
export interface MeasuredOccupancies {
  readonly table: OccupancyTable;
  readonly measure: Measure;
  /** Threshold of each map, where voxels were counted. */
  readonly thresholds?: readonly number[];
}

/** What measuring needs from its surroundings. */
export type MeasuringSurroundings = Pick<Surroundings, "threads" | "signal" | "tell">;

/**
 * Measures how much of each mask or block is in each map. Each map is read once, piece by piece; the values
 * are the same to the bit with any number of threads.
 *
 * With thresholds, occupancy is the share of a region's voxels that are above it, a mask's voxels being those
 * above one half. Without, it is the sum of mask x density in double precision, over the sum of the
 * reference map where there are references (as MAVEn has it), else over the sum of the mask. Without maps, a
 * finished run's blocks are measured in the bits that the run keeps.
 *
 * @throws {UsageError} The options contradict each other.
 * @throws {InputError} Maps, masks, blocks, references or thresholds cannot be used, or not together.
 * @throws {RunError} The run has not found its blocks yet.
 * @throws {InterruptedError} The signal was aborted.
 * @example
 * ```ts
 * import { encodeMap } from "../core/mrc/mod.ts";
 * import { readOccupancy } from "../core/occupancy/mod.ts";
 * import { measureOccupancies, writeOccupancies } from "./occupancy.ts";
 * import assert from "node:assert";
 *
 * // A map whose first three voxels are dense, and a mask over its first four.
 * const folder = await Deno.makeTempDir();
 * const zero = { x: 0, y: 0, z: 0 };
 * const grid = { box: 4, apix: 3, origin: zero, nstart: zero };
 * for (const [kind, name, voxels] of [["maps", "vol_000", 3], ["masks", "head", 4]] as const) {
 *   const data = new Float32Array(64).fill(1, 0, voxels);
 *   await Deno.mkdir(`${folder}/${kind}`);
 *   await Deno.writeFile(`${folder}/${kind}/${name}.mrc`, encodeMap(data, grid));
 * }
 * const options = { mapdir: `${folder}/maps`, maskdir: `${folder}/masks`, bin: 0.5 };
 * const { table, measure } = await measureOccupancies(options, {
 *   threads: 1,
 *   signal: new AbortController().signal,
 *   tell: () => {},
 * });
 * assert.strictEqual(measure, "occupied_share");
 * assert.deepStrictEqual(table.regions, [{ name: "head", voxels: 4 }]);
 * assert.deepStrictEqual(table.values, Float64Array.of(0.75));
 * const { arrow } = await writeOccupancies(`${folder}/out`, { table, measure });
 * assert.deepStrictEqual(await readOccupancy(arrow), table);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function measureOccupancies(
  options: OccupancyOptions,
  surroundings: MeasuringSurroundings,
): Promise<MeasuredOccupancies> {
  const checked = OccupancyOptionsSchema.safeParse(options);
  if (!checked.success) {
    const reasons = checked.error.issues.map(({ message }) => message);
    throw new UsageError(`Cannot measure occupancies: ${reasons.join("; ")}`);
  }
  const { mapdir, maskdir, blocks, refdir, bin, binfile } = checked.data;
  if (mapdir === undefined) return await ownOccupancies(blocks!); // the schema asks for one
  const paths = await findMaps(mapdir);
  const maps = await sharedGrid(paths, surroundings);
  const thresholds = binfile !== undefined
    ? await readThresholds(binfile, paths)
    : bin === undefined
    ? undefined
    : new Float64Array(paths.length).fill(bin);
  using pool = threadPool(surroundings.threads, surroundings.signal, (text) => {
    surroundings.tell({ kind: "warning", text });
  });
  const regions = maskdir === undefined
    ? await readBlockRegions(blocks!, maps, surroundings)
    : await readMasks(maskdir, thresholds !== undefined, maps, pool, surroundings);
  const divisors = thresholds !== undefined
    ? undefined
    : refdir === undefined
    ? regions.map(sumOfWeights)
    : await sumsOfReferences(refdir, regions, maps, pool, surroundings);
  const values = await measure(paths, regions, maps, thresholds, pool, surroundings);
  if (divisors !== undefined) {
    values.forEach((sum, i) => values[i] = sum / divisors[i % regions.length]!);
  }
  return {
    table: {
      volumes: paths.map((path) => basename(path)),
      regions: regions.map(({ name, inside }) => ({ name, voxels: inside })),
      values,
    },
    measure: thresholds !== undefined
      ? "occupied_share"
      : refdir === undefined
      ? "mean_density"
      : "density_over_reference",
    ...(thresholds === undefined ? {} : { thresholds: [...thresholds] }),
  };
}

/** Occupancies of a run's blocks in the bits that it keeps. */
async function ownOccupancies(path: string): Promise<MeasuredOccupancies> {
  if (!await isThere(join(path, "run.json"))) {
    throw new UsageError(
      `Cannot measure occupancies: --mapdir is needed, for ${path} is no run folder`,
      "Only a run keeps the occupancy of its voxels.",
    );
  }
  const { run, union, blocks, volumes } = await readFinishedRun(path);
  if (blocks.length === 0) {
    throw new InputError(`Cannot measure the blocks of ${path}: it has none`);
  }
  return {
    table: blockOccupancy(union.matrix, blocks, volumes),
    measure: "occupied_share",
    thresholds: run.volumes.filter(({ kept }) => kept).map(({ threshold }) => threshold),
  };
}

/** The grid of the maps: that of the first of them, which the others share. */
async function sharedGrid(
  paths: readonly string[],
  { tell }: MeasuringSurroundings,
): Promise<NamedGrid> {
  const headers = [];
  for (const path of paths) headers.push({ name: path, header: await readMapHeader(path) });
  const isTold = headers.some(({ header, name }) => apixOf(header, name) !== undefined);
  // Occupancies need no voxel size: it is looked at only to tell what does not belong together.
  const { warnings } = checkEnsemble(headers, isTold ? {} : { apix: 1 });
  for (const text of warnings) tell({ kind: "warning", text });
  const { name, header } = headers[0]!; // a folder of maps holds at least one
  return { name, grid: gridOf(header, name) };
}

function sumOfWeights({ name, voxels, weights }: MeasuredRegion): number {
  const sum = weights?.reduce((sum, weight) => sum + weight, 0) ?? voxels.length;
  if (sum > 0) return sum;
  throw new InputError(
    `Cannot take the mean density in ${name}: its weights sum to ${sum}`,
    "Masks hold 0 to 1: mend the mask, or take it out of the folder.",
  );
}

/** Sum of all densities of each region's reference map. */
async function sumsOfReferences(
  refdir: string,
  regions: readonly MeasuredRegion[],
  maps: NamedGrid,
  pool: ThreadPool,
  { tell }: MeasuringSurroundings,
): Promise<number[]> {
  const { paths, unused } = matchReferences(
    regions,
    await findMaps(refdir, "reference maps"),
    refdir,
  );
  if (unused.length > 0) {
    tell({ kind: "note", text: `Reference maps that no region asks for: ${list(unused)}` });
  }
  const grids: NamedGrid[] = [];
  for (const path of paths) grids.push(await namedGrid(path));
  checkGrids(grids, maps, { tell });
  const sums: number[] = [];
  await pool.map("sumDensities", paths.map((path) => ({ path })), ({ sum }, i) => {
    if (!(sum > 0)) {
      throw new InputError(
        `Cannot use ${paths[i]} as a reference: its densities sum to ${sum}`,
        "A reference map holds the density of what its mask covers, and nothing else.",
      );
    }
    sums[i] = sum;
  });
  return sums;
}

/** Reads the maps: N x K values, sums of weighted densities or shares of occupied voxels. */
async function measure(
  paths: readonly string[],
  regions: readonly MeasuredRegion[],
  { grid: { box } }: NamedGrid,
  thresholds: Float64Array | undefined,
  pool: ThreadPool,
  { tell }: MeasuringSurroundings,
): Promise<Float64Array<ArrayBuffer>> {
  pool.share("occupancy", sharedWeights(box, regions));
  const values = new Float64Array(paths.length * regions.length);
  let done = 0;
  const report = () =>
    tell({ kind: "progress", stage: "occupancies", done, total: paths.length, unit: "maps" });
  report();
  const inputs = paths.map((path, i) => {
    const threshold = thresholds?.[i];
    return { path, ...(threshold === undefined ? {} : { threshold }) };
  });
  await pool.map("measureOccupancy", inputs, (output, volume) => {
    values.set(output.values, volume * regions.length);
    done++;
    report();
  });
  return values;
}

function sharedWeights(box: number, regions: readonly MeasuredRegion[]): RegionWeights {
  try {
    return regionWeights(box, regions, true);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const voxels = regions.reduce((sum, region) => sum + region.voxels.length, 0);
    throw new InputError(
      `Cannot measure ${regions.length} regions: there is no memory for their voxels (${voxels})`,
      "Measure fewer masks at once, or masks that are 0 outside.",
      { cause },
    );
  }
}

/** Where occupancies were written. */
export interface OccupancyFiles {
  readonly csv: string;
  readonly arrow: string;
  readonly maven?: string;
}

/**
 * Writes occupancies as `occupancy.csv` and `occupancy.arrow`, and with `maven` as `occupancy_maven.csv`.
 *
 * @param outdir Made if it is missing.
 * @param options.force Whether files that are there are replaced.
 * @throws {UsageError} Files are there, and may not be replaced.
 * @throws {InputError} Names cannot be written so.
 * @throws {RunError} The folder cannot be written to.
 */
export async function writeOccupancies(
  outdir: string,
  { table, measure, thresholds }: MeasuredOccupancies,
  { maven = false, force = false }: { maven?: boolean; force?: boolean } = {},
): Promise<OccupancyFiles> {
  const files = occupancyFiles(outdir, maven);
  await checkOutdir(outdir, maven, force);
  const [first] = thresholds ?? [];
  const isOne = thresholds?.every((threshold) => threshold === first) ?? false;
  const csv = formatOccupancyCsv(table);
  const arrow = occupancyArrow(table, {
    "siren.version": VERSION,
    "siren.measure": measure,
    "siren.values": MEASURES[measure],
    ...(isOne ? { "siren.threshold": String(first) } : {}),
  });
  const mavenCsv = maven ? formatMavenCsv(table) : undefined;
  await makeFolder(outdir);
  await writeWhole(files.csv, csv);
  await writeWhole(files.arrow, arrow);
  if (files.maven !== undefined && mavenCsv !== undefined) await writeWhole(files.maven, mavenCsv);
  return files;
}

function occupancyFiles(outdir: string, maven: boolean): OccupancyFiles {
  return {
    csv: join(outdir, OCCUPANCY_CSV),
    arrow: join(outdir, OCCUPANCY_ARROW),
    ...(maven ? { maven: join(outdir, OCCUPANCY_MAVEN) } : {}),
  };
}

/**
 * Looks whether occupancies can be written to a folder: before the work, not after.
 *
 * @throws {UsageError} There are some already.
 * @throws {RunError} It is no folder, or lies in what is none.
 */
export async function checkOutdir(
  outdir: string,
  maven: boolean,
  force: boolean,
): Promise<void> {
  let above = resolve(outdir);
  while (!await isThere(above)) above = dirname(above);
  if (!(await Deno.stat(above)).isDirectory) {
    throw new RunError(
      `Cannot write the occupancies to ${outdir}: ${above} is a file, not a folder`,
      "Give another --outdir.",
    );
  }
  if (force) return;
  for (const path of Object.values(occupancyFiles(outdir, maven))) {
    if (!await isThere(path)) continue;
    throw new UsageError(
      `Cannot write the occupancies: there are others already (${path})`,
      "Give another folder, or --force to replace them.",
    );
  }
}
