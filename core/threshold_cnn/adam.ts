/**
 * The Adam optimiser (Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015), as PyTorch
 * computes it by default: decay 0.9 and 0.999, no weight decay, and epsilon added after the root of the
 * corrected second moment.
 *
 * @module
 */
import type { AdamState } from "./checkpoint.ts";
import { elements, type Network, parameterShapes, type Tensor, type Weights } from "./network.ts";

/** Decay of the running mean of the gradient. */
const BETA1 = 0.9;
/** Decay of the running mean of the squared gradient. */
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Adam before its first step.
 *
 * @param learningRate More than 0.
 */
export function startAdam(network: Network, learningRate: number): AdamState {
  const zeros = () =>
    new Map(
      [...parameterShapes(network)].map(([name, shape]) =>
        [name, new Float32Array(elements(shape))] as const
      ),
    );
  return { step: 0, learningRate, mean: zeros(), square: zeros() };
}

/**
 * Takes a step. Nothing that is given is changed; tensors without a gradient are handed on.
 *
 * @param weights Holds a tensor for each gradient.
 * @param gradients Derivative of the loss by each parameter, by its name.
 * @throws {RangeError} Where a gradient is of no parameter that Adam knows, or of another length.
 */
export function adamStep(
  weights: Weights,
  gradients: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  adam: AdamState,
): { weights: Map<string, Tensor>; adam: AdamState } {
  const step = adam.step + 1;
  const stepSize = adam.learningRate / (1 - BETA1 ** step);
  const correction = Math.sqrt(1 - BETA2 ** step);
  const newWeights = new Map(weights), mean = new Map(adam.mean), square = new Map(adam.square);
  for (const [name, gradient] of gradients) {
    const tensor = weights.get(name), oldMean = mean.get(name), oldSquare = square.get(name);
    if (
      tensor === undefined || oldMean === undefined || oldSquare === undefined ||
      [tensor.data, oldMean, oldSquare].some(({ length }) => length !== gradient.length)
    ) {
      throw new RangeError(`Cannot take a step: no parameter fits the gradient (${name})`);
    }
    const data = new Float32Array(gradient.length);
    const m = new Float32Array(gradient.length), v = new Float32Array(gradient.length);
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      m[i] = BETA1 * oldMean[i]! + (1 - BETA1) * g;
      v[i] = BETA2 * oldSquare[i]! + (1 - BETA2) * g * g;
      data[i] = tensor.data[i]! - stepSize * m[i]! / (Math.sqrt(v[i]!) / correction + EPSILON);
    }
    newWeights.set(name, { shape: tensor.shape, data });
    mean.set(name, m);
    square.set(name, v);
  }
  return { weights: newWeights, adam: { ...adam, step, mean, square } };
}
