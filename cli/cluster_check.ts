/**
 * `siren cluster check`: whether a cluster can be used, end to end.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { z } from "zod";
import { ClusterError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import { chooseCluster } from "./choose_cluster.ts";
import { addClustersFlag, readClusterFlags } from "./cluster_flags.ts";
import type { Check } from "./doctor.ts";
import { type Context, tellNews } from "./job.ts";

const FlagsSchema = z.object({ json: z.boolean().default(false) });

/** Makes the command. */
export function clusterCheck(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("check")
    .summary("verify a profile with a tiny real job")
    .description(
      "Goes all the way that a run would go: to the cluster, its disk, its scheduler, and through a tiny job " +
        "of its own. Says what it finds as it goes, and what to mend. The exit code is 5 if something is " +
        "missing.",
    )
    .argument("<profile>", "profile to check", textReader("the profile"))
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      `
Example:
  siren cluster check bigcluster`,
    );
  addClustersFlag(command, false);
  return command.action(async (name) => {
    const { clusters } = readClusterFlags(command);
    const { json } = FlagsSchema.parse(command.opts());
    const checks: Check[] = [];
    await tellNews(io, false, undefined, async (tell, ask) => {
      const target = { name, file: clusters, mode: "wait" } as const;
      const choice = await chooseCluster(context, target, ask);
      for await (const check of cluster.checkCluster(choice, { tell, signal: io.signal })) {
        io.signal.throwIfAborted();
        checks.push(check);
        if (!json) io.stdout.write(formatCheck(check));
      }
    });
    if (json) io.stdout.write(JSON.stringify({ profile: name, checks }, null, 2) + "\n");
    const missing = checks.filter(({ state }) => state === "missing").map(({ name }) => name);
    if (missing.length > 0) {
      throw new ClusterError(
        `Cannot promise that runs work on ${name}: something is missing (${missing.join(", ")})`,
      );
    }
    if (!json) io.stdout.write(`Runs can go there: siren run --on ${name} ...\n`);
  });
}

/** Columns of the state, so that the names stand below each other. */
const STATE_WIDTH = 8;

/** A finding as a line, with its remedy on the next. */
export function formatCheck({ name, state, finding, remedy }: Check): string {
  const indent = " ".repeat(STATE_WIDTH);
  return `${state.padEnd(STATE_WIDTH)}${name}: ${finding}\n` +
    (remedy === undefined ? "" : `${indent}${remedy}\n`);
}
