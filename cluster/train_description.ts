/**
 * What a training is: what it is told to do, and with which maps.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../core/errors.ts";
import { readInput } from "../core/files.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import type { Network } from "../core/threshold_cnn/network.ts";
import { drawSplit, type Part, parts } from "../core/threshold_cnn/split.ts";
import type { TrainingOptions } from "../core/threshold_cnn/training_options.ts";
import { readCheckpoint } from "../core/threshold_cnn/weights_file/weights_file.ts";
import { sha256 } from "./hashes.ts";
import type { Surroundings } from "./progress.ts";
import { versions } from "./run_file.ts";
import type { Training, TrainingSetting } from "./train_files.ts";
import type { TrainingCommand } from "./train_names.ts";

/** A map to train with. */
export interface LabelledFile {
  readonly path: string;
  /** The right level, on the scale of the normalised map. */
  readonly label: number;
}

/** What to train and where to, before the maps are known. */
export interface TrainingPlan {
  readonly command: TrainingCommand;
  readonly outdir: string;
  /** Whether a training that is in the folder is thrown away, the same one too. */
  readonly force: boolean;
  readonly options: TrainingOptions;
  readonly network: Network;
  readonly engine: NetworkEngine;
  /** File of the weights to begin with; drawn by the seed where there is none. */
  readonly weights?: string;
  /** Files that were given, weights and labels, which are not to be replaced. */
  readonly inputs: readonly string[];
}

/** What to train, with what, and where to. */
export interface TrainingJob extends TrainingPlan {
  /** In natural order. */
  readonly maps: readonly LabelledFile[];
  /** Reads a normalised map of a box, and refuses others. */
  readonly read: (path: string, box: number) => Promise<Float32Array<ArrayBuffer>>;
  /** Called when the folder holds this training: from here on it is gone on with without `force`. */
  readonly onBegun?: () => void;
}

/** What a training needs from its surroundings. */
export type TrainingSurroundings = Pick<Surroundings, "host" | "command" | "signal" | "tell">;

/** What a training is but for its maps. */
export async function settingOf(
  { command, engine, options, weights }: TrainingPlan,
): Promise<TrainingSetting> {
  return {
    format: 1,
    command,
    versions: versions(),
    // Behind it may stand, in brackets, which engine was passed over: that computes nothing.
    engine: engine.what.replace(/ \(not .*\)$/s, ""),
    options,
    ...(weights === undefined
      ? {}
      : { weights: { file: basename(weights), sha256: sha256(await readInput(weights)) } }),
  };
}

/**
 * Reads the weights and every map once, so that what cannot be used is told before anything is written.
 *
 * @throws {InputError} A map or the weights cannot be used, there are too few maps, or two are the same.
 */
export async function describe(
  job: TrainingJob,
  { signal, tell }: TrainingSurroundings,
): Promise<Training> {
  const { options, weights, network } = job;
  const split = drawSplit(job.maps.length, options.seed);
  if (weights !== undefined) await readCheckpoint(weights, network);
  const partOf = new Map<number, Part>(
    parts.flatMap((part) => split[part].map((place) => [place, part] as const)),
  );
  const maps: Training["maps"] = [];
  /** Which map has these voxels. */
  const seen = new Map<string, string>();
  for (const [place, { path, label }] of job.maps.entries()) {
    await pause(signal);
    const map = await job.read(path, network.box);
    const voxels = sha256(new Uint8Array(map.buffer, map.byteOffset, map.byteLength));
    const file = basename(path), same = seen.get(voxels);
    if (same !== undefined) {
      throw new InputError(
        `Cannot train: two maps are the same, voxel by voxel (${same}, ${file})`,
        "One might be learnt from and the other held out: take one away, or its label.",
      );
    }
    seen.set(voxels, file);
    maps.push({
      file,
      sha256: sha256(await readInput(path)),
      label,
      part: partOf.get(place) ?? "training",
    });
    const total = job.maps.length;
    tell({ kind: "progress", stage: "Checking", done: place + 1, total, unit: "maps" });
  }
  return { ...await settingOf(job), maps };
}

/** Lets Ctrl-C be heard, and stops where it was pressed. */
export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
