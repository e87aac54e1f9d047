/**
 * What `siren fine_tune` and `siren train` have in common: flags, Ctrl-C, and what is told at the end.
 *
 * @module
 */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { z } from "zod";
import type { TrainingResult } from "../cluster/train_files.ts";
import type {
  LabelledFile,
  TrainingPlan,
  TrainingSurroundings,
} from "../cluster/train_description.ts";
import { type TrainingCommand, trainingNames } from "../cluster/train_names.ts";
import { quoteForShell } from "../core/shell.ts";
import { augmentations } from "../core/threshold_cnn/augment.ts";
import { type NetworkEngine, networkEngineNames } from "../core/threshold_cnn/engine.ts";
import { type Network, thresholdNetwork } from "../core/threshold_cnn/network.ts";
import type { TrainingOptions } from "../core/threshold_cnn/training_options.ts";
import { choiceReader } from "./arguments.ts";
import { type Io, Stop } from "./io.ts";
import {
  addOutputFlags,
  type Context,
  FolderFlagsSchema,
  forceFlag,
  outdirFlag,
  printSummary,
  tellNews,
  threadsFlag,
} from "./job.ts";
import { schemaFlags } from "./options.ts";
import { needPermissions, networkPermissions } from "./permissions.ts";
import { formatCounted, formatNumber } from "./table.ts";

/** What computes the network; tests use a smaller one. */
export interface NetworkParts {
  readonly network: Network;
  readonly findEngine: (
    name: typeof networkEngineNames[number],
    threads: number,
  ) => Promise<NetworkEngine>;
}

/** SIREn's network, and the engines there are. */
export const networkParts: NetworkParts = {
  network: thresholdNetwork,
  findEngine: async (name, threads) => {
    const { findNetworkEngine } = await import("../core/threshold_cnn/find_engine.ts");
    return await findNetworkEngine(name, threads);
  },
};

const LEARNING = "Learning:", MACHINE = "Computing:";

/** Fewest maps held out that say how good the weights are. */
const ENOUGH_HELD_OUT = 10;

