/**
 * Looking after a run whose jobs are on a cluster, from any terminal: look, watch, cancel, read logs.
 * None of it needs the run folder's lock.
 *
 * @module
 */
import { ConnectionError, InterruptedError, RunError, UsageError } from "../../core/errors.ts";
import { quoteForShell } from "../../core/shell.ts";
import { lockHolder } from "../lock.ts";
import { readPlan } from "../plan_file.ts";
import { shardName, shardsFolder } from "../shards.ts";
import { chunkOf, type OpenTask, openTasks } from "./batches.ts";
import type { ClusterChoice, Submission } from "./choice.ts";
import {
  type Batch,
  batchFolder,
  batchName,
  leaveCancelMark,
  readBatches,
  readSiteFile,
  writeBatch,
} from "./files.ts";
import { isLive, type Sighting } from "./judge.ts";
import { copyWords } from "./reports.ts";
import { makeScheduler, type Scheduler } from "./scheduler.ts";
import { openSite, type Site, type Telling } from "./site.ts";
import { localTransport } from "../transport/local.ts";
import type { Seen } from "./tasks.ts";
import type { Surroundings } from "../progress.ts";

/** A run on a cluster, reached. */
interface Attended extends AsyncDisposable {
  readonly site: Site;
  readonly scheduler: Scheduler;
  readonly batches: readonly Batch[];
}

async function attend(folder: string, choice: ClusterChoice, telling: Telling): Promise<Attended> {
  if (await readSiteFile(folder) === undefined) {
    throw new RunError(
      `Cannot look after ${folder}: it is not on a cluster`,
      `siren status ${quoteForShell(folder)} tells where it stands.`,
    );
  }
  const site = await openSite(folder, choice, telling);
  return {
    site,
    scheduler: makeScheduler(site, choice.client, false),
    batches: await readBatches(folder),
    [Symbol.asyncDispose]: () => Promise.resolve(site.transport.close()),
  };
}

const nameOf = ({ batch, task }: Pick<OpenTask, "batch" | "task">) => `${batchName(batch)}/${task}`;

/**
 * One look at the scheduler and at what the tasks report.
 *
 * @throws {ConnectionError} The cluster does not answer.
 */
export async function refreshRun(
  folder: string,
  choice: ClusterChoice,
  telling: Telling,
): Promise<Seen> {
  await using attended = await attend(folder, choice, telling);
  const { site, scheduler, batches } = attended;
  const open = openTasks(batches);
  await scheduler.look(open);
  await copyWords(folder, site, batches);
  return seenOf(open, scheduler);
}

function seenOf(open: readonly OpenTask[], scheduler: Scheduler): Seen {
  const seen = new Map<string, Sighting>();
  for (const task of open) {
    const sighting = scheduler.sighting(task);
    if (sighting !== undefined) seen.set(nameOf(task), sighting);
  }
  return seen;
}

/** Seconds between looks at the files: first, and how it grows while nothing happens. */
const FIRST_PAUSE = 0.5, GROWTH = 1.5;

/**
 * Tells the progress of a run's jobs until all shards of their stage are there or no job is left. Nothing
 * is changed.
 *
 * @returns What was under way at the end, with what to type next; undefined where no job was.
 * @throws {InterruptedError} The user has seen enough.
 */
export async function watchRun(
  folder: string,
  choice: ClusterChoice,
  surroundings: Pick<Surroundings, "tell" | "signal">,
): Promise<Submission | undefined> {
  await using attended = await attend(folder, choice, surroundings);
  const { site, scheduler } = attended;
  let pause = FIRST_PAUSE, submission: Submission | undefined, before = "";
  for (;;) {
    const open = openTasks(await readBatches(folder));
    const stage = open[0]?.batch.stage;
    const plan = stage === undefined ? undefined : await readPlan(folder, stage);
    if (stage === undefined || plan === undefined) return submission;
    const done = await countShards(site, stage, plan.shards);
    const holder = await lockHolder(folder);
    submission = {
      folder,
      profile: site.profile.name,
      where: site.transport.where,
      stage,
      jobs: [...new Set(open.flatMap(({ chunk }) => chunk.job === undefined ? [] : [chunk.job]))],
      tasks: open.length,
      waiting: open.filter(({ chunk }) => chunk.job === undefined).length,
      done,
      total: plan.shards,
      next: holder === undefined
        ? `siren gather ${quoteForShell(folder)}`
        : `siren status ${quoteForShell(folder)}`,
    };
    if (scheduler.isDue()) await lookOnce(scheduler, open, surroundings);
    const answered = scheduler.hasAnswered();
    const { running, pending } = scheduler.counts(open);
    const detail = `tasks: ${running} running, ${pending} pending`;
    surroundings.tell({
      kind: "progress",
      stage,
      done,
      total: plan.shards,
      unit: "shards",
      ...(answered ? { detail } : {}),
    });
    // Who works on the run submits what is not submitted yet, and again what has failed.
    const isOver = answered && holder === undefined &&
      !open.some((task) => isLive(scheduler.sighting(task)));
    if (done === plan.shards || isOver) return submission;
    const now = `${done} ${detail}`;
    pause = now === before ? Math.min(site.profile.poll, pause * GROWTH) : FIRST_PAUSE;
    before = now;
    await choice.client.sleep(Math.min(pause, site.profile.poll) * 1000, surroundings.signal);
    if (surroundings.signal.aborted) throw new InterruptedError("Stopped as asked; the jobs go on");
  }
}

