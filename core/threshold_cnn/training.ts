/**
 * Training: an epoch of learning, and how well the network does on maps that it does not learn from.
 *
 * @module
 */
import { RunError } from "../errors.ts";
import { adamStep } from "./adam.ts";
import { augment, type LabelledMap } from "./augment.ts";
import type { AdamState } from "./checkpoint.ts";
import type { Batch, Predictor, Trainer } from "./engine.ts";
import { mapLoss } from "./loss.ts";
import type { Network, Weights } from "./network.ts";
import { countIn } from "./running_statistics.ts";
import { drawBatches, drawDropout, drawing, inBatches } from "./split.ts";
import type { TrainingMaps } from "./training_maps.ts";
import type { TrainingOptions } from "./training_options.ts";

/** Where training stands after a number of whole epochs. */
export interface TrainingState {
  readonly weights: Weights;
  readonly adam: AdamState;
  readonly epoch: number;
}

/** What an epoch works with. */
export interface EpochSetting {
  readonly network: Network;
  readonly maps: TrainingMaps;
  /** Places of the maps to learn from, or to judge by. */
  readonly places: readonly number[];
  readonly options: Pick<TrainingOptions, "batch_size" | "seed" | "augment">;
  /** Called after each batch with the number of maps done; may throw to stop. */
  readonly onBatch?: (maps: number) => void | Promise<void>;
}

/** An epoch that was trained. */
export interface TrainedEpoch {
  readonly state: TrainingState;
  /** Mean over the maps of the loss before the step of their batch. */
  readonly loss: number;
}

/**
 * Trains the next epoch: every map once, in an order drawn for it, a step of Adam for each batch. The last
 * batch may be smaller. What is drawn follows from the seed and the epoch alone, so that the same state
 * gives the same weights wherever the engine gives the same gradients.
 *
 * @throws {RunError} Where the loss is no longer a number.
 */
export async function trainEpoch(
  trainer: Trainer,
  { weights, adam, epoch }: TrainingState,
  { network, maps, places, options, onBatch }: EpochSetting,
): Promise<TrainedEpoch> {
  const { batch_size, seed, augment: kinds } = options;
  const now = epoch + 1;
  const masks = drawing(seed, "dropout", now), variants = drawing(seed, "augmentation", now);
  const features = network.convolutions.at(-1)?.to ?? 1;
  let losses = 0, done = 0;
  for (const batch of drawBatches(places, batch_size, seed, now)) {
    const examples: LabelledMap[] = [];
    for (const place of batch) {
      const example = { map: await maps.read(place), label: maps.labels[place]! };
      examples.push(augment(example, network.box, kinds, variants));
    }
    const dropout = drawDropout(features * batch.length, masks);
    const learnt = await trainer.gradients(weights, { ...asBatch(examples), dropout });
    checkLoss(learnt.loss, now);
    ({ weights, adam } = adamStep(weights, learnt.gradients, adam));
    weights = countIn(weights, learnt.statistics);
    losses += learnt.loss * batch.length;
    done += batch.length;
    await onBatch?.(done);
  }
  return { state: { weights, adam, epoch: now }, loss: losses / places.length };
}

/** How well the network does on maps that it does not learn from. */
export interface Evaluation {
  /** Mean of the maps' losses. */
  readonly loss: number;
  /** Mean distance of the predictions from the labels, on the scale of the maps. */
  readonly meanError: number;
  /** In the order of the places. */
  readonly predictions: readonly number[];
}

/**
 * Predicts the levels of maps and compares them with their labels.
 *
 * @throws {RunError} Where the loss is not a number.
 */
export async function evaluate(
  predictor: Predictor,
  { maps, places, options, onBatch }: EpochSetting,
): Promise<Evaluation> {
  const predictions: number[] = [];
  let losses = 0, distances = 0;
  for (const batch of inBatches(places, options.batch_size)) {
    const examples: LabelledMap[] = [];
    for (const place of batch) {
      examples.push({ map: await maps.read(place), label: maps.labels[place]! });
    }
    const predicted = await predictor.predict(asBatch(examples).maps);
    for (const [i, { map, label }] of examples.entries()) {
      const prediction = predicted[i]!;
      predictions.push(prediction);
      losses += mapLoss(map, prediction, label);
      distances += Math.abs(prediction - label);
    }
    await onBatch?.(predictions.length);
  }
  checkLoss(losses);
  return { loss: losses / places.length, meanError: distances / places.length, predictions };
}

/** Whether the mean error and the loss both became less. */
export function fell(before: Omit<Evaluation, "predictions">, after: typeof before): boolean {
  return after.meanError < before.meanError && after.loss < before.loss;
}

function asBatch(examples: readonly LabelledMap[]): Omit<Batch, "dropout"> {
  const voxels = examples[0]?.map.length ?? 0;
  const maps = new Float32Array(examples.length * voxels);
  for (const [i, { map }] of examples.entries()) maps.set(map, i * voxels);
  return { maps, labels: Float32Array.from(examples, ({ label }) => label) };
}

function checkLoss(loss: number, epoch?: number): void {
  if (Number.isFinite(loss)) return;
  const where = epoch === undefined ? "of maps that are not learnt from" : `in epoch ${epoch}`;
  throw new RunError(
    `Cannot go on training: the loss ${where} is not a number (${loss})`,
    "The learning rate may be too large, or the weights or maps hold values that are not numbers.",
  );
}
