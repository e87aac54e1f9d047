/**
 * `siren sketch_communities`: blocks in a sample of the voxels.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { SketchOptionsSchema } from "../cluster/options.ts";
import { addClusterFlags, isEstimate, readTarget } from "./cluster_flags.ts";
import { tellEstimate } from "./estimate.ts";
import { addJobFlags, type Context, doJob, outFlags, readFolderFlags } from "./job.ts";
import { checkOptions } from "./options.ts";
import { sketchFlags } from "./run_flags.ts";

/** The reference's rule, so that its users' scripts find what they found. */
const RULE = "siren";

/** Makes the command. */
export function sketchCommunities(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("sketch_communities")
    .summary("find blocks in a sample of the voxels")
    .description(
      "Samples the voxels that are occupied in more than 1 % of the maps, links those that come and go " +
        "together, and finds the groups among them. The results are in OUTDIR/00_sketch; then " +
        "expand_communities gives the other voxels to the blocks.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren sketch_communities --voldir maps --apix 6.55 --bin 0.7 --outdir out
  siren sketch_communities --voldir maps --binfile thresholds.csv --filter --outdir out --threads 8`,
    );
  for (const flag of [...sketchFlags(RULE), ...outFlags()]) command.addOption(flag);
  addClusterFlags(command, true);
  addJobFlags(command, context.io);
  return command.action(async () => {
    const { outdir, force } = readFolderFlags(command);
    const given = { rule: RULE, ...command.opts() };
    const options = checkOptions(SketchOptionsSchema, given, "sketch");
    if (isEstimate(command)) return await tellEstimate(context, command, options);
    const target = readTarget(command);
    const { sketchCommunities } = await import("../cluster/mod.ts");
    await doJob(
      context,
      command,
      outdir,
      (surroundings) => sketchCommunities(options, outdir, surroundings, force),
      target,
    );
  });
}
