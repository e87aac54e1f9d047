/**
 * Shards: the pieces of work of a stage, one Arrow file each. A shard that is there, whole and of this
 * run is done; anything else is computed.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { type ArrowContent, decodeArrow, encodeArrow } from "./arrow_file.ts";
import { readIfThere, removeTemporaries, writeWhole } from "../core/files.ts";
import type { Executor } from "./executor.ts";
import { writePlan } from "./plan_file.ts";
import type { Surroundings } from "./progress.ts";
import type { JobInput, JobOutput } from "./threads/pool.ts";
import type { ShardJob, Work } from "./work.ts";

/** A stage that is computed in shards. */
export interface ShardedStage<J extends ShardJob = ShardJob> {
  /** Name of the stage and of its folder under `shards/`. */
  readonly name: string;
  /** What its shards depend on, as a fingerprint: a shard of another key is not believed. */
  readonly key: string;
  /** The job that computes a shard. */
  readonly job: J;
  /** What the job works on; made only when something is left to compute. */
  work(): Work<J>;
  /** Input of the job for each shard. */
  readonly inputs: readonly JobInput<J>[];
  /** Pairs that each shard compares, or voxels that it reads, for what is said about time. */
  readonly pairs: readonly number[];
  /** What a shard holds one of, for what is said about progress; "shards" if not given. */
  readonly unit?: string;
}

/** Brings a stage to its end: gives the content of all its shards, in order of their index. */
export type CompleteStage = <J extends ShardJob>(
  stage: ShardedStage<J>,
) => Promise<ArrowContent[]>;

/** Brings stages to their end by {@linkcode completeShards} in one folder. */
export function completeIn(
  folder: string,
  executor: Executor,
  surroundings: Surroundings,
): CompleteStage {
  return (stage) => completeShards(folder, stage, executor, surroundings);
}

/** What says which stage a shard belongs to. */
export type StageKey = Pick<ShardedStage, "name" | "key">;

/** Folder of a stage's shards. */
export function shardsFolder(folder: string, stage: string): string {
  return `${folder}/shards/${stage}`;
}

/** Name of a shard's file. */
export function shardName(index: number): string {
  return `${String(index).padStart(6, "0")}.arrow`;
}

/** File of a shard. */
export function shardPath(folder: string, stage: string, index: number): string {
  return `${shardsFolder(folder, stage)}/${shardName(index)}`;
}

/** Makes the file of a shard from what its job gave. */
export function encodeShard(
  { name, key }: StageKey,
  index: number,
  output: JobOutput<ShardJob>,
): { content: ArrowContent; bytes: Uint8Array<ArrayBuffer> } {
  const columns = { ...output };
  const metadata = {
    "siren.stage": name,
    "siren.shard": String(index),
    "siren.key": key,
    "siren.rows": String(rowsOf(columns)),
  };
  const content = { columns, metadata };
  return { content, bytes: encodeArrow(content) };
}

/** Reads the bytes of a shard: undefined where they are not whole, or of another shard, stage or run. */
export function decodeShard(
  bytes: Uint8Array<ArrayBuffer>,
  { name, key }: StageKey,
  index: number,
): ArrowContent | undefined {
  try {
    const content = decodeArrow(bytes, shardName(index));
    const { metadata, columns } = content;
    const ours = metadata["siren.stage"] === name && metadata["siren.key"] === key &&
      metadata["siren.shard"] === String(index) &&
      metadata["siren.rows"] === String(rowsOf(columns));
    return ours ? content : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function rowsOf(columns: ArrowContent["columns"]): number {
  const lengths = Object.values(columns).map((column) =>
    "width" in column ? column.bytes.length / column.width : column.length
  );
  const [first = 0] = lengths;
  return lengths.every((length) => length === first) ? first : NaN;
}

/** Reads a shard: undefined where it is missing, "damaged" where it is not whole or of another run. */
export async function readShard(
  folder: string,
  stage: StageKey,
  index: number,
): Promise<ArrowContent | "damaged" | undefined> {
  const bytes = await readIfThere(shardPath(folder, stage.name, index));
  if (bytes === undefined) return undefined;
  return decodeShard(bytes, stage, index) ?? "damaged";
}

/**
 * Brings a stage to its end: has every shard computed that is not there and whole, and hands over all of
 * them, in order of their index.
 *
 * @param executor Asked only when something is left to compute.
 */
export async function completeShards<J extends ShardJob>(
  folder: string,
  stage: ShardedStage<J>,
  executor: Executor,
  surroundings: Surroundings,
): Promise<ArrowContent[]> {
  const total = stage.inputs.length;
  const { unit = "shards" } = stage;
  const own = shardsFolder(folder, stage.name);
  await Deno.mkdir(own, { recursive: true });
  if (executor.ownsFolder) await removeTemporaries(own);
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
    surroundings.tell({ kind: "progress", stage: stage.name, done, total, unit });
  report();
  if (missing.length > 0) {
    await executor.compute(folder, stage, missing, (index, content) => {
      if (shards[index] === undefined) done++;
      shards[index] = content;
      report();
    });
  }
  await executor.end(folder, stage);
  return shards.map((shard, index) => {
    if (shard === undefined) throw new Error(`Shard ${index} of ${stage.name} was not handed over`);
    return shard;
  });
}

/**
 * Writes a shard into a run folder, whole.
 *
 * @param attempt Whose attempt it is; this process's, if not given.
 */
export async function writeShard(
  folder: string,
  stage: StageKey,
  index: number,
  output: JobOutput<ShardJob>,
  attempt?: string,
): Promise<ArrowContent> {
  const { content, bytes } = encodeShard(stage, index, output);
  await writeWhole(shardPath(folder, stage.name, index), bytes, attempt);
  return content;
}
