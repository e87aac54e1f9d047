/**
 * Runs, from their options to their results: what `siren sketch_communities`, `expand_communities`,
 * `run` and `resume` do.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { RunError, UsageError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { cannotUse, findEngine } from "../core/cooccupancy/mod.ts";
import { readBlockMasks } from "./block_masks.ts";
import { estimateRun, type RunEstimate } from "./estimate.ts";
import { completeExpansion } from "./expand.ts";
import { isThere, makeFolder, removeTemporaries } from "../core/files.ts";
import { checkGiven, hashGiven } from "./given_files.ts";
import {
  type ExpandOptions,
  type ExpandOptionsInput,
  ExpandOptionsSchema,
  type Rule,
  type SketchOptions,
  type SketchOptionsInput,
  SketchOptionsSchema,
  strangersToExpansion,
} from "./options.ts";
import type { Surroundings } from "./progress.ts";
import type { Lock } from "./lock.ts";
import { completeVolumes, planRun } from "./read_volumes.ts";
import { LIST } from "./result_files.ts";
import { EXPAND, MADE_OF_BLOCKS, SKETCH, writeExpansion, writeSketch } from "./results.ts";
import { readRun, type Run, writeRun } from "./run_file.ts";
import { checkNoJobs, lock, placeOf, removeIfThere, type RunPlace } from "./run_place.ts";
import { readSeeds, writeSeeds } from "./seeds_file.ts";
import { completeIn } from "./shards.ts";
import { completeSketch } from "./sketch.ts";
import type { RunSummary } from "./summary.ts";
import type { Block } from "../core/blocks/block.ts";
import type { SampledUnion } from "./volumes_file.ts";

/** Options checked by their schema, with every path made absolute. */
export function parseSketchOptions(input: SketchOptionsInput): SketchOptions {
  const options = parse(SketchOptionsSchema, input);
  for (const path of ["voldir", "binfile", "voxels", "cutoffs"] as const) {
    if (options[path] !== undefined) options[path] = resolve(options[path]);
  }
  return options;
}

/** Options checked by their schema and against the rule, with every path made absolute. */
export function parseExpandOptions(input: ExpandOptionsInput, rule: Rule): ExpandOptions {
  const options = parse(ExpandOptionsSchema, input);
  const [stranger] = strangersToExpansion(rule, options);
  if (stranger !== undefined) throw new UsageError(`Cannot use the options: ${stranger}`);
  if (options.cutoffs !== undefined) options.cutoffs = resolve(options.cutoffs);
  return options;
}

function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const option = issue?.path.length ? `--${issue.path.join(".")}: ` : "";
  throw new UsageError(`Cannot use the options: ${option}${issue?.message ?? "they do not fit"}`);
}

/**
 * Sketches the blocks of an ensemble into a new run folder.
 *
 * @param outdir The run folder, made where it is missing.
 * @param force Whether a run that is already there is thrown away.
 * @throws {SirenError} The options, the maps or the folder cannot be used; the message says which.
 */
export async function sketchCommunities(
  options: SketchOptionsInput,
  outdir: string,
  surroundings: Surroundings,
  force = false,
): Promise<RunSummary> {
  return await start(parseSketchOptions(options), undefined, outdir, surroundings, force);
}

/**
 * Sketches and expands the blocks of an ensemble into a new run folder; see {@linkcode sketchCommunities}.
 *
 * @throws {SirenError} The options, the maps or the folder cannot be used; the message says which.
 */
export async function runAll(
  options: SketchOptionsInput,
  expand: ExpandOptionsInput,
  outdir: string,
  surroundings: Surroundings,
  force = false,
): Promise<RunSummary> {
  const sketch = parseSketchOptions(options);
  return await start(sketch, parseExpandOptions(expand, sketch.rule), outdir, surroundings, force);
}

/**
 * The same in a run folder that this process holds already; what is there of another run is thrown away.
 *
 * @param lock The run folder's lock.
 */
export async function runAllIn(
  lock: Lock,
  sketch: SketchOptions,
  expand: ExpandOptions,
  outdir: string,
  surroundings: Surroundings,
): Promise<RunSummary> {
  return await start(sketch, expand, outdir, surroundings, true, lock);
}

/**
 * Tells what a run would take, and writes nothing. See {@linkcode runAll}; without `expand` it is a sketch.
 *
 * @throws {SirenError} The options or the maps cannot be used; the message says which.
 */
export async function estimate(
  options: SketchOptionsInput,
  expand: ExpandOptionsInput | undefined,
  surroundings: Surroundings,
): Promise<RunEstimate> {
  const sketch = parseSketchOptions(options);
  await checkEngine(surroundings);
  const run = await planRun(sketch, surroundings);
  return await estimateRun(
    expand === undefined ? run : { ...run, expand: parseExpandOptions(expand, sketch.rule) },
    surroundings,
  );
}

