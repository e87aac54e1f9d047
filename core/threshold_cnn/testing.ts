/**
 * A stand-in for the tests of what goes on around the network: one of a dozen parameters, and an engine in
 * plain TypeScript; no part of the program.
 *
 * @module
 */
import { random } from "../random.ts";
import type { Batch, BatchStatistics, Gradients, NetworkEngine } from "./engine.ts";
import { mapLoss } from "./loss.ts";
import type { TrainingMaps } from "./training_maps.ts";
import { type Network, NORM_EPSILON, parameterShapes, type Weights } from "./network.ts";

/** Two channels, each a voxel's density times a factor, normalised, averaged over the map; one dense layer. */
export const tinyNetwork: Network = {
  box: 4,
  convolutions: [{ name: "conv.0", from: 1, to: 2, kernel: 1, norm: "conv.1", pool: false }],
  average: 4,
  dense: [{ name: "mlp.0", from: 2, to: 1 }],
};

const VOXELS = tinyNetwork.box ** 3;

/** Distance over which the loss is compared to find its derivative. */
const STEP = 1e-3;

/** An engine for {@linkcode tinyNetwork}; derivatives are differences of the loss. */
export const tinyEngine: NetworkEngine = {
  name: "onnx",
  what: "a stand-in",
  predictor: (_network, weights) =>
    Promise.resolve({
      predict: (maps) => {
        const kept = new Float32Array(2 * maps.length / VOXELS).fill(1);
        return Promise.resolve(Float32Array.from(forward(weights, maps, kept).predictions));
      },
      close: () => Promise.resolve(),
    }),
  trainer: () =>
    Promise.resolve({
      gradients: (weights, batch) => Promise.resolve(differences(weights, batch)),
      close: () => Promise.resolve(),
    }),
};

function differences(weights: Weights, batch: Batch): Gradients {
  const statistics = [0, 1].map((channel) => channelStatistics(weights, batch.maps, channel));
  const asBatch: BatchStatistics = {
    mean: Float32Array.from(statistics, ({ mean }) => mean),
    variance: Float32Array.from(statistics, ({ variance }) => variance),
    count: batch.maps.length,
  };
  const at = (changed: Weights) => {
    const { predictions } = forward(changed, batch.maps, batch.dropout, true);
    const losses = predictions.map((p, k) =>
      mapLoss(batch.maps.subarray(k * VOXELS, (k + 1) * VOXELS), p, batch.labels[k]!)
    );
    return { predictions, loss: losses.reduce((sum, x) => sum + x, 0) / losses.length };
  };
  const { loss, predictions } = at(weights);
  const gradients = new Map<string, Float32Array<ArrayBuffer>>();
  for (const [name, shape] of parameterShapes(tinyNetwork)) {
    const { data } = weights.get(name)!; // the network's own names
    gradients.set(
      name,
      data.map((_, i) => {
        const moved = (by: number) =>
          at(new Map(weights).set(name, { shape, data: data.with(i, data[i]! + by) })).loss;
        return (moved(STEP) - moved(-STEP)) / (2 * STEP);
      }),
    );
  }
  return {
    loss,
    predictions: Float32Array.from(predictions),
    gradients,
    statistics: new Map([["conv.1", asBatch]]),
  };
}

/** Mean and variance of a channel after the convolution, over all maps. */
function channelStatistics(weights: Weights, maps: Float32Array, channel: number) {
  const w = get(weights, "conv.0.weight", channel), b = get(weights, "conv.0.bias", channel);
  let sum = 0, square = 0;
  for (const v of maps) {
    sum += w * v + b;
    square += (w * v + b) ** 2;
  }
  const mean = sum / maps.length;
  return { mean, variance: Math.max(0, square / maps.length - mean * mean) };
}

function forward(weights: Weights, maps: Float32Array, dropout: Float32Array, learning = false) {
  const predictions = Array<number>(maps.length / VOXELS).fill(get(weights, "mlp.0.bias", 0));
  for (const channel of [0, 1]) {
    const w = get(weights, "conv.0.weight", channel), b = get(weights, "conv.0.bias", channel);
    const { mean, variance } = learning ? channelStatistics(weights, maps, channel) : {
      mean: get(weights, "conv.1.running_mean", channel),
      variance: get(weights, "conv.1.running_var", channel),
    };
    const scale = get(weights, "conv.1.weight", channel) / Math.sqrt(variance + NORM_EPSILON);
    const shift = get(weights, "conv.1.bias", channel);
    for (let k = 0; k < predictions.length; k++) {
      let sum = 0;
      for (let i = k * VOXELS; i < (k + 1) * VOXELS; i++) {
        sum += Math.max(0, (w * maps[i]! + b - mean) * scale + shift);
      }
      predictions[k]! += get(weights, "mlp.0.weight", channel) * dropout[2 * k + channel]! * sum /
        VOXELS;
    }
  }
  return { predictions };
}

function get(weights: Weights, name: string, i: number): number {
  return weights.get(name)!.data[i]!; // the network's own names
}

/** Maps of {@linkcode tinyNetwork}'s box, each the brighter the higher its label. */
export function tinyMaps(count: number): TrainingMaps {
  const labels = Array.from({ length: count }, (_, i) => -0.5 + i / count);
  return {
    labels,
    read: (place) => {
      const rng = random(7, place);
      return Promise.resolve(
        Float32Array.from({ length: VOXELS }, () => labels[place]! + 0.8 * (rng.uniform() - 0.5)),
      );
    },
  };
}
