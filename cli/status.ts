/**
 * `siren status`: where a run stands.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { RunStatus, StageStatus } from "../cluster/summary.ts";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import { targetOfRun } from "./choose_cluster.ts";
import { clustersFlag, readClusterFlags } from "./cluster_flags.ts";
import { formatClusterUse } from "./cluster_use.ts";
import { type Context, printResult } from "./job.ts";
import { look } from "./look.ts";
import { clusterPermissions, needPermissions } from "./permissions.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

const FlagsSchema = z.object({
  offline: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** Makes the command. */
export function status(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command = new Command("status")
    .summary("tell where a run stands")
    .description(
      "Tells how far a run is, who works on it, what it has used of a cluster, and what to type next. It " +
        "changes nothing about the run, so it can be asked at any time.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .option("--json", "print the status as JSON")
    .addOption(
      new Option("--offline", "do not ask the cluster that the run is on").helpGroup("Cluster:"),
    )
    .addOption(clustersFlag(true))
    .addHelpText(
      "after",
      `
Examples:
  siren status out
  siren status out --json`,
    );
  needPermissions(command, ({ offline }) => offline === true ? [] : clusterPermissions);
  return command.action(async (folder) => {
    const { offline, json } = FlagsSchema.parse(command.opts());
    const { clusters } = readClusterFlags(command);
    const target = offline ? undefined : await targetOfRun(folder, clusters, "submit");
    if (target === undefined) io.drop(clusterPermissions);
    const seen = target === undefined ? undefined : await look(context, folder, target);
    const { runStatus } = await import("../cluster/mod.ts");
    printResult(io, json, await runStatus(folder, seen), formatStatus);
  });
}

const STATES = {
  done: "The run is done",
  running: "The run is under way",
  "on the cluster": "The run is on the cluster",
  interrupted: "The run was interrupted",
} as const;

/** The status as it is printed. */
export function formatStatus(status: RunStatus): string {
  const { folder, state, holder, volumes, rule, stages, cluster, next } = status;
  const table = formatTable(
    [
      { title: "stage", align: "left" },
      { title: "state", align: "left" },
      { title: "pieces done", align: "left" },
    ],
    stages.map((stage) => [stage.name, stage.state, shardsText(stage.shards)]),
  );
  return [
    `${STATES[state]}: ${folder}`,
    `${formatCounted(volumes, "map")}, rule ${rule}`,
    ...(holder === undefined
      ? []
      : [`Process ${holder.pid} on ${holder.host} works on it (${holder.command})`]),
    "",
    table + (cluster === undefined ? "" : `\n${formatClusterUse(cluster)}`) +
    (next === undefined ? "" : `\nNext: ${next}${alternative(status)}\n`),
  ].join("\n");
}

/** There is more than one way on from a cluster. */
function alternative({ state, cluster, folder }: RunStatus): string {
  const run = quoteForShell(folder);
  if (state === "on the cluster") {
    return `; then siren gather ${run}, or siren resume ${run} to wait for all of it`;
  }
  return cluster === undefined ? "" : `, or siren resume ${run} to wait for all of it`;
}

function shardsText(shards: StageStatus["shards"]): string {
  if (shards === undefined) return "";
  const damaged = shards.damaged === 0
    ? ""
    : `, ${formatCount(shards.damaged)} damaged and to be done again`;
  return `${formatCount(shards.done)} of ${formatCount(shards.total)}${damaged}`;
}
