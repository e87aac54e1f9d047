/**
 * What is submitted again when tasks have ended with shards undone.
 *
 * @module
 */
import type { Batch, Outcome, Resources } from "./files.ts";
import type { End } from "./judge.ts";

/** A task that has ended with shards undone. */
export interface EndedTask {
  readonly batch: Batch;
  /** Its place in the batch. */
  readonly task: number;
  /** Its shards that are not there. */
  readonly missing: readonly number[];
  readonly end: End;
}

/** Tasks to submit, with what they are given. */
export interface NewBatch {
  readonly tasks: readonly (readonly number[])[];
  readonly resources: Resources;
  /** Why, in words. */
  readonly why: string;
}

/** What to do. */
export type Repair =
  | { readonly kind: "submit"; readonly batches: readonly NewBatch[] }
  /** The run cannot go on by itself. */
  | {
    readonly kind: "stop";
    readonly ended: EndedTask;
    /** How often tasks with the same shards have ended so. */
    readonly times: number;
  };

/** After so many ends of a kind without progress a run stops. */
const MOST: Record<Exclude<Outcome, "done">, number> = {
  failed: 3,
  lost: 3,
  time: 3,
  memory: 4,
  node: 6,
  preempted: 50,
  cancelled: 1,
};

/** A node is left out after so many failures. */
const BAD_NODE = 2;

/** What a site allows. */
export interface RepairLimits {
  /** Memory is not raised over this, MiB. */
  readonly maxMemory_MiB?: number;
  /** Memory that is expected to do, where the batch did not say how much it has. */
  readonly memory_MiB: number;
  /** Whether siren may ask for memory and time at all. */
  readonly mayAskMemory: boolean;
  readonly mayAskTime: boolean;
}

const WORDS: Record<Exclude<Outcome, "done" | "cancelled">, string> = {
  memory: "ran out of memory",
  time: "ran out of time",
  node: "lost their node",
  preempted: "were preempted",
  failed: "failed",
  lost: "were lost",
};

/**
 * Decides what follows from tasks that have ended with shards undone.
 *
 * @param history All batches of the stage, with how their tasks ended; the ends of `ended` are among them.
 * @param ended The tasks to see to now.
 */
export function repair(
  history: readonly Batch[],
  ended: readonly EndedTask[],
  limits: RepairLimits,
): Repair {
  const exclude = badNodes(history);
  const groups = new Map<string, { batch: NewBatch; outcomes: Outcome[] }>();
  for (const own of ended) {
    const { outcome } = own.end;
    if (outcome === "done") continue;
    const times = timesEnded(history, own.missing, outcome);
    const isOver = times >= MOST[outcome] || (outcome === "memory" && isAtMost(own.batch, limits));
    if (isOver) return { kind: "stop", ended: own, times };
    const { tasks, resources } = again(own, times, exclude, limits);
    const key = JSON.stringify([resources, outcome]);
    const group = groups.get(key);
    const all = [...group?.batch.tasks ?? [], ...tasks];
    const outcomes = [...group?.outcomes ?? [], outcome];
    groups.set(key, {
      batch: { tasks: all, resources, why: whyOf(outcomes, all.length, resources) },
      outcomes,
    });
  }
  return { kind: "submit", batches: [...groups.values()].map(({ batch }) => batch) };
}

/** Nodes on which too much went wrong, in order. */
export function badNodes(history: readonly Batch[]): string[] {
  const failures = new Map<string, Set<string>>();
  for (const { ended, forgiven, number } of history) {
    if (forgiven === true) continue;
    for (const { node, outcome, at = String(number) } of ended) {
      if (node === undefined || outcome !== "node") continue;
      // All tasks that a node takes along are one failure.
      failures.set(node, (failures.get(node) ?? new Set()).add(at));
    }
  }
  return [...failures].filter(([, times]) => times.size >= BAD_NODE).map(([node]) => node).sort();
}

/** How often tasks that hold any of the shards have ended so, without having finished any shard. */
function timesEnded(
  history: readonly Batch[],
  shards: readonly number[],
  outcome: Outcome,
): number {
  const own = new Set(shards);
  let most = 0;
  const times = new Map<number, number>();
  for (const { ended, tasks, forgiven } of history) {
    if (forgiven === true) continue;
    for (const { task, outcome: found, progress } of ended) {
      // A task that got on may be interrupted as often as it likes.
      if (found !== outcome || (progress === true && (found === "time" || found === "preempted"))) {
        continue;
      }
      for (const shard of tasks[task] ?? []) {
        if (!own.has(shard)) continue;
        const count = (times.get(shard) ?? 0) + 1;
        times.set(shard, count);
        most = Math.max(most, count);
      }
    }
  }
  return most;
}

function again(
  { batch, task, missing, end }: EndedTask,
  times: number,
  exclude: readonly string[],
  limits: RepairLimits,
): { tasks: number[][]; resources: Resources } {
  const resources: Resources = { ...batch.resources, exclude: [...exclude] };
  const whole = [[...missing]];
  // Where memory is not enforced by cgroups, a task over its memory is just killed.
  const isMemory = end.outcome === "memory" ||
    (end.outcome === "failed" && times > 1 && end.reason.includes("signal 9"));
  if (isMemory && limits.mayAskMemory) {
    return { tasks: whole, resources: { ...resources, memory_MiB: raisedMemory(batch, limits) } };
  }
  if (end.outcome !== "time") return { tasks: whole, resources };
  const half = Math.ceil(missing.length / 2);
  const tasks = missing.length > 1 ? [missing.slice(0, half), missing.slice(half)] : whole;
  // Where not one shard was done, or only one is left, a smaller task alone would not help.
  const isStuck = missing.length === 1 || missing.length === batch.tasks[task]?.length;
  return isStuck && limits.mayAskTime && resources.minutes !== undefined
    ? { tasks, resources: { ...resources, minutes: 2 * resources.minutes } }
    : { tasks, resources };
}

const memoryOf = ({ resources }: Batch, { memory_MiB }: RepairLimits) =>
  resources.memory_MiB ?? memory_MiB;

/** Twice the memory, up to the profile's most; never less than it was. */
function raisedMemory(batch: Batch, limits: RepairLimits): number {
  const before = memoryOf(batch, limits);
  return Math.max(before, Math.min(2 * before, limits.maxMemory_MiB ?? Infinity));
}

/** Whether a task that ran out of memory cannot have more. */
function isAtMost(batch: Batch, limits: RepairLimits): boolean {
  return limits.mayAskMemory && raisedMemory(batch, limits) === memoryOf(batch, limits);
}

function whyOf(
  outcomes: readonly Outcome[],
  tasks: number,
  { memory_MiB, minutes, exclude }: Resources,
): string {
  const [outcome] = outcomes;
  if (outcome === undefined || outcome === "done" || outcome === "cancelled") return "";
  const count = outcomes.length;
  const words = count === 1
    ? WORDS[outcome].replace("were", "was").replace("their", "its")
    : WORDS[outcome];
  const changes = [
    ...(outcome === "memory" && memory_MiB !== undefined ? [`now ${memory_MiB} MiB`] : []),
    ...(outcome === "time" && minutes !== undefined
      ? [tasks > count ? `in halves, ${minutes} minutes each` : `now ${minutes} minutes`]
      : []),
    ...(exclude.length > 0 ? [`without ${exclude.join(", ")}`] : []),
  ];
  return `${count} task${count === 1 ? "" : "s"} ${words}: submitted again` +
    (changes.length > 0 ? ` (${changes.join("; ")})` : "");
}
