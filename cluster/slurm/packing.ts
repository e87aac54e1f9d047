/**
 * How shards become array tasks, and tasks array jobs.
 *
 * @module
 */
import { ClusterError } from "../../core/errors.ts";

/**
 * Pairs that a CPU compares in a second, times volumes: half of what the wasm engine was measured at, as
 * nodes of clusters are often older.
 */
const PAIR_VOLUMES_PER_SECOND = 1e11;

/** Memory of Deno itself, of each thread, and the least to ask for, MiB. */
const BASE_MEMORY = 500, THREAD_MEMORY = 100, LEAST_MEMORY = 1024;

/** A worker's start and what slow disks take, in seconds; and how much longer than expected it may take. */
const START = 60, PATIENCE = 4, LEAST_MINUTES = 10;

/** Seconds that pairs are expected to take. */
export function expectedSeconds(pairs: number, volumes: number, cpus: number): number {
  return pairs * volumes / PAIR_VOLUMES_PER_SECOND / cpus;
}

/**
 * Memory to ask for, in MiB: the work is held as a file, decoded, and prepared by each thread's engine.
 *
 * @param bytes Size of the work file.
 */
export function expectedMemory(bytes: number, cpus: number): number {
  const own = bytes * (3 + cpus) / 2 ** 20;
  return Math.max(LEAST_MEMORY, Math.ceil((BASE_MEMORY + THREAD_MEMORY * cpus + own) / 256) * 256);
}

/** Time limit to ask for, in minutes, for tasks that are expected to take so many seconds. */
export function expectedMinutes(seconds: number): number {
  return Math.max(LEAST_MINUTES, Math.ceil((START + PATIENCE * seconds) / 60));
}

/** What decides how many shards a task takes. */
export interface PackingOptions {
  /** Seconds that each shard is expected to take. */
  readonly seconds: readonly number[];
  /** Seconds that a task shall last. */
  readonly aim: number;
  /** So many shards a task, whatever they take. */
  readonly shardsPerTask?: number;
  /** Most tasks, by the site's limits. */
  readonly most?: number;
}

/**
 * Packs shards into tasks: neighbours together, in order, so that each lasts about as long as is aimed at.
 *
 * @param shards Indices of the shards.
 */
export function packShards(
  shards: readonly number[],
  { seconds, aim, shardsPerTask, most = Infinity }: PackingOptions,
): number[][] {
  const total = shards.reduce((sum, index) => sum + (seconds[index] ?? 0), 0);
  const wanted = shardsPerTask === undefined
    ? Math.ceil(total / aim)
    : Math.ceil(shards.length / shardsPerTask);
  const count = Math.max(1, Math.min(wanted, shards.length, most));
  if (shardsPerTask !== undefined && count === wanted) {
    return Array.from(
      { length: count },
      (_, i) => shards.slice(i * shardsPerTask, (i + 1) * shardsPerTask),
    );
  }
  // Cut where the sum passes each task's share; each task gets one shard at least.
  const tasks: number[][] = [];
  let sum = 0, task: number[] = [];
  shards.forEach((index, i) => {
    task.push(index);
    sum += seconds[index] ?? 0;
    const left = shards.length - i - 1, tasksLeft = count - tasks.length - 1;
    const isFull = total === 0
      ? task.length >= shards.length / count
      : sum >= total * (tasks.length + 1) / count;
    if ((isFull && tasksLeft > 0 && left > 0) || left === tasksLeft && tasksLeft > 0) {
      tasks.push(task);
      task = [];
    }
  });
  if (task.length > 0) tasks.push(task);
  return tasks;
}

/**
 * Splits a number of tasks into array jobs of at most `most` tasks.
 *
 * @throws {ClusterError} The site takes no array jobs (`most` is 0).
 */
export function chunksOf(tasks: number, most: number): { first: number; size: number }[] {
  if (!(most >= 1)) {
    throw new ClusterError(
      `Cannot submit array jobs: the cluster takes none (MaxArraySize ${most})`,
      "Ask its administrators to allow them; siren submits all work as array jobs.",
    );
  }
  const chunks = [];
  for (let first = 0; first < tasks; first += most) {
    chunks.push({ first, size: Math.min(most, tasks - first) });
  }
  return chunks;
}
