/**
 * The analysis of a run's blocks, or of an occupancy table: what `siren analyse` does.
 *
 * @module
 */
import { z } from "zod";
import {
  analyse,
  type Analysis,
  ANALYSIS_JSON,
  type AnalysisOptions,
  analysisOptions,
  type AnalysisOptionsInput,
  readAnalysis,
} from "../core/analysis/mod.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import { blockOccupancy } from "../core/occupancy/block_occupancy.ts";
import { readOccupancy } from "../core/occupancy/read_occupancy.ts";
import type { OccupancyTable } from "../core/occupancy/table.ts";
import { quoteForShell } from "../core/shell.ts";
import { VERSION } from "../core/version.ts";
import { analysisFiles, type AnalysisFilesInput } from "./analysis_files.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { fingerprint } from "./hashes.ts";
import { writeOutFolder } from "./out_folder.ts";
import type { Surroundings } from "./progress.ts";
import { writeResults } from "./result_files.ts";
import { ANALYSIS } from "./results.ts";
import { readRun } from "./run_file.ts";
import { lock } from "./run_place.ts";
import { sceneFiles } from "./scene_files.ts";

/** Where occupancies come from: a finished run, or a file. */
export type OccupancySource = { readonly run: string } | { readonly occupancy: string };

/** What {@linkcode writeAnalysis} did. */
export interface WrittenAnalysis {
  readonly analysis: Analysis;
  /** Folder of the files. */
  readonly folder: string;
  /** Their paths. */
  readonly files: readonly string[];
}

/** Where to write to. */
export interface AnalysisPlace {
  /** The folder; by default `03_analysis` in the run folder. Needed for a table. */
  readonly outdir?: string;
  /** Replaces what is in `outdir`. */
  readonly force?: boolean;
}

/** Occupancies and what they were measured in. */
interface Loaded {
  readonly table: OccupancyTable;
  readonly run?: FinishedRun;
}

/**
 * Analyses a run's blocks, or an occupancy table, and writes the results: into the run folder, or into a
 * folder of their own. Where the same results are there, they stay.
 *
 * @throws {UsageError} An option is out of range, or the folder holds something else.
 * @throws {InputError} The table cannot be used, or the run has no blocks.
 * @throws {RunError} The run has not found its blocks yet, is held by another process, or cannot be written.
 * @example
 * ```ts ignore
 * import { writeAnalysis } from "./analysis.ts";
 *
 * const { analysis } = await writeAnalysis({ run: "out" }, { clusters: 4 }, {}, surroundings);
 * ```
 */
export async function writeAnalysis(
  source: OccupancySource,
  options: AnalysisOptionsInput,
  { outdir, force = false }: AnalysisPlace,
  surroundings: Surroundings,
): Promise<WrittenAnalysis> {
  const checked = check(options);
  if (!("run" in source) && outdir === undefined) {
    throw new UsageError("Cannot write the analysis of a table: --outdir is needed");
  }
  // Before the lock, which would leave a file in a folder that is no run.
  if ("run" in source) await readRun(source.run);
  using _ = "run" in source && outdir === undefined
    ? await lock(source.run, surroundings)
    : undefined;
  const loaded = await load(source);
  surroundings.signal.throwIfAborted();
  const analysis = analyseLoaded(loaded, checked, surroundings);
  surroundings.signal.throwIfAborted();
  const folder = outdir ?? `${"run" in source ? source.run : ""}/${ANALYSIS}`;
  const scenes = sceneFiles(analysis, loaded.run, folder);
  for (const text of scenes.warnings) surroundings.tell({ kind: "warning", text });
  const files = new Map([...analysisFiles(filesInput(analysis, loaded)), ...scenes.files]);
  const key = fingerprint(["analysis", VERSION, checked, describe(loaded)]);
  if (outdir !== undefined) {
    const paths = await writeOutFolder(outdir, key, files, force, surroundings);
    return { analysis, folder: outdir, files: paths };
  }
  await writeResults(folder, key, files, surroundings);
  return { analysis, folder, files: Array.from(files.keys(), (name) => `${folder}/${name}`) };
}

/**
 * The analysis of a run's blocks, or of an occupancy table: read where the run folder holds one, else made
 * with the default options. Nothing is written.
 *
 * @throws {InputError} The table or the analysis that is there cannot be used, or the run has no blocks.
 * @throws {RunError} The run has not found its blocks yet.
 */
export async function loadAnalysis(
  source: OccupancySource,
  surroundings: Pick<Surroundings, "tell">,
): Promise<Analysis> {
  if ("run" in source && await isThere(`${source.run}/${ANALYSIS}/${ANALYSIS_JSON}`)) {
    return await readAnalysis(`${source.run}/${ANALYSIS}`);
  }
  return analyseLoaded(await load(source), check({}), surroundings);
}

function check(options: AnalysisOptionsInput): AnalysisOptions {
  const result = analysisOptions.safeParse(options);
  if (result.success) return result.data;
  throw new UsageError(
    `Cannot analyse: ${z.prettifyError(result.error).replaceAll("\n", " ")}`,
    undefined,
    { cause: result.error },
  );
}

async function load(source: OccupancySource): Promise<Loaded> {
  if (!("run" in source)) return { table: await readOccupancy(source.occupancy) };
  const run = await readFinishedRun(source.run);
  if (run.blocks.length === 0) {
    throw new InputError(
      `Cannot analyse the run in ${source.run}: it has no blocks`,
      `See what siren found: siren status ${quoteForShell(source.run)}`,
    );
  }
  return { table: blockOccupancy(run.union.matrix, run.blocks, run.volumes), run };
}

function analyseLoaded(
  { table, run }: Loaded,
  options: AnalysisOptions,
  { tell }: Pick<Surroundings, "tell">,
): Analysis {
  return analyse(table, options, {
    ...(run === undefined ? {} : { voxels: run.union.matrix }),
    note: (text) => tell({ kind: "note", text }),
  });
}

function filesInput(analysis: Analysis, { run }: Loaded): AnalysisFilesInput {
  if (run === undefined) return { analysis };
  return { analysis, run, occupied: occupiedVoxels(run) };
}

/** Voxels of the union that are occupied in each volume. */
function occupiedVoxels({ union: { matrix }, volumes }: FinishedRun): Uint32Array {
  const { voxels, wordsPerVoxel, words } = matrix;
  const counts = new Uint32Array(volumes.length);
  for (let v = 0; v < voxels; v++) {
    for (let volume = 0; volume < volumes.length; volume++) {
      counts[volume]! += words[v * wordsPerVoxel + (volume >> 5)]! >>> (volume & 31) & 1;
    }
  }
  return counts;
}

/** What the results are made from. */
function describe({ table, run }: Loaded): unknown {
  const { volumes, regions, values } = table;
  return [
    volumes,
    regions,
    values,
    run === undefined ? null : [run.union.matrix.words, run.union.flat],
  ];
}
