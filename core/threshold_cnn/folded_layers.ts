/**
 * Layers without batch normalisation, for predictions: its running statistics and its weights are
 * multiplied into the convolution before it.
 *
 * @module
 */
import { type ConvolutionLayer, NORM_EPSILON, type Weights } from "./network.ts";
import { valuesOf } from "./values_of.ts";

/** A convolution that needs no normalisation after it. */
export interface FoldedLayer {
  /** to x from x kernel^3. */
  readonly weight: Float64Array;
  /** What is added to each channel. */
  readonly bias: Float64Array;
}

/**
 * Folds the normalisation after a convolution into it, in double precision.
 *
 * @param layer One without a normalisation is given as it is.
 * @param weights Of the whole network.
 * @throws {RangeError} A tensor is missing.
 * @example
 * ```ts
 * import { foldedLayer } from "./folded_layers.ts";
 * import assert from "node:assert";
 *
 * const layer = { name: "conv.0", from: 1, to: 1, kernel: 1, norm: "conv.1", pool: false };
 * const numbers = {
 *   "conv.0.weight": 3,
 *   "conv.0.bias": 5,
 *   "conv.1.weight": 2,
 *   "conv.1.bias": 0.5,
 *   "conv.1.running_mean": 4,
 *   "conv.1.running_var": 1,
 * };
 * const weights = new Map(Object.entries(numbers).map(([name, value]) => [
 *   name,
 *   { shape: [1], data: Float32Array.of(value) },
 * ]));
 * const { weight: [weight], bias: [bias] } = foldedLayer(layer, weights);
 * // 2 (3 x + 5 - 4) / sqrt(1 + 1e-5) + 0.5, whatever x is.
 * const scale = 2 / Math.sqrt(1 + 1e-5);
 * assert.deepStrictEqual([weight, bias], [3 * scale, scale + 0.5]);
 * ```
 */
export function foldedLayer({ name, norm, to }: ConvolutionLayer, weights: Weights): FoldedLayer {
  const weight = Float64Array.from(valuesOf(weights, `${name}.weight`));
  const bias = Float64Array.from(valuesOf(weights, `${name}.bias`));
  if (norm === undefined) return { weight, bias };
  const of = (what: string) => valuesOf(weights, `${norm}.${what}`);
  const factors = of("weight"), shifts = of("bias");
  const means = of("running_mean"), variances = of("running_var");
  const size = weight.length / to;
  for (let channel = 0; channel < to; channel++) {
    // All four have a value for each channel.
    const scale = factors[channel]! / Math.sqrt(variances[channel]! + NORM_EPSILON);
    for (let i = channel * size; i < (channel + 1) * size; i++) weight[i]! *= scale;
    bias[channel] = (bias[channel]! - means[channel]!) * scale + shifts[channel]!;
  }
  return { weight, bias };
}
