/**
 * A convolution with what follows it, as training computes it: forwards with the statistics of the batch,
 * and backwards. Maps go through it one by one, and meet in the statistics and the derivatives.
 *
 * @module
 */
import { type ConvolutionLayer, NORM_EPSILON } from "../network.ts";
import { Convolution } from "./convolution.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { pool, type Pooled, unpool } from "./pooling.ts";

/** Gives the value that holds a parameter. */
export type Parameters = (name: string) => string;

/** A layer whose forward nodes are in the graph. */
export interface TrainLayer {
  /** What goes on to the next layer, for each map. */
  readonly results: readonly string[];
  /** Of all values of a channel before the normalisation, where there is one. */
  readonly statistics?: { readonly mean: string; readonly variance: string };
  /** Number of values that each mean is of. */
  readonly count: number;
  /**
   * Adds the nodes that lead back.
   *
   * @param gradients Derivatives of the loss by the results.
   * @param isFirst Whether nothing comes before this layer.
   * @returns Derivatives by the parameters, by name, and by what went in: none for the first layer.
   */
  backward(
    gradients: readonly string[],
    isFirst: boolean,
  ): { readonly parameters: ReadonlyMap<string, string>; readonly inputs: readonly string[] };
}

/** Axes of a volume of depth x channels x height x width over which a channel extends. */
const OF_CHANNEL = [0, 2, 3];

/** The sum over all maps, for each channel. */
function channelSums(graph: GraphBuilder, volumes: readonly string[]): string {
  const axes = graph.integers(OF_CHANNEL);
  return graph.total(volumes.map((one) => graph.add("ReduceSum", [one, axes], { keepdims: 0 })));
}

/** A number for each channel, so that it goes with volumes. */
function forVolumes(graph: GraphBuilder, values: string): string {
  return graph.reshape(values, [-1, 1, 1]);
}

/** What batch normalisation has to do with. */
interface Norm {
  readonly mean: string;
  readonly variance: string;
  /** 1 / standard deviation. */
  readonly inverse: string;
  /** The volumes less their mean. */
  readonly centred: readonly string[];
}

/** Statistics of the batch, the variance from the centred values, which is precise. */
function batchNorm(graph: GraphBuilder, volumes: readonly string[], count: number): Norm {
  const one = graph.scalar(1 / count);
  const mean = graph.add("Mul", [channelSums(graph, volumes), one]);
  const all = forVolumes(graph, mean);
  const centred = volumes.map((volume) => graph.add("Sub", [volume, all]));
  const squares = graph.total(
    centred.map((volume) =>
      graph.add("ReduceSumSquare", [volume], { axes: OF_CHANNEL, keepdims: 0 })
    ),
  );
  const variance = graph.add("Mul", [squares, one]);
  const deviation = graph.add("Sqrt", [
    graph.add("Add", [variance, graph.scalar(NORM_EPSILON)]),
  ]);
  return { mean, variance, inverse: graph.add("Reciprocal", [deviation]), centred };
}

/**
 * Adds a layer's forward nodes.
 *
 * ReLU and the normalisation come after the pooling, where there is less to compute. That the greatest
 * voxel stays the greatest takes a factor that is not negative: where it is, kernels and factor change
 * their signs, which changes nothing else.
 *
 * @param edge Of the volumes that go in.
 * @param inputs Volumes of edge x channels x edge x edge, one for each map.
 */
