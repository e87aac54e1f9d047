/**
 * Shards as they appear on the site, brought into the run folder and checked.
 *
 * @module
 */
import { writeWhole } from "../../core/files.ts";
import type { ArrowContent } from "../arrow_file.ts";
import {
  decodeShard,
  readShard,
  shardName,
  shardPath,
  shardsFolder,
  type StageKey,
} from "../shards.ts";
import type { Site } from "./site.ts";

/** A damaged shard is read again after so many looks. */
const DAMAGED_PAUSE = 3;

/** Brings shards home. */
export interface Gatherer {
  /** Shards that are not in the run folder yet, whole. */
  readonly missing: ReadonlySet<number>;
  /**
   * Looks for shards: reads the site's folder anew, takes what is there and whole.
   *
   * @returns How many were found.
   */
  look(): Promise<number>;
}

/**
 * Makes a gatherer.
 *
 * @param done Called for each shard when it is in the run folder, whole.
 */
export function makeGatherer(
  folder: string,
  stage: StageKey,
  { transport, file }: Pick<Site, "transport" | "file">,
  shards: readonly number[],
  done: (index: number, content: ArrowContent) => void,
): Gatherer {
  const missing = new Set(shards);
  const readAgain = new Map<number, number>();
  let looks = 0;
  const there = shardsFolder(file.folder, stage.name);
  const fetch = async (index: number) => {
    if (file.shared) {
      const shard = await readShard(folder, stage, index);
      return shard === "damaged" ? undefined : shard;
    }
    const bytes = await transport.read(`${there}/${shardName(index)}`);
    const content = bytes && decodeShard(bytes, stage, index);
    if (bytes === undefined || content === undefined) return undefined;
    await writeWhole(shardPath(folder, stage.name, index), bytes);
    return content;
  };
  return {
    missing,
    async look() {
      const names = new Set((await transport.list(there) ?? []).map(({ name }) => name));
      let found = 0;
      looks++;
      for (const index of [...missing]) {
        if (!names.has(shardName(index)) || looks < (readAgain.get(index) ?? 0)) continue;
        const content = await fetch(index);
        if (content === undefined) {
          readAgain.set(index, looks + DAMAGED_PAUSE); // its task, or another, writes it again
          continue;
        }
        missing.delete(index);
        found++;
        done(index, content);
      }
      return found;
    },
  };
}

/** Removes damaged or foreign shards, so that whatever is there later is new. */
export async function removeShards(
  folder: string,
  stage: StageKey,
  { transport, file }: Pick<Site, "transport" | "file">,
  shards: readonly number[],
): Promise<void> {
  const places = file.shared ? [folder] : [folder, file.folder];
  for (const [i, place] of places.entries()) {
    const own = shardsFolder(place, stage.name);
    const names = i === 0
      ? new Set(Array.from(Deno.readDirSync(own), ({ name }) => name))
      : new Set((await transport.list(own) ?? []).map(({ name }) => name));
    for (const index of shards) {
      if (!names.has(shardName(index))) continue;
      if (i === 0) await Deno.remove(`${own}/${shardName(index)}`);
      else await transport.remove(`${own}/${shardName(index)}`);
    }
  }
}
