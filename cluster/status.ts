/**
 * Where a run stands, told from its files alone.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { findMaps } from "../core/volumes/mod.ts";
import { decodeArrow } from "./arrow_file.ts";
import { isThere, readIfThere } from "../core/files.ts";
import { lockHolder } from "./lock.ts";
import { awaitsThresholds, type NetworkRun } from "./network_run_file.ts";
import { readPlan } from "./plan_file.ts";
import { LIST } from "./result_files.ts";
import { EXPAND, SKETCH } from "./results.ts";
import { readRun } from "./run_file.ts";
import { readShard } from "./shards.ts";
import { readSiteFile } from "./slurm/files.ts";
import type { ClusterUse } from "./slurm/status.ts";
import type { Seen } from "./slurm/tasks.ts";
import type { RunStatus, StageStatus } from "./summary.ts";

/**
 * Says where a run stands.
 *
 * @param folder The run folder.
 * @param seen What was last seen of its cluster, if it is on one.
 * @throws {RunError} There is no run in the folder.
 */
export async function runStatus(folder: string, seen?: Seen): Promise<RunStatus> {
  const begun = await awaitsThresholds(folder);
  if (begun !== undefined) return await statusOfThresholds(folder, begun);
  const run = await readRun(folder);
  const holder = await lockHolder(folder);
  const volumesDone = await isWhole(`${folder}/volumes.arrow`);
  const stages: StageStatus[] = [{
    name: "volumes",
    state: volumesDone ? "done" : holder === undefined ? "waiting" : "under way",
  }];
  const sharded = [["sketch", SKETCH], ["expand", EXPAND]] as const;
  const counted = [["count", SKETCH], ...sharded] as const;
  for (const [name, results] of run.sketch.rule === "fdr" ? counted : sharded) {
    if (name === "expand" && run.expand === undefined) {
      stages.push({ name, state: "not asked for" });
      continue;
    }
    const plan = await readPlan(folder, name);
    const written = await isThere(`${folder}/${results}/${LIST}`);
    if (plan === undefined) {
      stages.push({ name, state: written ? "done" : "waiting" });
      continue;
    }
    const shards = { done: 0, total: plan.shards, damaged: 0 };
    for (let index = 0; index < plan.shards; index++) {
      const shard = await readShard(folder, plan, index);
      if (shard === "damaged") shards.damaged++;
      else if (shard !== undefined) shards.done++;
    }
    const whole = shards.done === shards.total;
    stages.push({ name, state: written && whole ? "done" : "under way", shards });
  }
  const done = stages.every(({ state }) => state === "done" || state === "not asked for");
  const cluster = await useOfCluster(folder, seen);
  const state = holder !== undefined
    ? "running"
    : done
    ? "done"
    : cluster !== undefined && hasJobs(cluster)
    ? "on the cluster"
    : "interrupted";
  const next = nextCommand(folder, state, cluster !== undefined);
  return {
    folder,
    state,
    ...(holder === undefined ? {} : { holder }),
    volumes: run.volumes.length,
    rule: run.sketch.rule,
    stages,
    ...(cluster === undefined ? {} : { cluster }),
    ...(next === undefined ? {} : { next }),
  };
}

/** A run that has not begun: its thresholds are still to be predicted. */
async function statusOfThresholds(folder: string, { sketch }: NetworkRun): Promise<RunStatus> {
  const holder = await lockHolder(folder);
  const state = holder === undefined ? "interrupted" : "running";
  const next = nextCommand(folder, state, false);
  return {
    folder,
    state,
    ...(holder === undefined ? {} : { holder }),
    volumes: (await findMaps(sketch.voldir)).length,
    rule: sketch.rule,
    stages: [
      { name: "thresholds", state: "under way" },
      { name: "volumes", state: "waiting" },
      { name: "sketch", state: "waiting" },
      { name: "expand", state: "waiting" },
    ],
    ...(next === undefined ? {} : { next }),
  };
}

async function useOfCluster(
  folder: string,
  seen: Seen | undefined,
): Promise<ClusterUse | undefined> {
  if (await readSiteFile(folder) === undefined) return undefined;
  const { clusterUse } = await import("./slurm/tasks.ts");
  return await clusterUse(folder, seen);
}

/** Whether tasks are in the cluster's hands, as far as the run's files know. */
function hasJobs({ stages }: ClusterUse): boolean {
  return stages.some(({ tasks }) => tasks.pending + tasks.running > 0);
}

function nextCommand(
  folder: string,
  state: RunStatus["state"],
  isOnCluster: boolean,
): string | undefined {
  if (state === "done" || state === "running") return undefined;
  const command = state === "on the cluster" ? "watch" : isOnCluster ? "gather" : "resume";
  return `siren ${command} ${quoteForShell(folder)}`;
}

async function isWhole(path: string): Promise<boolean> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return false;
  try {
    decodeArrow(bytes, path);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
