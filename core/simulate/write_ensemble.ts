/**
 * Writing a simulated ensemble: its maps, and the truth beside them.
 *
 * @module
 */
import { join } from "node:path";
import { writeMap } from "../mrc/write.ts";
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

const thresholdsName = "predictions.csv";

/** A block of fewer voxels is smaller than what the search keeps by default. */
const leastVoxels = 6;

/** One line of the table of thresholds, in the columns of the reference and the map's name. */
function thresholdRow(k: number, name: string, volume: Float32Array, threshold: number): string {
  let least = Infinity, greatest = -Infinity;
  for (const density of volume) {
    if (density < least) least = density;
    if (density > greatest) greatest = density;
  }
  // The network predicts -1 to 1 for thresholds from the least to the greatest density.
  const scaled = (threshold - least) / (greatest - least);
  return [k, k, least, greatest, 2 * scaled - 1, scaled, threshold, name].join(",");
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
    name === truthName || name === thresholdsName || isSimulatedMap(name);
  await prepareFolder(outdir, "the ensemble", isOwn, force);
  const { grid, states, labels, tree } = ensemble;
  const maps = mapNames(states.length);
  const totals = new Uint16Array(labels.length);
  const varied = options.amplitude > 0;
  const rows = [
    ",vol_id,vol_min,vol_max,prediction,int_predictions,denormalized_predictions,map_file",
  ];
  for (const [k, { threshold }] of states.entries()) {
    const volume = ensemble.volume(k);
    for (let v = 0; v < volume.length; v++) if (volume[v]! > threshold) totals[v]!++;
    if (varied) rows.push(thresholdRow(k, maps[k]!, volume, threshold));
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
    presence: states.map((state) => Array.from(state.presence, (there) => there === 1 ? 1 : 0)),
    unionVoxels,
    core,
    blocks,
    chains: chains?.map((pieces) => [...pieces]),
  };
  const thresholdsPath = varied ? join(outdir, thresholdsName) : undefined;
  if (thresholdsPath !== undefined) {
    await Deno.writeTextFile(thresholdsPath, rows.join("\n") + "\n");
  }
  const truthPath = join(outdir, truthName);
  await Deno.writeTextFile(truthPath, formatTruth(truth));
  return { truth, truthPath, thresholdsPath, warnings: warningsOf(truth) };
}