async function lookOnce(
  scheduler: Scheduler,
  open: readonly OpenTask[],
  { tell }: Pick<Surroundings, "tell">,
): Promise<void> {
  try {
    await scheduler.look(open);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    tell({ kind: "note", text: `${error.message}: asking again` });
  }
}

/** Shards of a stage that are on the site. */
async function countShards(
  { transport, file }: Site,
  stage: string,
  total: number,
): Promise<number> {
  const names = new Set(
    (await transport.list(shardsFolder(file.folder, stage)) ?? []).map(({ name }) => name),
  );
  return Array.from({ length: total }, (_, i) => i).filter((i) => names.has(shardName(i))).length;
}

/**
 * Takes all jobs of a run out of the queue and ends those that run; shards that are there stay.
 *
 * @returns Ids of the jobs.
 */
export async function cancelRun(
  folder: string,
  choice: ClusterChoice,
  telling: Telling,
): Promise<string[]> {
  await using attended = await attend(folder, choice, telling);
  const { scheduler, batches } = attended;
  const open = openTasks(batches);
  const holder = await lockHolder(folder);
  // Whoever works on the run would submit again what vanished from the queue.
  if (holder !== undefined) await leaveCancelMark(folder);
  await scheduler.cancel(open);
  if (holder === undefined) {
    for (const { batch, task } of open) {
      batch.ended.push({ task, outcome: "cancelled", reason: "siren cancel" });
      batch.forgiven = true;
    }
    for (const batch of new Set(open.map(({ batch }) => batch))) await writeBatch(folder, batch);
  }
  return [...new Set(open.flatMap(({ chunk }) => chunk.job === undefined ? [] : [chunk.job]))];
}

/** Most of a log that is read. */
const MOST = 2 ** 20;

/**
 * The log of a task.
 *
 * @param task "sketch-1/12", or Slurm's "4711_12".
 * @throws {UsageError} The run has no such task, or it has not begun.
 */
export async function taskLog(
  folder: string,
  choice: ClusterChoice,
  task: string,
  telling: Telling,
): Promise<{ path: string; text: string }> {
  await using attended = await attend(folder, choice, telling);
  const { site, batches } = attended;
  const found = findTask(batches, task);
  if (found === undefined) {
    throw new UsageError(
      `Cannot read the log of ${task}: the run has no such task`,
      `siren logs ${quoteForShell(folder)} lists them.`,
    );
  }
  const { batch, place } = found;
  const chunk = chunkOf(batch, place);
  const name = `logs/${chunk.job}_${place - chunk.first}.log`;
  const path = `${batchFolder(site.file.folder, batch)}/${name}`;
  const text = await site.transport.tail(path, MOST) ??
    await localTransport().tail(`${batchFolder(folder, batch)}/${name}`, MOST);
  if (text === undefined) {
    throw new RunError(
      `Cannot read the log of ${task}: there is none (${path})`,
      "Has it begun? siren status tells.",
    );
  }
  return { path, text };
}

function findTask(
  batches: readonly Batch[],
  task: string,
): { batch: Batch; place: number } | undefined {
  for (const batch of batches) {
    for (const place of batch.tasks.keys()) {
      const chunk = chunkOf(batch, place);
      const isIt = task === nameOf({ batch, task: place }) ||
        (chunk.job !== undefined && task === `${chunk.job}_${place - chunk.first}`);
      if (isIt) return { batch, place };
    }
  }
  return undefined;
}