/** Adds the flags that say how to learn, with what, and where to. */
export function addTrainingFlags(
  command: CommandUnknownOpts,
  shape: z.core.$ZodLooseShape,
  io: Io,
): void {
  const flags = [
    ...schemaFlags(shape, {
      batch_size: { value: "count", help: "maps that are learnt from together" },
      num_epochs: { value: "count", help: "how often every map is learnt from" },
      lr: { value: "rate", help: "learning rate of Adam" },
      patience: {
        value: "epochs",
        help: "stop when the validation loss has not fallen for so many epochs; default never",
      },
    }, LEARNING),
    augmentFlag(),
    ...schemaFlags(shape, {
      seed: { value: "number", help: "seed of everything drawn" },
    }, LEARNING),
    threadsFlag(io),
    networkEngineFlag(),
    outdirFlag(),
    forceFlag("start over, whatever training is in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  // `auto` may find tfjs.
  needPermissions(
    command,
    ({ engine }) => networkPermissions(engine),
  );
}

/** `--engine` of commands that compute the network. */
export function networkEngineFlag(): Option {
  return new Option(
    "--engine <name>",
    `what computes the network: ${networkEngineNames.join(", ")}; default auto, onnx unless ` +
      "SIREN_TFJS_NODE_GPU names a tfjs that works",
  ).choices(networkEngineNames).argParser(choiceReader("--engine", networkEngineNames))
    .helpGroup(MACHINE);
}

/** `--augment`, kinds with commas between. */
function augmentFlag(): Option {
  const read = choiceReader("--augment", augmentations);
  return new Option(
    "--augment <kinds>",
    `vary the maps: ${augmentations.join(",")}, or some of them; default none`,
  ).helpGroup(LEARNING).argParser((text) => text.split(",").map(read));
}

const FlagsSchema = FolderFlagsSchema.extend({
  threads: z.number().optional(),
  engine: z.enum(networkEngineNames).default("auto"),
});

/** What to train. */
export interface TrainingTask {
  readonly command: TrainingCommand;
  readonly options: TrainingOptions;
  /** File of the weights to begin with. */
  readonly weights?: string;
  /** Files that were given, which are not to be replaced. */
  readonly inputs: readonly string[];
  /** Finds the maps to train with. */
  readonly maps: (
    plan: TrainingPlan,
    surroundings: TrainingSurroundings,
  ) => Promise<readonly LabelledFile[]>;
}

/** Finds the normalised maps of a folder that have a label, and says how many have none. */
export function labelledIn(voldir: string, labels: string): TrainingTask["maps"] {
  return async (_plan, { tell }) => {
    const { labelledMaps } = await import("../cluster/train_labels.ts");
    const { maps, unlabelled } = await labelledMaps(voldir, labels);
    if (unlabelled > 0) {
      const [have, are] = unlabelled === 1 ? ["map has", "is"] : ["maps have", "are"];
      tell({ kind: "note", text: `${unlabelled} ${have} no label and ${are} passed over.` });
    }
    return maps;
  };
}

/**
 * Trains, tells the news, and prints what came of it.
 *
 * @throws {Stop} On Ctrl-C, with how to go on.
 */
export async function doTraining(
  { io, args }: Context,
  command: CommandUnknownOpts,
  { network, findEngine }: NetworkParts,
  { maps: findMaps, ...task }: TrainingTask,
): Promise<void> {
  const { outdir, threads, engine: name, force, json, quiet } = FlagsSchema.parse(command.opts());
  const commandOf = (words: readonly string[]) => ["siren", ...words].map(quoteForShell).join(" ");
  const typed = commandOf(args);
  const [{ train }, { readNormalisedMap }] = await Promise.all([
    import("../cluster/train.ts"),
    import("../core/threshold_cnn/normalised_maps.ts"),
  ]);
  let isBegun = false;
  let result: TrainingResult;
  try {
    result = await tellNews(io, quiet, undefined, async (tell) => {
      const engine = await findEngine(name, threads ?? io.threads);
      const surroundings = { host: io.hostname(), command: typed, signal: io.signal, tell };
      const plan = { ...task, outdir, force, network, engine };
      const maps = await findMaps(plan, surroundings);
      tell({ kind: "note", text: `Training with ${engine.what}` });
      return await train({
        ...plan,
        maps,
        read: readNormalisedMap,
        onBegun: () => {
          isBegun = true;
        },
      }, surroundings);
    });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    // What was begun is not to be thrown away by going on with it.
    const again = isBegun ? commandOf(args.filter((word) => word !== "--force")) : typed;
    throw new Stop(
      error.by,
      `${isBegun ? "Whole epochs are kept" : "What is done is kept"}. Go on with: ${again}`,
    );
  }
  printSummary(
    io,
    { json, quiet },
    { folder: outdir, ...result },
    () => formatTraining(task.command, result, outdir),
  );
}

/** What came of a training, as it is printed. */
export function formatTraining(
  command: TrainingCommand,
  { weights, epochs, best_epoch, stopped_early, maps, held_out }: TrainingResult,
  folder: string,
): string {
  const { before, after, fell } = held_out;
  const path = join(folder, weights);
  const from = command === "train" ? " from what untrained weights have" : "";
  const change = `the mean distance of predictions from labels ${
    went(before.mean_error, after.mean_error)
  }${from}, and the loss ${went(before.loss, after.loss)}`;
  const verdict = fell
    ? `The held-out error fell: ${change}.`
    : `The held-out error did not fall: ${change}. ${ADVICE[command]}`;
  return `${formatCounted(epochs, "epoch")}${stopped_early ? ", stopped early," : ""} on ${
    formatCounted(maps.training, "map")
  }, validated with ${maps.validation}; the weights kept are those of epoch ${best_epoch}\n` +
    `${verdict}\n` +
    (maps.test < ENOUGH_HELD_OUT
      ? `Only ${
        formatCounted(maps.test, "map was", "maps were")
      } held out: chance may play a part.\n`
      : "") +
    `Weights: ${path}\n` +
    `Losses:  ${join(folder, trainingNames.losses)}, ${trainingNames.svg}\n` +
    `Next:    siren eval_model --voldir MAPS --raw --weights_file ${
      quoteForShell(path)
    } --outdir OUT\n`;
}

const ADVICE: Readonly<Record<TrainingCommand, string>> = {
  fine_tune: "Keep the old weights, or try more labels, more epochs or another learning rate.",
  train: "Do not use these weights: try more maps, more epochs or another learning rate.",
};

function went(before: number, after: number): string {
  return before === after
    ? `stayed at ${formatNumber(before)}`
    : `went from ${formatNumber(before)} to ${formatNumber(after)}`;
}
