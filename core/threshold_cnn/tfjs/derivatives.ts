/**
 * Derivatives of the convolutions in TensorFlow.js.
 *
 * TensorFlow.js could find them by itself, but would keep everything that was computed on the way: more
 * than 4 GiB for four maps. Here only what the convolutions give is kept; the rest is computed again.
 *
 * @module
 */
import type { Network } from "../network.ts";
import { named } from "../values_of.ts";
import { type KernelDerivative, mapDerivative } from "./convolution.ts";
import {
  activated,
  channelMean,
  disposeLayer,
  inverseDeviation,
  type Layer,
  normalised,
  type Parameters,
  rectified,
} from "./features.ts";
import { poolDerivative } from "./pool.ts";
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/** What {@linkcode featureDerivatives} starts from. */
export interface Trace {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Each box x box x box x 1. */
  readonly maps: readonly TfTensor[];
  /** From `traceFeatures`; each is disposed of, and taken off, once it is done. */
  readonly layers: Layer[];
}

/**
 * Derivatives by the parameters of the convolutions.
 *
 * @param dFeatures Derivative by the features: maps x features.
 * @returns By name, in TensorFlow's order. A bias before a normalisation, which takes it off again, has
 *   none.
 */
export function featureDerivatives(
  tf: Tensorflow,
  trace: Trace,
  dFeatures: TfTensor,
  kernelDerivative: KernelDerivative,
): Map<string, TfTensor> {
  const { parameters, maps, layers } = trace;
  const found = new Map<string, TfTensor>();
  let dMaps = maps.map((_, i) => tf.tidy(() => byLastMap(tf, trace, dFeatures, i)));
  for (let layer = layers.at(-1); layer !== undefined; layer = layers.at(-1)) {
    const { definition: { name, norm, kernel } } = layer;
    const dScaled = throughActivation(tf, layer, parameters, dMaps);
    const dBias = tf.tidy(() => sumOverAll(tf, layer, dScaled));
    found.set(`${norm ?? name}.bias`, dBias);
    let dConvolved = dScaled;
    if (norm !== undefined) {
      const products = dScaled.map((dy, i) => tf.tidy(() => tf.mul(dy, normalised(tf, layer, i))));
      const dWeight = tf.tidy(() => sumOverAll(tf, layer, products));
      tf.dispose(products);
      found.set(`${norm}.weight`, dWeight);
      const weight = named(parameters, `${norm}.weight`);
      dConvolved = throughNorm(tf, layer, weight, dScaled, dWeight, dBias);
      tf.dispose(dScaled);
    }
    const before = layers.at(-2);
    const byKernel = dConvolved.map((dy, i) =>
      tf.tidy(() => {
        const map = before === undefined ? maps[i]! : activated(tf, before, parameters, i);
        return kernelDerivative(tf, map, dy, kernel);
      })
    );
    found.set(`${name}.weight`, tf.tidy(() => byKernel.reduce((a, b) => tf.add(a, b))));
    if (byKernel.length > 1) tf.dispose(byKernel);
    const weight = named(parameters, `${name}.weight`);
    dMaps = before === undefined
      ? []
      : dConvolved.map((dy) => tf.tidy(() => mapDerivative(tf, dy, weight)));
    tf.dispose(dConvolved);
    disposeLayer(tf, layer);
    layers.pop();
  }
  return found;
}

/** By what the last layer gave for a map: the average spreads a derivative evenly. */
function byLastMap(
  tf: Tensorflow,
  { network: { average }, layers }: Trace,
  dFeatures: TfTensor,
  i: number,
): TfTensor {
  const { definition, convolved } = layers.at(-1)!; // a network has convolutions
  const edges = convolved[i]!.shape.slice(0, 3)
    .map((edge) => definition.pool ? edge >> 1 : edge);
  const one = tf.slice(dFeatures, [i, 0], [1, definition.to]);
  const even = tf.mul(
    tf.reshape(one, [1, 1, 1, definition.to]),
    tf.tensor(new Float32Array(average ** 3).fill(average ** -3), [average, average, average, 1]),
  );
  return tf.pad(even, [...edges.map((edge) => [0, edge - average] as const), [0, 0]]);
}

/** Back through pooling and ReLU; what is given is disposed of. */
function throughActivation(
  tf: Tensorflow,
  layer: Layer,
  parameters: Parameters,
  dMaps: readonly TfTensor[],
): TfTensor[] {
  return dMaps.map((dMap, i) => {
    const dScaled = tf.tidy(() => {
      const y = rectified(tf, layer, parameters, i);
      const dy = layer.definition.pool ? poolDerivative(tf, y, dMap) : dMap;
      return tf.mul(dy, tf.step(y));
    });
    dMap.dispose();
    return dScaled;
  });
}

/** Back through a batch normalisation, whose mean and variance depend on all maps too. */
function throughNorm(
  tf: Tensorflow,
  layer: Layer,
  weight: TfTensor,
  dScaled: readonly TfTensor[],
  dWeight: TfTensor,
  dBias: TfTensor,
): TfTensor[] {
  const { statistics, count } = layer;
  if (statistics === undefined) throw new RangeError("Cannot go back: the layer has no statistics");
  return dScaled.map((dy, i) =>
    tf.tidy(() => {
      const share = tf.scalar(1 / count);
      const along = tf.mul(normalised(tf, layer, i), tf.mul(dWeight, share));
      const rest = tf.sub(tf.sub(dy, tf.mul(dBias, share)), along);
      return tf.mul(rest, tf.mul(weight, inverseDeviation(tf, statistics.variance)));
    })
  );
}

/** The sum of each channel over all maps and voxels. */
function sumOverAll(tf: Tensorflow, { count }: Layer, maps: readonly TfTensor[]): TfTensor {
  const means = maps.map((map) => tf.tidy(() => channelMean(tf, map)));
  return tf.mul(tf.mean(tf.concat(means, 0), [0]), tf.scalar(count));
}
