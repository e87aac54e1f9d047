/**
 * The convolutions of the network in TensorFlow.js. Maps are apart, each z x y x x x channel, so that no
 * tensor grows with the batch.
 *
 * @module
 */
import { type ConvolutionLayer, type Network, NORM_EPSILON } from "../network.ts";
import { named } from "../values_of.ts";
import { convolve } from "./convolution.ts";
import { pool } from "./pool.ts";
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/** Parameters by name, in TensorFlow's order. */
export type Parameters = ReadonlyMap<string, TfTensor>;

/** What a layer gave, from which the rest can be computed again. */
export interface Layer {
  readonly definition: ConvolutionLayer;
  /** What the convolution gave for each map, without its bias. */
  readonly convolved: readonly TfTensor[];
  /** Of {@linkcode Layer.convolved}, over all maps and voxels: channels. Absent without normalisation. */
  readonly statistics?: { readonly mean: TfTensor; readonly variance: TfTensor };
  /** Voxels of all maps. */
  readonly count: number;
}

/**
 * What the convolutions find in a map, with batch normalisation already multiplied into the weights.
 *
 * @param map box x box x box x 1.
 * @returns 1 x features.
 */
export function features(
  tf: Tensorflow,
  network: Network,
  parameters: Parameters,
  map: TfTensor,
): TfTensor {
  return tf.tidy(() => {
    const last = network.convolutions.reduce((map, { name, pool: isPooled }) =>
      tf.tidy(() => {
        const convolved = convolve(tf, map, named(parameters, `${name}.weight`));
        const y = tf.relu(tf.add(convolved, named(parameters, `${name}.bias`)));
        return isPooled ? pool(tf, y) : y;
      }), map);
    return averaged(tf, last, network.average);
  });
}

/**
 * What the convolutions find in maps, with batch normalisation by their own statistics.
 *
 * @param maps Each box x box x box x 1.
 * @returns maps x features; and the layers, whose tensors are to be disposed of by {@linkcode disposeLayer}.
 */
export function traceFeatures(
  tf: Tensorflow,
  network: Network,
  parameters: Parameters,
  maps: readonly TfTensor[],
): { features: TfTensor; layers: Layer[] } {
  const layers: Layer[] = [];
  for (const definition of network.convolutions) {
    const before = layers.at(-1);
    const kernel = named(parameters, `${definition.name}.weight`);
    const convolved = maps.map((map, i) =>
      tf.tidy(() =>
        convolve(tf, before === undefined ? map : activated(tf, before, parameters, i), kernel)
      )
    );
    const [depth, height, width] = convolved[0]!.shape as [number, number, number]; // one map at least
    layers.push({
      definition,
      convolved,
      count: maps.length * depth * height * width,
      ...(definition.norm === undefined ? {} : { statistics: statisticsOf(tf, convolved) }),
    });
  }
  const last = layers.at(-1)!; // a network has convolutions
  const found = tf.tidy(() =>
    tf.concat(
      maps.map((_, i) =>
        tf.tidy(() => averaged(tf, activated(tf, last, parameters, i), network.average))
      ),
      0,
    )
  );
  return { features: found, layers };
}

/** Disposes of a layer's tensors. */
export function disposeLayer(tf: Tensorflow, { convolved, statistics }: Layer): void {
  tf.dispose(convolved);
  if (statistics !== undefined) tf.dispose([statistics.mean, statistics.variance]);
}

/** What a layer gives to the next for a map. */
export function activated(
  tf: Tensorflow,
  layer: Layer,
  parameters: Parameters,
  i: number,
): TfTensor {
  const y = rectified(tf, layer, parameters, i);
  return layer.definition.pool ? pool(tf, y) : y;
}

/** The same before pooling. */
export function rectified(
  tf: Tensorflow,
  layer: Layer,
  parameters: Parameters,
  i: number,
): TfTensor {
  const { definition: { name, norm }, convolved } = layer;
  if (norm === undefined) {
    return tf.relu(tf.add(convolved[i]!, named(parameters, `${name}.bias`)));
  }
  const scaled = tf.mul(normalised(tf, layer, i), named(parameters, `${norm}.weight`));
  return tf.relu(tf.add(scaled, named(parameters, `${norm}.bias`)));
}

/** What a convolution gave, normalised over all maps. */
export function normalised(tf: Tensorflow, { convolved, statistics }: Layer, i: number): TfTensor {
  if (statistics === undefined) throw new RangeError("Cannot normalise: the layer does not");
  return tf.mul(tf.sub(convolved[i]!, statistics.mean), inverseDeviation(tf, statistics.variance));
}

/** What normalising divides by, inverted. */
export function inverseDeviation(tf: Tensorflow, variance: TfTensor): TfTensor {
  return tf.rsqrt(tf.add(variance, tf.scalar(NORM_EPSILON)));
}

/** Mean and variance of each channel over all maps and voxels. */
function statisticsOf(tf: Tensorflow, maps: readonly TfTensor[]): Layer["statistics"] & object {
  const overAll = (of: (map: TfTensor) => TfTensor) => {
    const each = maps.map((map) => tf.tidy(() => channelMean(tf, of(map))));
    return tf.mean(tf.concat(each, 0), [0]);
  };
  const mean = tf.tidy(() => overAll((map) => map));
  const variance = tf.tidy(() => overAll((map) => tf.square(tf.sub(map, mean))));
  return { mean, variance };
}

/**
 * The mean of each channel, 1 x channel. It is taken of planes, then of those: a sum of a hundred thousand
 * numbers loses digits.
 */
export function channelMean(tf: Tensorflow, map: TfTensor): TfTensor {
  const [depth, height, width, channels] = map.shape as [number, number, number, number];
  const planes = tf.mean(tf.reshape(map, [depth, height * width, channels]), [1]);
  return tf.reshape(tf.mean(planes, [0]), [1, channels]);
}

/** The mean of each channel over the first voxels along each axis: 1 x channel. */
function averaged(tf: Tensorflow, map: TfTensor, edge: number): TfTensor {
  const channels = map.shape[3]!; // the shape has four
  return channelMean(tf, tf.slice(map, [0, 0, 0, 0], [edge, edge, edge, channels]));
}
