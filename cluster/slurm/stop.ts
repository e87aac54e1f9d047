/**
 * Why a run stops that cannot go on by itself, and what becomes of what is under way.
 *
 * @module
 */
import { ClusterError, ConnectionError, type SirenError } from "../../core/errors.ts";
import { quoteForShell } from "../../core/shell.ts";
import { chunkOf, type OpenTask, openTasks } from "./batches.ts";
import type { Drive } from "./driving.ts";
import { batchFolder, batchName, removeCancelMark } from "./files.ts";
import { isLive } from "./judge.ts";
import type { EndedTask } from "./repair.ts";
import type { Site } from "./site.ts";

/** Characters of a log's end that are looked at, and that an error shows. */
export const TAIL = 2000;

/** Path of a task's log on the site. */
export function logOf({ file }: Site, { batch, task }: Pick<OpenTask, "batch" | "task">): string {
  const { job, first } = chunkOf(batch, task);
  return `${batchFolder(file.folder, batch)}/logs/${job}_${task - first}.log`;
}

/** Takes all that is under way off the cluster, so that nothing burns on; what went wrong counts no more. */
async function endAll(drive: Drive): Promise<void> {
  const { folder, batches, scheduler, surroundings: { tell } } = drive;
  const open = openTasks(batches.own);
  try {
    await scheduler.cancel(open);
    for (const { batch, task } of open) batch.ended.push({ task, outcome: "cancelled" });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const remedy = `siren cancel ${quoteForShell(folder)}`;
    tell({ kind: "warning", text: `${error.message}: jobs may go on; end them by ${remedy}` });
  }
  for (const own of batches.own) {
    own.forgiven = true;
    await batches.save(own);
  }
}

/** The error that stops a run whose jobs were cancelled by `siren cancel`. */
export async function cancelled(drive: Drive): Promise<SirenError> {
  await endAll(drive);
  await removeCancelMark(drive.folder);
  return new ClusterError(
    `Cannot go on with ${drive.folder}: its jobs were cancelled (siren cancel)`,
    `What is done is kept. Go on with: siren resume ${quoteForShell(drive.folder)}`,
  );
}

/** The error that stops a run. */
export async function stopped(
  drive: Drive,
  { batch, task, end }: EndedTask,
  times: number,
): Promise<SirenError> {
  const { site, folder, batches, scheduler } = drive;
  const { job, first } = chunkOf(batch, task);
  const name = `${batchName(batch)}/${task}`;
  const resume = `siren resume ${quoteForShell(folder)}`;
  if (end.outcome === "cancelled") {
    // Whoever cancelled one task may want the others: they go on.
    const live = openTasks(batches.own).filter((task) => isLive(scheduler.sighting(task))).length;
    const others = live === 0 ? "" : `, and ${live} other task${live === 1 ? " goes" : "s go"} on`;
    return new ClusterError(
      `Cannot go on with ${folder}: task ${name} was cancelled (job ${job}_${task - first})`,
      `What is done is kept${others}. Go on with: ${resume}`,
    );
  }
  const log = logOf(site, { batch, task });
  const tail = await tailOf(site, log);
  await endAll(drive);
  const { memory_MiB } = batch.resources;
  const mend = end.outcome === "memory" && memory_MiB !== undefined
    ? `Raise max_memory or memory in the profile (it had ${memory_MiB} MiB)`
    : "Mend the cause";
  const where = end.node === undefined ? "" : ` on ${end.node}`;
  return new ClusterError(
    `Cannot go on with ${folder}: task ${name} ended ${times} times with shards undone, last${where}: ` +
      end.reason +
      (tail === undefined || tail.trim() === ""
        ? `\nIt left no log (${log})`
        : `\nThe end of its log, ${log}:\n${tail.trimEnd().replaceAll(/^/gm, "  ")}`),
    `${mend}, then: ${resume}`,
  );
}

/** The end of a log; a cluster that does not answer keeps it to itself. */
async function tailOf({ transport }: Site, log: string): Promise<string | undefined> {
  try {
    return await transport.tail(log, TAIL);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return undefined;
  }
}
