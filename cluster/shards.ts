/**
 * Shards: the pieces of work of a stage, one Arrow file each. A shard that is there, whole and of this
 * run is done; anything else is computed.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { type ArrowContent, decodeArrow, encodeArrow } from "./arrow_file.ts";
import { readIfThere, removeTemporaries, writeWhole } from "../core/files.ts";
import { writePlan } from "./plan_file.ts";
import type { Surroundings } from "./progress.ts";
import type { JobInput, JobName, JobOutput, ThreadPool } from "./threads/pool.ts";

/** A stage that is computed in shards. */
export interface ShardedStage<J extends JobName> {
  /** Name of the stage and of its folder under `shards/`. */
  readonly name: string;
  /** What its shards depend on, as a fingerprint: a shard of another key is not believed. */
  readonly key: string;
  /** The job that computes a shard. */
  readonly job: J;
  /** Shares with the threads what the job works on. */
  prepare(threads: ThreadPool): void;
  /** Input of the job for each shard. */
  readonly inputs: readonly JobInput<J>[];
  /** The output as a table. */
  columns(output: JobOutput<J>): ArrowContent["columns"];
}

/** File of a shard. */
export function shardPath(folder: string, stage: string, index: number): string {
  return `${folder}/shards/${stage}/${String(index).padStart(6, "0")}.arrow`;
}

/** Reads a shard: undefined where it is missing, "damaged" where it is not whole or of another run. */
export async function readShard(
  folder: string,
  stage: { readonly name: string; readonly key: string },
  index: number,
): Promise<ArrowContent | "damaged" | undefined> {
  const path = shardPath(folder, stage.name, index);
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    const content = decodeArrow(bytes, path);
    const { metadata } = content;
    const ours = metadata["siren.key"] === stage.key && metadata["siren.shard"] === String(index);
    return ours ? content : "damaged";
  } catch (error) {
    if (error instanceof InputError) return "damaged";
    throw error;
  }
}

/**
 * Brings a stage to its end: computes every shard that is not there and whole, and hands over all of
 * them, in order of their index.
 *
 * @param pool Asked for only when something is left to compute.
 */
export async function completeShards<J extends JobName>(
  folder: string,
  stage: ShardedStage<J>,
  pool: () => ThreadPool,
  surroundings: Surroundings,
): Promise<ArrowContent[]> {
  const total = stage.inputs.length;
  const own = `${folder}/shards/${stage.name}`;
  await Deno.mkdir(own, { recursive: true });
  await removeTemporaries(own);
  await writePlan(folder, { name: stage.name, key: stage.key, shards: total });
  const shards = new Array<ArrowContent | undefined>(total);
  const missing: number[] = [];
  let damaged = 0;
  for (let index = 0; index < total; index++) {
    const shard = await readShard(folder, stage, index);
    if (shard === "damaged") damaged++;
    if (shard === undefined || shard === "damaged") missing.push(index);
    else shards[index] = shard;
  }
  if (damaged > 0) {
    surroundings.tell({
      kind: "warning",
      text: `${damaged} ${stage.name} shard${damaged === 1 ? " is" : "s are"} damaged or ` +
        `of another run: computing ${damaged === 1 ? "it" : "them"} again`,
    });
  }
  let done = total - missing.length;
  const report = () =>
    surroundings.tell({ kind: "progress", stage: stage.name, done, total, unit: "shards" });
  report();
  if (missing.length > 0) {
    const threads = pool();
    stage.prepare(threads);
    await threads.map(
      stage.job,
      missing.map((index) => stage.inputs[index]!),
      async (output, i) => {
        const index = missing[i]!;
        const content = {
          columns: stage.columns(output),
          metadata: {
            "siren.stage": stage.name,
            "siren.shard": String(index),
            "siren.key": stage.key,
          },
        };
        await writeWhole(shardPath(folder, stage.name, index), encodeArrow(content));
        shards[index] = content;
        done++;
        report();
      },
    );
  }
  return shards.map((shard) => shard!); // every index was read or computed
}
