/**
 * Regions that tell volumes with a block from volumes without it: what `siren id_blocks` does.
 *
 * @module
 */
import { basename, join, relative, resolve } from "node:path";
import { jaccardIndex } from "../core/blocks/overlaps.ts";
import { InputError, UsageError } from "../core/errors.ts";
import {
  type ClassDifference,
  classesByOccupancy,
  classMoments,
  connectedPieces,
  countClasses,
  tellingVoxels,
  type VolumeClasses,
} from "../core/id_blocks/mod.ts";
import { decodeMap, encodeMap, gridOf, type MapGrid, readMapHeader } from "../core/mrc/mod.ts";
import { statistics } from "../core/mrc/statistics.ts";
import { readInput } from "../core/files.ts";
import { blockOccupancy, columnOf, type OccupancyTable } from "../core/occupancy/mod.ts";
import { readOccupancy } from "../core/occupancy/read_occupancy.ts";
import { type Selectable, selectVolumes } from "../core/analysis/where.ts";
import { VERSION } from "../core/version.ts";
import { percentiles } from "../core/volumes/levels/select.ts";
import { csvCell, fileKey, findMaps, list, readThresholds } from "../core/volumes/mod.ts";
import { loadAnalysis } from "./analysis.ts";
import { CONSENSUS, CONSENSUS_LEVEL } from "./block_masks.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { fingerprint, sha256 } from "./hashes.ts";
import {
  type IdBlocksOptions,
  type IdBlocksOptionsInput,
  IdBlocksOptionsSchema,
} from "./id_blocks_options.ts";
import { maskFiles } from "./mask_files.ts";
import { checkOutFolder, writeOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";
import { unionKey } from "./read_volumes.ts";
import type { MakeFile } from "./result_files.ts";

/** A voxel counts if it is occupied in more than this share of the volumes, as in a run's union. */
const UNION_SHARE = 0.01;

/** Most memory in bytes that counts and means of maps take at a time; more takes another reading of the maps. */
const MOST_BYTES = 1.5e9;

/** What tells the classes of one block or condition apart. */
interface Question {
  /** Name of the region in the table, or "where". */
  readonly name: string;
  readonly classes: VolumeClasses;
  /** Above which occupancy volumes are high; undefined where a condition says which are. */
  readonly cutoff: number | undefined;
}

/** A region that tells high from low volumes. */
export interface IdentifiedRegion {
  /** Number of its mask. */
  readonly id: number;
  /** The block of which volumes are high or low, or "where". */
  readonly of: string;
  /** `with`: it is there in high volumes; `instead`: in low ones. */
  readonly kind: "with" | "instead";
  readonly voxels: number;
  readonly high: number;
  readonly low: number;
  /** Occupancy above which volumes are high. */
  readonly cutoff?: number;
  /** Jaccard index with the block itself, where that is a block of the run. */
  readonly jaccard?: number;
  /** Of density: mean difference, and greatest |t|. */
  readonly difference?: number;
  readonly t?: number;
}

/** What {@linkcode identifyBlocks} found. */
export interface IdBlocksSummary {
  readonly outdir: string;
  readonly method: IdBlocksOptions["method"];
  readonly volumes: number;
  readonly regions: readonly IdentifiedRegion[];
  /** Blocks without a region, and why. */
  readonly without: readonly { readonly of: string; readonly reason: string }[];
  readonly files: readonly string[];
}

/** Voxels that were found for a question. */
interface Found {
  readonly question: Question;
  readonly kind: "with" | "instead";
  readonly voxels: Uint32Array;
  readonly difference?: number;
  readonly t?: number;
}

/** Where maps are read, if any. */
interface Maps {
  /** Of the volumes of the table, in its order. */
  readonly paths: readonly string[];
  readonly thresholds: Float64Array | undefined;
}

/** What questions are asked of. */
interface Ensemble {
  readonly table: OccupancyTable;
  readonly grid: MapGrid;
  readonly run: FinishedRun | undefined;
  /** Undefined where the run's own bits say all that is asked. */
  readonly maps: Maps | undefined;
}

/**
 * Finds, for each block, the voxels that tell the volumes with it from those without, and writes them as
 * masks.
 *
 * Volumes are high where the block's occupancy is above percentile `p` of its occupancies (those at it where
 * none is above), low where it is at most `low`. Method `occupied` takes the voxels that are occupied in all
 * high volumes (or a share of them, `in_high`), in at most `in_low` of the low ones, and in more than 1 % of
 * all: with the defaults this is what SIREn's tool of the same name does. Method `density` averages the maps of
 * each class and takes the voxels whose difference of means is above percentile `diff_p` of all differences and
 * positive (`with` the block), or below percentile 100 - `diff_p` and negative (`instead` of it), piece by
 * piece; the maps of differences and of Welch's t are written too.
 *
 * Maps are read one after the other, once unless memory is short.
 *
 * @throws {UsageError} Options contradict each other, a condition cannot be understood, or the folder holds
 *   something else.
 * @throws {InputError} Maps, table and run cannot be used, or not together; or no block has volumes of both
 *   classes.
 * @throws {RunError} The run has not found its blocks yet.
 */
export async function identifyBlocks(
  input: IdBlocksOptionsInput,
  { outdir, force = false }: { readonly outdir: string; readonly force?: boolean },
  surroundings: Surroundings,
): Promise<IdBlocksSummary> {
  const checked = IdBlocksOptionsSchema.safeParse(input);
  if (!checked.success) {
    const reasons = checked.error.issues.map(({ message }) => message);
    throw new UsageError(`Cannot tell volumes apart: ${reasons.join("; ")}`);
  }
  const options = checked.data;
  await checkOutFolder(outdir);
  const ensemble = await openEnsemble(options, surroundings);
  const { table, grid } = ensemble;
  const { questions, without } = ask(await selectable(table, options, surroundings), options);
  if (questions.length === 0) throw nothingToTell(without, options);
  for (const { of, reason } of without) {
    surroundings.tell({ kind: "warning", text: `Nothing is told of ${of}: ${reason}` });
  }

  const maps = new Map<string, MakeFile>();
  const hashes: string[] = [];
  const found: Found[] = [];
  if (options.method === "density") {
    const stems = stemsOf(questions);
    for await (
      const [q, moments] of readDifferences(ensemble, questions, options, hashes, surroundings)
    ) {
      const stem = stems[q]!, { difference, t } = moments;
      const name = questions[q]!.name;
      maps.set(
        `difference_${stem}.mrc`,
        () => encodeMap(difference, grid, `siren: mean with ${name} minus mean without`),
      );
      if (t === undefined) {
        surroundings.tell({
          kind: "warning",
          text:
            `There is no t of ${name}: one class is a single volume; a lower --p takes more as high`,
        });
      } else {
        maps.set(`t_${stem}.mrc`, () => encodeMap(t, grid, `siren: Welch's t of ${name}`));
      }
      found.push(...byDensity(questions[q]!, moments, grid.box, options));
    }
  } else {
    const counted = ensemble.maps === undefined
      ? countInRun(ensemble, questions)
      : await countInMaps(ensemble, questions, hashes, surroundings);
    counted.forEach(({ flat, high, low }, q) => {
      const question = questions[q]!, { in_high: inHigh, in_low: inLow } = options;
      const rows = tellingVoxels({ high, low }, question.classes, { inHigh, inLow });
      const voxels = flat === undefined ? rows : rows.map((row) => flat[row]!);
      const pieces = options.pieces ? connectedPieces(voxels, grid.box) : [voxels];
      found.push(...pieces.map((piece): Found => ({ question, kind: "with", voxels: piece })));
    });
  }
  const kept = found.filter(({ voxels }) => voxels.length >= options.min_size);
  for (const { name } of questions) {
    if (kept.some(({ question }) => question.name === name)) continue;
    without.push({ of: name, reason: `no region has ${options.min_size} voxels or more` });
  }
  const regions = describe(kept, ensemble, options);
  const files = await maskFiles(
    regions.map(({ id }, i) => ({ id, voxels: kept[i]!.voxels })),
    grid,
    "siren identified region",
    consensusOf(ensemble.run, outdir),
  );
  files.set("id_blocks.csv", () => formatRegions(regions, grid));
  files.set("classes.csv", () => formatClasses(table, questions));
  for (const [name, make] of maps) files.set(name, make);
  const { run } = ensemble;
  const key = fingerprint([
    ["id_blocks", VERSION, { ...options, mapdir: undefined, run: undefined, occupancy: undefined }],
    [table.volumes, table.regions, table.values, grid],
    [run && unionKey(run.union), hashes, ensemble.maps?.thresholds],
  ]);
  const written = await writeOutFolder(outdir, key, files, force, surroundings);
  return {
    outdir,
    method: options.method,
    volumes: table.volumes.length,
    regions,
    without,
    files: written,
  };
}

async function openEnsemble(
  options: IdBlocksOptions,
  surroundings: Surroundings,
): Promise<Ensemble> {
  const run = options.run === undefined ? undefined : await readFinishedRun(options.run);
  if (run !== undefined && run.blocks.length === 0 && options.occupancy === undefined) {
    throw new InputError(`Cannot tell volumes apart: the run in ${run.folder} has no blocks`);
  }
  const given = options.occupancy === undefined
    ? undefined
    : await readOccupancy(options.occupancy);
  const table = given === undefined
    ? blockOccupancy(run!.union.matrix, run!.blocks, run!.volumes) // the schema asks for one of the two
    : run === undefined
    ? given
    : inOrderOf(given, run, options.occupancy!);
  const needsMaps = options.mapdir !== undefined || options.method === "density";
  if (!needsMaps) return { table, grid: run!.run.grid, run, maps: undefined };

  const folder = options.mapdir ?? run!.run.sketch.voldir;
  const all = await findMaps(folder);
  const pathOf = new Map(all.map((path) => [fileKey(path), path]));
  const missing = table.volumes.filter((volume) => !pathOf.has(fileKey(volume)));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot tell volumes apart: there are no maps in ${folder} for volumes of the occupancies (${
        list(missing)
      })`,
      "Give the folder of the maps that the occupancies were measured in.",
    );
  }
  const paths = table.volumes.map((volume) => pathOf.get(fileKey(volume))!);
  if (paths.length < all.length) {
    surroundings.tell({
      kind: "note",
      text: `${
        all.length - paths.length
      } maps of ${folder} have no occupancies and are passed over`,
    });
  }
  const grid = await sharedGrid(paths, run);
  const thresholds = options.binfile !== undefined
    ? await readThresholds(options.binfile, paths)
    : options.bin === undefined
    ? undefined
    : new Float64Array(paths.length).fill(options.bin);
  return { table, grid, run, maps: { paths, thresholds } };
}

/** A table with its volumes in the order of a run's; they must be the same. */
function inOrderOf(table: OccupancyTable, run: FinishedRun, path: string): OccupancyTable {
  const placeOf = new Map(table.volumes.map((volume, place) => [fileKey(volume), place]));
  const ofRun = new Set(run.volumes.map(fileKey));
  const strangers = table.volumes.filter((volume) => !ofRun.has(fileKey(volume)));
  const missing = run.volumes.filter((volume) => !placeOf.has(fileKey(volume)));
  if (strangers.length + missing.length > 0) {
    throw new InputError(
      `Cannot use ${path} with the run in ${run.folder}: ` +
        (strangers.length > 0
          ? `it has volumes that the run has not (${list(strangers)})`
          : `it lacks volumes of the run (${list(missing)})`),
      "Give occupancies of the volumes that the run kept, or --mapdir in place of the run.",
    );
  }
  const { length } = table.regions;
  const values = new Float64Array(table.values.length);
  run.volumes.forEach((volume, row) => {
    const from = placeOf.get(fileKey(volume))! * length;
    values.set(table.values.subarray(from, from + length), row * length);
  });
  return { volumes: run.volumes, regions: table.regions, values };
}

/** The grid of the maps, which must be the run's where there is one. */
async function sharedGrid(
  paths: readonly string[],
  run: FinishedRun | undefined,
): Promise<MapGrid> {
  let first: { grid: MapGrid; path: string } | undefined = run &&
    { grid: run.run.grid, path: `the run in ${run.folder}` };
  for (const path of paths) {
    const grid = gridOf(await readMapHeader(path), path);
    first ??= { grid, path };
    if (grid.box === first.grid.box) continue;
    throw new InputError(
      `Cannot use ${first.path} and ${path} together: their boxes differ (${first.grid.box} and ${grid.box})`,
      "All maps of an ensemble need the same box.",
    );
  }
  return first!.grid; // a table has volumes
}

/** What a condition may be about: all of an analysis, unless a run is given another table. */
async function selectable(
  table: OccupancyTable,
  { where, run, occupancy }: IdBlocksOptions,
  surroundings: Surroundings,
): Promise<Selectable> {
  if (where === undefined || (run !== undefined && occupancy !== undefined)) return { table };
  const source = run === undefined ? { occupancy: occupancy! } : { run }; // the schema asks for one
  return await loadAnalysis(source, surroundings);
}

/** The questions that have volumes of both classes, and why the others have not. */
function ask(from: Selectable, options: IdBlocksOptions) {
  const { table } = from;
  const without: { of: string; reason: string }[] = [];
  const questions: Question[] = [];
  const consider = (
    name: string,
    classes: VolumeClasses,
    cutoff: number | undefined,
    why: string,
  ) => {
    const reason = classes.high.length === 0
      ? cutoff === undefined
        ? "no volume meets the condition"
        : `no volume holds ${options.low === 0 ? "any" : `more than ${options.low}`} of it`
      : classes.low.length === 0
      ? why
      : undefined;
    if (reason === undefined) questions.push({ name, classes, cutoff });
    else without.push({ of: name, reason });
  };
  if (options.where !== undefined) {
    const high = selectVolumes(from, options.where);
    const isHigh = new Set(high);
    const low = [...table.volumes.keys()].filter((volume) => !isHigh.has(volume));
    consider("where", { high, low }, undefined, "every volume meets the condition");
    return { questions, without };
  }
  for (const region of regionsOf(table, options.block)) {
    const column = columnOf(table, region);
    const classes = classesByOccupancy(column, options.p, options.low);
    const least = column.reduce((least, value) => Math.min(least, value), Infinity);
    consider(
      table.regions[region]!.name,
      classes,
      classes.cutoff,
      `its occupancy is above ${options.low} in every volume (the least is ${
        least.toPrecision(3)
      }); give a greater --low`,
    );
  }
  return { questions, without };
}

function regionsOf({ regions }: OccupancyTable, names: string | undefined): number[] {
  if (names === undefined) return [...regions.keys()];
  const placeOf = new Map(regions.map(({ name }, place) => [name, place]));
  // A region's own name may have a comma in it.
  const wanted = placeOf.has(names) ? [names] : names.split(",").map((name) => name.trim());
  return [...new Set(wanted)].map((name) => {
    const place = placeOf.get(name);
    if (place !== undefined) return place;
    throw new UsageError(
      `Cannot use --block: there is no such region (${name})`,
      `The regions are ${list(regions.map((region) => region.name))}.`,
    );
  });
}

function nothingToTell(
  without: readonly { of: string; reason: string }[],
  { p, low }: IdBlocksOptions,
): InputError {
  const [first] = without;
  return new InputError(
    `Cannot tell volumes apart: no block has volumes of both classes (p ${p}, low ${low}` +
      (first === undefined ? ")" : `; ${first.of}: ${first.reason})`),
  );
}

/** Counts of the run's bits: rows of the union, with their flat indices. */
function countInRun({ run }: Ensemble, questions: readonly Question[]) {
  const { matrix, flat } = run!.union; // only asked where there is a run
  return questions.map(({ classes }) => ({ flat, ...countClasses(matrix, classes) }));
}

/** Counts of binarised maps, of the voxels that are occupied in more than 1 % of them. */
async function countInMaps(
  ensemble: Ensemble,
  questions: readonly Question[],
  hashes: string[],
  surroundings: Surroundings,
) {
  const voxels = ensemble.grid.box ** 3;
  const { paths, thresholds } = ensemble.maps!;
  const totals = new Uint16Array(voxels);
  const counts: { high: Uint16Array; low: Uint16Array }[] = [];
  for (const pass of passes(questions, 4 * voxels)) {
    const own = pass.map(() => ({ high: new Uint16Array(voxels), low: new Uint16Array(voxels) }));
    const isFirst = counts.length === 0;
    const roles = rolesOf(pass, paths.length);
    for await (const { data, volume } of readMaps(ensemble, hashes, isFirst, surroundings)) {
      const threshold = thresholds![volume]!; // the schema asks for them
      const targets = roles[volume]!.map(({ q, role }) => own[q]![role]);
      for (let v = 0; v < voxels; v++) {
        if (!(data[v]! > threshold)) continue;
        if (isFirst) totals[v]!++;
        for (const target of targets) target[v]!++;
      }
    }
    counts.push(...own);
  }
  const union = Uint32Array.from(totals.keys()).filter((v) =>
    totals[v]! > UNION_SHARE * paths.length
  );
  const taken = (of: Uint16Array) => Uint32Array.from(union, (v) => of[v]!);
  return counts.map(({ high, low }) => ({ flat: union, high: taken(high), low: taken(low) }));
}

/** Differences of means of each question's classes. */
async function* readDifferences(
  ensemble: Ensemble,
  questions: readonly Question[],
  { normalise }: IdBlocksOptions,
  hashes: string[],
  surroundings: Surroundings,
): AsyncGenerator<[question: number, difference: ClassDifference]> {
  const voxels = ensemble.grid.box ** 3;
  let done = 0;
  for (const pass of passes(questions, 32 * voxels)) {
    const moments = pass.map(() => classMoments(voxels));
    const roles = rolesOf(pass, ensemble.table.volumes.length);
    for await (
      const { data, volume, path } of readMaps(ensemble, hashes, done === 0, surroundings)
    ) {
      if (roles[volume]!.length === 0) continue;
      const density = normalise === "none" ? data : standardised(data, path);
      for (const { q, role } of roles[volume]!) moments[q]!.add(role, density);
    }
    for (const one of moments) yield [done++, one.difference()];
  }
}

/** What a map is to the questions: to which it is high or low. */
function rolesOf(questions: readonly Question[], volumes: number) {
  const roles = Array.from({ length: volumes }, (): { q: number; role: "high" | "low" }[] => []);
  questions.forEach(({ classes }, q) => {
    for (const role of ["high", "low"] as const) {
      for (const volume of classes[role]) roles[volume]!.push({ q, role });
    }
  });
  return roles;
}

/** Questions that are answered by one reading of the maps. */
function passes(questions: readonly Question[], bytes: number): Question[][] {
  const most = Math.max(1, Math.floor(MOST_BYTES / bytes));
  return Array.from(
    { length: Math.ceil(questions.length / most) },
    (_, i) => questions.slice(i * most, (i + 1) * most),
  );
}

async function* readMaps(
  { maps, grid }: Ensemble,
  hashes: string[],
  isFirst: boolean,
  { signal, tell }: Surroundings,
): AsyncGenerator<{ data: Float32Array; volume: number; path: string }> {
  const { paths } = maps!;
  const report = (done: number) =>
    tell({ kind: "progress", stage: "Reading maps", done, total: paths.length, unit: "maps" });
  report(0);
  for (const [volume, path] of paths.entries()) {
    signal.throwIfAborted();
    const bytes = await readInput(path);
    const { data } = decodeMap(bytes, path);
    if (data.length !== grid.box ** 3) {
      throw new InputError(`Cannot use ${path}: it changed while it was used`);
    }
    const odd = data.findIndex((density) => !Number.isFinite(density));
    if (odd >= 0) {
      throw new InputError(
        `Cannot use ${path}: a density is not a finite number (voxel ${odd})`,
        "Make the map anew, or take it out of the folder.",
      );
    }
    if (isFirst) hashes.push(sha256(bytes));
    yield { data, volume, path };
    report(volume + 1);
  }
}

/** A map with mean 0 and standard deviation 1. */
function standardised(data: Float32Array, path: string): Float32Array {
  const { mean, rms } = statistics(data);
  if (rms === 0) {
    throw new InputError(
      `Cannot normalise ${path}: all of its densities are the same (${mean})`,
      "Leave --normalise out, or the map.",
    );
  }
  return data.map((density) => (density - mean) / rms);
}

/** The pieces that are denser in one class of volumes. */
function byDensity(
  question: Question,
  { difference, t }: ClassDifference,
  box: number,
  options: IdBlocksOptions,
): Found[] {
  const [low, high] = percentiles(difference, [100 - options.diff_p, options.diff_p]);
  const places = Uint32Array.from(difference.keys());
  const isWith = (v: number) => difference[v]! > high! && difference[v]! > 0;
  const isInstead = (v: number) => difference[v]! < low! && difference[v]! < 0;
  return ([["with", isWith], ["instead", isInstead]] as const).flatMap(([kind, test]) => {
    const pieces = connectedPieces(places.filter(test), box)
      .filter((piece) => piece.length >= options.min_size);
    const together = options.pieces || pieces.length === 0
      ? pieces
      : [Uint32Array.from(pieces.flatMap((piece) => [...piece])).sort()];
    return together.map((voxels): Found => ({
      question,
      kind,
      voxels,
      difference: voxels.reduce((sum, v) => sum + difference[v]!, 0) / voxels.length,
      ...(t && { t: voxels.reduce((most, v) => Math.max(most, Math.abs(t[v]!)), 0) }),
    }));
  });
}

function describe(
  found: readonly Found[],
  { run }: Ensemble,
  { pieces, method, where }: IdBlocksOptions,
): IdentifiedRegion[] {
  // A region of a whole block has the block's number.
  const isOfBlocks = !pieces && method === "occupied" && where === undefined &&
    found.every(({ question }) => /^b(0|[1-9]\d{0,8})$/.test(question.name));
  const blocks = new Map(run?.blocks.map((block) => [`b${block.id}`, new Set(block.voxels)]));
  return found.map(({ question, kind, voxels, difference, t }, i) => {
    const { name, classes, cutoff } = question;
    const block = blocks.get(name);
    const shared = block && voxels.reduce((sum, v) => sum + (block.has(v) ? 1 : 0), 0);
    return {
      id: isOfBlocks ? Number(name.slice(1)) : i,
      of: name,
      kind,
      voxels: voxels.length,
      high: classes.high.length,
      low: classes.low.length,
      ...(cutoff === undefined ? {} : { cutoff }),
      ...(block && { jaccard: jaccardIndex(shared!, voxels.length, block.size) }),
      ...(difference === undefined ? {} : { difference }),
      ...(t === undefined ? {} : { t }),
    };
  });
}

/** Names of regions as parts of file names, no two the same. */
function stemsOf(questions: readonly Question[]): string[] {
  const stems: string[] = [];
  for (const { name } of questions) {
    const plain = name.replace(/[^\w.-]/g, "_");
    let stem = plain;
    for (let i = 2; stems.includes(stem); i++) stem = `${plain}_${i}`;
    stems.push(stem);
  }
  return stems;
}

/** The run's consensus map, to be opened under the masks, seen from their folder. */
function consensusOf(run: FinishedRun | undefined, outdir: string) {
  if (run === undefined) return undefined;
  const path = relative(resolve(outdir), join(resolve(run.results), CONSENSUS));
  // ChimeraX could not be told of such a path.
  // deno-lint-ignore no-control-regex
  if (/[$\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path)) return undefined;
  return { path, level: CONSENSUS_LEVEL };
}

/** The table of regions. Empty cells are not known, or not asked of the method. */
function formatRegions(regions: readonly IdentifiedRegion[], { apix }: MapGrid): string {
  const rows = regions.map((region) => [
    region.id,
    csvCell(region.of),
    region.kind,
    region.voxels,
    apix === undefined ? "" : (region.voxels * apix ** 3).toFixed(1),
    region.high,
    region.low,
    region.cutoff ?? "",
    region.jaccard?.toFixed(5) ?? "",
    region.difference ?? "",
    region.t ?? "",
  ]);
  const header = [
    "id",
    "of",
    "kind",
    "voxels",
    "volume_A3",
    "high_volumes",
    "low_volumes",
    "high_above",
    "jaccard",
    "mean_difference",
    "greatest_t",
  ];
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}

/** Which volume is high or low, for each question. */
function formatClasses({ volumes }: OccupancyTable, questions: readonly Question[]): string {
  const columns = questions.map(({ classes }) => {
    const column = volumes.map(() => "");
    for (const volume of classes.high) column[volume] = "high";
    for (const volume of classes.low) column[volume] = "low";
    return column;
  });
  const header = ["map_file", ...questions.map(({ name }) => csvCell(name))];
  const rows = volumes.map((file, volume) => [
    csvCell(basename(file)),
    ...columns.map((column) => column[volume]!),
  ]);
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}
