/**
 * Max pooling of 2 x 2 x 2 voxels by TensorFlow.js, and its derivative. Of equal voxels the derivative is
 * the first's, as in PyTorch; the back ends' own pooling differs in that.
 *
 * @module
 */
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/** Along x first and z last: of equal voxels the one that stays is then the first in the file. */
const AXES = [2, 1, 0] as const;

/** The two of each pair along an axis. */
interface Pairs {
  readonly first: TfTensor;
  readonly second: TfTensor;
  /** Of what was paired, and of a half of it. */
  readonly shape: readonly number[];
  readonly half: readonly number[];
}

/** Pairs neighbours along an axis; a last one without a partner is left out. */
function pairs(tf: Tensorflow, map: TfTensor, axis: number): Pairs {
  const shape = map.shape;
  const half = shape.with(axis, shape[axis]! >> 1); // the shape has four
  const even = half.with(axis, 2 * half[axis]!);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = half.slice(0, axis + 1).reduce((product, size) => product * size, 1);
  const isEven = even[axis] === shape[axis];
  const paired = isEven ? map : tf.slice(map, [0, 0, 0, 0], even);
  const flat = tf.reshape(paired, [outer, 2 * inner]);
  return {
    first: tf.slice(flat, [0, 0], [outer, inner]),
    second: tf.slice(flat, [0, inner], [outer, inner]),
    shape,
    half,
  };
}

function greater(tf: Tensorflow, { first, second, half }: Pairs): TfTensor {
  return tf.reshape(tf.maximum(first, second), half);
}

/**
 * The greatest of each 2 x 2 x 2 voxels; a last plane, row or column without a partner is left out.
 *
 * @param map z x y x x x channel.
 */
export function pool(tf: Tensorflow, map: TfTensor): TfTensor {
  return tf.tidy(() => AXES.reduce((map, axis) => greater(tf, pairs(tf, map, axis)), map));
}

/**
 * The derivative by the map of what {@linkcode pool} gives.
 *
 * @param dy The derivative by what it gave.
 */
export function poolDerivative(tf: Tensorflow, map: TfTensor, dy: TfTensor): TfTensor {
  return tf.tidy(() => {
    const steps: { readonly axis: number; readonly pairs: Pairs }[] = [];
    let at = map;
    for (const axis of AXES) {
      const own = pairs(tf, at, axis);
      steps.push({ axis, pairs: own });
      at = greater(tf, own);
    }
    return steps.reduceRight((dy, { axis, pairs: { first, second, shape, half } }) => {
      const flat = tf.reshape(dy, first.shape);
      const byFirst = tf.mul(flat, tf.cast(tf.greaterEqual(first, second), "float32"));
      const even = half.with(axis, 2 * half[axis]!); // the shape has four
      const both = tf.reshape(tf.concat([byFirst, tf.sub(flat, byFirst)], 1), even);
      const lacking = shape.map((size, i) => [0, size - even[i]!] as const); // as many axes
      return lacking.every(([, size]) => size === 0) ? both : tf.pad(both, lacking);
    }, dy);
  });
}
