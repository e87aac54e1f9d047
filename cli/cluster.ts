/**
 * `siren cluster`: profiles of clusters, and siren on them.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { clusterCheck } from "./cluster_check.ts";
import { clusterInit } from "./cluster_init.ts";
import { clusterInstall } from "./cluster_install.ts";
import type { Context } from "./job.ts";

/** Makes the command, with those below it. */
export function cluster(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("cluster")
    .summary("set up a cluster: profile, check, installation")
    .description(
      "Writes the file in which clusters are described, checks that one can be used, and puts siren on it.",
    )
    .helpOption("-h, --help", "print help")
    .addHelpText(
      "after",
      `
Examples:
  siren cluster init bigcluster
  siren cluster install bigcluster
  siren cluster check bigcluster`,
    );
  for (const make of [clusterInit, clusterInstall, clusterCheck]) command.addCommand(make(context));
  return command;
}
