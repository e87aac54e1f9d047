/**
 * `siren resume` and `siren gather`: a run goes on where it was.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { awaitsThresholds } from "../cluster/network_run_file.ts";
import { UsageError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import { targetOfClusterRun, targetOfRun, targetToLeave } from "./choose_cluster.ts";
import { addClustersFlag, addResumeFlags, readClusterFlags } from "./cluster_flags.ts";
import { addJobFlags, type Context, doJob, readJobFlags } from "./job.ts";
import { enginePermissions } from "./permissions.ts";

/** Makes the command `resume`. */
export function resume(context: Context): CommandUnknownOpts {
  const command = new Command("resume")
    .summary("go on with a run that was interrupted")
    .description(
      "Does what is left of a run: what is there is checked and kept, what is missing or damaged is done " +
        "again. The results are the same, to the byte, as if nothing had happened. A run that is on a cluster " +
        "goes on there, with the jobs that are under way; --here takes it to this machine, --on to a cluster.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .addHelpText(
      "after",
      `
Examples:
  siren resume out --threads 8
  siren resume out --on bigcluster
  siren resume out --here`,
    );
  addResumeFlags(command);
  addJobFlags(command, context.io);
  return command.action(async (folder) => {
    const { on, clusters, here, mode } = readClusterFlags(command);
    const target = here
      ? await targetToLeave(context, folder, clusters)
      : on !== undefined
      ? { name: on, file: clusters, mode }
      : await targetOfRun(folder, clusters, mode);
    if (target === undefined && mode !== "wait") {
      throw new UsageError(
        `Cannot use ${mode === "plan" ? "--dry-run" : "--detach"}: the run is not on a cluster`,
        "Name the profile of the cluster with --on.",
      );
    }
    await resumeOn(context, command, folder, target);
  });
}

/** Makes the command `gather`. */
export function gather(context: Context): CommandUnknownOpts {
  const command = new Command("gather")
    .summary("take a run on a cluster as far as it goes without waiting")
    .description(
      "Fetches the shards that are ready and checks them. Where a stage is whole, the run goes on here and " +
        "the next stage is submitted; where tasks ended badly, what they left is submitted again. It never " +
        "waits for jobs: it says what is next, or, if the run is done, prints its summary. It may be called " +
        "at any time and as often as one likes.",
    )
    .argument("<folder>", "run folder: what --outdir was", textReader("the run folder"))
    .addHelpText(
      "after",
      `
Example:
  siren gather out`,
    );
  addClustersFlag(command);
  addJobFlags(command, context.io);
  return command.action(async (folder) => {
    const { clusters } = readClusterFlags(command);
    const target = await targetOfClusterRun(folder, clusters, "submit", "gather");
    await resumeOn(context, command, folder, target);
  });
}

async function resumeOn(
  context: Context,
  command: CommandUnknownOpts,
  folder: string,
  target: Awaited<ReturnType<typeof targetOfRun>>,
): Promise<void> {
  // Predicting thresholds is native code, whatever engine compares voxels; most runs have theirs.
  const thresholdsAreThere = await awaitsThresholds(folder) === undefined;
  const { engine } = readJobFlags(command);
  if (thresholdsAreThere && !enginePermissions(engine).includes("ffi")) context.io.drop(["ffi"]);
  const { resumeNetworkRun } = await import("../cluster/mod.ts");
  await doJob(
    context,
    command,
    folder,
    (surroundings) => resumeNetworkRun(folder, surroundings),
    target,
  );
}
