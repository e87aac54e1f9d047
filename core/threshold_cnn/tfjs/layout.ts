/**
 * Weights and maps as TensorFlow.js wants them: a kernel z x y x x from x to, where PyTorch has to x from x z x y x x.
 *
 * @module
 */
import { foldedLayer } from "../folded_layers.ts";
import { type Network, parameterShapes, type Weights } from "../network.ts";
import { named, valuesOf } from "../values_of.ts";
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/** Turns a kernel into TensorFlow's order. */
export function toTensorflow(
  kernel: Float32Array,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const { outputs, places } = split(shape);
  const turned = new Float32Array(kernel.length);
  for (let to = 0; to < outputs; to++) {
    for (let i = 0; i < places.length; i++) {
      turned[places[i]! * outputs + to] = kernel[to * places.length + i]!;
    }
  }
  return turned;
}

/** Turns a kernel, or a derivative by one, back into PyTorch's order, whose shape is given. */
export function fromTensorflow(
  turned: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const { outputs, places } = split(shape);
  const kernel = new Float32Array(turned.length);
  for (let to = 0; to < outputs; to++) {
    for (let i = 0; i < places.length; i++) {
      kernel[to * places.length + i] = turned[places[i]! * outputs + to]!;
    }
  }
  return kernel;
}

/** Where each input of an output lies in TensorFlow's order: place in the kernel x from. */
function split(shape: readonly number[]): { outputs: number; places: Uint32Array } {
  const [outputs, from, k] = shape as [number, number, number];
  const volume = k ** 3;
  const places = Uint32Array.from(
    { length: from * volume },
    (_, i) => (i % volume) * from + Math.floor(i / volume),
  );
  return { outputs, places };
}

/** Parameters as tensors, kernels in TensorFlow's order. */
export function parameterTensors(
  tf: Tensorflow,
  network: Network,
  weights: Weights,
): Map<string, TfTensor> {
  return new Map(Array.from(parameterShapes(network), ([name, shape]) => {
    const data = valuesOf(weights, name);
    if (shape.length !== 5) return [name, tf.tensor(data, shape)] as const;
    const [to, from, ...edges] = shape as [number, number, ...number[]];
    return [name, tf.tensor(toTensorflow(data, shape), [...edges, from, to])] as const;
  }));
}

/**
 * Maps as tensors, each box x box x box x 1.
 *
 * @throws {RangeError} Where the voxels are not those of whole maps.
 */
export function mapTensors(tf: Tensorflow, { box }: Network, maps: Float32Array): TfTensor[] {
  const voxels = box ** 3;
  if (maps.length % voxels !== 0) {
    throw new RangeError(`Cannot compute: ${maps.length} voxels are no maps of ${box}^3`);
  }
  return Array.from(
    { length: maps.length / voxels },
    (_, i) => tf.tensor(maps.slice(i * voxels, (i + 1) * voxels), [box, box, box, 1]),
  );
}

/**
 * A network's weights without batch normalisation: its running statistics are multiplied into the
 * convolution before it.
 */
export function withoutNorms(network: Network, weights: Weights): Weights {
  const folded = new Map(weights);
  for (const layer of network.convolutions) {
    for (const [what, values] of Object.entries(foldedLayer(layer, weights))) {
      const name = `${layer.name}.${what}`;
      const { shape } = named(weights, name);
      folded.set(name, { shape, data: Float32Array.from(values) });
    }
  }
  return folded;
}
