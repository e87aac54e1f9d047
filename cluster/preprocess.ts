/**
 * Preprocessing an ensemble for the network that predicts thresholds: what `siren preprocess` does. Like a
 * run, it goes on after whatever has stopped it, and its shards, groups of maps, can be computed on a
 * cluster.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { makeFolder, readInput, removeTemporaries, writeWhole } from "../core/files.ts";
import { boxOf, readMapHeader, voxelSizeOf } from "../core/mrc/mod.ts";
import {
  beyondDensities,
  formatNormalisedLabels,
  type Label,
  parseLabels,
} from "../core/threshold_cnn/labels.ts";
import { formatStatistics } from "../core/threshold_cnn/map_statistics.ts";
import type { MapStatistics } from "../core/threshold_cnn/normalise.ts";
import { thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { compareNames, findMaps, list } from "../core/volumes/mod.ts";
import { outputName } from "./preprocess_maps.ts";
import {
  difference,
  makePreprocess,
  type Preprocess,
  preprocessFolder,
  type PreprocessOptions,
  readPreprocess,
  writePreprocess,
} from "./preprocess_file.ts";
import {
  checkFolders,
  checkOutputs,
  makeFolders,
  placesOf,
  type PreprocessPlaces,
  removeOutputs,
  tidyFolders,
} from "./preprocess_folder.ts";
import { forgetDamaged, type KnownMap, mapsOfShard, preprocessStage } from "./preprocess_stage.ts";
import type { News, Surroundings } from "./progress.ts";
import { checkNoJobs, lock, placeOf, removeIfThere } from "./run_place.ts";
import { completeShards, type ShardedStage } from "./shards.ts";

/** What preprocessing has written. */
export interface PreprocessSummary {
  readonly outdir: string;
  readonly maps: number;
  /** Edge of the downsampled maps' box in voxels, and of the normalised maps'. */
  readonly box: number;
  readonly network_box: number;
  /** Folder of the normalised maps. */
  readonly normalized: string;
  /** Folder of the maps to sketch: the downsampled ones, or `voldir` where these are of the box already. */
  readonly sketch: string;
  /** Whether downsampled maps were written. */
  readonly downsampled: boolean;
  /** Tables. */
  readonly statistics: string;
  readonly raw_statistics?: string;
  readonly normalized_labels?: string;
  /** Maps with a label. */
  readonly labels?: number;
}

/** How preprocessing is called. */
export interface PreprocessCall {
  readonly options: PreprocessOptions;
  readonly outdir: string;
  /** CSV file of labels. */
  readonly labels?: string;
  /** Whether what an earlier call wrote is thrown away. */
  readonly force?: boolean;
}

/**
 * Normalises and downsamples all maps of a folder. What an earlier call of the same options has done is
 * checked and kept.
 *
 * @throws {SirenError} The options, the maps, the labels or the folders cannot be used; the message says
 *   which.
 */
export async function preprocess(
  { options, outdir, labels: labelsPath, force = false }: PreprocessCall,
  surroundings: Surroundings,
): Promise<PreprocessSummary> {
  checkCluster(surroundings);
  const out = resolve(outdir);
  const planned = await plan(options, surroundings);
  const places = placesOf(out, planned);
  const labels = labelsPath === undefined ? undefined : await readAll(labelsPath, planned);
  const folder = preprocessFolder(out);
  const stage = preprocessStage(planned, places, thresholdNetwork.box);
  const telling = { ...surroundings, tell: countingMaps(stage, surroundings.tell) };
  await using place = await placeOf(folder, telling, force);
  await place.check();
  await makeFolder(folder, "run folder");
  using _lock = await lock(folder, surroundings);
  await removeTemporaries(folder);
  await begin(out, planned, places, force);
  if (place.executor.ownsFolder) await tidyFolders(places);
  await forgetDamaged(folder, stage, place.pool, telling);
  const shards = await completeShards(folder, stage, place.executor, telling);
  await checkOutputs(places, planned);
  await tidyFolders(places);
  const known = shards.flatMap(mapsOfShard);
  await writeTables(planned, places, known);
  const labelled = labels === undefined
    ? undefined
    : await writeLabels(planned, places, known, labels, surroundings);
  return {
    outdir,
    maps: planned.maps.length,
    box: planned.options.box,
    network_box: thresholdNetwork.box,
    normalized: places.normalised,
    sketch: places.downsampled ?? planned.options.voldir,
    downsampled: places.downsampled !== undefined,
    statistics: places.statistics,
    ...(places.downsampled === undefined ? {} : { raw_statistics: places.rawStatistics }),
    ...(labelled === undefined ? {} : { normalized_labels: places.labels, labels: labelled }),
  };
}

/** Tasks read the maps and write what they make of them where this machine does. */
function checkCluster({ cluster }: Surroundings): void {
  if (cluster === undefined) return;
  const { profile: { name, ssh, scratch } } = cluster;
  if (ssh === undefined && scratch === undefined) return;
  throw new UsageError(
    `Cannot preprocess by profile ${name}: its jobs do not see the maps, for it has ${
      ssh === undefined ? "a scratch folder" : "an ssh host"
    }`,
    "Leave --on out to compute here, or call siren on the cluster's login node with a profile that has neither.",
  );
}

