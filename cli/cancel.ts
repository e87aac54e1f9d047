/**
 * `siren cancel`: the jobs of a run, taken off the cluster.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { z } from "zod";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import { chooseCluster, targetOfClusterRun } from "./choose_cluster.ts";
import { addClustersFlag, readClusterFlags } from "./cluster_flags.ts";
import { type Context, printResult, tellNews } from "./job.ts";
import { formatJobs } from "./submission.ts";

const FlagsSchema = z.object({ json: z.boolean().default(false) });

/** Makes the command. */
export function cancel(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("cancel")
    .summary("cancel the jobs of a run")
    .description(
      "Cancels the jobs of a run, without asking. The shards that they have computed are kept, and the run " +
        "can go on at any time.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .option("--json", "print the ids of the jobs as JSON")
    .addHelpText(
      "after",
      `
Example:
  siren cancel out`,
    );
  addClustersFlag(command);
  return command.action(async (folder) => {
    const { clusters } = readClusterFlags(command);
    const target = await targetOfClusterRun(folder, clusters, "submit", "cancel");
    const jobs = await tellNews(io, false, undefined, async (tell, ask) => {
      const choice = await chooseCluster(context, target, ask);
      return await cluster.cancelRun(folder, choice, { tell, signal: io.signal });
    });
    const { json } = FlagsSchema.parse(command.opts());
    printResult(io, json, { folder, jobs }, formatCancelled);
  });
}

/** The jobs that were cancelled, and how to go on. */
export function formatCancelled({ folder, jobs }: { folder: string; jobs: readonly string[] }) {
  const run = quoteForShell(folder);
  return (jobs.length === 0
    ? "No job of this run was under way.\n"
    : `Cancelled ${formatJobs(jobs)}. What is done is kept.\n`) +
    `To go on on the cluster: siren resume ${run}\n` +
    `To go on on this machine: siren resume ${run} --here\n`;
}
