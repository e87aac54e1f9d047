/**
 * What would be submitted to a cluster, as `--dry-run` prints it.
 *
 * @module
 */
import type { StagePlan } from "../cluster/slurm/choice.ts";
import { quoteForShell } from "../core/shell.ts";
import { formatBytes, formatCount, formatCounted, formatDuration } from "./table.ts";

/** A plan as text: what a task is, sbatch's command line, and the batch script. */
export function formatPlan(plan: StagePlan): string {
  const [least, most] = plan.pairsPerTask;
  const rows = [
    ["shards", formatCount(plan.shards)],
    ["tasks", `${formatCount(plan.tasks)} in ${formatCounted(plan.jobs, "array job")}`],
    [
      "pairs per task",
      least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`,
    ],
    ["a task asks for", resources(plan)],
    [
      "a task takes",
      plan.seconds < 1 ? "less than a second" : `about ${formatDuration(plan.seconds * 1000)}`,
    ],
    ["work file", formatBytes(plan.bytes)],
  ] as const;
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `Nothing was submitted. To the cluster ${plan.profile} (${plan.where}) would go, for stage ${plan.stage}:`,
    "",
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(plan.notes.length === 0 ? [] : ["", ...plan.notes]),
    "",
    "Command line of the first job:",
    `  ${plan.command.map(quoteForShell).join(" ")}`,
    "",
    "Batch script:",
    "",
    plan.script.trimEnd(),
    "",
  ].join("\n");
}

function resources({ cpus, gpus, memory_MiB, minutes }: StagePlan): string {
  return [
    formatCounted(cpus, "CPU"),
    ...(gpus === 0 ? [] : [formatCounted(gpus, "GPU")]),
    `${formatBytes(memory_MiB * 2 ** 20)} of memory`,
    minutes === undefined ? "the site's time limit" : formatDuration(minutes * 60_000),
  ].join(", ");
}
