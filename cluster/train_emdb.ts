/**
 * Maps of EMDB to train with: normalised into the training's folder, their authors' levels with them.
 *
 * @module
 */
import { basename } from "node:path";
import { RunError, UsageError } from "../core/errors.ts";
import { isThere, makeFolder, readInput, removeTemporaries, writeWhole } from "../core/files.ts";
import { encodeMap } from "../core/mrc/write.ts";
import { type EmdbMap, matchEmdbMaps, parseEmdbTable } from "../core/threshold_cnn/emdb_table.ts";
import { normalise, normaliseLevel } from "../core/threshold_cnn/normalise.ts";
import { findMaps } from "../core/volumes/find_maps.ts";
import { list } from "../core/volumes/map_table.ts";
import { cropHashed } from "./crop_hashed.ts";
import { sha256 } from "./hashes.ts";
import { lockRun } from "./lock.ts";
import {
  type LabelledFile,
  pause,
  type TrainingPlan,
  type TrainingSurroundings,
} from "./train_description.ts";
import {
  normalisedName,
  noteSource,
  readSources,
  type Source,
  stillKnown,
} from "./train_emdb_sources.ts";
import { mapsDifference, type Training } from "./train_files.ts";
import { checkFolder, otherTraining } from "./train_folder.ts";
import { isLabel } from "./train_labels.ts";

/** Folder in the training's folder, and the table there. */
const FOLDER = "normalized", LABELS = "normalized_labels.csv";

/** A map, normalised. */
interface Labelled {
  readonly map: EmdbMap;
  /** Name of the normalised map. */
  readonly file: string;
  readonly source: Source;
  readonly label: number;
}

/**
 * Normalises the maps of EMDB entries into `normalized` of a training's folder, and writes
 * `normalized_labels.csv` there. Levels are normalised by the statistics of the maps in their own boxes,
 * for which they were chosen. Maps that were normalised before are not normalised again, if neither they
 * nor what was made of them has changed.
 *
 * @param from Folder of maps named after their entries, see `matchEmdbMaps`; and a table, see
 *   `parseEmdbTable`.
 * @param plan What to train; what is in its folder and of another training is left as it is.
 * @returns The maps whose level lies within their densities.
 * @throws {InputError} The table or a map cannot be used.
 * @throws {RunError} The folder holds another training, or maps that are not from here.
 * @throws {UsageError} A file that was given would be replaced.
 */
export async function normaliseEmdbMaps(
  { voldir, table }: { readonly voldir: string; readonly table: string },
  plan: TrainingPlan,
  surroundings: TrainingSurroundings,
): Promise<LabelledFile[]> {
  const { tell, signal } = surroundings;
  const { outdir, force, network: { box } } = plan;
  const entries = parseEmdbTable(new TextDecoder().decode(await readInput(table)), table);
  const maps = matchEmdbMaps(entries, await findMaps(voldir), table);
  const without = entries.length - maps.length;
  if (without > 0) {
    tell({
      kind: "note",
      text: `${without} of ${entries.length} entries have no map in ${voldir}.`,
    });
  }
  const folder = `${outdir}/${FOLDER}`;
  await makeFolder(folder);
  using _lock = await lockRun(outdir, { ...surroundings, pid: Deno.pid });
  await checkSources(voldir, table, folder);
  const there = await checkFolder(plan);
  const kept = force ? undefined : there;
  await removeTemporaries(folder);
  const known = await readSources(folder, force);
  const names = maps.map(({ path }) => normalisedName(path));
  if (!force) await checkFree(folder, names, known);
  if (kept !== undefined) checkNames(outdir, names, known, kept);
  const labelled: Labelled[] = [];
  for (const [done, map] of maps.entries()) {
    tell({ kind: "progress", stage: "Normalising", done, total: maps.length, unit: "maps" });
    await pause(signal);
    const file = normalisedName(map.path);
    const source = await stillKnown(known.get(file), map.path, folder, box) ??
      await normaliseOne(map.path, folder, plan, kept);
    const { vol_min: min, vol_max: max } = source;
    labelled.push({ map, file, source, label: normaliseLevel(map.level, { min, max }) });
  }
  const total = maps.length;
  tell({ kind: "progress", stage: "Normalising", done: total, total, unit: "maps" });
  const usable = labelled.filter(({ label }) => isLabel(label));
  if (kept !== undefined) checkMaps(outdir, usable, kept);
  await writeWhole(`${folder}/${LABELS}`, formatLabels(labelled));
  warn(labelled, tell);
  return usable.map(({ file, label }) => ({ path: `${folder}/${file}`, label }));
}

