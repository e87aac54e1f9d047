/**
 * What a run has used of a cluster, as `siren status` prints it.
 *
 * @module
 */
import type { ClusterUse, StageUse, TaskLine } from "../cluster/slurm/status.ts";
import { formatJobs } from "./submission.ts";
import { formatDuration, formatTable, withoutControls } from "./table.ts";

const STATES = [
  "waiting",
  "pending",
  "running",
  "done",
  "left",
  "ended badly",
] as const satisfies readonly TaskLine["state"][];

/** Fallbacks to the CPU first, as warnings; then tasks and hours by stage, what was slow, and what was done again. */
export function formatClusterUse({ profile, where, folder, stages }: ClusterUse): string {
  const table = formatTable(
    [
      { title: "stage", align: "left" },
      { title: "tasks", align: "left" },
      { title: "CPU-hours", align: "right" },
      { title: "GPU-hours", align: "right" },
      { title: "in", align: "left" },
    ],
    stages.map((stage) => [
      stage.stage,
      tasksText(stage),
      hours(stage.cpuHours),
      hours(stage.gpuHours),
      formatJobs(stage.jobs),
    ]),
  );
  return [
    `Cluster ${profile} (${where})${folder === undefined ? "" : `, in ${folder}`}`,
    ...stages.flatMap(({ stage, fallbacks }) =>
      fallbacks.map((text) => `Warning: stage ${stage}: ${plain(text)}`)
    ),
    "",
    table.trimEnd(),
    ...list("Slowest tasks:", stages.flatMap(({ slowest }) => slowest.map(taskText))),
    ...list("Submitted again:", stages.flatMap(({ retries }) => retries.map(plain))),
    "",
  ].join("\n");
}

function tasksText({ tasks }: StageUse): string {
  const parts = STATES.filter((state) => tasks[state] > 0)
    .map((state) => `${tasks[state].toLocaleString("en-US")} ${state}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** Hours to three digits, and never less than is there. */
function hours(value: number): string {
  if (value === 0) return "0";
  return value < 0.001 ? "< 0.001" : String(Number(value.toPrecision(3)));
}

function taskText({ task, node, device, seconds, shards, shardsDone }: TaskLine): string {
  const time = seconds === undefined ? "" : `: ${formatDuration(seconds * 1000)}`;
  const place = [node, device].filter((part) => part !== undefined).map(plain).join(", ");
  return `${task}${place === "" ? "" : ` on ${place}`}${time}, ${shardsDone} of ${shards} shards`;
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

/** Words of tasks and schedulers, on one line. */
function plain(text: string): string {
  return withoutControls(text).replaceAll(/\s+/g, " ").trim();
}
