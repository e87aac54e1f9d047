/**
 * A grid of settings, and which of them to take: what `siren screen` does.
 *
 * @module
 */
import { resolve } from "node:path";
import { InputError, UsageError } from "../core/errors.ts";
import { makeFolder } from "../core/files.ts";
import { quantileOf } from "../core/quantile.ts";
import {
  agreementOf,
  recommend,
  type Recommendation,
  type ScreenLine,
} from "../core/stability/mod.ts";
import { VERSION } from "../core/version.ts";
import type { ArrowContent } from "./arrow_file.ts";
import { readFinishedRun } from "./finished_run.ts";
import { fingerprint } from "./hashes.ts";
import { checkOutFolder, checkReplaceable, writeOutFolder } from "./out_folder.ts";
import { readPlan } from "./plan_file.ts";
import type { Surroundings } from "./progress.ts";
import { planRun, type ReadRun, readUnions, unionKey } from "./read_volumes.ts";
import { blocksOfSetting, replicateOf, replicateStage } from "./replicates.ts";
import { readList } from "./result_files.ts";
import { runCommand } from "./run_command.ts";
import type { Run } from "./run_file.ts";
import { lock, placeOf } from "./run_place.ts";
import { screenFiles, screenNames } from "./screen_files.ts";
import { checkCutoffs } from "./stability.ts";
import {
  axesOf,
  type Axis,
  type AxisValue,
  baseOfRun,
  type GridSetting,
  gridSettings,
  type ScreenOptions,
  type ScreenOptionsInput,
  ScreenOptionsSchema,
} from "./screen_options.ts";
import { completeIn, type ShardedStage } from "./shards.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** Rule that a screen takes if none is given: that of `siren run`. */
const RULE = "phi";

/** Most settings of a grid. */
const MOST_SETTINGS = 2000;

/** Most bytes of occupancy that are held at once while maps are read: thresholds beyond wait their turn. */
const MOST_BYTES = 2 ** 31;

/** The quantile of as good thresholds that is taken. */
const OF_THRESHOLDS = 0.25;

/** Below this many volumes, half of them tells little. */
const FEW_VOLUMES = 100;

/** What is asked of {@linkcode screen}. */
export interface ScreenCall {
  readonly options: ScreenOptionsInput;
  /** Folder for results. */
  readonly outdir: string;
  /** Replaces results of another screen that are there. */
  readonly force?: boolean;
}

/** What came of one setting. */
export interface ScreenRow extends ScreenLine {
  /** Values of the axes, by option. */
  readonly values: Readonly<Record<string, AxisValue>>;
  /** Voxels of each block, in order of number. */
  readonly sizes: readonly number[];
  /** The command line that finds these blocks. */
  readonly command: string;
}

/** What {@linkcode screen} gives. */
export interface ScreenSummary {
  /** Folder of the results. */
  readonly folder: string;
  readonly rule: string;
  /** Volumes kept, of the first threshold. */
  readonly volumes: number;
  readonly halvings: number;
  readonly axes: readonly Axis[];
  readonly thresholds: readonly (number | string)[];
  readonly rows: readonly ScreenRow[];
  /** The setting to take; absent where none finds blocks that come back. */
  readonly recommended?: ScreenRow;
  /** Why it is that one, in words. */
  readonly reason: string;
  /** Engines that compared voxels; absent if nothing was left to compute. */
  readonly engine?: string;
  /** Paths of the results. */
  readonly files: readonly string[];
}

/** A threshold, and what was read with it. */
interface ScreenedThreshold {
  readonly label: number | string;
  readonly read: ReadRun | InputError;
  readonly settings: readonly GridSetting[];
}

/** What came of a setting, before the best is known. */
export type Tried = Omit<ScreenRow, "as_good" | "recommended">;

