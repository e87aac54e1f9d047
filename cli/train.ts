/**
 * `siren train`: weights from scratch.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { trainOptions } from "../core/threshold_cnn/training_options.ts";
import { UsageError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import type { Context } from "./job.ts";
import { checkOptions, NeededOption } from "./options.ts";
import {
  addTrainingFlags,
  doTraining,
  labelledIn,
  networkParts,
  type TrainingTask,
} from "./training.ts";

const MAPS = "Maps:";

const OwnFlagsSchema = z.object({
  voldir: z.string(),
  labels: z.string().optional(),
  emdb: z.string().optional(),
});

/**
 * Makes the command.
 *
 * @param parts What computes the network.
 */
export function train(context: Context, parts = networkParts): CommandUnknownOpts {
  const command = new Command("train")
    .summary("train the network from scratch")
    .description(
      "Trains the network that predicts thresholds, from weights drawn by the seed. It takes thousands of " +
        "maps and days on a CPU; whoever has SIREn's weights, or others, fares better with siren fine_tune. " +
        "Maps are normalised ones with labels, or maps of EMDB with the levels that their authors " +
        "recommend. The same command goes on with a training that was stopped.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren train --voldir prepared/normalized --labels prepared/normalized/normalized_labels.csv \\
    --augment rotations,flips,amplitude --outdir trained
  siren train --voldir emdb --emdb training_labels.csv --outdir trained

A table for --emdb has the columns emdb_id (EMD-15230 or 15230), raw_recommended_contour_level or
contour_level, and perhaps raw_box_size_pixel; maps are named like emd_15230.map or
EMD-15230.mrc.gz.`,
    );
  const flags = [
    new NeededOption(
      "--voldir <folder>",
      "folder of normalised maps, or with --emdb of maps as they come from EMDB; required",
    ).argParser(textReader("--voldir")),
    new Option(
      "--labels <file>",
      "CSV with map_file or vol_id, and normalized_label; maps without are passed over",
    ).argParser(textReader("--labels")),
    new Option("--emdb <file>", "CSV of EMDB entries and their levels, in place of --labels")
      .argParser(textReader("--emdb")),
  ];
  for (const flag of flags) command.addOption(flag.helpGroup(MAPS));
  addTrainingFlags(command, trainOptions.shape, context.io);
  return command.action(async () => {
    const { voldir, labels, emdb } = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(trainOptions, command.opts(), "train");
    await doTraining(context, command, parts, {
      command: "train",
      options,
      ...mapsOf(voldir, labels, emdb),
    });
  });
}

/** The maps, by one kind of table. */
function mapsOf(
  voldir: string,
  labels: string | undefined,
  emdb: string | undefined,
): Pick<TrainingTask, "inputs" | "maps"> {
  if (labels !== undefined && emdb !== undefined) {
    throw new UsageError(
      "Cannot use --labels and --emdb together: the labels are of one kind",
      "Leave one of the two out.",
    );
  }
  if (labels !== undefined) return { inputs: [labels], maps: labelledIn(voldir, labels) };
  if (emdb === undefined) {
    throw new UsageError(
      "Cannot understand siren train: an option is missing (--labels or --emdb)",
      "Give the normalized_labels.csv that siren preprocess --labels writes, or a table of EMDB entries.",
    );
  }
  return {
    inputs: [emdb],
    maps: async (plan, surroundings) => {
      const { normaliseEmdbMaps } = await import("../cluster/train_emdb.ts");
      return await normaliseEmdbMaps({ voldir, table: emdb }, plan, surroundings);
    },
  };
}
