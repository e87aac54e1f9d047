/**
 * `siren watch`: a stage on a cluster, looked at until its jobs have ended.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Submission } from "../cluster/slurm/choice.ts";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import { chooseCluster, targetOfClusterRun } from "./choose_cluster.ts";
import { addClustersFlag, readClusterFlags } from "./cluster_flags.ts";
import { addOutputFlags, type Context, printSummary, readJobFlags, tellNews } from "./job.ts";
import { formatCount } from "./table.ts";

/** Makes the command. */
export function watch(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("watch")
    .summary("watch the jobs of a run until they have ended")
    .description(
      "Shows how far the jobs of a run are, until the stage that they compute is whole or none of them is " +
        "left. It only looks: Ctrl-C ends it and nothing else. Then siren gather or siren resume goes on.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .addHelpText(
      "after",
      `
Examples:
  siren watch out
  siren watch out && siren gather out`,
    );
  addClustersFlag(command);
  addOutputFlags(command);
  return command.action(async (folder) => {
    const { json, quiet } = readJobFlags(command);
    const { clusters } = readClusterFlags(command);
    const target = await targetOfClusterRun(folder, clusters, "submit", "watch");
    const seen = await tellNews(io, quiet, folder, async (tell, ask) => {
      const choice = await chooseCluster(context, target, ask);
      return await cluster.watchRun(folder, choice, { tell, signal: io.signal });
    });
    io.signal.throwIfAborted();
    const summary = { folder, submission: seen ?? null };
    printSummary(io, { json, quiet }, summary, () => formatWatched(folder, seen));
  });
}

/** What was seen at the end, with what to type next. */
export function formatWatched(folder: string, seen: Submission | undefined): string {
  const next = `Next: ${seen?.next ?? `siren status ${quoteForShell(folder)}`}\n`;
  if (seen === undefined) return `No job of this run is under way.\n${next}`;
  const { stage, done, total } = seen;
  const found = done >= total
    ? `All shards of stage ${stage} are there.`
    : `No job of stage ${stage} is left, and ${formatCount(total - done)} of ` +
      `${formatCount(total)} shards are not there.`;
  return `${found}\n${next}`;
}
