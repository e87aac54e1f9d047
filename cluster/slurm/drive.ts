/**
 * A stage on a cluster, from its work file to its last shard: submit, watch, repair, gather. Whatever is
 * stopped at any moment, here or there, the next drive goes on from the files.
 *
 * @module
 */
import { ConnectionError, InterruptedError } from "../../core/errors.ts";
import { quoteForShell } from "../../core/shell.ts";
import type { ArrowContent } from "../arrow_file.ts";
import type { ShardedStage } from "../shards.ts";
import type { ShardJob } from "../work.ts";
import {
  doneAs,
  lastEnds,
  type OpenTask,
  openTasks,
  type StageBatches,
  stageBatches,
} from "./batches.ts";
import { bringWork } from "./bring_work.ts";
import { JobsUnderWay, type Submission } from "./choice.ts";
import type { Drive, Driving } from "./driving.ts";
import { type Batch, batchName, hasCancelMark, writeSiteFile } from "./files.ts";
import { makeGatherer, removeShards } from "./gather.ts";
import { isKilled, isLive, judge } from "./judge.ts";
import { estimate } from "./plan.ts";
import { lastReports } from "./reports.ts";
import { repair } from "./repair.ts";
import { isStuck, makeScheduler, type Scheduler } from "./scheduler.ts";
import { cancelled, logOf, stopped, TAIL } from "./stop.ts";
import { makeSubmitter } from "./submit.ts";

/** Seconds between looks at the files: first, and how it grows while nothing happens. */
const FIRST_PAUSE = 0.5, GROWTH = 1.5;

/**
 * Has shards computed on a cluster.
 *
 * @param shards Indices of the shards to compute.
 * @param done Called for each as soon as it is in the run folder, whole.
 * @throws {JobsUnderWay} Jobs are under way, and nobody is to wait for them.
 * @throws {ClusterError} The cluster refuses the jobs, or a task fails again and again.
 * @throws {InterruptedError} The user wants to stop; the jobs go on.
 */
export async function driveStage<J extends ShardJob>(
  driving: Omit<Driving, "stage"> & { readonly stage: ShardedStage<J> },
  shards: readonly number[],
  done: (index: number, content: ArrowContent) => void,
): Promise<void> {
  const { folder, site, choice, surroundings } = driving;
  const stage = driving.stage as unknown as ShardedStage; // of some job; which does not matter here
  const { id } = site.file;
  await writeSiteFile(folder, site.file);
  const batches = await stageBatches(folder, stage, id);
  const plan = estimate(stage, site.profile);
  const gatherer = makeGatherer(folder, stage, site, shards, done);
  const scheduler = makeScheduler(site, choice.client, true);
  const own: Driving = { folder, stage, site, choice, surroundings };
  const work = await patiently(own, async () => {
    await endStale(batches, scheduler);
    if (batches.own.length === 0) await removeShards(folder, stage, site, shards);
    return await bringWork(own, plan);
  });
  const submitter = makeSubmitter(own, batches, work);
  const stuck = new Set<string>();
  const before = [...batches.own];
  const drive: Drive = { ...own, batches, before, plan, gatherer, scheduler, submitter, stuck };
  await run(drive);
}

/** Does what takes a cluster that answers; a run that waits waits for that too. */
async function patiently<T>(
  { choice, site, surroundings: { signal, tell } }: Driving,
  act: () => Promise<T>,
): Promise<T> {
  for (let isTold = false;; isTold = true) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ConnectionError) || choice.mode !== "wait") throw error;
      if (!isTold) {
        tell({ kind: "warning", text: `${error.message}: asking again, nothing is lost` });
      }
      await choice.client.sleep(site.profile.poll * 1000, signal);
      if (signal.aborted) throw new InterruptedError("Stopped as asked; the jobs go on");
    }
  }
}