/**
 * Expands blocks: those of a folder of masks, in the run that a sketch began.
 *
 * @param config The sketch's `config.json`, or its folder.
 * @param blockdir Folder of the masks.
 * @param remembered Options of the sketch that the user gave again.
 * @param force Whether an expansion that is already there is thrown away.
 * @throws {SirenError} There is no such run, its maps have changed, or the options or masks do not fit it.
 */
export async function expandCommunities(
  config: string,
  blockdir: string,
  options: ExpandOptionsInput,
  remembered: Partial<SketchOptionsInput>,
  surroundings: Surroundings,
  force = false,
): Promise<RunSummary> {
  const folder = await runOfConfig(config);
  await readRun(folder);
  using _lock = await lock(folder, surroundings);
  const run = await readRun(folder);
  const expand = parseExpandOptions(options, run.sketch.rule);
  checkRemembered({ ...run.sketch, apix: run.grid.apix }, remembered);
  if (!force && await isThere(`${folder}/${EXPAND}/${LIST}`)) {
    throw new RunError(
      `Cannot expand into ${folder}/${EXPAND}: it already holds an expansion`,
      "Give --force to replace it.",
    );
  }
  await using place = await placeOf(folder, surroundings);
  await place.check();
  const known = await completeVolumes(folder, run, place.pool, surroundings);
  const seeds = await readBlockMasks(resolve(blockdir), known.union, surroundings);
  const whole = await withExpansion(known.run, expand);
  await checkGiven(whole.files);
  if (surroundings.cluster?.mode === "plan") {
    return await planExpansion({
      folder,
      run: whole,
      union: known.union,
      seeds,
      place,
      surroundings,
    });
  }
  // Until the seeds are whole, the run asks for no expansion: old options and new seeds never meet.
  const { expand: _expand, ...sketched } = whole;
  await writeRun(folder, sketched);
  for (const part of [...MADE_OF_BLOCKS, EXPAND, "shards/expand"]) {
    await removeIfThere(`${folder}/${part}`);
  }
  await writeSeeds(folder, seeds);
  await writeRun(folder, whole);
  return await complete(folder, surroundings, place);
}

/** Has an expansion planned without touching the one that is there. */
async function planExpansion(
  { folder, run, union, seeds, place, surroundings }: {
    folder: string;
    run: Run;
    union: SampledUnion;
    seeds: readonly Block[];
    place: RunPlace;
    surroundings: Surroundings;
  },
): Promise<never> {
  const { executor } = place;
  const sketching = completeIn(folder, executor, surroundings);
  const { tell } = surroundings;
  const { pBound } = await completeSketch({ run, union, complete: sketching, tell });
  await using aside = await asideFolder();
  const options = run.expand;
  if (options === undefined) throw new Error("Only a run with an expansion can be planned");
  const expanding = completeIn(aside.path, executor, surroundings);
  await completeExpansion({ run, options, union, seeds, complete: expanding }, pBound);
  throw new UsageError("Cannot plan the expansion: there is nothing to compute");
}

/**
 * Brings a run that was interrupted to its end. The results are those of an undisturbed run, to the byte.
 *
 * @param folder The run folder.
 * @throws {SirenError} There is no run in the folder, another process works on it, or its maps have changed.
 */
export async function resumeRun(folder: string, surroundings: Surroundings): Promise<RunSummary> {
  await readRun(folder);
  using _lock = await lock(folder, surroundings);
  await using place = await placeOf(folder, surroundings);
  await place.leave();
  return await complete(folder, surroundings, place);
}

/** Looks for the engine that was asked for, if this machine computes. */
async function checkEngine({ engine, cluster }: Surroundings): Promise<void> {
  if (engine === "auto" || (cluster !== undefined && cluster.mode !== "here")) return;
  const found = await findEngine(engine, true);
  if (!found.works) throw cannotUse({ name: engine, ...found });
}

async function start(
  sketch: SketchOptions,
  expand: ExpandOptions | undefined,
  outdir: string,
  surroundings: Surroundings,
  force: boolean,
  held?: Lock,
): Promise<RunSummary> {
  await checkEngine(surroundings); // an engine that is not there is said before anything is written
  const planned = await planRun(sketch, surroundings);
  const run = expand === undefined ? planned : await withExpansion(planned, expand);
  await using place = await placeOf(outdir, surroundings, force);
  await place.check();
  if (surroundings.cluster?.mode === "plan") {
    await using aside = await asideFolder();
    await writeRun(aside.path, run);
    return await complete(aside.path, surroundings, place);
  }
  await makeFolder(outdir, "run folder");
  using _lock = held === undefined ? await lock(outdir, surroundings) : undefined;
  if (force) {
    await checkNoJobs(outdir);
    await place.finish(); // the old run's folder on the cluster
  } else await checkFree(outdir);
  // Stopped before run.json is gone, the old run is whole on resume; its seeds cannot be had again, so
  // that they go last.
  const old = force
    ? [...MADE_OF_BLOCKS, SKETCH, EXPAND, "shards", "volumes.arrow", "slurm", "run.json"]
    : [];
  for (const part of [...old, "seeds.arrow"]) await removeIfThere(`${outdir}/${part}`);
  await writeRun(outdir, run);
  return await complete(outdir, surroundings, place);
}

