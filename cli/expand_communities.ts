/**
 * `siren expand_communities`: the rest of the voxels, given to the blocks of a sketch.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, type Option } from "@commander-js/extra-typings";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ExpandOptionsSchema, SketchOptionsSchema } from "../cluster/options.ts";
import { InputError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import { addClusterFlags, readTarget } from "./cluster_flags.ts";
import { addJobFlags, type Context, doJob, forceFlag, isFile } from "./job.ts";
import { checkOptions, NeededOption } from "./options.ts";
import { expandFlags, rememberedFlags } from "./run_flags.ts";

const { shape } = SketchOptionsSchema;

/** The sketch's options that may be repeated, without defaults: what is not given is not compared. */
const RememberedSchema = z.strictObject({
  voldir: shape.voldir.exactOptional(),
  apix: shape.apix,
  bin: shape.bin,
  binfile: shape.binfile,
  filter: shape.filter.unwrap().optional(),
  subsample: shape.subsample.unwrap().optional(),
  seed: shape.seed.unwrap().optional(),
  voxels: shape.voxels,
  rule: shape.rule.unwrap().optional(),
  cutoff_method: shape.cutoff_method.unwrap().optional(),
  trials: shape.trials.unwrap().optional(),
  communities: shape.communities.unwrap().optional(),
  min_block_size: shape.min_block_size.unwrap().optional(),
});

const OwnFlagsSchema = z.object({
  config: z.string(),
  blockdir: z.string(),
  force: z.boolean().default(false),
});

/** Makes the command. */
export function expandCommunities(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("expand_communities")
    .summary("give the rest of the voxels to the blocks of a sketch")
    .description(
      "Takes every voxel of the union that goes with enough of a block's voxels into that block. The blocks " +
        "are the masks in BLOCKDIR, which may be edited by hand, removed or added. The results are in " +
        "02_expand, beside the sketch.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren expand_communities --config out/00_sketch/config.json --blockdir out/00_sketch
  siren expand_communities --config out/00_sketch --blockdir my_masks --exp_frac 0.3 --threads 8`,
    );
  const flags = [
    neededPath("--config <file>", "config.json that the sketch wrote, or its folder"),
    neededPath("--blockdir <folder>", "folder of block masks, as a rule OUTDIR/00_sketch"),
    ...expandFlags(),
    ...rememberedFlags(),
    forceFlag("expand anew even if an expansion is there"),
  ];
  for (const flag of flags) command.addOption(flag);
  addClusterFlags(command);
  addJobFlags(command, context.io);
  return command.action(async () => {
    const flags = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(ExpandOptionsSchema, command.opts(), "expand");
    const remembered = checkOptions(RememberedSchema, command.opts(), "expand");
    const target = readTarget(command);
    const config = await findConfig(flags.config);
    const { expandCommunities } = await import("../cluster/mod.ts");
    await doJob(
      context,
      command,
      dirname(dirname(config)),
      (surroundings) =>
        expandCommunities(
          config,
          flags.blockdir,
          options,
          remembered,
          surroundings,
          flags.force,
        ),
      target,
    );
  });
}

function neededPath(flags: string, help: string): Option {
  return new NeededOption(flags, `${help}; required`)
    .argParser(textReader(flags.split(" ")[0]!)).helpGroup("Sketch:");
}

/** The sketch's config.json, given itself, its folder or the run folder. */
async function findConfig(path: string): Promise<string> {
  const places = [path, join(path, "config.json"), join(path, "00_sketch", "config.json")];
  for (const place of places) if (await isFile(place)) return place;
  throw new InputError(
    `Cannot expand: there is no config.json of a sketch (${path})`,
    "Give the config.json in the sketch's results, OUTDIR/00_sketch.",
  );
}
