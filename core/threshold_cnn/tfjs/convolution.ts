/**
 * Convolution in 3-D by TensorFlow.js, made of convolutions in 2-D: those in 3-D are slow in all of its
 * back ends but that of CUDA.
 *
 * A map is z x y x x channel, a kernel z x y x x from x to. A convolution in 3-D sums over the kernel's
 * planes. The planes of the map that an output plane needs are laid side by side as channels, so that one
 * convolution in 2-D does it all.
 *
 * @module
 */
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/** Most numbers of the planes laid side by side: 128 MiB. More would be slow to make, and not fit a GPU's buffer. */
const NUMBERS_AT_ONCE = 2 ** 25;

/**
 * Convolves without padding, with stride 1.
 *
 * @param map z x y x x from.
 * @param kernel k x k x k x from x to.
 * @param numbers Most numbers of the planes that are laid side by side at once.
 * @returns Each edge shorter by k - 1; x to.
 */
export function convolve(
  tf: Tensorflow,
  map: TfTensor,
  kernel: TfTensor,
  numbers = NUMBERS_AT_ONCE,
): TfTensor {
  const [depth, height, width, from] = map.shape as Four;
  const [k, , , , to] = kernel.shape as Five;
  const planes = depth - k + 1;
  const flat = tf.reshape(tf.transpose(kernel, [1, 2, 0, 3, 4]), [k, k, k * from, to]);
  const atOnce = Math.max(1, Math.floor(numbers / (height * width * k * from)));
  const parts: TfTensor[] = [];
  for (let z = 0; z < planes; z += atOnce) {
    const count = Math.min(atOnce, planes - z);
    const part = tf.tidy(() => {
      const beside = Array.from(
        { length: k },
        (_, dz) => tf.slice(map, [z + dz, 0, 0, 0], [count, height, width, from]),
      );
      return tf.conv2d(joined(tf, beside, 3), flat, 1, "valid");
    });
    parts.push(part);
  }
  return joined(tf, parts, 0);
}

/**
 * The derivative by the map of a convolution: the derivative by what it gave, convolved with the kernel
 * turned round.
 */
export function mapDerivative(tf: Tensorflow, dy: TfTensor, kernel: TfTensor): TfTensor {
  const [k, , , from, to] = kernel.shape as Five;
  const sides = [k - 1, k - 1] as const;
  // As a list of places, for WebGPU turns round no tensor of five axes.
  const turned = tf.reverse(tf.reshape(kernel, [k ** 3, from, to]), [0]);
  const swapped = tf.reshape(tf.transpose(turned, [0, 2, 1]), [k, k, k, to, from]);
  return convolve(tf, tf.pad(dy, [sides, sides, sides, [0, 0]]), swapped);
}

/** How the derivative by a kernel is computed; both give the same. */
export type KernelDerivative = (
  tf: Tensorflow,
  map: TfTensor,
  dy: TfTensor,
  k: number,
) => TfTensor;

/**
 * As matrix products, one for each row of the kernel: voxels x (place in the row, from), transposed, by
 * voxels x to. Best on a GPU, where a product over many voxels is split up.
 */
export const kernelDerivativeByProducts: KernelDerivative = (tf, map, dy, k) => {
  const [depth, height, width, to] = dy.shape as Four;
  const from = map.shape[3]!; // the shape has four
  const voxels = depth * height * width;
  const right = tf.reshape(dy, [voxels, to]);
  const rows: TfTensor[] = [];
  for (let z = 0; z < k; z++) {
    for (let y = 0; y < k; y++) {
      const row = tf.tidy(() => {
        const beside = Array.from(
          { length: k },
          (_, x) => tf.slice(map, [z, y, x, 0], [depth, height, width, from]),
        );
        const left = tf.reshape(joined(tf, beside, 3), [voxels, k * from]);
        return tf.matMul(left, right, true);
      });
      rows.push(row);
    }
  }
  return tf.reshape(joined(tf, rows, 0), [k, k, k, from, to]);
};

/**
 * As convolutions in 2-D, one for each plane of the kernel: of the map, its channels taken as images and
 * its planes as channels, with the derivative as kernel. Best in WebAssembly, whose matrix products are
 * slow where they sum over this many.
 */
export const kernelDerivativeByConvolutions: KernelDerivative = (tf, map, dy, k) => {
  const [depth, , , to] = dy.shape as Four;
  const [, height, width, from] = map.shape as Four;
  const kernel = tf.transpose(dy, [1, 2, 0, 3]);
  const images = tf.transpose(map, [3, 1, 2, 0]);
  const planes = Array.from({ length: k }, (_, z) =>
    tf.tidy(() => {
      const image = tf.slice(images, [0, 0, 0, z], [from, height, width, depth]);
      // from x y x x to
      return tf.transpose(tf.conv2d(image, kernel, 1, "valid"), [1, 2, 0, 3]);
    }));
  return tf.reshape(joined(tf, planes, 0), [k, k, k, from, to]);
};

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

function joined(tf: Tensorflow, parts: readonly TfTensor[], axis: number): TfTensor {
  return parts.length === 1 ? parts[0]! : tf.concat(parts, axis);
}