/**
 * Finds blocks under every setting of a grid, and recommends one.
 *
 * Maps are read once for all thresholds; pairs of voxels are counted once for all settings of a threshold,
 * under the loosest of them. The blocks of a setting are those that `runAll` finds with these options. For
 * the stability of a setting the volumes are parted in two halves at random, some times over, and the blocks
 * of the halves compared (`agreementOf`): noise and chance are not the same in both. See `recommend` for the
 * setting taken.
 *
 * What is computed is kept as shards in the folder: stopped, the same call goes on.
 *
 * @example The recommended setting, and why
 * ```ts ignore
 * import { screen } from "./mod.ts";
 *
 * const options = { voldir: "maps", bins: [0.5, 0.6, 0.7], join: [0.4, 0.5, 0.6] };
 * const { recommended, reason } = await screen({ options, outdir: "screened" }, surroundings);
 * console.log(recommended?.command, reason);
 * ```
 * @throws {UsageError} The options do not go together, or the folder holds something else.
 * @throws {InputError} Maps or thresholds cannot be used.
 * @throws {RunError} There is no finished run to screen, or somebody else works in the folder.
 * @throws {InterruptedError} The signal was aborted; what is done is kept.
 */
export async function screen(
  { options: given, outdir, force = false }: ScreenCall,
  surroundings: Surroundings,
): Promise<ScreenSummary> {
  const options = ScreenOptionsSchema.parse(given);
  checkSource(options);
  const axes = axesOf(options);
  const planned = await planThresholds(options, axes, surroundings);
  const count = planned.reduce((sum, { settings }) => sum + settings.length, 0);
  if (count > MOST_SETTINGS) {
    throw new UsageError(
      `Cannot screen ${count} settings: ${MOST_SETTINGS} are the most`,
      "Try fewer values at a time.",
    );
  }
  await checkOutFolder(outdir);
  const isOurs = await readPlan(outdir, stageName(0)) !== undefined;
  const mayReplace = force || (isOurs && await readList(outdir) === undefined);
  await makeFolder(outdir);
  using _lock = await lock(outdir, surroundings);
  await using at = await placeOf(outdir, withoutCluster(surroundings));
  const key = fingerprint([
    "screen",
    VERSION,
    options.halvings,
    axes,
    planned.map(({ run, settings }) => [run.grid, run.volumes, run.files, settings]),
  ]);
  if (!mayReplace) await checkReplaceable(outdir, key, screenNames());
  const complete = completeIn(outdir, at.executor, surroundings);
  const tried: Tried[] = [];
  const found: (readonly { id: number; voxels: Uint32Array }[])[] = [];
  const known: ScreenedThreshold[] = [];
  for await (const threshold of readThresholds(planned, at.pool, surroundings)) {
    if (known.length === 0) warnOfFew(threshold, surroundings);
    known.push(threshold);
    const stage = stageOf(threshold, known.length - 1, options.halvings);
    const replicates = stage === undefined ? [] : await complete(stage);
    for (const [s, { place, setting }] of threshold.settings.entries()) {
      const number = tried.length;
      const line = triedRow(threshold, s, replicates);
      const values = Object.fromEntries(
        axes.map(({ name, values }, a) => [name, values[place[a]!]!]),
      );
      tried.push({
        setting: number,
        threshold: threshold.label,
        values,
        ...line.row,
        command: runCommand(setting, "out"),
      });
      found.push(line.blocks);
    }
  }
  const refusals = known.flatMap(({ read }) => read instanceof InputError ? [read] : []);
  if (refusals.length === known.length) throw refusals[0]!;

  const places = known.flatMap(({ settings }, t) => settings.map(({ place }) => [t, ...place]));
  const recommendation = recommend(
    tried.map(({ information }, i) => ({ place: places[i]!, information })),
    options.bins === undefined ? [] : [OF_THRESHOLDS],
  );
  const rows = tried.map((row, i): ScreenRow => ({
    ...row,
    as_good: recommendation?.plateau.includes(i) ?? false,
    recommended: recommendation?.chosen === i,
  }));
  const first = known.find(({ read }) => !(read instanceof InputError))!.read as ReadRun;
  const chosen = recommendation === undefined ? undefined : rows[recommendation.chosen]!;
  const summary = {
    rule: first.run.sketch.rule,
    volumes: first.union.matrix.volumes,
    halvings: options.halvings,
    axes,
    thresholds: known.map(({ label }) => label),
    rows,
    ...(chosen === undefined ? {} : { recommended: chosen }),
    reason: reasonOf(rows, recommendation, options.halvings),
  };
  const blocks = recommendation === undefined ? [] : found[recommendation.chosen]!;
  const files = screenFiles(summary, blocks, at.pool);
  const paths = await writeOutFolder(outdir, key, files, mayReplace, surroundings);
  const engine = at.executor.engine();
  return {
    folder: outdir,
    ...summary,
    ...(engine === undefined ? {} : { engine }),
    files: paths,
  };
}

