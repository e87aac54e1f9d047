/**
 * Jobs under way, as they are told when nobody waits for them.
 *
 * @module
 */
import type { Submission } from "../cluster/slurm/choice.ts";
import { quoteForShell } from "../core/shell.ts";
import { formatCount, formatCounted } from "./table.ts";

/** Most job ids that are listed. */
const MOST_LISTED = 10;

/** Jobs as text, with what to type next. */
export function formatSubmission(submission: Submission): string {
  const { folder, profile, where, stage, tasks, waiting, done, total, jobs, next } = submission;
  const run = quoteForShell(folder);
  return [
    `On the cluster ${profile} (${where}): stage ${stage}, ${formatCounted(tasks, "task")} in ` +
    formatJobs(jobs),
    `${formatCount(done)} of ${formatCount(total)} shards are here.${
      waiting === 0
        ? ""
        : ` For a limit of the site, ${formatCounted(waiting, "task")} could not be submitted yet.`
    }`,
    "",
    `To look:  siren watch ${run}, siren status ${run}, siren logs ${run}`,
    `To stop:  siren cancel ${run}`,
    `Next:     ${next}`,
    "",
  ].join("\n");
}

/** "2 jobs (4711, 4712)". */
export function formatJobs(jobs: readonly string[]): string {
  if (jobs.length === 0) return "no job";
  const listed = jobs.slice(0, MOST_LISTED).join(", ");
  return `${formatCounted(jobs.length, "job")} (${listed}${
    jobs.length > MOST_LISTED ? ", ..." : ""
  })`;
}
