/**
 * The network with its loss and all derivatives as one graph, whose inputs are the weights and a batch of
 * maps. There is a graph for each number of maps.
 *
 * @module
 */
import { edges, type Network, parameterShapes } from "../network.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { trainAverage, trainDense, trainLoss } from "./train_head.ts";
import { type TrainLayer, trainLayer } from "./train_layer.ts";

/** Names of what goes in besides the parameters, which have their own names, and of what comes out. */
export const trainNames = {
  /** Depth x 1 x height x width. */
  map: (i: number) => `map ${i}`,
  /** maps x 1. */
  labels: "labels",
  /** maps x features. */
  dropout: "dropout",
  /** A single number. */
  loss: "loss",
  /** maps x 1. */
  predictions: "predictions",
  /** Of the parameter's shape. */
  gradient: (parameter: string) => `gradient ${parameter}`,
  /** Of a batch normalisation: channels. */
  mean: (norm: string) => `mean ${norm}`,
  variance: (norm: string) => `variance ${norm}`,
};

/**
 * Parameters whose derivative is 0 and no output of the graph: what a convolution adds to a channel, when
 * the normalisation that follows takes the mean away again.
 */
export function idleParameters(network: Network): string[] {
  return network.convolutions.flatMap(({ name, norm }) =>
    norm === undefined ? [] : [`${name}.bias`]
  );
}

/**
 * Makes the graph.
 *
 * @param count Maps of a batch, 1 or more.
 * @returns The bytes of an ONNX file.
 */
export function trainGraph(network: Network, count: number): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const { box, convolutions, average, dense } = network;
  const shapes = parameterShapes(network);
  for (const [name, shape] of shapes) graph.input(name, shape);
  const parameters = (name: string) => name; // as inputs they bear their own names
  const maps = Array.from(
    { length: count },
    (_, i) => graph.input(trainNames.map(i), [box, 1, box, box]),
  );
  const features = dense[0]?.from ?? 1;
  const labels = graph.input(trainNames.labels, [count, 1]);
  const dropout = graph.input(trainNames.dropout, [count, features]);

  const edgesOf = edges(network);
  const layers: TrainLayer[] = [];
  let volumes: readonly string[] = maps;
  for (const [i, layer] of convolutions.entries()) {
    const made = trainLayer(graph, layer, edgesOf[i]!, volumes, parameters); // one for each
    layers.push(made);
    volumes = made.results;
  }
  const averaged = trainAverage(graph, volumes, features, edgesOf.at(-1)!, average);
  const kept = graph.add("Mul", [averaged.features, dropout]);
  const head = trainDense(graph, dense, kept, parameters);
  const { loss, gradient } = trainLoss(graph, maps, head.predictions, labels);

  const back = head.backward(gradient);
  const gradients = new Map(back.parameters);
  let ofVolumes: readonly string[] = averaged.backward(
    graph.add("Mul", [back.features, dropout]),
  );
  for (const [i, layer] of [...layers.entries()].reverse()) {
    const { parameters, inputs } = layer.backward(ofVolumes, i === 0);
    for (const [name, value] of parameters) gradients.set(name, value);
    ofVolumes = inputs;
  }

  graph.output(trainNames.loss, loss, []);
  graph.output(trainNames.predictions, head.predictions, [count, 1]);
  for (const [name, value] of gradients) {
    graph.output(trainNames.gradient(name), value, shapes.get(name)!); // all are parameters
  }
  for (const [i, { norm, to }] of convolutions.entries()) {
    const statistics = layers[i]?.statistics;
    if (norm === undefined || statistics === undefined) continue;
    graph.output(trainNames.mean(norm), statistics.mean, [to]);
    graph.output(trainNames.variance(norm), statistics.variance, [to]);
  }
  return graph.model();
}
