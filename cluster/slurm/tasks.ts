/**
 * Where the tasks of a run stand and what they have used: from the run's own files, and from what was
 * last seen of the cluster.
 *
 * @module
 */
import { type Batch, batchName, readBatches, readSiteFile, type Report } from "./files.ts";
import { chunkOf } from "./batches.ts";
import { isLive, type Sighting } from "./judge.ts";
import { fallbacksOf, readReports } from "./reports.ts";
import { readPlan } from "../plan_file.ts";
import { isThere } from "../../core/files.ts";
import { shardPath } from "../shards.ts";
import type { ClusterUse, StageUse, TaskLine } from "./status.ts";

/** What a look at the scheduler showed, by name of the task ("sketch-1/12"). */
export type Seen = ReadonlyMap<string, Sighting>;

/** How many of the slowest tasks are named. */
const SLOWEST = 3;

/** The tasks of a run, batch by batch. */
export async function runTasks(folder: string, seen: Seen = new Map()): Promise<TaskLine[]> {
  const lines: TaskLine[] = [];
  for (const batch of await readBatches(folder)) {
    lines.push(...await tasksOfBatch(folder, batch, seen));
  }
  return lines;
}

async function tasksOfBatch(folder: string, batch: Batch, seen: Seen): Promise<TaskLine[]> {
  const reports = await readReports(folder, batch);
  const lines: TaskLine[] = [];
  const isCurrent = (await readPlan(folder, batch.stage))?.key === batch.key;
  for (const [place, shards] of batch.tasks.entries()) {
    const task = `${batchName(batch)}/${place}`;
    const own = reports.filter((report) => report.task === place);
    const last = own.at(-1);
    const end = batch.ended.find((end) => end.task === place);
    const sighting = seen.get(task);
    const chunk = chunkOf(batch, place);
    let shardsDone = 0;
    for (const shard of shards) {
      if (isCurrent && await isThere(shardPath(folder, batch.stage, shard))) shardsDone++;
    }
    const node = end?.node ?? sighting?.node ?? last?.host;
    const seconds = secondsOf(own, end?.seconds ?? sighting?.seconds);
    const reason = end?.outcome === "done" ? undefined : end?.reason ?? last?.message;
    lines.push({
      task,
      ...(chunk.job === undefined ? {} : { job: `${chunk.job}_${place - chunk.first}` }),
      state: stateOf(end, chunk.job !== undefined, sighting, last, shardsDone === shards.length),
      ...(node === undefined ? {} : { node }),
      ...(last === undefined ? {} : { device: `${last.device} (${last.engine})` }),
      ...(seconds === undefined ? {} : { seconds }),
      shards: shards.length,
      shardsDone,
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return lines;
}

function stateOf(
  end: Batch["ended"][number] | undefined,
  isSubmitted: boolean,
  sighting: Sighting | undefined,
  report: Report | undefined,
  isWhole: boolean,
): TaskLine["state"] {
  if (end?.outcome === "done") return "done";
  if (end?.outcome === "time") return "left";
  if (end !== undefined) return "ended badly";
  if (isWhole) return "done";
  if (!isSubmitted) return "waiting";
  if (isLive(sighting)) return sighting?.state === "pending" ? "pending" : "running";
  if (sighting?.state === "timeout") return "left";
  if (sighting !== undefined && sighting.state !== "done" && sighting.state !== "unknown") {
    return report?.state === "left" ? "left" : "ended badly";
  }
  if (report?.state === "running") return "running";
  if (report?.state === "left") return "left";
  if (report?.state === "failed") return "ended badly";
  return report?.state === "done" ? "done" : "pending";
}

/** Seconds over all attempts; the scheduler knows the last better, where it ended without a word. */
function secondsOf(reports: readonly Report[], known: number | undefined): number | undefined {
  const own = reports.map(({ started, updated }) =>
    (Date.parse(updated) - Date.parse(started)) / 1000
  );
  const last = Math.max(own.pop() ?? 0, known ?? 0);
  if (reports.length === 0 && known === undefined) return undefined;
  return own.reduce((sum, seconds) => sum + seconds, last);
}

/** What a run has used of its cluster; undefined for one that was never on any. */
export async function clusterUse(
  folder: string,
  seen: Seen = new Map(),
): Promise<ClusterUse | undefined> {
  const site = await readSiteFile(folder);
  if (site === undefined) return undefined;
  const batches = await readBatches(folder);
  const stages: StageUse[] = [];
  for (const stage of new Set(batches.map((batch) => batch.stage))) {
    const own = batches.filter((batch) => batch.stage === stage);
    const lines: TaskLine[] = [];
    let cpuHours = 0, gpuHours = 0;
    for (const batch of own) {
      const reports = await readReports(folder, batch);
      for (const [place, line] of (await tasksOfBatch(folder, batch, seen)).entries()) {
        lines.push(line);
        const report = reports.find(({ task }) => task === place);
        const hours = (line.seconds ?? 0) / 3600;
        cpuHours += hours * (report?.cpus ?? batch.resources.cpus);
        gpuHours += hours * (report?.gpus ?? 0);
      }
    }
    const tasks = { waiting: 0, pending: 0, running: 0, done: 0, left: 0, "ended badly": 0 };
    for (const { state } of lines) tasks[state]++;
    stages.push({
      stage,
      batches: own.length,
      jobs: own.flatMap(({ chunks }) =>
        chunks.flatMap(({ job }) => job === undefined ? [] : [job])
      ),
      tasks,
      retries: own.flatMap(({ why, number }) =>
        why === undefined ? [] : [`${stage}-${number}: ${why}`]
      ),
      cpuHours,
      gpuHours,
      slowest: lines.filter(({ seconds = 0 }) => seconds > 0)
        .sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0)).slice(0, SLOWEST),
      fallbacks: await fallbacksOf(folder, own),
    });
  }
  const { profile: { name: profile }, where, folder: place, cleared } = site;
  return { profile, where, ...(cleared === true ? {} : { folder: place }), stages };
}
