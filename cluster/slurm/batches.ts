/**
 * The batches of a stage: kept in memory, written down at every change.
 *
 * @module
 */
import { VERSION } from "../../core/version.ts";
import {
  type Batch,
  batchFolder,
  batchName,
  type Outcome,
  readBatches,
  type Resources,
  type Tasks,
  writeBatch,
} from "./files.ts";
import type { Sighting } from "./judge.ts";
import { chunksOf } from "./packing.ts";
import type { EndedTask } from "./repair.ts";

/** A task that has not ended, as far as is known. */
export interface OpenTask {
  readonly batch: Batch;
  /** Its place in the batch. */
  readonly task: number;
  readonly shards: readonly number[];
  readonly chunk: Batch["chunks"][number];
}

/** Whether a task's end is written down. */
export function hasEnded(batch: Batch, task: number): boolean {
  return batch.ended.some((end) => end.task === task);
}

/** The chunk that a task is in. */
export function chunkOf(batch: Batch, task: number): Batch["chunks"][number] {
  const chunk = batch.chunks.find(({ first, size }) => task >= first && task < first + size);
  if (chunk === undefined) throw new Error(`No chunk of ${batchName(batch)} has task ${task}`);
  return chunk;
}

/** The tasks of batches whose end is not written down. */
export function openTasks(batches: readonly Batch[]): OpenTask[] {
  return tasksWhose(batches, (outcome) => outcome === undefined);
}

/** The tasks of batches that were given up: siren has submitted their shards again, or meant to. */
export function givenUp(batches: readonly Batch[]): OpenTask[] {
  return tasksWhose(batches, (outcome) => outcome !== undefined && outcome !== "done");
}

function tasksWhose(
  batches: readonly Batch[],
  isMeant: (outcome: Outcome | undefined) => boolean,
): OpenTask[] {
  return batches.flatMap((batch) => {
    const outcomes = new Map(batch.ended.map(({ task, outcome }) => [task, outcome]));
    return batch.tasks.flatMap((shards, task) =>
      isMeant(outcomes.get(task)) ? [{ batch, task, shards, chunk: chunkOf(batch, task) }] : []
    );
  });
}

/**
 * The tasks that last held shards and ended badly. Ends that are forgiven do not count.
 *
 * @param shards Shards that are missing and in no task that has not ended.
 */
export function lastEnds(batches: readonly Batch[], shards: readonly number[]): EndedTask[] {
  const found: EndedTask[] = [];
  let rest = new Set(shards);
  for (const batch of [...batches].sort((a, b) => b.number - a.number)) {
    for (const { task, outcome, node, seconds, reason = "" } of batch.ended) {
      const missing = (batch.tasks[task] ?? []).filter((shard) => rest.has(shard));
      if (missing.length === 0) continue;
      rest = rest.difference(new Set(missing));
      if (batch.forgiven === true || outcome === "done") continue;
      const end = {
        outcome,
        reason,
        ...(node === undefined ? {} : { node }),
        ...(seconds === undefined ? {} : { seconds }),
      };
      found.push({ batch, task, missing, end });
    }
  }
  return found;
}

/** What a new batch is made of. */
export interface BatchPlan {
  readonly stage: string;
  readonly key: string;
  readonly tasks: readonly (readonly number[])[];
  readonly resources: Resources;
  readonly why?: string;
  /** Most tasks of an array job. */
  readonly most: number;
  /** The run's id. */
  readonly id: string;
}

/** Makes a batch that follows those that are there. */
export function makeBatch(plan: BatchPlan, batches: readonly Batch[]): Batch {
  const { stage, key, tasks, resources, why, most, id } = plan;
  const number = 1 + Math.max(0, ...batches.filter((b) => b.stage === stage).map((b) => b.number));
  return {
    format: 1,
    stage,
    key,
    number,
    ...(why === undefined ? {} : { why }),
    resources,
    tasks: tasks.map((task) => [...task]),
    chunks: chunksOf(tasks.length, most).map(({ first, size }, i) => ({
      name: `siren-${id}-${stage}-${number}-${i + 1}`,
      first,
      size,
    })),
    ended: [],
  };
}

/** What the workers of a batch are told. */
export function tasksOf(batch: Batch, work: string, engine: string): Tasks {
  const { stage, key, tasks, resources: { minutes } } = batch;
  return {
    format: 1,
    siren: VERSION,
    stage,
    key,
    work,
    engine,
    ...(minutes === undefined ? {} : { minutes }),
    tasks,
  };
}

/** The batches of one stage. */
export interface StageBatches {
  /** Those of the stage's key; they are changed in place. */
  readonly own: readonly Batch[];
  /** Those of an earlier plan of the stage, whose shards are of no use. */
  readonly stale: readonly Batch[];
  /** Adds a batch and writes it down. */
  add(plan: Omit<BatchPlan, "stage" | "key" | "id">): Promise<Batch>;
  /** Forgets a batch that nothing of was submitted. */
  drop(batch: Batch): Promise<void>;
  /** Writes down how tasks ended, or what became of a chunk. */
  save(batch: Batch): Promise<void>;
}

/** Reads the batches of a stage. */
export async function stageBatches(
  folder: string,
  { name: stage, key }: { readonly name: string; readonly key: string },
  id: string,
): Promise<StageBatches> {
  const all = (await readBatches(folder)).filter((batch) => batch.stage === stage);
  const own = all.filter((batch) => batch.key === key);
  return {
    own,
    stale: all.filter((batch) => batch.key !== key),
    async add(plan) {
      const batch = makeBatch({ ...plan, stage, key, id }, all);
      await Deno.mkdir(batchFolder(folder, batch), { recursive: true });
      await writeBatch(folder, batch);
      all.push(batch);
      own.push(batch);
      return batch;
    },
    async drop(batch) {
      for (const list of [all, own]) list.splice(list.indexOf(batch), 1);
      await Deno.remove(batchFolder(folder, batch), { recursive: true });
    },
    save: (batch) => writeBatch(folder, batch),
  };
}

/** How a task is written down whose shards are all there. */
export function doneAs({ task }: OpenTask, sighting: Sighting | undefined): Batch["ended"][number] {
  const { node, seconds } = sighting ?? {};
  return {
    task,
    outcome: "done",
    ...(node === undefined ? {} : { node }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}