function withoutCluster({ cluster: _cluster, ...here }: Surroundings): Surroundings {
  return here;
}

/** One of a run, thresholds and files of thresholds says which maps are meant. */
function checkSource(
  { run, voldir, apix, bins, binfiles, filter, subsample, seed }: ScreenOptions,
) {
  if (run === undefined) {
    if (voldir === undefined || (bins === undefined) === (binfiles === undefined)) {
      throw new UsageError(
        voldir === undefined
          ? "Cannot screen: neither a run nor --voldir is given"
          : bins === undefined
          ? "Cannot screen: one of --bins and --binfile is needed"
          : "Cannot screen: --bins and --binfile exclude each other",
      );
    }
    return;
  }
  const others = { voldir, apix, bins, binfile: binfiles, filter, subsample, seed };
  const stranger = Object.entries(others).find(([, value]) => value !== undefined);
  if (stranger === undefined) return;
  throw new UsageError(
    `Cannot use --${stranger[0]} with a run: its own volumes, thresholds and sample are taken`,
    "Screen the maps instead: give --voldir and --bins, and no run.",
  );
}

/** A threshold whose maps are still to be read, unless a run has them. */
interface PlannedThreshold {
  readonly label: number | string;
  readonly run: Run;
  readonly settings: readonly GridSetting[];
  /** The union, where a run has it. */
  readonly read?: ReadRun;
}

async function planThresholds(
  options: ScreenOptions,
  axes: readonly Axis[],
  surroundings: Surroundings,
): Promise<PlannedThreshold[]> {
  const { run: folder, voldir, apix, bins, binfiles, filter, subsample, seed, rule } = options;
  const { communities, cutoff_method, trials } = options;
  const more = defined({ communities, cutoff_method, trials });
  if (folder !== undefined) {
    const { run, union } = await readFinishedRun(folder);
    await checkCutoffs(run);
    const base = baseOfRun(run, rule ?? run.sketch.rule);
    const settings = gridSettings(axes, { ...base, sketch: { ...base.sketch, ...more } });
    const label = run.sketch.bin ?? run.sketch.binfile ?? "";
    return [{ label, run, settings, read: { run, union } }];
  }
  const maps = defined({ voldir: resolve(voldir!), apix, filter, subsample, seed, ...more }); // checked
  const base = { rule: rule ?? RULE, ...maps };
  const thresholds = binfiles === undefined
    ? [...new Set(bins)].sort((a, b) => a - b).map((bin) => ({ label: bin, source: { bin } }))
    : [...new Set(binfiles)].map((file) => ({ label: file, source: { binfile: resolve(file) } }));
  const planned: PlannedThreshold[] = [];
  const told = new Set<string>();
  for (const { label, source } of thresholds) {
    const settings = gridSettings(axes, { sketch: { ...base, ...source }, expand: {} });
    // What is said of the maps is said once, not for each threshold.
    const tell: Surroundings["tell"] = (news) => {
      const text = JSON.stringify(news);
      if (!told.has(text)) surroundings.tell(news);
      told.add(text);
    };
    const run = await planRun(settings[0]!.setting.sketch, { ...surroundings, tell });
    planned.push({ label, run, settings });
  }
  return planned;
}

