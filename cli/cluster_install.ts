/**
 * `siren cluster install`: Deno and siren, put on a cluster's shared disk.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { textReader } from "./arguments.ts";
import { chooseCluster } from "./choose_cluster.ts";
import { addClustersFlag, readClusterFlags } from "./cluster_flags.ts";
import { type Context, forceFlag, printResult, tellNews } from "./job.ts";

const FlagsSchema = z.object({
  deno: z.string().optional(),
  force: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** Makes the command. */
export function clusterInstall(context: Context): CommandUnknownOpts {
  const { io, cluster } = context;
  const command = new Command("install")
    .summary("put Deno and siren on a cluster's shared disk")
    .description(
      "Copies Deno and siren, as one bundle, into the profile's install folder, so that compute nodes need " +
        "neither the internet nor npm. What is there already is not copied again.",
    )
    .argument("<profile>", "profile of the cluster", textReader("the profile"))
    .addOption(
      new Option(
        "--deno <file>",
        "Deno for the cluster's nodes; default the one that runs siren here",
      ).argParser(textReader("--deno")),
    )
    .addOption(forceFlag("copy again what is there"))
    .option("--json", "print the places as JSON")
    .addHelpText(
      "after",
      `
Examples:
  siren cluster install bigcluster
  siren cluster install bigcluster --deno ~/deno-aarch64`,
    );
  addClustersFlag(command, false);
  return command.action(async (name) => {
    const { clusters } = readClusterFlags(command);
    const { deno, force, json } = FlagsSchema.parse(command.opts());
    const installed = await tellNews(io, false, undefined, async (tell, ask) => {
      const target = { name, file: clusters, mode: "wait" } as const;
      const choice = await chooseCluster(context, target, ask);
      return await cluster.installSiren(choice, {
        ...(deno === undefined ? {} : { deno }),
        force,
      }, { tell, signal: io.signal });
    });
    printResult(
      io,
      json,
      installed,
      ({ folder, deno, siren }) =>
        `Installed in ${folder}\n  Deno:  ${deno}\n  siren: ${siren}\n` +
        `Next: siren cluster check ${name}\n`,
    );
  });
}
