/**
 * The folders that `siren preprocess` writes to: nothing of anyone else's is mixed with its maps, or
 * replaced.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { RunError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder, removeTemporaries } from "../core/files.ts";
import { refusal } from "../core/refusal.ts";
import { isMapName } from "../core/volumes/mod.ts";
import type { Preprocess } from "./preprocess_file.ts";
import { outputName } from "./preprocess_maps.ts";
import { removeIfThere } from "./run_place.ts";

/** Where everything goes. */
export interface PreprocessPlaces {
  /** Folder of the normalised maps. */
  readonly normalised: string;
  /** Folder of the downsampled maps; absent where all maps are of that box already. */
  readonly downsampled: string | undefined;
  readonly statistics: string;
  readonly rawStatistics: string;
  readonly labels: string;
}

/**
 * Says where everything goes.
 *
 * @param outdir Absolute.
 * @throws {UsageError} Two kinds of maps would go to one folder.
 */
export function placesOf(outdir: string, { options, maps }: Preprocess): PreprocessPlaces {
  const normalised = `${outdir}/normalized`;
  const { voldir, box } = options;
  const isCropped = maps.some((map) => map.box !== box);
  const downsampled = isCropped
    ? options.outdir_downsampled ?? `${normalised}/downsampled`
    : undefined;
  const same = [
    [voldir, normalised, "the maps", "the normalised maps"],
    [voldir, downsampled, "the maps", "the downsampled maps"],
    [normalised, downsampled, "the normalised maps", "the downsampled maps"],
  ].find(([a, b]) => a === b);
  if (same !== undefined) {
    throw new UsageError(
      `Cannot preprocess: ${same[2]} and ${same[3]} would be in one folder (${same[0]})`,
      "Give another folder.",
    );
  }
  return {
    normalised,
    downsampled,
    statistics: `${normalised}/map_stats_downsampled.csv`,
    rawStatistics: `${normalised}/map_stats_raw.csv`,
    labels: `${normalised}/normalized_labels.csv`,
  };
}

const foldersOf = ({ normalised, downsampled }: PreprocessPlaces) =>
  downsampled === undefined ? [normalised] : [normalised, downsampled];

/**
 * Sees to it that the folders hold no maps but those that are to be written.
 *
 * @param isNew Whether none of them may be there either.
 * @throws {RunError} Naming a map that is in the way.
 */
export async function checkFolders(
  places: PreprocessPlaces,
  { maps }: Preprocess,
  isNew: boolean,
): Promise<void> {
  const ours = new Set(isNew ? [] : maps.map(({ file }) => outputName(file)));
  for (const folder of foldersOf(places)) {
    const stranger = (await mapsIn(folder)).find((name) => !ours.has(name));
    if (stranger === undefined) continue;
    const isOurs = maps.some(({ file }) => outputName(file) === stranger);
    throw new RunError(
      `Cannot write to ${folder}: it holds a map that this did not write (${stranger})`,
      `Give another ${folder === places.normalised ? "--outdir" : "--outdir_downsampled"}, ${
        isOurs ? "or --force to replace it" : "or take the map out of the folder"
      }.`,
    );
  }
}

async function mapsIn(folder: string): Promise<string[]> {
  if (!await isThere(folder)) return [];
  try {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return names.filter(isMapName).sort();
  } catch (cause) {
    const reason = refusal(cause);
    if (reason === undefined) throw cause;
    throw new RunError(`Cannot write to ${folder}: ${reason}`, "Give another folder.", { cause });
  }
}

/** Removes what an earlier preprocessing wrote to its folders, and nothing else. */
export async function removeOutputs(places: PreprocessPlaces, { maps }: Preprocess): Promise<void> {
  for (const table of [places.statistics, places.rawStatistics, places.labels]) {
    await removeIfThere(table);
  }
  for (const folder of foldersOf(places)) {
    const there = new Set(await mapsIn(folder));
    for (const { file } of maps) {
      const name = outputName(file);
      if (there.has(name)) await Deno.remove(`${folder}/${name}`);
    }
  }
}

/** Makes the folders. */
export async function makeFolders(places: PreprocessPlaces): Promise<void> {
  for (const folder of foldersOf(places)) await makeFolder(folder);
}

/** Removes what writers that were killed have left. */
export async function tidyFolders(places: PreprocessPlaces): Promise<void> {
  for (const folder of foldersOf(places)) await removeTemporaries(folder);
}

/**
 * Sees to it that the maps are there, as whole as tasks on other machines said.
 *
 * @throws {RunError} Naming one that is not.
 */
export async function checkOutputs(places: PreprocessPlaces, { maps }: Preprocess): Promise<void> {
  for (const folder of foldersOf(places)) {
    const there = new Set(await mapsIn(folder));
    const missing = maps.map(({ file }) => outputName(file)).find((name) => !there.has(name));
    if (missing === undefined) continue;
    throw new RunError(
      `Cannot finish ${dirname(folder)}: ${basename(folder)}/${missing} is not there`,
      "Do all machines see this folder? Give the same command again.",
    );
  }
}
