/**
 * The folder of a training: what is trained there, and that it holds no other.
 *
 * @module
 */
import { basename } from "node:path";
import { RunError } from "../core/errors.ts";
import { isThere, readInput, writeWhole } from "../core/files.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import type { Network } from "../core/threshold_cnn/network.ts";
import { drawSplit, type Part, parts } from "../core/threshold_cnn/split.ts";
import type { TrainingOptions } from "../core/threshold_cnn/training_options.ts";
import { readCheckpoint } from "../core/threshold_cnn/weights_file/weights_file.ts";
import { sha256 } from "./hashes.ts";
import type { Surroundings } from "./progress.ts";
import { versions } from "./run_file.ts";
import {
  difference,
  formatSplit,
  readTraining,
  type Training,
  writeTraining,
} from "./train_files.ts";
import { type TrainingCommand, trainingNames as names, weightsNames } from "./train_names.ts";

/** A map to train with. */
export interface LabelledFile {
  readonly path: string;
  /** The right level, on the scale of the normalised map. */
  readonly label: number;
}

/** What to train, with what, and where to. */
export interface TrainingJob {
  readonly command: TrainingCommand;
  readonly outdir: string;
  /** Whether another training that is in the folder is thrown away. */
  readonly force: boolean;
  readonly options: TrainingOptions;
  readonly network: Network;
  readonly engine: NetworkEngine;
  /** In natural order. */
  readonly maps: readonly LabelledFile[];
  /** File of the weights to begin with; drawn by the seed where there is none. */
  readonly weights?: string;
  /** Reads a normalised map of a box, and refuses others. */
  readonly read: (path: string, box: number) => Promise<Float32Array<ArrayBuffer>>;
}

/** What a training needs from its surroundings. */
export type TrainingSurroundings = Pick<Surroundings, "host" | "command" | "signal" | "tell">;

/**
 * Reads the weights and every map once, so that what cannot be used is told before anything is written.
 *
 * @throws {InputError} A map or the weights cannot be used, or there are too few maps.
 */
export async function describe(
  job: TrainingJob,
  { signal, tell }: TrainingSurroundings,
): Promise<Training> {
  const { command, options, engine, weights, network } = job;
  const split = drawSplit(job.maps.length, options.seed);
  if (weights !== undefined) await readCheckpoint(weights, network);
  const partOf = new Map<number, Part>(
    parts.flatMap((part) => split[part].map((place) => [place, part] as const)),
  );
  const maps: Training["maps"] = [];
  for (const [place, { path, label }] of job.maps.entries()) {
    await pause(signal);
    await job.read(path, network.box);
    maps.push({
      file: basename(path),
      sha256: sha256(await readInput(path)),
      label,
      part: partOf.get(place) ?? "training",
    });
    const total = job.maps.length;
    tell({ kind: "progress", stage: "Checking", done: place + 1, total, unit: "maps" });
  }
  return {
    format: 1,
    command,
    versions: versions(),
    engine: engine.name,
    options,
    ...(weights === undefined
      ? {}
      : { weights: { file: basename(weights), sha256: sha256(await readInput(weights)) } }),
    maps,
  };
}

/**
 * Sees that the folder holds this training, or nothing that it would overwrite, and says in it what it is.
 *
 * @throws {RunError} Another training is there, and it is not to be replaced.
 */
export async function claimFolder(
  { outdir, force }: TrainingJob,
  training: Training,
): Promise<void> {
  // A damaged description is no reason to keep what --force shall replace.
  const there = force
    ? await readTraining(outdir).catch(() => undefined)
    : await readTraining(outdir);
  if (there !== undefined) {
    const differs = difference(there, training);
    if (differs === undefined) return;
    if (!force) {
      throw new RunError(
        `Cannot train in ${outdir}: another training is there (${differs})`,
        "Give another --outdir, or --force to throw that training away.",
      );
    }
  }
  const { training: description, ...others } = names;
  const files = [...Object.values(others), ...Object.values(weightsNames)];
  for (const file of files) {
    if (!await isThere(`${outdir}/${file}`)) continue;
    if (!force) {
      throw new RunError(
        `Cannot train in ${outdir}: it holds ${file}, but no ${description} that says of what`,
        "Give another --outdir, or --force to overwrite it.",
      );
    }
    await Deno.remove(`${outdir}/${file}`);
  }
  await writeTraining(outdir, training);
  await writeWhole(`${outdir}/${names.split}`, formatSplit(training));
}

/** Lets Ctrl-C be heard, and stops where it was pressed. */
export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
