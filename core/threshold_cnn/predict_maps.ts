/**
 * Predicts the thresholds of maps, a few at a time.
 *
 * @module
 */
import { basename } from "node:path";
import { RunError } from "../errors.ts";
import { shortNumber } from "../short_number.ts";
import { list } from "../volumes/map_table.ts";
import type { NetworkEngine, Predictor } from "./engine.ts";
import type { Network, Weights } from "./network.ts";
import { denormalise, type MapStatistics } from "./normalise.ts";
import { normaliseMap, readNormalisedMap } from "./normalised_maps.ts";
import type { Prediction } from "./predictions.ts";

/** What to predict, and with what. */
export interface PredictionTask {
  /** Paths of the maps, in natural order; one or more. */
  readonly maps: readonly string[];
  /**
   * `raw`: the maps are as they come, of any box; they are normalised in memory, and levels are densities
   * of the maps themselves. Else the maps are normalised, and these are the statistics by which levels
   * become densities, one for each map.
   */
  readonly statistics: "raw" | readonly MapStatistics[];
  readonly network: Network;
  readonly weights: Weights;
  readonly engine: NetworkEngine;
  /** Maps that are handed to the engine together, and in memory: 1 or more. */
  readonly batchSize: number;
  readonly signal?: AbortSignal;
  /** Told how many maps are done, 0 first. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Predicts a level for each map. While maps are computed, the next are read; no more are in memory.
 *
 * @returns In the order of the maps.
 * @throws {InputError} A map cannot be used: damaged, of another box, not normalised, or without positive
 *   densities.
 * @throws {RunError} The engine fails, or predicts what is no number.
 */
export async function predictThresholds(
  { maps, statistics, network, weights, engine, batchSize, signal, onProgress }: PredictionTask,
): Promise<Prediction[]> {
  if (statistics !== "raw" && statistics.length !== maps.length) {
    throw new RangeError(`Cannot predict: ${statistics.length} statistics of ${maps.length} maps`);
  }
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) {
    throw new RangeError(`Cannot predict: batches must have one map or more (${batchSize})`);
  }
  const read = async (from: number): Promise<ReadMap[]> => {
    const batch: ReadMap[] = [];
    for (let i = from; i < Math.min(maps.length, from + batchSize); i++) {
      signal?.throwIfAborted();
      const map = maps[i]!; // within
      if (statistics === "raw") {
        const { data, own } = await normaliseMap(map, network.box);
        batch.push({ map, data, statistics: own });
      } else {
        const data = await readNormalisedMap(map, network.box);
        const { min, max } = statistics[i]!; // one for each map
        // As they were before they were written down: levels are then the same as of raw maps.
        const floats = { min: Math.fround(min), max: Math.fround(max) };
        batch.push({ map, data, statistics: floats });
      }
    }
    return batch;
  };
  const rows: Prediction[] = [];
  // Before the engine makes itself ready: what is wrong with maps shows at once.
  let next = await read(0);
  onProgress?.(0);
  const predictor = await engine.predictor(network, weights);
  try {
    while (next.length > 0) {
      const batch = next;
      const reading = read(rows.length + batch.length);
      reading.catch(() => {}); // it is waited for below, unless what comes before fails
      rows.push(...await predict(predictor, batch, network));
      next = await reading;
      onProgress?.(rows.length);
    }
  } finally {
    await predictor.close();
  }
  return rows;
}

interface ReadMap {
  readonly map: string;
  readonly data: Float32Array<ArrayBuffer>;
  readonly statistics: MapStatistics;
}

async function predict(
  predictor: Predictor,
  batch: readonly ReadMap[],
  { box }: Network,
): Promise<Prediction[]> {
  const voxels = new Float32Array(batch.length * box ** 3);
  for (const [i, { data }] of batch.entries()) voxels.set(data, i * box ** 3);
  const predictions = await predictor.predict(voxels);
  return batch.map(({ map, statistics }, i) => {
    const prediction = predictions[i]!; // one for each map
    if (!Number.isFinite(prediction)) {
      throw new RunError(
        `Cannot predict the threshold of ${map}: the network gives ${prediction}`,
        "The weights may be damaged: siren weights inspect shows what they are.",
      );
    }
    return { map, statistics, prediction, level: denormalise(prediction, statistics) };
  });
}

/** Least distance between the least and the greatest prediction of a network that tells maps apart. */
const LEAST_SPREAD = 1e-3;

/**
 * What may be wrong with predictions, in sentences; none where nothing is.
 *
 * @param rows From {@linkcode predictThresholds}.
 */
export function predictionWarnings(rows: readonly Prediction[]): string[] {
  const warnings: string[] = [];
  const outside = rows.filter(({ prediction }) => Math.abs(prediction) > 1);
  if (outside.length > 0) {
    const names = list(outside.map(({ map }) => basename(map)));
    warnings.push(
      `The levels predicted for ${outside.length} of ${rows.length} maps lie outside the maps' ` +
        `densities (${names}): the weights may not suit these maps.`,
    );
  }
  const all = rows.map(({ prediction }) => prediction);
  const [least, most] = all.reduce(
    ([least, most], p) => [Math.min(least, p), Math.max(most, p)] as const,
    [Infinity, -Infinity] as const,
  );
  if (rows.length > 1 && most - least < LEAST_SPREAD) {
    warnings.push(
      `All predictions are nearly the same (${shortNumber(least)} to ${
        shortNumber(most)
      } on the scale of -1 to 1): the weights ` +
        "may be untrained, or of another network.",
    );
  }
  return warnings;
}
