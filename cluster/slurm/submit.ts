/**
 * Array jobs, submitted once each: written down before sbatch is asked and after it has answered, so that
 * a job is found again by its name whatever is killed in between.
 *
 * @module
 */
import { quoteForShell } from "../../core/shell.ts";
import { chunkOf, hasEnded, openTasks, type StageBatches, tasksOf } from "./batches.ts";
import { SlurmRefusal, SlurmUnreachable, type SubmitLimit } from "./client.ts";
import type { Driving } from "./driving.ts";
import { type Batch, batchFolder, batchName } from "./files.ts";
import { chunkScript } from "./script.ts";
import { readTemplate } from "./template.ts";

/** Submits what is to be submitted. */
export interface Submitter {
  /** The site's limits: tasks that may be in the queue at one time, and the largest array. */
  limits(): Promise<{ readonly tasks: number; readonly arraySize: number }>;
  /**
   * Submits the chunks that are not submitted, as far as the site's limits allow, and finds the ids of
   * those of which it is not known whether they were.
   *
   * @param missing Shards that are not there: a task without any of them is not needed.
   * @returns How many chunks got a job id.
   * @throws {ClusterError} Slurm refuses a job. What of its batch is not submitted is forgotten, and what
   *   went wrong before does not count any more.
   * @throws {ConnectionError} Slurm does not answer.
   */
  submitOpen(missing: ReadonlySet<number>): Promise<number>;
  /** Whether there is a job of which it is not known whether Slurm has it, and that is needed. */
  isUnsure(missing: ReadonlySet<number>): boolean;
  /** Tasks that wait to be submitted. */
  waiting(missing: ReadonlySet<number>): number;
}

/** A job that Slurm may have taken although sbatch did not say so is looked for so many seconds. */
const SETTLING = 15;
/** An sbatch of a process that is gone has ended after so many seconds, however it hung. */
const LONGEST = 600;
/** A site that takes no more jobs is asked again after so many seconds, or when a task has ended. */
const PATIENCE = 20;

type Chunk = Batch["chunks"][number];

