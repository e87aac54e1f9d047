/**
 * Maps of EMDB to train with: normalised into the training's folder, their authors' levels with them.
 *
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { isThere, makeFolder, readIfThere, readInput, writeWhole } from "../core/files.ts";
import { writeMap } from "../core/mrc/write.ts";
import { type EmdbMap, matchEmdbMaps, parseEmdbTable } from "../core/threshold_cnn/emdb_table.ts";
import { normalise, normaliseLevel } from "../core/threshold_cnn/normalise.ts";
import { cropMap } from "../core/threshold_cnn/normalised_maps.ts";
import { findMaps, mapStem } from "../core/volumes/find_maps.ts";
import { list } from "../core/volumes/map_table.ts";
import { lockRun } from "./lock.ts";
import { type LabelledFile, pause, type TrainingSurroundings } from "./train_folder.ts";
import { isLabel } from "./train_labels.ts";

/** Folder in the training's folder, and what it holds beside maps. */
const FOLDER = "normalized", JOURNAL = "sources.ndjson", LABELS = "normalized_labels.csv";

const SourceSchema = z.strictObject({
  /** Name of the map as it came, and its size. */
  file: z.string(),
  bytes: z.number(),
  entry: z.string(),
  /** Edges in voxels: its own, and that of the normalised map. */
  own_box: z.number(),
  box: z.number(),
  /** The map's own statistics, as `map_stats_raw.csv` has them. */
  vol_min: z.number(),
  vol_max: z.number(),
});

/** A map that was normalised. */
type Source = z.output<typeof SourceSchema>;

/**
 * Normalises the maps of EMDB entries into `normalized` of a training's folder, and writes
 * `normalized_labels.csv` there. Levels are normalised by the statistics of the maps in their own boxes,
 * for which they were chosen. Maps that were normalised before are not read again.
 *
 * @param voldir Folder of maps named after their entries: see `matchEmdbMaps`.
 * @param table See `parseEmdbTable`.
 * @param outdir The training's folder.
 * @param box Edge of the network's box.
 * @returns The maps whose level lies within their densities.
 * @throws {InputError} The table or a map cannot be used.
 */
export async function normaliseEmdbMaps(
  voldir: string,
  table: string,
  outdir: string,
  box: number,
  surroundings: TrainingSurroundings,
): Promise<LabelledFile[]> {
  const { tell, signal } = surroundings;
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
  const known = await readJournal(folder);
  const labelled: { map: EmdbMap; path: string; source: Source; label: number }[] = [];
  for (const [done, map] of maps.entries()) {
    tell({ kind: "progress", stage: "Normalising", done, total: maps.length, unit: "maps" });
    await pause(signal);
    const path = `${folder}/${mapStem(basename(map.path))}.mrc`;
    const source = await knownSource(known, map, path, box) ??
      await normaliseOne(map, path, box, folder);
    labelled.push({ map, path, source, label: normaliseLevel(map.level, statisticsOf(source)) });
  }
  const total = maps.length;
  tell({ kind: "progress", stage: "Normalising", done: total, total, unit: "maps" });
  await writeWhole(`${folder}/${LABELS}`, formatLabels(labelled));
  warn(labelled, tell);
  return labelled.filter(({ label }) => isLabel(label)).map(({ path, label }) => ({ path, label }));
}

/** What was noted of a map, if it still is the one that was normalised. */
async function knownSource(
  known: ReadonlyMap<string, Source>,
  { path }: EmdbMap,
  normalised: string,
  box: number,
): Promise<Source | undefined> {
  const source = known.get(basename(path));
  if (source?.box !== box || source.bytes !== (await Deno.stat(path)).size) return undefined;
  return await isThere(normalised) ? source : undefined;
}

async function normaliseOne(
  { path, entry }: EmdbMap,
  normalised: string,
  box: number,
  folder: string,
): Promise<Source> {
  const { size } = await Deno.stat(path);
  const { grid, own, maps } = await cropMap(path, [box]);
  const { data, range, grid: cropped } = maps[0]!; // one box was asked for
  await writeMap(normalised, normalise(data, range), cropped, "siren train: normalised");
  const source: Source = {
    file: basename(path),
    bytes: size,
    entry,
    own_box: grid.box,
    box,
    vol_min: own.min,
    vol_max: own.max,
  };
  const line = JSON.stringify(source) + "\n";
  await Deno.writeTextFile(`${folder}/${JOURNAL}`, line, { append: true });
  return source;
}

/** The maps that were normalised before, by name; the last line may be torn, and counts for nothing. */
async function readJournal(folder: string): Promise<Map<string, Source>> {
  const path = `${folder}/${JOURNAL}`;
  const text = new TextDecoder().decode(await readIfThere(path));
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeWhole(path, whole);
  return new Map(
    whole.split("\n").filter((line) => line !== "").map((line) => {
      const source = SourceSchema.parse(JSON.parse(line));
      return [source.file, source];
    }),
  );
}

function statisticsOf({ vol_min, vol_max }: Source) {
  return { min: vol_min, max: vol_max };
}

function formatLabels(
  rows: readonly { map: EmdbMap; path: string; source: Source; label: number }[],
): string {
  const header = "map_file,emdb_id,contour_level,normalized_label,vol_min,vol_max\n";
  return header + rows.map(({ map, path, source, label }) =>
    [
      basename(path),
      `EMD-${source.entry}`,
      map.level,
      label,
      source.vol_min,
      source.vol_max,
    ].join(",") + "\n"
  ).join("");
}

/** Tells of maps that may not be the ones that the table means. */
function warn(
  rows: readonly { map: EmdbMap; source: Source; label: number }[],
  tell: TrainingSurroundings["tell"],
): void {
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
