/**
 * The network that predicts a map's threshold: the 3-D convolutional network of SIREn (Kinman et al.,
 * Structure 2025), defined once for all engines.
 *
 * Its input is a map, normalised to [-1, 1]; its output is a level on the same scale. Convolutions are
 * without padding, with stride 1; each but the last is followed by batch normalisation, all by ReLU, some
 * by a max pooling of 2. Then comes an average over the first {@linkcode Network.average} voxels along
 * each axis, dropout, and two dense layers with ReLU between.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** A convolution and what follows it. */
export interface ConvolutionLayer {
  /** Name of its tensors, as in `conv.0.weight`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Edge of the kernel in voxels. */
  readonly kernel: number;
  /** Name of the batch normalisation's tensors; none without. */
  readonly norm?: string;
  /** Whether a max pooling of 2 with stride 2 follows the ReLU. */
  readonly pool: boolean;
}

/** A dense layer: `y = weight x + bias`. */
export interface DenseLayer {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A network of this kind; tests use smaller ones than {@linkcode thresholdNetwork}. */
export interface Network {
  /** Edge of the maps it takes, in voxels. */
  readonly box: number;
  readonly convolutions: readonly ConvolutionLayer[];
  /** Edge of the cube, from the first voxel on, that is averaged at the end of the convolutions. */
  readonly average: number;
  /** ReLU between them, none after the last. */
  readonly dense: readonly DenseLayer[];
}

/** Share of the features that training drops before the dense layers. */
export const DROPOUT = 0.3;
/** What batch normalisation adds to the variance. */
export const NORM_EPSILON = 1e-5;
/** Weight of a batch in the running statistics of batch normalisation. */
export const NORM_MOMENTUM = 0.1;

/** SIREn's network: 2.3 million parameters, 64^3 voxels to one level. */
export const thresholdNetwork: Network = {
  box: 64,
  convolutions: [
    { name: "conv.0", from: 1, to: 32, kernel: 7, norm: "conv.1", pool: false },
    { name: "conv.3", from: 32, to: 64, kernel: 5, norm: "conv.4", pool: true },
    { name: "conv.7", from: 64, to: 128, kernel: 5, norm: "conv.8", pool: true },
    { name: "conv.11", from: 128, to: 256, kernel: 3, norm: "conv.12", pool: true },
    { name: "conv.15", from: 256, to: 384, kernel: 1, pool: false },
  ],
  average: 3,
  dense: [{ name: "mlp.0", from: 384, to: 64 }, { name: "mlp.2", from: 64, to: 1 }],
};

/** Numbers in a shape, the last axis running fastest. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Tensors by name: all of a network's parameters and the statistics of its batch normalisations. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Names and shapes of what training changes, in PyTorch's order. */
export function parameterShapes(network: Network): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const { name, from, to, kernel, norm } of network.convolutions) {
    shapes.set(`${name}.weight`, [to, from, kernel, kernel, kernel]);
    shapes.set(`${name}.bias`, [to]);
    if (norm === undefined) continue;
    shapes.set(`${norm}.weight`, [to]);
    shapes.set(`${norm}.bias`, [to]);
  }
  for (const { name, from, to } of network.dense) {
    shapes.set(`${name}.weight`, [to, from]);
    shapes.set(`${name}.bias`, [to]);
  }
  return shapes;
}

/**
 * Names and shapes of all of a network's tensors, in PyTorch's order: the parameters, and for each batch
 * normalisation `running_mean`, `running_var` and `num_batches_tracked`, a single number of shape [].
 */
export function weightShapes(network: Network): Map<string, readonly number[]> {
  const norms = new Map(network.convolutions.map(({ norm, to }) => [`${norm}.bias`, { norm, to }]));
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of parameterShapes(network)) {
    shapes.set(name, shape);
    const norm = norms.get(name);
    if (norm === undefined) continue;
    shapes.set(`${norm.norm}.running_mean`, [norm.to]);
    shapes.set(`${norm.norm}.running_var`, [norm.to]);
    shapes.set(`${norm.norm}.num_batches_tracked`, []);
  }
  return shapes;
}

/**
 * Weights to train from, drawn as PyTorch draws them: those of convolutions and dense layers uniform in
 * +-1 / sqrt(inputs of an output), normalisation that changes nothing.
 */
export function initialWeights(network: Network, random: Random): Map<string, Tensor> {
  const reach = new Map<string, number>();
  for (const { name, from, kernel } of network.convolutions) {
    reach.set(name, 1 / Math.sqrt(from * kernel ** 3));
  }
  for (const { name, from } of network.dense) reach.set(name, 1 / Math.sqrt(from));
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of weightShapes(network)) {
    const data = new Float32Array(elements(shape));
    const bound = reach.get(name.replace(/\.\w+$/, ""));
    if (bound !== undefined) {
      for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random.uniform() - 1);
    } else if (name.endsWith(".weight") || name.endsWith(".running_var")) data.fill(1);
    weights.set(name, { shape, data });
  }
  return weights;
}

/** How many numbers a shape holds. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The edge of each convolution's input in voxels, and last that of what is averaged. */
export function edges({ box, convolutions }: Network): number[] {
  const all = [box];
  for (const { kernel, pool } of convolutions) {
    const out = all.at(-1)! - kernel + 1; // all begins with the box
    all.push(pool ? Math.floor(out / 2) : out);
  }
  return all;
}
