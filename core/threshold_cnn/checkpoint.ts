/**
 * What training writes down, and what predictions need: weights, and where training stood.
 *
 * @module
 */
import type { Tensor } from "./network.ts";

/** Where the Adam optimiser stands (Kingma & Ba, ICLR 2015). */
export interface AdamState {
  /** Steps taken so far. */
  readonly step: number;
  readonly learningRate: number;
  /** Running mean of each parameter's gradient, by the parameter's name. */
  readonly mean: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Running mean of each parameter's squared gradient, by the parameter's name. */
  readonly square: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}

/** A network's weights as a file holds them. */
export interface Checkpoint {
  /** All tensors of the network; see `weightShapes`. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Epochs trained so far. */
  readonly epoch?: number;
  /** The loss that was noted with them. */
  readonly loss?: number;
  /** To train on from here; many files hold weights alone. */
  readonly adam?: AdamState;
}
