/**
 * `siren logs`: the tasks of a run on a cluster, and what they wrote.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { TaskLine } from "../cluster/slurm/status.ts";
import { countReader, textReader } from "./arguments.ts";
import { chooseCluster, targetOfClusterRun } from "./choose_cluster.ts";
import { addClustersFlag, readClusterFlags } from "./cluster_flags.ts";
import { type Context, printResult, tellNews } from "./job.ts";
import { look } from "./look.ts";
import { formatCount, formatDuration, formatTable, withoutControls } from "./table.ts";

const FlagsSchema = z.object({
  tail: z.number().optional(),
  json: z.boolean().default(false),
});

/** Most lines that may be asked for. */
const MOST_LINES = 1_000_000;

/** Makes the command. */
export function logs(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("logs")
    .summary("list the tasks of a run on a cluster, or print the log of one")
    .description(
      "Lists the tasks of a run and how they ended; or, given one, prints its log, which is fetched from the " +
        "cluster.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .argument(
      "[task]",
      "task as listed, sketch-1/12, or by Slurm's id, 4711_12",
      textReader("task"),
    )
    .addOption(
      new Option("--tail <count>", "print the last lines of the log only")
        .argParser(countReader("--tail", 1, MOST_LINES)),
    )
    .option("--json", "print as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren logs out
  siren logs out sketch-1/12 --tail 20`,
    );
  addClustersFlag(command);
  return command.action(async (folder, task) => {
    const { tail, json } = FlagsSchema.parse(command.opts());
    const { clusters } = readClusterFlags(command);
    const target = await targetOfClusterRun(folder, clusters, "submit", "show the tasks of");
    if (task === undefined) {
      const seen = await look(context, folder, target);
      printResult(io, json, await cluster.runTasks(folder, seen), formatTasks);
      return;
    }
    const { path, text } = await tellNews(io, false, undefined, async (tell, ask) => {
      const choice = await chooseCluster(context, target, ask);
      return await cluster.taskLog(folder, choice, task, { tell, signal: io.signal });
    });
    const wanted = tail === undefined ? text : lastLines(text, tail);
    printResult(
      io,
      json,
      { task, path, text: wanted },
      () => io.stdout.isTerminal ? withoutControls(wanted) : wanted,
    );
  });
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  const lines = text.split("\n");
  const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  return lines.slice(Math.max(0, end - count)).join("\n");
}

/** Tasks as a table. */
export function formatTasks(tasks: readonly TaskLine[]): string {
  if (tasks.length === 0) return "No task was submitted yet.\n";
  return formatTable(
    [
      { title: "task", align: "left" },
      { title: "job", align: "left" },
      { title: "state", align: "left" },
      { title: "node", align: "left" },
      { title: "device", align: "left" },
      { title: "time", align: "right" },
      { title: "shards", align: "right" },
      { title: "why", align: "left" },
    ],
    tasks.map((task) => [
      task.task,
      task.job ?? "-",
      task.state,
      task.node ?? "-",
      task.device ?? "-",
      task.seconds === undefined ? "-" : formatDuration(task.seconds * 1000),
      `${formatCount(task.shardsDone)} of ${formatCount(task.shards)}`,
      withoutControls(task.reason ?? "").replaceAll(/\s+/g, " "),
    ]),
  );
}
