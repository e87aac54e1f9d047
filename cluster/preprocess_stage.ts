/**
 * The stage of `siren preprocess`: which maps make a shard, and which shards can be believed.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import type { MapStatistics } from "../core/threshold_cnn/normalise.ts";
import { type ArrowContent, expectColumns } from "./arrow_file.ts";
import { fingerprint } from "./hashes.ts";
import { HASH_BYTES, outputName } from "./preprocess_maps.ts";
import type { Preprocess } from "./preprocess_file.ts";
import type { PreprocessPlaces } from "./preprocess_folder.ts";
import type { Surroundings } from "./progress.ts";
import { readShard, type ShardedStage, shardPath } from "./shards.ts";
import type { ThreadPool } from "./threads/pool.ts";
import type { PreprocessWork } from "./work.ts";

/** Most shards: more would be tens of thousands of small files. */
const MOST_SHARDS = 1024;

/** Makes the stage. */
export function preprocessStage(
  { options, maps }: Preprocess,
  { normalised, downsampled }: PreprocessPlaces,
  networkBox: number,
): ShardedStage<"preprocessMaps"> {
  const work: PreprocessWork = {
    voldir: options.voldir,
    normalised,
    ...(downsampled === undefined ? {} : { downsampled }),
    networkBox,
    box: options.box,
    maps: maps.map(({ file, bytes }) => ({ file, bytes })),
  };
  const size = Math.max(1, Math.ceil(maps.length / MOST_SHARDS));
  const inputs = Array.from({ length: Math.ceil(maps.length / size) }, (_, i) => ({
    start: i * size,
    end: Math.min((i + 1) * size, maps.length),
  }));
  return {
    name: "preprocess",
    key: fingerprint(work),
    job: "preprocessMaps",
    work: () => work,
    inputs,
    pairs: inputs.map(({ start, end }) =>
      maps.slice(start, end).reduce((sum, { box }) => sum + box ** 3, 0)
    ),
  };
}

const KINDS = {
  map: "uint32",
  vol_min: "float64",
  vol_max: "float64",
  raw_min: "float64",
  raw_max: "float64",
  written: "float64",
  source: "binary",
  normalised: "binary",
  downsampled: "binary",
} as const;

/** What is known of a map that was preprocessed. */
export interface KnownMap {
  /** Number of the map. */
  readonly map: number;
  /** Of the downsampled map. */
  readonly statistics: MapStatistics;
  /** Of the map as it came. */
  readonly raw: MapStatistics;
  /** When its file was last written to, in milliseconds since 1970. */
  readonly written: number;
  /** SHA-256, in hex, of its file and of those made of it. */
  readonly source: string;
  readonly normalised: string;
  readonly downsampled: string;
}

/**
 * The maps of a shard.
 *
 * @throws {InputError} It lacks a column.
 */
export function mapsOfShard(content: ArrowContent): KnownMap[] {
  const columns = expectColumns(content, KINDS, "a preprocess shard");
  return Array.from(columns.map, (map, i) => {
    const hex = ({ bytes }: { readonly bytes: Uint8Array }) =>
      bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES).toHex();
    return {
      map,
      statistics: { min: columns.vol_min[i]!, max: columns.vol_max[i]! },
      raw: { min: columns.raw_min[i]!, max: columns.raw_max[i]! },
      written: columns.written[i]!,
      source: hex(columns.source),
      normalised: hex(columns.normalised),
      downsampled: hex(columns.downsampled),
    };
  });
}

/** A file that has to be what it was. */
interface Hashed {
  readonly path: string;
  readonly sha256: string;
  readonly shard: number;
  readonly isSource: boolean;
}

/**
 * Looks at what earlier calls have done: the files made must be what their shards say, else the shard is
 * removed, to be computed again; the maps must be what they were.
 *
 * @param folder Folder of the shards' folder.
 * @param pool Asked only where there is something to look at.
 * @throws {InputError} A map has changed since.
 */
export async function forgetDamaged(
  folder: string,
  stage: ShardedStage<"preprocessMaps">,
  pool: () => ThreadPool,
  { tell }: Pick<Surroundings, "tell">,
): Promise<void> {
  const work = stage.work();
  const files: Hashed[] = [];
  const damaged = new Set<number>();
  for (const shard of stage.inputs.keys()) {
    const content = await readShard(folder, stage, shard);
    if (content === undefined || content === "damaged") continue;
    for (const known of mapsOfShard(content)) {
      const { file } = work.maps[known.map]!; // as the stage's key says
      const path = `${work.voldir}/${file}`;
      const { mtime } = await Deno.stat(path);
      if (mtime?.getTime() !== known.written) {
        files.push({ path, sha256: known.source, shard, isSource: true });
      }
      const made = [[work.normalised, known.normalised]];
      if (work.downsampled !== undefined) made.push([work.downsampled, known.downsampled]);
      for (const [place, sha256] of made) {
        const path = `${place}/${outputName(file)}`;
        if (await isThere(path)) files.push({ path, sha256: sha256!, shard, isSource: false });
        else damaged.add(shard);
      }
    }
  }
  if (files.length > 0) {
    let done = 0;
    const total = files.length;
    await pool().map("hashFile", files.map(({ path }) => ({ path })), ({ sha256 }, i) => {
      const file = files[i]!;
      tell({ kind: "progress", stage: "check", done: ++done, total, unit: "files" });
      if (sha256 === file.sha256) return;
      if (file.isSource) throw changed(file.path);
      damaged.add(file.shard);
    });
  }
  if (damaged.size === 0) return;
  const one = damaged.size === 1;
  const text = `Files made of ${
    one ? "a map are" : `${damaged.size} groups of maps are`
  } missing or not what was written: making them again`;
  tell({ kind: "warning", text });
  for (const shard of damaged) await Deno.remove(shardPath(folder, stage.name, shard));
}

function changed(path: string): InputError {
  return new InputError(
    `Cannot go on: ${path} has changed since it was preprocessed (its content is another)`,
    "Put the map back as it was, or give --force to preprocess all maps anew.",
  );
}
