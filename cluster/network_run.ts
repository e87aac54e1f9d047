/**
 * Runs whose thresholds a network predicts: preprocessing, prediction and the run itself in one run
 * folder, each of which goes on where it was stopped. What `siren run --weights` does.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import type { z } from "zod";
import { InterruptedError, RunError } from "../core/errors.ts";
import { isThere, makeFolder, readIfThere, readInput, writeWhole } from "../core/files.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import { boxOf, readMapHeader } from "../core/mrc/mod.ts";
import { readStatistics } from "../core/threshold_cnn/map_statistics.ts";
import { thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { predictionWarnings, predictThresholds } from "../core/threshold_cnn/predict_maps.ts";
import { formatPredictions, PREDICTIONS_FILE } from "../core/threshold_cnn/predictions.ts";
import { readCheckpoint } from "../core/threshold_cnn/weights_file/mod.ts";
import { quoteForShell } from "../core/shell.ts";
import { findMaps } from "../core/volumes/mod.ts";
import { checkGiven } from "./given_files.ts";
import { sha256 } from "./hashes.ts";
import {
  awaitsThresholds,
  formatNetworkRun,
  NETWORK_RUN_FILE,
  type NetworkRun,
  readNetworkRun,
} from "./network_run_file.ts";
import type { ExpandOptionsSchema, SketchOptions, SketchOptionsSchema } from "./options.ts";
import type { Lock } from "./lock.ts";
import { preprocess, type PreprocessSummary } from "./preprocess.ts";
import type { Surroundings } from "./progress.ts";
import { checkFree, parseExpandOptions, parseSketchOptions, resumeRun, runAllIn } from "./run.ts";
import { checkNoJobs, lock, removeIfThere } from "./run_place.ts";
import type { RunSummary } from "./summary.ts";

/** Maps handed to the network together. */
const BATCH = 4;

/** What to run, and by which network. */
export interface NetworkRunCall {
  /** File of weights. */
  readonly weights: string;
  /**
   * Edge of the box to find blocks in, in voxels: maps are Fourier-cropped to it. The network's own, or the
   * maps' if it is smaller, where it is not given.
   */
  readonly box?: number;
  /** As for `runAll`, without `bin` and `binfile`. */
  readonly sketch: Omit<z.input<typeof SketchOptionsSchema>, "bin" | "binfile">;
  readonly expand: z.input<typeof ExpandOptionsSchema>;
}

/** Finds the engine that predicts. */
export type FindPredictor = (threads: number) => Promise<NetworkEngine>;

/** Always the same engine, so that a run that goes on elsewhere ends with the same bytes. */
const findPredictor: FindPredictor = async (threads) => {
  const { findNetworkEngine } = await import("../core/threshold_cnn/find_engine.ts");
  return await findNetworkEngine("onnx", threads);
};

/**
 * Normalises the maps, predicts their thresholds, and finds the blocks of the downsampled maps, all in one
 * new run folder. Stopped at any moment, it goes on by {@linkcode resumeNetworkRun}.
 *
 * @param outdir The run folder, made where it is missing.
 * @param force Whether what is there of another run is thrown away.
 * @throws {SirenError} The options, the weights, the maps or the folder cannot be used; the message says
 *   which.
 */
export async function runByNetwork(
  { weights, box, sketch, expand }: NetworkRunCall,
  outdir: string,
  surroundings: Surroundings,
  force = false,
  find: FindPredictor = findPredictor,
): Promise<RunSummary> {
  const binfile = `${resolve(outdir)}/${PREDICTIONS_FILE}`;
  const parsed = parseSketchOptions({ ...sketch, binfile });
  const path = resolve(weights);
  await readCheckpoint(path); // weights of no use are said before anything is written
  const run: NetworkRun = {
    format: 1,
    weights: path,
    sha256: sha256(await readInput(path)),
    box: box ?? await boxFor(parsed.voldir),
    sketch: parsed,
    expand: parseExpandOptions(expand, parsed.rule),
  };
  await makeFolder(outdir, "run folder");
  using held = await lock(outdir, surroundings);
  const known = force ? undefined : await findBegun(outdir, run);
  if (force) {
    await checkNoJobs(outdir);
    await removeIfThere(`${outdir}/run.json`); // from here on the old run is no more
  }
  if (known === undefined) await writeNetworkRun(outdir, run);
  return await goOn(held, outdir, known ?? run, surroundings, force, find);
}

