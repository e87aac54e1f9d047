/**
 * What computes the network: predictions, and the gradients that training needs. All engines give the
 * same answers, but for rounding.
 *
 * @module
 */
import type { Network, Weights } from "./network.ts";

/** A network with its weights, ready to predict. */
export interface Predictor {
  /**
   * Predicts the level of maps, each for itself: dropout is off, and batch normalisation takes its running
   * statistics.
   *
   * @param maps Normalised voxels, one map after the other: count x box^3, x running fastest.
   * @returns A level for each map, on the scale of the maps.
   */
  predict(maps: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Maps to learn from together. */
export interface Batch {
  /** Normalised voxels: count x box^3. */
  readonly maps: Float32Array<ArrayBuffer>;
  /** The right level of each map, on the scale of the maps. */
  readonly labels: Float32Array<ArrayBuffer>;
  /**
   * What each feature before the dense layers is multiplied by: count x features; 0 where dropped,
   * 1 / (1 - dropout) elsewhere, or 1 throughout.
   */
  readonly dropout: Float32Array<ArrayBuffer>;
}

/** Mean and variance of a batch, channel by channel, over all its maps and voxels. */
export interface BatchStatistics {
  readonly mean: Float32Array<ArrayBuffer>;
  /** Divided by the number of values, not by one less. */
  readonly variance: Float32Array<ArrayBuffer>;
  /** Number of values that each mean is of. */
  readonly count: number;
}

/** What a batch says about the weights. */
export interface Gradients {
  /** See {@linkcode LOSS_SLOPE}. */
  readonly loss: number;
  /** What the network predicted while learning. */
  readonly predictions: Float32Array<ArrayBuffer>;
  /** Derivative of the loss by each parameter, by its name. */
  readonly gradients: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** By the name of the batch normalisation. */
  readonly statistics: ReadonlyMap<string, BatchStatistics>;
}

/**
 * Slope of the sigmoids in the loss: the mean over all maps and voxels v of
 * `(sigmoid(10 (v - prediction)) - sigmoid(10 (v - label)))^2`, which compares the two binarised maps.
 */
export const LOSS_SLOPE = 10;

/** Computes gradients. */
export interface Trainer {
  /** Batch normalisation takes the batch's own statistics. Weights may differ from call to call. */
  gradients(weights: Weights, batch: Batch): Promise<Gradients>;
  close(): Promise<void>;
}

/** An engine that works. */
export interface NetworkEngine {
  readonly name: NetworkEngineName;
  /** What it is and where it computes, for the user to read. */
  readonly what: string;
  predictor(network: Network, weights: Weights): Promise<Predictor>;
  trainer(network: Network): Promise<Trainer>;
}

/**
 * `auto` is ONNX Runtime; but TensorFlow.js with CUDA where the variable SIREN_TFJS_NODE_GPU names one that
 * works. WebGPU is used where `tfjs` is asked for alone.
 */
export const networkEngineNames = ["auto", "onnx", "tfjs"] as const;

/** See {@linkcode networkEngineNames}. */
export type NetworkEngineName = Exclude<typeof networkEngineNames[number], "auto">;

/** What looking for an engine gives. */
export type NetworkEngineFound =
  | { readonly works: true; readonly engine: NetworkEngine }
  | { readonly works: false; readonly reason: string; readonly remedy?: string };
