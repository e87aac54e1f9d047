import type { Weights } from "../network.ts";

/**
 * The numbers of a tensor.
 *
 * @throws {RangeError} The weights are not those of the network: readers of files say so before.
 */
export function valuesOf(weights: Weights, name: string): Float32Array<ArrayBuffer> {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new RangeError(`Cannot compute the network: there is no ${name}`);
  return tensor.data;
}
