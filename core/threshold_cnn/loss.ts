/**
 * The loss of the network, computed from what it predicted.
 *
 * @module
 */
import { LOSS_SLOPE } from "./engine.ts";

/**
 * How much a map, binarised at the predicted level, differs from the map binarised at its label: the mean
 * over its voxels v of `(sigmoid(10 (v - prediction)) - sigmoid(10 (v - label)))^2`, 0 to 1.
 *
 * @param map Normalised voxels.
 * @example
 * ```ts
 * import { mapLoss } from "./loss.ts";
 * import assert from "node:assert";
 *
 * const map = Float32Array.of(-1, 0.3, 0.9, -0.2);
 * assert.strictEqual(mapLoss(map, -0.1, -0.1), 0);
 * assert.ok(mapLoss(map, 0.5, -0.1) > mapLoss(map, 0.1, -0.1));
 * ```
 */
export function mapLoss(map: Float32Array, prediction: number, label: number): number {
  let sum = 0;
  for (let i = 0; i < map.length; i++) {
    const v = map[i]!;
    sum += (sigmoid(LOSS_SLOPE * (v - prediction)) - sigmoid(LOSS_SLOPE * (v - label))) ** 2;
  }
  return sum / map.length;
}

/** The logistic function, 0 to 1. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
