/**
 * The running statistics of batch normalisation, which predictions take in place of a batch's own.
 *
 * @module
 */
import type { BatchStatistics } from "./engine.ts";
import { NORM_MOMENTUM, type Tensor, type Weights } from "./network.ts";

/**
 * Counts a batch in, as PyTorch does: a tenth of the batch's mean and of its variance, the latter divided
 * by one less than the number of values. Nothing that is given is changed.
 *
 * @param statistics By the name of the batch normalisation; each of more than one value.
 * @throws {RangeError} Where the weights have no such batch normalisation.
 */
export function countIn(
  weights: Weights,
  statistics: ReadonlyMap<string, BatchStatistics>,
): Map<string, Tensor> {
  const all = new Map(weights);
  const change = (name: string, to: (old: number, i: number) => number) => {
    const tensor = weights.get(name);
    if (tensor === undefined) {
      throw new RangeError(`Cannot count a batch in: there is no tensor ${name}`);
    }
    all.set(name, { shape: tensor.shape, data: tensor.data.map(to) });
  };
  for (const [name, { mean, variance, count }] of statistics) {
    const unbiased = count / (count - 1);
    change(`${name}.running_mean`, (old, i) => mix(old, mean[i]!));
    change(`${name}.running_var`, (old, i) => mix(old, variance[i]! * unbiased));
    change(`${name}.num_batches_tracked`, (old) => old + 1);
  }
  return all;
}

function mix(old: number, now: number): number {
  return (1 - NORM_MOMENTUM) * old + NORM_MOMENTUM * now;
}
