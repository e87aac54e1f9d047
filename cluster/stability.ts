/**
 * How far the blocks of a run can be relied on: what `siren stability` does.
 *
 * @module
 */
import { resolve } from "node:path";
import { RunError, UsageError } from "../core/errors.ts";
import { makeFolder } from "../core/files.ts";
import { quantileOf } from "../core/quantile.ts";
import { quoteForShell } from "../core/shell.ts";
import {
  type Stability,
  stabilityOf,
  type StabilityRow,
  stabilityRow,
} from "../core/stability/mod.ts";
import { VERSION } from "../core/version.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import { checkGiven } from "./given_files.ts";
import { fingerprint } from "./hashes.ts";
import { checkOutFolder, checkReplaceable, writeOutFolder } from "./out_folder.ts";
import { readPlan } from "./plan_file.ts";
import type { Surroundings } from "./progress.ts";
import { unionKey } from "./read_volumes.ts";
import { blocksOfSetting, replicateOf, replicateStage } from "./replicates.ts";
import { readList } from "./result_files.ts";
import { STABILITY } from "./results.ts";
import { readRun, type Run } from "./run_file.ts";
import { lock, placeOf } from "./run_place.ts";
import { completeIn, type CompleteStage, type ShardedStage } from "./shards.ts";
import { stabilityFiles, stabilityNames } from "./stability_files.ts";
import {
  type Source,
  type StabilityOptionsInput,
  StabilityOptionsSchema,
} from "./stability_options.ts";
import type { Setting } from "./work.ts";

/** What is asked of {@linkcode stability}. */
export interface StabilityCall {
  /** Folder of a finished run with an expansion. */
  readonly run: string;
  readonly options?: StabilityOptionsInput;
  /** Folder for results; 04_stability in the run folder, if not given. */
  readonly outdir?: string;
  /** Replaces results of other options that are there. */
  readonly force?: boolean;
}

/** What replicates of one kind gave. */
export interface SourceSummary {
  readonly over: Source;
  /** In the order of the run's blocks. */
  readonly blocks: readonly StabilityRow[];
  /** Blocks in a replicate. */
  readonly replicate_blocks: {
    readonly least: number;
    readonly median: number;
    readonly most: number;
  };
}

/** What {@linkcode stability} gives. */
export interface StabilitySummary {
  readonly run: string;
  /** Folder of the results. */
  readonly folder: string;
  readonly rule: string;
  readonly bootstraps: number;
  readonly seed: number;
  /** Voxels that a replicate samples. */
  readonly samples: number;
  /** Engines that compared voxels; absent if nothing was left to compute. */
  readonly engine?: string;
  readonly sources: readonly SourceSummary[];
  /** Paths of the results. */
  readonly files: readonly string[];
}

/** Replicates of one kind, and what they say of the blocks. */
export interface SourceStability {
  readonly over: Source;
  readonly stability: Stability;
}

/**
 * Tells how far the blocks of a run can be relied on. Replicates of its ensemble are drawn: volumes with
 * replacement, as many as the run has; other voxels of the union sampled; or both. The run's own rule and
 * options find the blocks of each, sketch and expansion; they are compared with the run's by `stabilityOf`. A
 * replicate's union are the voxels of the run's union that are occupied in more than 1 % of its volumes. No
 * map is read. Blocks that were expanded from masks made by hand are compared with those found anew.
 *
 * Every replicate is kept in the folder of results, or in the run folder, as a shard of its own: stopped, the
 * same call goes on, and more replicates can be had later. The results depend on the run and the options
 * alone.
 *
 * @example How often each block comes back
 * ```ts ignore
 * import { stability } from "./mod.ts";
 *
 * const { sources } = await stability({ run: "out", options: { bootstraps: 100 } }, surroundings);
 * for (const { block, back, confidence } of sources[0].blocks) console.log(block, back, confidence);
 * ```
 * @throws {UsageError} The options do not make sense.
 * @throws {RunError} There is no finished run with an expansion, somebody else works on it, or results of
 *   other options are there and not to be replaced.
 * @throws {InputError} A file of the run is damaged.
 * @throws {InterruptedError} The signal was aborted; what is done is kept.
 */
