/**
 * Writing a simulated ensemble: its maps, and the truth beside them.
 *
 * @module
 */
import { join } from "node:path";
import { writeWhole } from "../files.ts";
import { writeMap } from "../mrc/write.ts";
import { normaliseLevel } from "../threshold_cnn/normalise.ts";
import {
  formatPredictions,
  type Prediction,
  PREDICTIONS_FILE,
} from "../threshold_cnn/predictions.ts";
import { isSimulatedMap, mapNames, prepareFolder } from "./output_folder.ts";
import type { Simulation } from "./simulate.ts";
import { formatTruth, type Truth, truthName } from "./truth.ts";

/** How {@linkcode writeEnsemble} goes about it. */
export interface WriteEnsembleOptions {
  /** Whether to replace an ensemble that lies in the folder already; its other files stay. */
  readonly force?: boolean;
  /** Called after each map with the number written and the number of all. */
  readonly onVolume?: (written: number, volumes: number) => void;
}

/** What {@linkcode writeEnsemble} wrote. */
export interface WrittenEnsemble {
  readonly truth: Truth;
  /** Path of `truth.json`. */
  readonly truthPath: string;
  /** Path of `predictions.csv`, the volumes' thresholds; only where they differ. */
  readonly thresholdsPath: string | undefined;
  /** What makes a block impossible to find or to score, as sentences. */
  readonly warnings: readonly string[];
}

/** A block of fewer voxels is smaller than what the search keeps by default. */
const leastVoxels = 6;

/** A volume's threshold as a row of the table. */
function thresholdOf(map: string, volume: Float32Array, level: number): Prediction {
  let min = Infinity, max = -Infinity;
  for (const density of volume) {
    if (density < min) min = density;
    if (density > max) max = density;
  }
  const statistics = { min, max };
  return { map, statistics, prediction: normaliseLevel(level, statistics), level };
}

function warningsOf(truth: Truth): string[] {
  const volumes = truth.maps.length;
  return truth.blocks.flatMap((voxels, block) => {
    const present = truth.presence.filter((row) => row[block] === 1).length;
    if (present === 0) return [`Block ${block} is in no volume: it cannot be found.`];
    if (present === volumes) return [`Block ${block} is in every volume: it is part of the core.`];
    if (voxels.length < leastVoxels) {
      return [`Block ${block} has only ${voxels.length} voxels of the union.`];
    }
    return [];
  });
}

/**
 * Makes the volumes one after the other and writes `vol_000.mrc` and so on (mode 2), `predictions.csv`
 * where the thresholds differ, and at last `truth.json`, whose voxels are those of the union: occupied
 * in more than 1 % of the volumes.
 *
 * @param outdir Made where it is missing.
 * @throws {UsageError} Where the folder is not empty and `force` is not given.
 * @throws {RunError} Where the folder or a map cannot be written.
 */
export async function writeEnsemble(
  { ensemble, options, chains }: Simulation,
  outdir: string,
  { force = false, onVolume }: WriteEnsembleOptions = {},
): Promise<WrittenEnsemble> {
  const isOwn = (name: string) =>
    name === truthName || name === PREDICTIONS_FILE || isSimulatedMap(name);
  await prepareFolder(outdir, "the ensemble", isOwn, force);
  const { grid, states, labels, tree } = ensemble;
  const maps = mapNames(states.length);
  const totals = new Uint16Array(labels.length);
  const varied = options.amplitude > 0;
  const rows: Prediction[] = [];
  for (const [k, { threshold }] of states.entries()) {
    const volume = ensemble.volume(k);
    for (let v = 0; v < volume.length; v++) if (volume[v]! > threshold) totals[v]!++;
    if (varied) rows.push(thresholdOf(maps[k]!, volume, threshold));
    await writeMap(join(outdir, maps[k]!), volume, grid, "siren simulate");
    onVolume?.(k + 1, states.length);
  }

  let unionVoxels = 0;
  const owned: number[][] = Array.from({ length: tree.parents.length + 1 }, () => []);
  totals.forEach((total, v) => {
    if (100 * total <= states.length) return;
    unionVoxels++;
    owned[labels[v]!]?.push(v);
  });
  const [core, ...blocks] = owned as [number[], ...number[][]];
  const truth: Truth = {
    format: "siren truth",
    version: 1,
    box: grid.box,
    apix: grid.apix,
    origin: grid.origin,
    seed: options.seed,
    options,
    maps,
    thresholds: states.map((state) => state.threshold),
    resolutions: states.map((state) => state.resolution),
    parents: [...tree.parents],
    probabilities: [...tree.probabilities],
    exclusive: tree.exclusive?.map(([a, b]) => [a, b]),
    presence: states.map((state) => Array.from(state.presence, (there) => there === 1 ? 1 : 0)),
    unionVoxels,
    core,
    blocks,
    chains: chains?.map((pieces) => [...pieces]),
  };
  const thresholdsPath = varied ? join(outdir, PREDICTIONS_FILE) : undefined;
  if (thresholdsPath !== undefined) {
    // With all digits: they are the thresholds of the truth.
    await writeWhole(thresholdsPath, formatPredictions(rows, String));
  }
  const truthPath = join(outdir, truthName);
  await writeWhole(truthPath, formatTruth(truth));
  return { truth, truthPath, thresholdsPath, warnings: warningsOf(truth) };
}