export function trainLayer(
  graph: GraphBuilder,
  layer: ConvolutionLayer,
  edge: number,
  inputs: readonly string[],
  parameters: Parameters,
): TrainLayer {
  const { name, norm: normName, to } = layer;
  const convolution = new Convolution(graph, { ...layer, edge });
  const { out } = convolution;
  const count = inputs.length * out ** 3;
  const weight = parameters(`${name}.weight`), bias = parameters(`${name}.bias`);
  const zero = graph.scalar(0);

  const factor = normName === undefined ? undefined : parameters(`${normName}.weight`);
  const sign = factor === undefined || !layer.pool ? undefined : graph.add("Where", [
    graph.add("Less", [factor, zero]),
    graph.scalar(-1),
    graph.scalar(1),
  ]);
  const signed = (values: string) => sign === undefined ? values : graph.add("Mul", [values, sign]);
  const signedKernels = (values: string) =>
    sign === undefined ? values : graph.add("Mul", [values, graph.reshape(sign, [to, 1, 1, 1, 1])]);

  const kernels = convolution.kernels(signedKernels(weight));
  const spread = inputs.map((input) => convolution.spread(input));
  const convolved = spread.map((one) => convolution.forward(one, kernels));
  const norm = factor === undefined ? undefined : batchNorm(graph, convolved, count);
  const volumes = norm?.centred ?? convolved;
  const pooled: (Pooled | undefined)[] = volumes.map((volume) =>
    layer.pool ? pool(graph, volume, to, out) : undefined
  );
  const taken = volumes.map((volume, i) => pooled[i]?.value ?? volume);
  const scale = factor === undefined || norm === undefined
    ? undefined
    : graph.add("Mul", [signed(factor), norm.inverse]);
  const offset = forVolumes(graph, normName === undefined ? bias : parameters(`${normName}.bias`));
  const results = taken.map((value) => {
    const scaled = scale === undefined
      ? value
      : graph.add("Mul", [value, forVolumes(graph, scale)]);
    return graph.add("Relu", [graph.add("Add", [scaled, offset])]);
  });

  const backward: TrainLayer["backward"] = (gradients, isFirst) => {
    const found = new Map<string, string>();
    // The sign of what ReLU gives is 1 where it let through what it was given, else 0.
    const through = gradients.map((gradient, i) =>
      graph.add("Mul", [gradient, graph.add("Sign", [results[i]!])]) // a result for each map
    );
    const offsetGradient = channelSums(graph, through);
    let ofVolume = (gradient: string, _map: number) => gradient;
    if (normName === undefined) found.set(`${name}.bias`, offsetGradient);
    else {
      const { inverse, centred } = norm!; // as there is a name
      const products = through.map((gradient, i) => graph.add("Mul", [gradient, taken[i]!]));
      const factorGradient = graph.add("Mul", [channelSums(graph, products), inverse]);
      found.set(`${normName}.weight`, signed(factorGradient));
      found.set(`${normName}.bias`, offsetGradient);
      // All values of a channel share in its mean and its deviation.
      const share = graph.add("Mul", [scale!, graph.scalar(-1 / count)]);
      const level = forVolumes(graph, graph.add("Mul", [share, offsetGradient]));
      const slope = forVolumes(
        graph,
        graph.add("Mul", [share, graph.add("Mul", [factorGradient, inverse])]),
      );
      ofVolume = (gradient, i) =>
        graph.add("Add", [
          gradient,
          graph.add("Add", [graph.add("Mul", [centred[i]!, slope]), level]),
        ]);
    }
    const spreadGradients = through.map((gradient, i) => {
      const scaled = scale === undefined
        ? gradient
        : graph.add("Mul", [gradient, forVolumes(graph, scale)]);
      const place = pooled[i];
      const whole = place === undefined ? scaled : unpool(graph, scaled, place, to, out);
      return convolution.spreadGradient(ofVolume(whole, i));
    });
    const ofKernels = graph.total(
      spreadGradients.map((gradient, i) => convolution.kernelsGradient(spread[i]!, gradient)),
    );
    found.set(`${name}.weight`, signedKernels(convolution.weightGradient(ofKernels)));
    if (isFirst) return { parameters: found, inputs: [] };
    const back = convolution.backwardKernels(kernels);
    return {
      parameters: found,
      inputs: spreadGradients.map((gradient) => convolution.volumeGradient(gradient, back)),
    };
  };

  if (norm === undefined) return { results, count, backward };
  const mean = graph.add("Add", [signed(norm.mean), bias]);
  return { results, count, statistics: { mean, variance: norm.variance }, backward };
}
