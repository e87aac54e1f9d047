/**
 * The end of the network, the dense layers and the loss, in plain TypeScript: they are a thousandth of the
 * work, and doubles lose no digits.
 *
 * @module
 */
import { LOSS_SLOPE } from "../engine.ts";
import { sigmoid } from "../loss.ts";
import type { Network, Weights } from "../network.ts";
import { valuesOf } from "../values_of.ts";

/** What the dense layers gave for a map: their inputs, the first first, and at last the level. */
type Steps = readonly Float64Array[];

function denseSteps({ dense }: Network, weights: Weights, features: Float64Array): Steps {
  const steps = [features];
  for (const [l, { name, from, to }] of dense.entries()) {
    const weight = valuesOf(weights, `${name}.weight`), bias = valuesOf(weights, `${name}.bias`);
    const input = steps[l]!; // one for each layer before
    const isLast = l + 1 === dense.length;
    const output = Float64Array.from({ length: to }, (_, o) => {
      let sum = bias[o]!;
      for (let i = 0; i < from; i++) sum += weight[o * from + i]! * input[i]!;
      return isLast ? sum : Math.max(0, sum);
    });
    steps.push(output);
  }
  return steps;
}

/** The level that the dense layers give. */
export function levelOf(network: Network, weights: Weights, features: ArrayLike<number>): number {
  return levelOfSteps(denseSteps(network, weights, Float64Array.from(features)));
}

function levelOfSteps(steps: Steps): number {
  return steps.at(-1)![0]!; // the last dense layer has one output
}

/** What {@linkcode headGradients} finds. */
export interface HeadGradients {
  readonly loss: number;
  readonly predictions: Float32Array<ArrayBuffer>;
  /** Derivative by the features: maps x features. */
  readonly dFeatures: Float32Array<ArrayBuffer>;
  /** Derivatives by the parameters of the dense layers. */
  readonly gradients: Map<string, Float32Array<ArrayBuffer>>;
}

/**
 * The loss and its derivatives, by the features and by the dense layers' parameters.
 *
 * @param features maps x features, before dropout.
 * @param batch See `Batch`.
 */
export function headGradients(
  network: Network,
  weights: Weights,
  features: ArrayLike<number>,
  { maps, labels, dropout }: {
    readonly maps: Float32Array;
    readonly labels: Float32Array;
    readonly dropout: Float32Array;
  },
): HeadGradients {
  const count = labels.length, width = features.length / count, voxels = network.box ** 3;
  const sums = new Map<string, Float64Array>();
  const predictions = new Float32Array(count), dFeatures = new Float32Array(features.length);
  let loss = 0;
  for (let m = 0; m < count; m++) {
    const kept = dropout.subarray(m * width, (m + 1) * width);
    const input = Float64Array.from(kept, (factor, i) => factor * features[m * width + i]!);
    const steps = denseSteps(network, weights, input);
    predictions[m] = levelOfSteps(steps);
    const map = maps.subarray(m * voxels, (m + 1) * voxels);
    const own = lossOf(map, predictions[m]!, labels[m]!);
    loss += own.loss / count;
    const dInput = throughDense(network, weights, steps, own.derivative / count, sums);
    for (let i = 0; i < width; i++) dFeatures[m * width + i] = dInput[i]! * kept[i]!;
  }
  const gradients = new Map(
    Array.from(sums, ([name, sum]) => [name, Float32Array.from(sum)] as const),
  );
  return { loss, predictions, dFeatures, gradients };
}

/** A map's loss, and its derivative by the prediction. */
function lossOf(
  map: Float32Array,
  prediction: number,
  label: number,
): { loss: number; derivative: number } {
  let loss = 0, derivative = 0;
  for (let i = 0; i < map.length; i++) {
    const found = sigmoid(LOSS_SLOPE * (map[i]! - prediction));
    const difference = found - sigmoid(LOSS_SLOPE * (map[i]! - label));
    loss += difference * difference;
    derivative -= 2 * difference * LOSS_SLOPE * found * (1 - found);
  }
  return { loss: loss / map.length, derivative: derivative / map.length };
}

/** Back through the dense layers; adds the derivatives by their parameters to `sums`. */
function throughDense(
  { dense }: Network,
  weights: Weights,
  steps: Steps,
  derivative: number,
  sums: Map<string, Float64Array>,
): Float64Array {
  return dense.reduceRight((dOutput, { name, from, to }, l) => {
    const weight = valuesOf(weights, `${name}.weight`);
    const byWeight = sums.getOrInsertComputed(
      `${name}.weight`,
      () => new Float64Array(from * to),
    );
    const byBias = sums.getOrInsertComputed(`${name}.bias`, () => new Float64Array(to));
    const input = steps[l]!; // one for each layer
    const dInput = new Float64Array(from);
    for (let o = 0; o < to; o++) {
      const dy = dOutput[o]!;
      byBias[o]! += dy;
      for (let i = 0; i < from; i++) {
        byWeight[o * from + i]! += dy * input[i]!;
        dInput[i]! += dy * weight[o * from + i]!;
      }
    }
    // What a layer before the first gave went through no ReLU here.
    return l === 0 ? dInput : dInput.map((dx, i) => input[i]! > 0 ? dx : 0);
  }, Float64Array.of(derivative));
}
