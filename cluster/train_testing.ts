/**
 * A small training for the tests; no part of the program.
 *
 * @module
 */
import { tinyEngine, tinyMaps, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { fineTuneOptions } from "../core/threshold_cnn/training_options.ts";
import { sha256 } from "./hashes.ts";
import type { News } from "./progress.ts";
import type { TrainingJob } from "./train_description.ts";

const MAPS = 12;
const tiny = tinyMaps(MAPS);

/** Files to stand for the maps, and a job that trains with them. */
export async function prepare(
  folder: string,
  changes: Partial<TrainingJob> = {},
): Promise<TrainingJob> {
  const maps = [];
  for (const [i, label] of tiny.labels.entries()) {
    const path = `${folder}/vol_${i}.mrc`;
    await Deno.writeTextFile(path, `map ${i}`);
    maps.push({ path, label });
  }
  return {
    command: "train",
    outdir: `${folder}/out`,
    force: false,
    inputs: [],
    options: fineTuneOptions.parse({ num_epochs: 6, lr: 0.03, augment: ["rotations"], seed: 1 }),
    network: tinyNetwork,
    engine: tinyEngine,
    maps,
    read: (path) => tiny.read(Number(/(\d+)\.mrc$/.exec(path)?.[1])),
    ...changes,
  };
}

/** Surroundings that keep what they are told. */
export function around(signal = new AbortController().signal) {
  const news: News[] = [];
  const tell = (piece: News) => void news.push(piece);
  return { host: "here", command: "siren train", signal, tell, news };
}

/** Hashes of all files of a folder, but for the lock that says which process had it. */
export async function hashesIn(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== "run.lock") files[name] = sha256(await Deno.readFile(`${folder}/${name}`));
  }
  return files;
}
