/**
 * What a run needs around it: a folder of its own, and a place where its shards are computed.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { type Executor, threadsExecutor } from "./executor.ts";
import { type Lock, lockRun } from "./lock.ts";
import type { Surroundings } from "./progress.ts";
import { openTasks } from "./slurm/batches.ts";
import { readBatches, readSiteFile } from "./slurm/files.ts";
import { type ThreadPool, threadPool } from "./threads/pool.ts";

/** Where a run is computed: its threads here, and who computes its shards. */
export interface RunPlace extends AsyncDisposable {
  readonly pool: () => ThreadPool;
  readonly executor: Executor;
  /** Says what is wrong with the place before anything is begun. */
  check(): Promise<void>;
  /** Ends what is under way on a cluster that the run does not go on with. */
  leave(): Promise<void>;
  /** Clears the place when all is in the run folder. */
  finish(): Promise<void>;
}

/**
 * Makes the place: the cluster that the surroundings name, or this machine.
 *
 * @param folder The run folder; it need not be there yet.
 * @param isNew Whether a run that is there counts for nothing.
 */
export async function placeOf(
  folder: string,
  surroundings: Surroundings,
  isNew = false,
): Promise<RunPlace> {
  const { cluster, engine } = surroundings;
  const threads = lazyPool(surroundings);
  // Tasks of a cluster may still write to the folder of a run that was there.
  const isOurs = await readSiteFile(folder) === undefined;
  const here = threadsExecutor(threads.get, engine, isOurs, surroundings.tell);
  if (cluster === undefined) {
    return {
      pool: threads.get,
      executor: here,
      check: () => Promise.resolve(),
      leave: () => Promise.resolve(),
      finish: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(threads[Symbol.dispose]()),
    };
  }
  const { clusterPlace } = await import("./slurm/place.ts");
  const place = clusterPlace(folder, cluster, surroundings, isNew);
  const isHere = cluster.mode === "here";
  return {
    pool: threads.get,
    executor: isHere ? here : place.executor,
    check: place.check,
    leave: isHere ? place.leave : () => Promise.resolve(),
    finish: place.finish,
    async [Symbol.asyncDispose]() {
      threads[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Threads that are started when first asked for. */
export function lazyPool(
  surroundings: Pick<Surroundings, "threads" | "signal" | "tell">,
): { get: () => ThreadPool; [Symbol.dispose](): void } {
  const { threads, signal, tell } = surroundings;
  const warn = (text: string) => tell({ kind: "warning", text });
  let pool: ThreadPool | undefined;
  return {
    get: () => pool ??= threadPool(threads, signal, warn),
    [Symbol.dispose]: () => pool?.[Symbol.dispose](),
  };
}

/**
 * Takes a run folder for this process.
 *
 * @throws {RunError} Another process holds it.
 */
export async function lock(folder: string, { host, command }: Surroundings): Promise<Lock> {
  return await lockRun(folder, { host, pid: Deno.pid, command });
}

/**
 * Sees to it that a run can be thrown away: its jobs would write into the new one.
 *
 * @throws {RunError} Jobs of the run may be under way.
 */
export async function checkNoJobs(outdir: string): Promise<void> {
  const open = openTasks(await readBatches(outdir));
  if (open.length === 0) return;
  throw new RunError(
    `Cannot start over in ${outdir}: jobs of the run there may be under way (${open.length} ${
      open.length === 1 ? "task" : "tasks"
    })`,
    `End them first: siren cancel ${quoteForShell(outdir)}`,
  );
}

/** Removes a file or folder with all in it, if there is one. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