/** A folder for what is computed only to be told. */
async function asideFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "siren_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/**
 * A new run would mix its results with those that are there. A run whose maps have not been read (one
 * could not be, or the threshold was wrong) has nothing to lose.
 */
export async function checkFree(outdir: string): Promise<void> {
  for (const part of ["volumes.arrow", SKETCH, EXPAND]) {
    if (!await isThere(`${outdir}/${part}`)) continue;
    throw await isThere(`${outdir}/run.json`)
      ? new RunError(
        `Cannot start a run in ${outdir}: it already holds one`,
        `Go on with it by \`siren resume ${
          quoteForShell(outdir)
        }\`, give another --outdir, or --force ` +
          "to start over.",
      )
      : new RunError(
        `Cannot start a run in ${outdir}: it holds results of something else (${part})`,
        "Give another --outdir, or --force to throw them away.",
      );
  }
}

/** The run with an expansion, and with the files that this reads in place of an earlier one's. */
async function withExpansion(run: Run, expand: ExpandOptions): Promise<Run> {
  const { binfile, voxels, cutoffs } = run.sketch;
  const own = Object.entries(run.files).filter(([path]) =>
    [binfile, voxels, cutoffs].includes(path)
  );
  const files = { ...await hashGiven(expand.cutoffs), ...Object.fromEntries(own) };
  return { ...run, expand, files };
}

/** Does whatever is left to do of a run. */
async function complete(
  folder: string,
  surroundings: Surroundings,
  { pool, executor, finish }: RunPlace,
): Promise<RunSummary> {
  await removeTemporaries(folder);
  const known = await readRun(folder);
  await checkGiven(known.files);
  const { run, union } = await completeVolumes(folder, known, pool, surroundings);
  const sketching = { run, union, complete: completeIn(folder, executor, surroundings) };
  const sketch = await completeSketch({ ...sketching, tell: surroundings.tell });
  const sketched = await writeSketch(folder, run, union, sketch, pool, surroundings);
  const summary = {
    folder,
    rule: run.sketch.rule,
    volumes: run.volumes.length,
    kept: run.volumes.filter((volume) => volume.kept).length,
    union: union.flat.length,
    sampled: union.sampled.length,
    sketch: sketched,
  };
  const engine = () => {
    const engine = executor.engine();
    return engine === undefined ? {} : { engine };
  };
  if (run.expand === undefined) {
    await finish();
    return { ...summary, ...engine() };
  }
  // Masks that a user gave to expand_communities were kept with the run; else the sketch's own are meant.
  const seeds = await readSeeds(folder) ?? sketch.blocks;
  const options = run.expand;
  const expanding = { ...sketching, options, seeds };
  const expansion = await completeExpansion(expanding, sketch.pBound);
  const expanded = await writeExpansion(folder, run, union, sketch, expansion, pool, surroundings);
  await finish();
  return { ...summary, ...engine(), expand: expanded };
}

const ConfigSchema = z.object({ run: z.string() });

/** The run folder that a sketch's config.json names. */
async function runOfConfig(config: string): Promise<string> {
  const inFolder = `${config}/config.json`;
  const path = await isThere(inFolder) ? inFolder : config;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot read --config: there is no such file (${path})`,
      "Give the config.json that sketch_communities wrote, in RUN/00_sketch.",
    );
  }
  try {
    // The folder is relative to the file, so that a run can be moved.
    return resolve(dirname(path), ConfigSchema.parse(JSON.parse(text)).run);
  } catch (cause) {
    throw new UsageError(
      `Cannot read --config: it is not a config.json of siren (${path})`,
      "Give the config.json that sketch_communities wrote, in RUN/00_sketch.",
      { cause },
    );
  }
}

/** The expansion takes the sketch's options from the run; another value now would be a silent mix. */
function checkRemembered(sketch: SketchOptions, remembered: Partial<SketchOptionsInput>): void {
  for (const [name, value] of Object.entries(remembered)) {
    if (value === undefined) continue;
    const isPath = name === "voldir" || name === "binfile" || name === "voxels";
    const given = isPath ? resolve(String(value)) : value;
    const before = sketch[name as keyof SketchOptions];
    if (given !== before) {
      throw new UsageError(
        `Cannot expand with --${name} ${given}: the sketch was made ` +
          (before === undefined || before === false ? `without it` : `with ${before}`),
        `Leave --${name} out: the sketch's is used. For another value, sketch again.`,
      );
    }
  }
}
