/**
 * `siren fine_tune`: weights that are there, trained on with the user's own maps.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { fineTuneOptions } from "../core/threshold_cnn/training_options.ts";
import { UsageError } from "../core/errors.ts";
import { textReader } from "./arguments.ts";
import type { Context } from "./job.ts";
import { checkOptions, NeededOption } from "./options.ts";
import { addTrainingFlags, doTraining, labelledIn, networkParts } from "./training.ts";

const MAPS = "Maps:";

const OwnFlagsSchema = z.object({
  voldir: z.string(),
  weights: z.string(),
  labels: z.string().optional(),
  labels_csv: z.string().optional(),
});

/**
 * Makes the command.
 *
 * @param parts What computes the network.
 */
export function fineTune(context: Context, parts = networkParts): CommandUnknownOpts {
  const command = new Command("fine_tune")
    .summary("train the network on with your own labels")
    .description(
      "Trains the network that predicts thresholds on with maps whose levels were chosen by eye; some 30 " +
        "are usual. Of the maps with a label four fifths are learnt from; a tenth says after each epoch how " +
        "well it goes, and a tenth is held out and says at the end whether it helped. The same command goes " +
        "on with a training that was stopped.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren fine_tune --voldir prepared/normalized --labels prepared/normalized/normalized_labels.csv \\
    --weights weights.pth --outdir tuned
  siren eval_model --voldir maps --raw --weights_file tuned/fine_tuned_weights.pth --outdir levels

The maps and their labels are what siren preprocess --labels writes.`,
    );
  const flags = [
    new NeededOption(
      "--voldir <folder>",
      "folder of normalised maps, as siren preprocess writes it; required",
    ).argParser(textReader("--voldir")),
    new Option(
      "--labels <file>",
      "CSV with map_file or vol_id, and normalized_label; maps without are passed over; required",
    ).argParser(textReader("--labels")),
    new Option("--labels_csv <file>", "the same as --labels").argParser(textReader("--labels_csv")),
    new NeededOption("--weights <file>", "weights to begin with (.pth, .safetensors); required")
      .argParser(textReader("--weights")),
  ];
  for (const flag of flags) command.addOption(flag.helpGroup(MAPS));
  addTrainingFlags(command, fineTuneOptions.shape, context.io);
  return command.action(async () => {
    const { voldir, weights, labels, labels_csv } = OwnFlagsSchema.parse(command.opts());
    const table = labels ?? labels_csv;
    if (table === undefined) {
      throw new UsageError(
        "Cannot understand siren fine_tune: an option is missing (--labels)",
        "Give the normalized_labels.csv that siren preprocess --labels writes.",
      );
    }
    if (labels !== undefined && labels_csv !== undefined) {
      throw new UsageError(
        "Cannot use --labels and --labels_csv together: they mean the same",
        "Leave one of the two out.",
      );
    }
    const options = checkOptions(fineTuneOptions, command.opts(), "fine-tune");
    await doTraining(context, command, parts, {
      command: "fine_tune",
      options,
      weights,
      inputs: [weights, table],
      maps: labelledIn(voldir, table),
    });
  });
}
