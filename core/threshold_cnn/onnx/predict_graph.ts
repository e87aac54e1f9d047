/**
 * The network as a graph that predicts the level of one map.
 *
 * Batch normalisation, which takes its running statistics here, is folded into the convolution before it.
 * ReLU and what a convolution adds to each channel come after the pooling, where there is less to
 * compute: neither changes which voxel is the greatest.
 *
 * @module
 */
import { foldedLayer } from "../folded_layers.ts";
import { edges, type Network, type Weights } from "../network.ts";
import { valuesOf } from "../values_of.ts";
import { Convolution } from "./convolution.ts";
import { GraphBuilder } from "./graph_builder.ts";

/** Names of what goes in, depth x 1 x height x width, and what comes out, a single number. */
export const PREDICT_INPUT = "map", PREDICT_OUTPUT = "prediction";

/** The greatest of each 2^3 voxels; the depth is even. */
function pooled(graph: GraphBuilder, volume: string, channels: number, edge: number): string {
  const half = Math.floor(edge / 2);
  const pairs = graph.reshape(volume, [half, 2, channels * edge ** 2]);
  const greatest = graph.add("ReduceMax", [pairs], { axes: [1], keepdims: 0 });
  const slices = graph.reshape(greatest, [half, channels, edge, edge]);
  return graph.add("MaxPool", [slices], { kernel_shape: [2, 2], strides: [2, 2] });
}

/**
 * Makes the graph.
 *
 * @param weights All tensors of the network.
 * @returns The bytes of an ONNX file.
 */
export function predictGraph(network: Network, weights: Weights): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const edgesOf = edges(network);
  let value = graph.input(PREDICT_INPUT, [network.box, 1, network.box, network.box]);
  for (const [i, layer] of network.convolutions.entries()) {
    const { weight, bias } = foldedLayer(layer, weights);
    const convolution = new Convolution(graph, { ...layer, edge: edgesOf[i]! }); // one for each
    const kernels = graph.constant(
      convolution.kernelsShape,
      convolution.transformKernels(weight),
    );
    const { out } = convolution;
    const depth = layer.pool ? 2 * Math.floor(out / 2) : out;
    value = convolution.forward(convolution.spread(value), kernels, depth);
    if (layer.pool) value = pooled(graph, value, layer.to, out);
    const added = graph.constant([layer.to, 1, 1], Float32Array.from(bias));
    value = graph.add("Relu", [graph.add("Add", [value, added])]);
  }
  for (const axis of [0, 2, 3]) value = graph.slice(value, axis, 0, network.average);
  value = graph.add("ReduceMean", [value], { axes: [0, 2, 3], keepdims: 0 });
  value = graph.reshape(value, [1, -1]);
  for (const [i, { name, from, to }] of network.dense.entries()) {
    const weight = graph.constant([to, from], valuesOf(weights, `${name}.weight`));
    const bias = graph.constant([to], valuesOf(weights, `${name}.bias`));
    value = graph.add("Gemm", [value, weight, bias], { transB: 1 });
    if (i < network.dense.length - 1) value = graph.add("Relu", [value]);
  }
  graph.output(PREDICT_OUTPUT, value, [1, 1]);
  return graph.model();
}