/** The run as far as it was begun in the folder, which must hold nothing that it would replace. */
async function findBegun(outdir: string, run: NetworkRun): Promise<NetworkRun | undefined> {
  await checkFree(outdir);
  const begun = await readNetworkRun(outdir);
  if (begun !== undefined) {
    const { predictions: _, ...before } = begun;
    if (formatNetworkRun(before) === formatNetworkRun(run)) return begun;
    throw new RunError(
      `Cannot start a run in ${outdir}: it holds one of other options (${NETWORK_RUN_FILE})`,
      "Give another --outdir, or --force to start over.",
    );
  }
  if (!await isThere(`${outdir}/${PREDICTIONS_FILE}`)) return undefined;
  throw new RunError(
    `Cannot start a run in ${outdir}: it already holds thresholds (${PREDICTIONS_FILE})`,
    `Use them by --binfile ${
      quoteForShell(`${outdir}/${PREDICTIONS_FILE}`)
    }, give another --outdir, or --force to replace them.`,
  );
}

/** The box that blocks are found in if the user does not say. */
async function boxFor(voldir: string): Promise<number> {
  return Math.min(thresholdNetwork.box, await boxOfMaps(voldir));
}

async function boxOfMaps(voldir: string): Promise<number> {
  const [first] = await findMaps(voldir);
  if (first === undefined) throw new Error("findMaps finds one map at least");
  return boxOf(await readMapHeader(first), first);
}

/**
 * Goes on with what {@linkcode runByNetwork} began; with any other run as {@linkcode resumeRun} does.
 *
 * @throws {SirenError} There is no run in the folder, or what it is made of has changed.
 */
export async function resumeNetworkRun(
  folder: string,
  surroundings: Surroundings,
  find: FindPredictor = findPredictor,
): Promise<RunSummary> {
  const run = await awaitsThresholds(folder);
  if (run === undefined) return await resumeRun(folder, surroundings);
  using held = await lock(folder, surroundings);
  await checkGiven({ [run.weights]: run.sha256 });
  return await goOn(held, folder, run, surroundings, false, find);
}

async function goOn(
  held: Lock,
  outdir: string,
  run: NetworkRun,
  surroundings: Surroundings,
  force: boolean,
  find: FindPredictor,
): Promise<RunSummary> {
  const { sketch, expand, box } = run;
  // Maps are read where the user is, as they are for the run itself.
  const { cluster: _cluster, ...here } = surroundings;
  const options = { voldir: sketch.voldir, box };
  const made = await preprocess({ options, outdir, force }, here);
  await predict(outdir, run, made, surroundings, find);
  return await runAllIn(held, await optionsFor(sketch, made), expand, outdir, surroundings);
}

/** The sketch's options for the maps that were made: a voxel size that the user gave is that of his maps. */
async function optionsFor(
  { apix, ...sketch }: SketchOptions,
  { sketch: voldir, box }: PreprocessSummary,
): Promise<SketchOptions> {
  const factor = apix === undefined ? 1 : await boxOfMaps(sketch.voldir) / box;
  return { ...sketch, voldir, ...(apix === undefined ? {} : { apix: apix * factor }) };
}

/** Predicts the thresholds, unless they are there as they were predicted. */
async function predict(
  outdir: string,
  run: NetworkRun,
  { normalized, statistics }: PreprocessSummary,
  { threads, signal, tell }: Surroundings,
  find: FindPredictor,
): Promise<void> {
  const path = `${outdir}/${PREDICTIONS_FILE}`;
  const there = await readIfThere(path);
  if (there !== undefined && sha256(there) === run.predictions) return;
  const { weights } = run;
  const maps = await findMaps(normalized);
  const ranges = await readStatistics(statistics, maps);
  const engine = await find(threads);
  tell({ kind: "note", text: `thresholds by ${basename(weights)}, ${engine.what}` });
  const report = (done: number) =>
    tell({ kind: "progress", stage: "thresholds", done, total: maps.length, unit: "maps" });
  report(0);
  const { weights: tensors } = await readCheckpoint(weights);
  const rows = await stoppable(signal, () =>
    predictThresholds({
      maps,
      statistics: ranges,
      network: thresholdNetwork,
      weights: tensors,
      engine,
      batchSize: BATCH,
      signal,
      onProgress: report,
    }));
  for (const text of predictionWarnings(rows)) tell({ kind: "warning", text });
  const bytes = new TextEncoder().encode(formatPredictions(rows));
  await writeWhole(path, bytes);
  await writeNetworkRun(outdir, { ...run, predictions: sha256(bytes) });
}

async function writeNetworkRun(outdir: string, run: NetworkRun): Promise<void> {
  await writeWhole(`${outdir}/${NETWORK_RUN_FILE}`, formatNetworkRun(run));
}

async function stoppable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError("Stopped as asked; what is done is kept", undefined, {
      cause: error,
    });
  }
}