export async function stability(
  { run: folder, options: given = {}, outdir, force = false }: StabilityCall,
  surroundings: Surroundings,
): Promise<StabilitySummary> {
  const options = StabilityOptionsSchema.parse(given);
  if (options.samples !== undefined && options.over === "volumes") {
    throw new UsageError(
      "Cannot use --samples with --over volumes: there the run's own sample is used",
      "Leave --samples out, or take --over both.",
    );
  }
  await readRun(folder); // a folder that holds none gets no lock
  if (outdir !== undefined) {
    await checkOutFolder(outdir);
    await makeFolder(outdir);
  }
  const place = outdir ?? folder;
  using _lock = await lock(place, surroundings);
  const finished = await readFinishedRun(folder);
  const setting = settingOf(finished);
  await checkCutoffs(finished.run);
  const sampled = finished.union.sampled.length;
  const size = Math.min(options.samples ?? sampled, finished.union.flat.length);
  const sources: Source[] = options.over === "each"
    ? ["both", "volumes", "samples"]
    : [options.over];
  const own = fingerprint([
    "stability",
    VERSION,
    finished.run.grid,
    finished.run.volumes.length,
    finished.run.files,
    unionKey(finished.union),
    setting,
    options.seed,
  ]);
  const blocks = finished.blocks.map(({ id, members }) => [id, members]);
  const key = fingerprint([own, blocks, options.bootstraps, size, sources]);
  const results = outdir ?? `${folder}/${STABILITY}`;
  // Without a list, what lies beside replicates of ours was being written when it was stopped.
  const isOurs = await readPlan(place, stageName(sources[0]!)) !== undefined;
  const mayReplace = force || (isOurs && await readList(results) === undefined);
  if (!mayReplace) await checkReplaceable(results, key, stabilityNames(finished, sources));

  const { cluster: _cluster, ...here } = surroundings;
  await using at = await placeOf(place, here);
  const complete = completeIn(place, at.executor, surroundings);
  const found: SourceStability[] = [];
  for (const over of sources) {
    const stage = stageOf(finished, setting, over, own, { ...options, size });
    found.push({ over, stability: await stabilityOfStage(finished, stage, complete) });
  }
  const summaries = found.map((source) => summaryOf(finished, source));
  const engine = at.executor.engine();
  const summary = {
    run: resolve(folder),
    folder: results,
    rule: setting.sketch.rule,
    bootstraps: options.bootstraps,
    seed: options.seed,
    samples: options.over === "volumes" ? sampled : size,
    sources: summaries,
  };
  const files = stabilityFiles(finished, found, summary, at.pool);
  const paths = await writeOutFolder(results, key, await files, mayReplace, surroundings);
  return { ...summary, ...(engine === undefined ? {} : { engine }), files: paths };
}

/** Cutoffs that were given as files are read again for each replicate: they must be what they were. */
export async function checkCutoffs({ sketch, expand, files }: Run): Promise<void> {
  const given = [sketch.cutoffs, expand?.cutoffs];
  await checkGiven(
    Object.fromEntries(Object.entries(files).filter(([path]) => given.includes(path))),
  );
}

/** The options under which the run found its blocks. */
function settingOf({ folder, run }: FinishedRun): Setting {
  if (run.expand !== undefined) return { sketch: run.sketch, expand: run.expand };
  throw new RunError(
    `Cannot tell how stable the blocks in ${folder} are: they are a sketch's, of its sampled voxels alone`,
    `Expand them first: siren expand_communities --config ${
      quoteForShell(`${folder}/00_sketch`)
    } ` +
      `--blockdir ${quoteForShell(`${folder}/00_sketch`)}`,
  );
}

const stageName = (over: Source) => `stability_${over}`;

function stageOf(
  finished: FinishedRun,
  setting: Setting,
  over: Source,
  own: string,
  { bootstraps, seed, size }: { bootstraps: number; seed: number; size: number },
): ShardedStage<"replicates"> {
  // The number of replicates is no part of the key: those that are there are good for more.
  return replicateStage(finished, {
    name: stageName(over),
    key: fingerprint([own, over, over === "volumes" ? 0 : size]),
    unit: "replicates",
    count: bootstraps,
    seed,
    size,
    draw: over,
    settings: [setting],
  });
}

async function stabilityOfStage(
  { blocks, union }: FinishedRun,
  stage: ShardedStage<"replicates">,
  complete: CompleteStage,
): Promise<Stability> {
  const replicates = await complete(stage);
  return stabilityOf(
    blocks.map(({ members }) => members),
    replicates.values().map((content) =>
      blocksOfSetting(replicateOf(content), 0).map(({ members }) => members)
    ),
    union.flat.length,
  );
}

function summaryOf({ blocks }: FinishedRun, { over, stability }: SourceStability): SourceSummary {
  const counts = stability.replicates.map((replicate) => replicate.blocks);
  return {
    over,
    blocks: blocks.map(({ id, voxels }, i) =>
      stabilityRow(over, { id, voxels: voxels.length }, stability.blocks[i]!)
    ),
    replicate_blocks: {
      least: quantileOf(counts, 0),
      median: quantileOf(counts, 0.5),
      most: quantileOf(counts, 1),
    },
  };
}