const defined = (options: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Reads maps once for all thresholds, or for as many at a time as memory is taken for. */
async function* readThresholds(
  planned: readonly PlannedThreshold[],
  pool: () => ThreadPool,
  surroundings: Surroundings,
): AsyncGenerator<ScreenedThreshold> {
  for (let start = 0; start < planned.length;) {
    const first = planned[start]!;
    if (first.read !== undefined) {
      yield { ...first, read: first.read };
      start++;
      continue;
    }
    const bytes = first.run.grid.box ** 3 / 8 * first.run.volumes.length;
    const end = start + Math.max(1, Math.floor(MOST_BYTES / bytes));
    const group = planned.slice(start, end);
    const unions = await readUnions(group.map(({ run }) => run), pool(), surroundings);
    for (const [i, threshold] of group.entries()) {
      const read = unions[i]!;
      if (read instanceof InputError) {
        surroundings.tell({ kind: "warning", text: `At ${threshold.label}: ${read.message}` });
      }
      yield { ...threshold, read };
    }
    start = end;
  }
}

function warnOfFew({ read }: ScreenedThreshold, { tell }: Surroundings): void {
  if (read instanceof InputError || read.union.matrix.volumes >= FEW_VOLUMES) return;
  tell({
    kind: "warning",
    text:
      `There are ${read.union.matrix.volumes} volumes: half of them may be too few to find what all ` +
      "of them have, and the recommendation is weak",
  });
}

const stageName = (threshold: number) => `screen_${threshold}`;

/** The stage of a threshold: the ensemble itself, and its halves. */
function stageOf(
  { read, settings }: ScreenedThreshold,
  index: number,
  halvings: number,
): ShardedStage<"replicates"> | undefined {
  if (read instanceof InputError) return undefined;
  const { run, union } = read;
  const list = settings.map(({ setting }) => setting);
  return replicateStage(read, {
    name: stageName(index),
    key: fingerprint([
      "screen",
      VERSION,
      unionKey(union),
      run.grid,
      run.volumes.length,
      run.files,
      list,
    ]),
    unit: "ensembles",
    count: 1 + 2 * halvings,
    seed: run.sketch.seed,
    size: union.sampled.length,
    draw: "halves",
    settings: list,
  });
}

/** What came of a setting at a threshold, and its blocks. */
function triedRow(
  { read }: ScreenedThreshold,
  setting: number,
  replicates: readonly ArrowContent[],
) {
  if (read instanceof InputError) {
    const none = { blocks: 0, sizes: [], median_size: 0, largest: 0, union: 0, coverage: 0 };
    return { blocks: [], row: { ...none, overlap: 0, agreement: 0, information: 0 } };
  }
  const { flat } = read.union;
  const [whole = [], ...halves] = replicates.map((content) =>
    blocksOfSetting(replicateOf(content), setting)
  );
  const times = new Uint32Array(flat.length);
  for (const { members } of whole) for (const row of members) times[row]!++;
  const covered = times.reduce((sum, own) => sum + (own > 0 ? 1 : 0), 0);
  const shared = times.reduce((sum, own) => sum + (own > 1 ? 1 : 0), 0);
  let agreement = 0, information = 0;
  const partings = halves.length / 2;
  for (let p = 0; p < partings; p++) {
    const [one, other] = [halves[2 * p]!, halves[2 * p + 1]!].map((blocks) =>
      blocks.map(({ members }) => members)
    );
    const found = agreementOf(one!, other!, flat.length);
    agreement += found.adjustedRand / partings;
    information += found.information / partings;
  }
  const sizes = whole.map(({ members }) => members.length);
  return {
    blocks: whole.map(({ id, members }) => ({ id, voxels: members.map((row) => flat[row]!) })),
    row: {
      blocks: whole.length,
      sizes,
      median_size: whole.length === 0 ? 0 : quantileOf(sizes, 0.5),
      largest: sizes.reduce((most, size) => Math.max(most, size), 0),
      union: flat.length,
      coverage: covered / flat.length,
      overlap: covered === 0 ? 0 : shared / covered,
      agreement,
      information,
    },
  };
}

/** Why a setting is recommended. */
function reasonOf(
  rows: readonly ScreenRow[],
  recommendation: Recommendation | undefined,
  halvings: number,
): string {
  const times = halvings === 1 ? "once" : `${halvings} times`;
  if (recommendation === undefined) {
    return `No setting finds blocks that come back: with the volumes parted in two halves (${times}), the ` +
      "blocks of one half told nothing of those of the other. Try lower thresholds, or more volumes.";
  }
  const { chosen, best, plateau } = recommendation;
  const row = rows[chosen]!;
  const bits = (value: number) => value.toFixed(2);
  const told = `With the volumes parted in two halves (${times}), the blocks of one half told ` +
    `${bits(row.information)} bits a voxel of those of the other`;
  if (rows.length === 1) return `${told}. It was the only setting.`;
  const most = chosen === best
    ? "which is the most of all settings"
    : `the most of any setting being ${bits(rows[best]!.information)}`;
  const middle = plateau.length === 1
    ? "No setting beside it tells nearly as much."
    : `It is in the midst of the ${plateau.length} settings around the best that tell at least 90 % of ` +
      `that, where the result depends least on the setting${
        new Set(plateau.map((i) => rows[i]!.threshold)).size > 2
          ? "; of their thresholds a low one, which shows more of the molecule"
          : ""
      }.`;
  return `${told}, ${most}. ${middle}`;
}
