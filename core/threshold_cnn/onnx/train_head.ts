/**
 * What follows the convolutions, as training computes it: average, dropout, dense layers and loss.
 *
 * @module
 */
import { LOSS_SLOPE } from "../engine.ts";
import type { DenseLayer } from "../network.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import type { Parameters } from "./train_layer.ts";

/** The average over the first voxels of each map, and the way back. */
export function trainAverage(
  graph: GraphBuilder,
  volumes: readonly string[],
  channels: number,
  edge: number,
  average: number,
): { readonly features: string; backward(gradient: string): string[] } {
  const rows = volumes.map((volume) => {
    const cube = [0, 2, 3].reduce((value, axis) => graph.slice(value, axis, 0, average), volume);
    const means = graph.add("ReduceMean", [cube], { axes: [0, 2, 3], keepdims: 0 });
    return graph.reshape(means, [1, channels]);
  });
  const backward = (gradient: string) => {
    const shares = new Float32Array(edge ** 3);
    for (let i = 0; i < shares.length; i++) {
      const [z, y, x] = [Math.floor(i / edge ** 2), Math.floor(i / edge) % edge, i % edge];
      if (Math.max(z, y, x) < average) shares[i] = 1 / average ** 3;
    }
    const share = graph.constant([edge, 1, edge, edge], shares);
    return volumes.map((_, i) => {
      const row = graph.reshape(graph.slice(gradient, 0, i, i + 1), [1, channels, 1, 1]);
      return graph.add("Mul", [share, row]);
    });
  };
  return { features: graph.add("Concat", rows, { axis: 0 }), backward };
}

/**
 * Dense layers with ReLU between, and the way back.
 *
 * @param features maps x features.
 */
export function trainDense(
  graph: GraphBuilder,
  layers: readonly DenseLayer[],
  features: string,
  parameters: Parameters,
): {
  readonly predictions: string;
  backward(gradient: string): { parameters: Map<string, string>; features: string };
} {
  const values = [features];
  for (const [i, { name }] of layers.entries()) {
    const inputs = [values[i]!, parameters(`${name}.weight`), parameters(`${name}.bias`)];
    const value = graph.add("Gemm", inputs, { transB: 1 });
    values.push(i < layers.length - 1 ? graph.add("Relu", [value]) : value);
  }
  const backward = (gradient: string) => {
    const found = new Map<string, string>();
    let back = gradient;
    for (const [i, { name }] of [...layers.entries()].reverse()) {
      // There is a value before and after each layer.
      if (i < layers.length - 1) {
        back = graph.add("Mul", [back, graph.add("Sign", [values[i + 1]!])]);
      }
      found.set(`${name}.weight`, graph.add("Gemm", [back, values[i]!], { transA: 1 }));
      const sum = graph.add("ReduceSum", [back, graph.integers([0])], { keepdims: 0 });
      found.set(`${name}.bias`, sum);
      back = graph.add("MatMul", [back, parameters(`${name}.weight`)]);
    }
    return { parameters: found, features: back };
  };
  return { predictions: values.at(-1)!, backward }; // it begins with the features
}

/**
 * The loss, and its derivative by the predictions; see {@linkcode LOSS_SLOPE}.
 *
 * @param maps Volumes of a box each.
 * @param predictions maps x 1.
 * @param labels maps x 1.
 */
export function trainLoss(
  graph: GraphBuilder,
  maps: readonly string[],
  predictions: string,
  labels: string,
): { readonly loss: string; readonly gradient: string } {
  const slope = graph.scalar(LOSS_SLOPE);
  const binarised = (map: string, levels: string, i: number) => {
    const level = graph.reshape(graph.slice(levels, 0, i, i + 1), [1, 1, 1, 1]);
    const above = graph.add("Mul", [graph.add("Sub", [map, level]), slope]);
    return graph.add("Sigmoid", [above]);
  };
  // Row by row first: sums of so many numbers are not precise in single precision.
  const average = (volume: string) => {
    const rows = graph.add("ReduceMean", [volume], { axes: [3], keepdims: 0 });
    return graph.add("ReduceMean", [rows], { keepdims: 0 });
  };
  const losses: string[] = [], gradients: string[] = [];
  for (const [i, map] of maps.entries()) {
    const found = binarised(map, predictions, i);
    const difference = graph.add("Sub", [found, binarised(map, labels, i)]);
    losses.push(average(graph.add("Mul", [difference, difference])));
    const steepness = graph.add("Mul", [
      found,
      graph.add("Sub", [graph.scalar(1), found]),
    ]);
    const product = graph.add("Mul", [difference, steepness]);
    gradients.push(graph.reshape(average(product), [1, 1]));
  }
  const loss = graph.add("Mul", [graph.total(losses), graph.scalar(1 / maps.length)]);
  const gradient = graph.add("Mul", [
    graph.add("Concat", gradients, { axis: 0 }),
    graph.scalar(-2 * LOSS_SLOPE / maps.length),
  ]);
  return { loss, gradient };
}
