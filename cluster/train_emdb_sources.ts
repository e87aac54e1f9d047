/**
 * What was normalised before, of which maps: a line for each, written before the normalised map, so that
 * every normalised map is known.
 *
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { readIfThere, writeWhole } from "../core/files.ts";
import { mapStem } from "../core/volumes/find_maps.ts";
import { fileState } from "./crop_hashed.ts";
import { hashFile, sha256 } from "./hashes.ts";
import { parseJson } from "./json_file.ts";

const JOURNAL = "sources.ndjson";

const SourceSchema = z.strictObject({
  /** Name of the map as it came. */
  file: z.string(),
  /** Its size, when it was last written to in milliseconds since 1970, and what it held. */
  bytes: z.number(),
  written: z.number(),
  sha256: z.string(),
  /** SHA-256 of the normalised map. */
  normalised: z.string(),
  /** Edges in voxels: its own, and that of the normalised map. */
  own_box: z.number(),
  box: z.number(),
  /** The map's own statistics, as `map_stats_raw.csv` has them. */
  vol_min: z.number(),
  vol_max: z.number(),
});

/** A map that was normalised. */
export type Source = z.output<typeof SourceSchema>;

/** Name of the normalised map. */
export function normalisedName(map: string): string {
  return `${mapStem(basename(map))}.mrc`;
}

/**
 * The maps that were normalised before, by the names of the normalised ones. The last line may be torn, and
 * counts for nothing.
 *
 * @param folder Folder of the normalised maps.
 * @param force Whether a damaged journal is thrown away.
 * @throws {InputError} The journal is damaged.
 */
export async function readSources(folder: string, force: boolean): Promise<Map<string, Source>> {
  const path = `${folder}/${JOURNAL}`;
  const text = new TextDecoder().decode(await readIfThere(path));
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeWhole(path, whole);
  try {
    return new Map(
      whole.split("\n").slice(0, -1).map((line, i) => {
        const what = `read ${path}, line ${i + 1}`;
        const source = parseJson(line, SourceSchema, what, "Start over with --force.");
        return [normalisedName(source.file), source];
      }),
    );
  } catch (error) {
    if (!(force && error instanceof InputError)) throw error;
    await Deno.remove(path);
    return new Map();
  }
}

/** Notes a map that is about to be written. */
export async function noteSource(folder: string, source: Source): Promise<void> {
  const line = JSON.stringify(SourceSchema.parse(source)) + "\n";
  await Deno.writeTextFile(`${folder}/${JOURNAL}`, line, { append: true });
}

/**
 * What was noted of a map, if it still is the one that was normalised, and the normalised one is what was
 * written. Its content is looked at where its size is the same but not the time.
 *
 * @param path The map as it came.
 * @param folder Folder of the normalised map.
 * @param box Edge of the normalised map in voxels.
 */
export async function stillKnown(
  source: Source | undefined,
  path: string,
  folder: string,
  box: number,
): Promise<Source | undefined> {
  if (source?.box !== box || source.file !== basename(path)) return undefined;
  const normalised = await readIfThere(`${folder}/${normalisedName(path)}`);
  if (normalised === undefined || sha256(normalised) !== source.normalised) return undefined;
  const { bytes, written } = await fileState(path);
  if (bytes !== source.bytes) return undefined;
  if (written === source.written) return source;
  if (await hashFile(path) !== source.sha256) return undefined;
  const now = { ...source, written };
  await noteSource(folder, now);
  return now;
}