/** Refuses maps and a table that lie where others are to be written. */
async function checkSources(voldir: string, table: string, folder: string): Promise<void> {
  const labels = `${folder}/${LABELS}`;
  const isTable = await isThere(labels) &&
    await Deno.realPath(labels) === await Deno.realPath(table);
  if (!isTable && await Deno.realPath(voldir) !== await Deno.realPath(folder)) return;
  throw new UsageError(
    `Cannot normalise maps into ${folder}: ${
      isTable ? `the table of their levels is there (${table})` : "they are there themselves"
    }`,
    "Give another --outdir.",
  );
}

/** Refuses to replace maps and labels that were not written here. */
async function checkFree(
  folder: string,
  names: readonly string[],
  known: ReadonlyMap<string, Source>,
): Promise<void> {
  const strange = names.filter((name) => !known.has(name));
  for (const name of known.size === 0 ? [LABELS, ...strange] : strange) {
    if (!await isThere(`${folder}/${name}`)) continue;
    throw new RunError(
      `Cannot write to ${folder}: it holds ${name}, which no training wrote`,
      "Give another --outdir, or --force to replace it.",
    );
  }
}

/** Refuses, before anything is normalised, maps that the training there has not, or has beside them. */
function checkNames(
  outdir: string,
  names: readonly string[],
  known: ReadonlyMap<string, Source>,
  { maps }: Training,
): void {
  const has = new Set(maps.map(({ file }) => file));
  const gone = maps.find(({ file }) => !names.includes(file));
  if (gone !== undefined) throw otherTraining(outdir, `it has ${gone.file} too`);
  // Maps that were normalised but are not among its own had a level outside their densities.
  const added = names.find((name) => !has.has(name) && !known.has(name));
  if (added !== undefined) throw otherTraining(outdir, `it does not have ${added}`);
}

/** Refuses to write labels that are not those of the training there. */
function checkMaps(outdir: string, usable: readonly Labelled[], kept: Training): void {
  const maps = usable.map(({ file, source, label }, i) => ({
    file,
    sha256: source.normalised,
    label,
    part: kept.maps[i]?.part ?? "training", // drawn later, for as many maps
  }));
  const differs = mapsDifference(kept, { maps });
  if (differs !== undefined) throw otherTraining(outdir, differs);
}

async function normaliseOne(
  path: string,
  folder: string,
  { command, outdir, network: { box } }: TrainingPlan,
  kept: Training | undefined,
): Promise<Source> {
  const { grid, own, maps, source: { sha256: hash, bytes, written } } = await cropHashed(path, [
    box,
  ]);
  const { data, range, grid: cropped } = maps[0]!; // one box was asked for
  const file = normalisedName(path);
  const content = encodeMap(normalise(data, range), cropped, `siren ${command}: normalised`);
  const normalised = sha256(content);
  const before = kept?.maps.find((map) => map.file === file);
  if (before !== undefined && before.sha256 !== normalised) {
    throw otherTraining(outdir, `with another ${basename(path)}`);
  }
  const source: Source = {
    file: basename(path),
    bytes,
    written,
    sha256: hash,
    normalised,
    own_box: grid.box,
    box,
    vol_min: own.min,
    vol_max: own.max,
  };
  await noteSource(folder, source);
  await writeWhole(`${folder}/${file}`, content);
  return source;
}

function formatLabels(rows: readonly Labelled[]): string {
  const header = "map_file,emdb_id,contour_level,normalized_label,vol_min,vol_max\n";
  return header +
    rows.map(({ map, file, source, label }) =>
      [file, `EMD-${map.entry}`, map.level, label, source.vol_min, source.vol_max].join(",") + "\n"
    ).join("");
}

/** Tells of maps that may not be the ones that the table means. */
function warn(rows: readonly Labelled[], tell: TrainingSurroundings["tell"]): void {
  const named = (which: typeof rows) => list(which.map(({ map }) => `EMD-${map.entry}`));
  const beyond = rows.filter(({ label }) => !isLabel(label));
  if (beyond.length > 0) {
    tell({
      kind: "warning",
      text: `Left out, for their levels are outside their densities: ${named(beyond)}`,
    });
  }
  const other = rows.filter(({ map, source }) =>
    map.box !== undefined && map.box !== source.own_box
  );
  if (other.length > 0) {
    tell({
      kind: "warning",
      text: `Maps of another box than the table says, whose levels may differ: ${named(other)}`,
    });
  }
}
