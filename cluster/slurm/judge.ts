/**
 * What became of an array task whose shards are not all there. The shards' files are the truth; this
 * only decides whether to wait for them, and if not, why they will not come.
 *
 * @module
 */
import type { Outcome, Report } from "./files.ts";
import type { TaskState } from "./states.ts";

/** What the scheduler says of a task. */
export interface Sighting {
  readonly state: TaskState;
  readonly node?: string;
  /** The scheduler's reason, such as "NonZeroExitCode". */
  readonly reason?: string;
  readonly exit?: { readonly code: number; readonly signal: number };
  /** Seconds it has run. */
  readonly seconds?: number;
}

/** What is known of a task with shards undone. */
export interface Evidence {
  /** Absent where the scheduler does not know the task (any more). */
  readonly sighting?: Sighting;
  /** Whether the scheduler answered at all: without an answer nothing follows from its silence. */
  readonly asked: boolean;
  /** What the task last said of itself. */
  readonly report?: Report;
  /** The end of its log. */
  readonly log?: string;
  /** Seconds since it was first seen to have ended, or first not seen at all. */
  readonly quiet: number;
}

/** How a task ended. */
export interface End {
  readonly outcome: Outcome;
  readonly node?: string;
  readonly seconds?: number;
  /** In words. */
  readonly reason: string;
}

/** Exit code of a worker that left before its time was over. */
const LEFT = 75;
const SIGKILL = 9;
/** What Slurm sends before the time is over; it ends a shell that has not come to the worker yet. */
const SIGUSR2 = 12;

/** States in which a task may still write shards. */
const LIVE = new Set<TaskState>(["pending", "running", "suspended", "completing"]);

/** Whether the scheduler says that a task may still write shards. */
export function isLive(sighting: Sighting | undefined): boolean {
  return sighting !== undefined && LIVE.has(sighting.state);
}

/** Whether a task was killed by signal 9; then its log may say why. */
export function isKilled(sighting: Sighting | undefined): boolean {
  const { code, signal } = sighting?.exit ?? { code: 0, signal: 0 };
  return sighting?.state === "failed" && (signal === SIGKILL || code === 128 + SIGKILL);
}

/** What Slurm writes into the log of a task that it kills for its memory, with cgroups and without. */
const OVER_MEMORY = /^slurmstepd\S*: error: .*(?:exceeded \w*\s?memory limit|oom[-_]kill)/im;

/**
 * Judges a task with shards undone.
 *
 * @param grace Seconds that the files of a task which has ended may take to be seen.
 * @returns How it ended, or undefined: wait.
 */
export function judge(
  { sighting, asked, report, log, quiet }: Evidence,
  grace: number,
): End | undefined {
  if (!asked || isLive(sighting)) return undefined;
  const base = {
    ...(sighting?.node ?? report?.host ? { node: sighting?.node ?? report?.host ?? "" } : {}),
    ...(sighting?.seconds === undefined ? {} : { seconds: sighting.seconds }),
  };
  const end = (outcome: Outcome, reason: string): End => ({ ...base, outcome, reason });
  switch (sighting?.state) {
    case "out_of_memory":
      return end("memory", "it used more memory than it had asked for");
    case "timeout":
      return end("time", "its time limit was over");
    case "node_fail":
      return end("node", `its node failed (${sighting.node ?? "unknown"})`);
    case "preempted":
      return end("preempted", "another job took its place");
    case "cancelled":
      return end("cancelled", "somebody cancelled it");
    case "failed":
      return failed(sighting, report, log, end);
    default:
      // It ended well, or nobody knows: its files may be on their way.
      return quiet < grace ? undefined : vanished(sighting, report, grace, end);
  }
}

function failed(
  sighting: Sighting,
  report: Report | undefined,
  log: string | undefined,
  end: (outcome: Outcome, reason: string) => End,
): End {
  const { exit, reason } = sighting;
  if (isKilled(sighting) && log !== undefined && OVER_MEMORY.test(log)) {
    return end("memory", "it used more memory than it had asked for");
  }
  if (report?.state === "left" || exit?.code === LEFT) {
    return end("time", "it left before its time was over");
  }
  if (report?.state === "failed") return end("failed", report.message ?? "it failed");
  if (exit?.signal === SIGUSR2 || exit?.code === 128 + SIGUSR2) {
    return end("time", "its time was over before it had begun to compute");
  }
  if (isKilled(sighting)) {
    return end("failed", "it was killed (signal 9), perhaps for its memory");
  }
  if (exit !== undefined && exit.signal > 0) {
    return end("failed", `signal ${exit.signal}${reason === undefined ? "" : `, ${reason}`}`);
  }
  const code = exit === undefined ? "it failed" : `exit code ${exit.code}`;
  return end("failed", `${code}${reason === undefined ? "" : `, ${reason}`}`);
}

function vanished(
  sighting: Sighting | undefined,
  report: Report | undefined,
  grace: number,
  end: (outcome: Outcome, reason: string) => End,
): End {
  if (report?.state === "left") return end("time", "it left before its time was over");
  if (report?.state === "failed") return end("failed", report.message ?? "it failed");
  if (sighting?.state === "done" || report?.state === "done") {
    return end("failed", `it ended well, but its shards were not seen within ${grace} s`);
  }
  return end("lost", "the scheduler does not know it any more, and its shards were not seen");
}