/** Makes a submitter. */
export function makeSubmitter(driving: Driving, batches: StageBatches, work: string): Submitter {
  const { site, choice: { client, mode }, surroundings } = driving;
  const { transport, slurm, profile, file } = site;
  const prepared = new Set<Batch>();
  let known: { arraySize: number; submit: SubmitLimit | undefined } | undefined;
  let full: { readonly until: number; readonly tasks: number } | undefined, toldFull = false;
  /** Since when a job is looked for, by its chunk. */
  const looking = new Map<Chunk, number>();

  const ask = async () => {
    if (known !== undefined) return known;
    const { maxArraySize } = await slurm.limits();
    known = { arraySize: maxArraySize, submit: await slurm.submitLimit(profile) };
    return known;
  };

  /** Chunks that are not submitted and hold a task that is needed. */
  const unsubmitted = (missing: ReadonlySet<number>) => {
    const chunks = new Map<Chunk, Batch>();
    for (const { batch, chunk, shards } of openTasks(batches.own)) {
      if (chunk.job === undefined && shards.some((shard) => missing.has(shard))) {
        chunks.set(chunk, batch);
      }
    }
    return chunks;
  };

  /** Files that the chunk's tasks read, on the site. */
  const prepare = async (batch: Batch) => {
    if (prepared.has(batch)) return;
    const own = batchFolder(file.folder, batch);
    for (const part of ["logs", "reports"]) await transport.makeFolder(`${own}/${part}`);
    const tasks = tasksOf(
      batch,
      work,
      profile.engine === "auto" ? surroundings.engine : profile.engine,
    );
    await transport.write(`${own}/tasks.json`, JSON.stringify(tasks) + "\n");
    prepared.add(batch);
  };

  const submit = async (batch: Batch, chunk: Chunk): Promise<boolean> => {
    await prepare(batch);
    const template = await readTemplate(profile);
    const { script, options, path } = chunkScript(site, batch, chunk, template, client.user);
    await transport.write(path, script, 0o700);
    chunk.tried = client.now().toISOString();
    await batches.save(batch);
    try {
      chunk.job = await slurm.submit({ script: path, options });
    } catch (error) {
      if (error instanceof SlurmRefusal) return await refused(batch, chunk, error);
      looking.set(chunk, client.now().getTime());
      if (error instanceof SlurmUnreachable && !error.maybeAccepted) {
        delete chunk.tried;
        await batches.save(batch);
      }
      throw error;
    }
    await batches.save(batch);
    return true;
  };

  /** Slurm said no: for now, if it is full; else for good. */
  const refused = async (batch: Batch, chunk: Chunk, refusal: SlurmRefusal): Promise<boolean> => {
    delete chunk.tried;
    await batches.save(batch);
    if (refusal.kind === "submit-limit" && await waitsForRoom(batch, chunk)) return false;
    if (batch.resources.exclude.length > 0) {
      // Without the nodes left out there may be none: a doubtful node is better than none.
      const nodes = batch.resources.exclude.join(", ");
      const text = `${batchName(batch)}: Slurm has nothing else to offer, so ${nodes} may be used`;
      surroundings.tell({ kind: "warning", text });
      batch.resources = { ...batch.resources, exclude: [] };
      await batches.save(batch);
      return false;
    }
    await forget(batch);
    if (underWay() > 0) {
      const text = `${underWay()} tasks go on; end them by siren cancel ${
        quoteForShell(driving.folder)
      }`;
      surroundings.tell({ kind: "warning", text });
    }
    // Who goes on with a mended profile shall get what that says.
    for (const own of batches.own) {
      own.forgiven = true;
      await batches.save(own);
    }
    throw refusal;
  };

  const underWay = () =>
    openTasks(batches.own).filter(({ chunk }) => chunk.job !== undefined).length;

  /** Makes a job smaller for which the queue has no room, or waits. Says whether either helps. */
  const waitsForRoom = async (batch: Batch, chunk: Chunk): Promise<boolean> => {
    const limit = await slurm.submitLimit(profile);
    const tasks = underWay();
    if (chunk.size > 1 && limit?.room !== 0) {
      // Where the limit is not told, or is one for all users together, a smaller job may fit.
      const half = Math.ceil(chunk.size / 2);
      split(batch, chunk, limit !== undefined && limit.room < chunk.size ? limit.room : half);
      await batches.save(batch);
      return true;
    }
    const passes = tasks > 0 || (limit !== undefined && limit.most > 0 && limit.room === 0);
    if (!passes) return false;
    full = { until: client.now().getTime() + PATIENCE * 1000, tasks };
    if (!toldFull) {
      const text = "The site takes no more jobs for now; the rest is submitted as others end" +
        (mode === "wait" ? "" : ", by siren gather");
      surroundings.tell({ kind: "note", text });
      toldFull = true;
    }
    return true;
  };

  /** A job too large for the site's limit becomes two. */
  const split = (batch: Batch, chunk: Chunk, size: number) => {
    const name = `${chunk.name.replace(/-\d+$/, "")}-${batch.chunks.length + 1}`;
    batch.chunks.push({ name, first: chunk.first + size, size: chunk.size - size });
    chunk.size = size;
  };

  /** Leaves nothing behind of a batch, or of its part, that Slurm refused. */
  const forget = async (batch: Batch) => {
    if (batch.chunks.every(({ job, tried }) => (job ?? tried) === undefined)) {
      await batches.drop(batch);
      await transport.remove(batchFolder(file.folder, batch));
      return;
    }
    batch.tasks.forEach((_, task) => {
      const { job, tried } = chunkOf(batch, task);
      if ((job ?? tried) !== undefined || hasEnded(batch, task)) return;
      batch.ended.push({ task, outcome: "lost", reason: "Slurm refused its job" });
    });
    await batches.save(batch);
  };

  /** Finds out whether Slurm has a job of which it is not known. Says whether it has. */
  const resolve = async (batch: Batch, chunk: Chunk, tried: string): Promise<boolean> => {
    const now = client.now().getTime();
    const since = looking.get(chunk) ?? now;
    looking.set(chunk, since);
    const job = await slurm.find(chunk.name, new Date(tried));
    if (job !== undefined) {
      chunk.job = job;
      surroundings.tell({
        kind: "note",
        text: `${batchName(batch)}: Slurm had taken the job, it is ${job}`,
      });
    } else if (
      now - since < SETTLING * 1000 && now - Date.parse(tried) < LONGEST * 1000
    ) return false;
    else delete chunk.tried;
    looking.delete(chunk);
    await batches.save(batch);
    return job !== undefined;
  };

  return {
    async limits() {
      const { arraySize, submit } = await ask();
      const most = submit === undefined ? Infinity : Math.max(1, submit.most);
      return { tasks: most, arraySize: Math.min(arraySize, most) };
    },
    async submitOpen(missing) {
      let count = 0;
      for (const [chunk, batch] of unsubmitted(missing)) {
        if (chunk.tried === undefined) continue;
        if (await resolve(batch, chunk, chunk.tried)) count++;
      }
      // Halved chunks come again at once; each round makes them smaller or submits one.
      for (let again = true; again;) {
        again = false;
        const isFull = full !== undefined && client.now().getTime() < full.until &&
          underWay() >= full.tasks;
        if (isFull) break;
        for (const [chunk, batch] of unsubmitted(missing)) {
          if (chunk.tried !== undefined) continue;
          if (await submit(batch, chunk)) count++;
          else {
            again = true;
            break;
          }
        }
      }
      return count;
    },
    isUnsure: (missing) =>
      [...unsubmitted(missing).keys()].some(({ tried }) => tried !== undefined),
    waiting: (missing) => [...unsubmitted(missing).keys()].reduce((sum, { size }) => sum + size, 0),
  };
}
