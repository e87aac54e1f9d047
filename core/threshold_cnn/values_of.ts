/**
 * The tensors of a network by their names.
 *
 * @module
 */
import type { Weights } from "./network.ts";

/**
 * A tensor that must be there.
 *
 * @throws {RangeError} The weights are not those of the network: readers of files say so before.
 */
export function named<T>(tensors: ReadonlyMap<string, T>, name: string): T {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new RangeError(`Cannot compute the network: there is no ${name}`);
  return tensor;
}

/** The numbers of a tensor, see {@linkcode named}. */
export function valuesOf(weights: Weights, name: string): Float32Array<ArrayBuffer> {
  return named(weights, name).data;
}
