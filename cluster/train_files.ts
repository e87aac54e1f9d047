/**
 * The files of a training's folder: what the training is, how its epochs went, and what came of it. None
 * holds a time, so that the same training writes the same bytes.
 *
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { readIfThere, writeWhole } from "../core/files.ts";
import { csvCell } from "../core/volumes/csv_text.ts";
import { parts } from "../core/threshold_cnn/split.ts";
import { type EpochLosses, parseLosses } from "../core/threshold_cnn/training_history.ts";
import { fineTuneOptions } from "../core/threshold_cnn/training_options.ts";
import { readJsonFile } from "./json_file.ts";
import { trainingNames } from "./train_names.ts";

const TrainingSchema = z.strictObject({
  format: z.literal(1),
  command: z.enum(["fine_tune", "train"]),
  versions: z.strictObject({ siren: z.string(), deno: z.string() }),
  /** What computed the gradients, and where: another rounds otherwise. */
  engine: z.string(),
  options: fineTuneOptions,
  /** Weights that were begun with; drawn by the seed where there are none. */
  weights: z.strictObject({ file: z.string(), sha256: z.string() }).optional(),
  /** In natural order. */
  maps: z.array(z.strictObject({
    file: z.string(),
    sha256: z.string(),
    /** On the scale of the map. */
    label: z.number(),
    part: z.enum(parts),
  })),
});

/** What a training is: everything in its folder follows from this. */
export type Training = z.output<typeof TrainingSchema>;

/** What it is but for its maps. */
export type TrainingSetting = Omit<Training, "maps">;

const REMEDY = "Start over with --force.";

/** Writes training.json. */
export async function writeTraining(folder: string, training: Training): Promise<void> {
  await writeJson(`${folder}/${trainingNames.training}`, TrainingSchema.parse(training));
}

/**
 * Reads training.json; undefined where there is none.
 *
 * @throws {InputError} It is damaged or of another version of siren.
 */
export async function readTraining(folder: string): Promise<Training | undefined> {
  return await readJsonFile(`${folder}/${trainingNames.training}`, TrainingSchema, REMEDY);
}

/**
 * Says how two trainings differ but for their maps, as in "lr is 1e-6 there and 1e-5 here"; undefined where
 * they do not. The version of siren does not count.
 */
export function settingDifference(
  there: TrainingSetting,
  here: TrainingSetting,
): string | undefined {
  const options = Object.keys({
    ...there.options,
    ...here.options,
  }) as (keyof Training["options"])[];
  return differ("the command", there.command, here.command) ??
    differ("the engine", there.engine, here.engine) ??
    options.map((key) => differ(key, there.options[key], here.options[key]))
      .find((difference) => difference !== undefined) ??
    differ("the hash of the weights", there.weights?.sha256, here.weights?.sha256);
}

/** Says how the maps of two trainings differ; undefined where they do not. */
export function mapsDifference(
  { maps: there }: Pick<Training, "maps">,
  { maps: here }: Pick<Training, "maps">,
): string | undefined {
  return differ("the number of maps with labels", there.length, here.length) ??
    here.map((map, i) => {
      const old = there[i]!; // as many as here
      return differ(`map ${i}`, old.file, map.file) ??
        differ(`the hash of ${map.file}`, old.sha256, map.sha256) ??
        differ(`the label of ${map.file}`, old.label, map.label) ??
        differ(`the part of ${map.file}`, old.part, map.part);
    }).find((difference) => difference !== undefined);
}

function differ(what: string, there: unknown, here: unknown): string | undefined {
  if (JSON.stringify(there) === JSON.stringify(here)) return undefined;
  return `${what} is ${told(there)} there and ${told(here)} here`;
}

function told(value: unknown): string {
  if (value === undefined) return "not given";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(",");
  return String(value);
}

/** Text of split.csv: the part of each map. */
export function formatSplit({ maps }: Training): string {
  return "map_file,part\n" + maps.map(({ file, part }) => `${csvCell(file)},${part}\n`).join("");
}

/**
 * Reads losses.csv up to an epoch.
 *
 * @throws {InputError} It is missing, or is not whole up to there.
 */
export async function readLosses(folder: string, last: number): Promise<EpochLosses[]> {
  const path = `${folder}/${trainingNames.losses}`;
  const bytes = await readIfThere(path);
  const epochs = wholeLosses(new TextDecoder().decode(bytes), path, last);
  if (epochs !== undefined) return epochs;
  throw new InputError(
    `Cannot go on from ${folder}/${trainingNames.last}: ${path} does not hold its ${last} epochs`,
    `Was it edited? ${REMEDY}`,
  );
}

function wholeLosses(text: string, path: string, last: number): EpochLosses[] | undefined {
  try {
    return parseLosses(text, path, last);
  } catch (error) {
    if (error instanceof InputError) return undefined; // cut off within a line
    throw error;
  }
}

/** Text of held_out.csv: what was predicted before and after training for the maps held out. */
export function formatHeldOut(
  rows: readonly { map: string; label: number; before: number; after: number }[],
): string {
  return "map_file,normalized_label,prediction_before,prediction_after\n" +
    rows.map(({ map, label, before, after }) =>
      `${csvCell(basename(map))},${label},${before},${after}\n`
    ).join("");
}

const ErrorsSchema = z.strictObject({ loss: z.number(), mean_error: z.number() });

/** Schema of result.json. */
export const TrainingResultSchema = z.strictObject({
  /** The weights kept: those of the epoch with the least validation loss. */
  weights: z.string(),
  /** Epochs trained. */
  epochs: z.number().int(),
  best_epoch: z.number().int(),
  /** Whether training ended because the validation loss fell no more. */
  stopped_early: z.boolean(),
  /** Number of maps in each part. */
  maps: z.strictObject({ training: z.number(), validation: z.number(), test: z.number() }),
  /** Of the maps held out, with the weights begun with and with those kept. */
  held_out: z.strictObject({
    before: ErrorsSchema,
    after: ErrorsSchema,
    /** Whether both loss and mean error became less. */
    fell: z.boolean(),
  }),
});

/** What came of a training. */
export type TrainingResult = z.output<typeof TrainingResultSchema>;

/** Writes result.json. */
export async function writeResult(folder: string, result: TrainingResult): Promise<void> {
  await writeJson(`${folder}/${trainingNames.result}`, result);
}

/** Reads result.json; undefined where there is none. */
export async function readResult(folder: string): Promise<TrainingResult | undefined> {
  return await readJsonFile(`${folder}/${trainingNames.result}`, TrainingResultSchema, REMEDY);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, JSON.stringify(value, undefined, 1) + "\n");
}