/** Looks, submits and waits until no shard is missing. */
async function run(drive: Drive): Promise<void> {
  const { folder, gatherer, surroundings: { signal, tell }, choice, site: { profile } } = drive;
  let pause = FIRST_PAUSE, outage: string | undefined;
  let isFirst = true;
  for (let looks = 0;; looks++) {
    if (signal.aborted) throw new InterruptedError("Stopped as asked; the jobs go on");
    let seen: Look = { hasNews: false, isSettled: false };
    try {
      if (await hasCancelMark(folder)) throw await cancelled(drive);
      seen = await look(drive, isFirst);
      isFirst = false;
      if (outage !== undefined && drive.scheduler.hasAnswered()) {
        tell({ kind: "note", text: `${drive.site.transport.where} answers again` });
        outage = undefined;
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // A run that waits can wait for the cluster too; who only wanted to submit is told.
      if (choice.mode !== "wait" && looks > 0) throw error;
      if (outage !== error.message) {
        tell({ kind: "warning", text: `${error.message}: asking again, nothing is lost` });
      }
      outage = error.message;
    }
    if (gatherer.missing.size === 0) return;
    if (choice.mode !== "wait" && outage === undefined && seen.isSettled) {
      if (await hasCancelMark(folder)) continue;
      throw new JobsUnderWay(submission(drive));
    }
    pause = seen.hasNews ? FIRST_PAUSE : Math.min(profile.poll, pause * GROWTH);
    await choice.client.sleep(Math.min(pause, profile.poll) * 1000, signal);
  }
}

/** What came of a look. */
interface Look {
  /** Whether anything has changed. */
  readonly hasNews: boolean;
  /** Whether it is known of every job whether Slurm has it, and of every task that ended how. */
  readonly isSettled: boolean;
}

/** One look at files and scheduler, with what follows from it. */
async function look(drive: Drive, isFirst: boolean): Promise<Look> {
  const { gatherer, batches, scheduler, submitter, choice, before } = drive;
  const found = await gatherer.look();
  if (gatherer.missing.size === 0) return { hasNews: true, isSettled: true };
  const isAskedFor = isFirst && choice.mode === "wait";
  if (isAskedFor) await forgiveCancelled(before, batches);
  await cover(drive);
  let submitted = await submitter.submitOpen(gatherer.missing);
  const changed = (submitted > 0 || scheduler.isDue()) &&
    await scheduler.look(openTasks(batches.own));
  // What was written between the two looks is not to be taken for lost.
  const late = await gatherer.look();
  const { ended, waiting } = await settle(drive);
  if (ended > 0) {
    if (isAskedFor) await forgiveCancelled(before, batches);
    await cover(drive);
    submitted += await submitter.submitOpen(gatherer.missing);
  }
  tellDetail(drive);
  return {
    hasNews: found + late + submitted + ended > 0 || changed,
    isSettled: waiting === 0 && !submitter.isUnsure(gatherer.missing),
  };
}

/** Who goes on with a run whose jobs were cancelled wants them again. */
async function forgiveCancelled(
  before: readonly Batch[],
  { save }: Pick<StageBatches, "save">,
): Promise<void> {
  for (const batch of before) {
    if (batch.forgiven === true) continue;
    if (!batch.ended.some(({ outcome }) => outcome === "cancelled")) continue;
    batch.forgiven = true;
    await save(batch);
  }
}

/**
 * Sees to it that every missing shard is in a task that has not ended. What follows from a bad end is
 * found in the batches' files, so that it does not matter who noted that end, and when.
 */
async function cover(drive: Drive): Promise<void> {
  const { gatherer, batches, plan, submitter, site: { profile }, surroundings: { tell } } = drive;
  const covered = new Set(openTasks(batches.own).flatMap(({ shards }) => shards));
  const rest = [...gatherer.missing].filter((shard) => !covered.has(shard));
  if (rest.length === 0) return;
  const limits = await submitter.limits();
  const ended = lastEnds(batches.own, rest);
  const next = repair(batches.own, ended, {
    ...(profile.max_memory === undefined ? {} : { maxMemory_MiB: profile.max_memory }),
    memory_MiB: plan.memory_MiB,
    mayAskMemory: !profile.skip.includes("mem"),
    mayAskTime: !profile.skip.includes("time"),
  });
  if (next.kind === "stop") throw await stopped(drive, next.ended, next.times);
  const repaired = new Set(ended.flatMap(({ missing }) => missing));
  const others = rest.filter((shard) => !repaired.has(shard));
  if (others.length > 0) {
    const tasks = plan.pack(others, limits.tasks);
    await batches.add({
      tasks,
      resources: plan.resources(tasks),
      most: limits.arraySize,
      ...(batches.own.length === 0 ? {} : { why: "their tasks had ended: submitted again" }),
    });
  }
  for (const { tasks, resources, why } of next.batches) {
    const batch = await batches.add({ tasks, resources, why, most: limits.arraySize });
    tell({ kind: "warning", text: `${batchName(batch)}: ${why}` });
  }
}

/**
 * Judges the tasks that have ended, and writes that down.
 *
 * @returns How many have ended, and of how many that are not live it is not known yet.
 */
async function settle(drive: Drive): Promise<{ ended: number; waiting: number }> {
  const { gatherer, batches, scheduler, site, choice } = drive;
  let ended = 0, waiting = 0;
  const at = choice.client.now().toISOString();
  const changed = new Set<Batch>();
  const quiet: OpenTask[] = [];
  for (const open of openTasks(batches.own)) {
    const missing = open.shards.filter((shard) => gatherer.missing.has(shard));
    const sighting = scheduler.sighting(open);
    if (missing.length > 0) {
      if (open.chunk.job !== undefined && scheduler.hasAnswered() && !isLive(sighting)) {
        quiet.push(open);
      }
      continue;
    }
    if (isLive(sighting)) continue; // its shards are there; it says so itself in a moment
    open.batch.ended.push(doneAs(open, sighting));
    changed.add(open.batch);
    ended++;
  }
  const reports = await lastReports(site, quiet);
  for (const open of quiet) {
    const missing = open.shards.filter((shard) => gatherer.missing.has(shard));
    const report = reports.get(open);
    const sighting = scheduler.sighting(open);
    const log = isKilled(sighting) ? await site.transport.tail(logOf(site, open), TAIL) : undefined;
    const end = judge({
      ...(sighting === undefined ? {} : { sighting }),
      ...(report === undefined ? {} : { report }),
      ...(log === undefined ? {} : { log }),
      asked: scheduler.hasAnswered(),
      quiet: scheduler.quietFor(open, choice.client.now()),
    }, site.profile.grace);
    if (end === undefined) {
      waiting++;
      continue;
    }
    const progress = missing.length < open.shards.length;
    open.batch.ended.push({ task: open.task, ...end, ...(progress ? { progress } : {}), at });
    changed.add(open.batch);
    ended++;
  }
  for (const batch of changed) await batches.save(batch);
  return { ended, waiting };
}

/** Jobs of an earlier plan of the stage compute what nobody asks for any more. */
async function endStale(batches: StageBatches, scheduler: Scheduler): Promise<void> {
  for (const batch of batches.stale) {
    const open = openTasks([batch]);
    if (open.length === 0) continue;
    await scheduler.cancel(open);
    batch.ended.push(...open.map(({ task }) => ({ task, outcome: "cancelled" as const })));
    await batches.save(batch);
  }
}

function tellDetail(drive: Drive): void {
  const { stage, gatherer, batches, scheduler, submitter, surroundings, stuck } = drive;
  const counts = scheduler.counts(openTasks(batches.own));
  for (const reason of counts.reasons) {
    if (!isStuck(reason) || stuck.has(reason)) continue;
    stuck.add(reason);
    const text =
      `Tasks of stage ${stage.name} wait for what may never come (${reason}): see that the ` +
      "profile asks for no more than its partition gives; siren cancel, mend it, then siren resume";
    surroundings.tell({ kind: "warning", text });
  }
  const waiting = submitter.waiting(gatherer.missing);
  const detail = [
    ...(counts.running > 0 ? [`${counts.running} running`] : []),
    ...(counts.pending > 0 ? [`${counts.pending} pending`] : []),
    ...(waiting > 0 ? [`${waiting} not submitted yet`] : []),
  ].join(", ");
  const total = stage.inputs.length;
  surroundings.tell({
    kind: "progress",
    stage: stage.name,
    done: total - gatherer.missing.size,
    total,
    unit: "shards",
    ...(detail === "" ? {} : { detail: `tasks: ${detail}` }),
  });
}

function submission({ folder, stage, site, gatherer, batches, submitter }: Drive): Submission {
  const open = openTasks(batches.own);
  const jobs = new Set(open.flatMap(({ chunk }) => chunk.job === undefined ? [] : [chunk.job]));
  return {
    folder,
    profile: site.profile.name,
    where: site.transport.where,
    stage: stage.name,
    jobs: [...jobs],
    tasks: open.length,
    waiting: submitter.waiting(gatherer.missing),
    done: stage.inputs.length - gatherer.missing.size,
    total: stage.inputs.length,
    next: `siren gather ${quoteForShell(folder)}`,
  };
}