/** Looks at the maps' headers, and says what is to be done. Nothing is written. */
async function plan(options: PreprocessOptions, { tell }: Surroundings): Promise<Preprocess> {
  const voldir = resolve(options.voldir);
  const downsampled = options.outdir_downsampled;
  const paths = (await findMaps(voldir)).sort((a, b) => compareNames(outputName(a), outputName(b)));
  const maps: Preprocess["maps"] = [];
  const withoutSize: string[] = [];
  for (const path of paths) {
    const header = await readMapHeader(path);
    const file = basename(path);
    if (voxelSizeOf(header) === undefined) withoutSize.push(file);
    maps.push({ file, bytes: (await Deno.stat(path)).size, box: boxOf(header, path) });
  }
  const small = maps.filter(({ box }) => box < options.box).map(({ file }) => file);
  if (small.length > 0) {
    const text =
      `Maps are smaller than ${options.box}^3, and enlarged to it, which adds no detail: ${
        list(small)
      }`;
    tell({ kind: "warning", text });
  }
  if (withoutSize.length > 0) {
    const text = `Maps do not tell their voxel size, nor will what is made of them: ${
      list(withoutSize)
    }`;
    tell({ kind: "warning", text });
  }
  return makePreprocess({
    options: {
      ...options,
      voldir,
      ...(downsampled === undefined ? {} : { outdir_downsampled: resolve(downsampled) }),
    },
    maps,
  });
}

/** Begins, or goes on with what is there. */
async function begin(
  outdir: string,
  planned: Preprocess,
  places: PreprocessPlaces,
  force: boolean,
): Promise<void> {
  const folder = preprocessFolder(outdir);
  if (force) {
    await checkNoJobs(folder);
    const before = await readPreprocess(outdir).catch((error) => {
      if (error instanceof InputError) return undefined; // which --force is for
      throw error;
    });
    if (before !== undefined) await removeOutputs(placesOf(outdir, before), before);
    for (const part of ["preprocess.json", "shards", "slurm"]) {
      await removeIfThere(`${folder}/${part}`);
    }
  }
  const before = await readPreprocess(outdir);
  const other = before && difference(before, planned);
  if (other !== undefined) {
    throw new RunError(
      `Cannot preprocess into ${outdir}: it holds what other maps or options gave (${other})`,
      "Give another --outdir, or --force to start over.",
    );
  }
  await checkFolders(places, planned, before === undefined && !force);
  await makeFolders(places);
  await writePreprocess(outdir, before ?? planned);
}

/** Shards are of no interest to a user: maps are. */
function countingMaps(
  { name, inputs }: ShardedStage<"preprocessMaps">,
  tell: (news: News) => void,
): (news: News) => void {
  const size = (inputs[0]?.end ?? 1) - (inputs[0]?.start ?? 0);
  const maps = inputs.at(-1)?.end ?? 0;
  return (news) => {
    if (news.kind !== "progress" || news.stage !== name) return tell(news);
    tell({ ...news, done: Math.min(news.done * size, maps), total: maps, unit: "maps" });
  };
}

async function writeTables(
  { maps }: Preprocess,
  { statistics, rawStatistics, downsampled }: PreprocessPlaces,
  known: readonly KnownMap[],
): Promise<void> {
  const table = (of: (map: KnownMap) => MapStatistics) =>
    formatStatistics(known.map((map) => ({
      map: outputName(maps[map.map]!.file), // shards number the maps
      statistics: of(map),
    })));
  await writeWhole(statistics, table((map) => map.statistics));
  if (downsampled !== undefined) await writeWhole(rawStatistics, table((map) => map.raw));
}

/** Labels as they were read. */
interface Labels {
  readonly path: string;
  readonly text: string;
  readonly labels: readonly (Label | undefined)[];
}

async function readAll(path: string, { maps }: Preprocess): Promise<Labels> {
  const text = new TextDecoder().decode(await readInput(path));
  const names = maps.map(({ file }) => file);
  return { path, text, labels: parseLabels(text, path, names, "contour_level") };
}

/** Writes the normalised labels, and says how many there are. */
async function writeLabels(
  { maps }: Preprocess,
  places: PreprocessPlaces,
  known: readonly KnownMap[],
  { path, text, labels }: Labels,
  { tell }: Surroundings,
): Promise<number> {
  const names = maps.map(({ file }) => outputName(file));
  const statistics = known.map((map) => map.statistics);
  const beyond = beyondDensities(path, labels, names, statistics, "the downsampled maps");
  if (beyond !== undefined) tell({ kind: "warning", text: beyond });
  const table = formatNormalisedLabels(text, path, labels, names, statistics);
  await writeWhole(places.labels, table);
  return labels.filter((label) => label !== undefined).length;
}
