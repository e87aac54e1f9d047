/**
 * Helpers for the tests of files of weights; no part of the program.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import { elements, type Network, parameterShapes, type Tensor, weightShapes } from "../network.ts";
import { writeZip } from "./zip_writer.ts";

/** A network that is quick to read and write. */
export const smallNetwork: Network = {
  box: 12,
  convolutions: [
    { name: "conv.0", from: 1, to: 3, kernel: 2, norm: "conv.1", pool: true },
    { name: "conv.4", from: 3, to: 4, kernel: 1, pool: false },
  ],
  average: 3,
  dense: [{ name: "mlp.0", from: 4, to: 2 }, { name: "mlp.2", from: 2, to: 1 }],
};

/** Numbers that floats of 16 bits hold exactly; those of variances and squares are positive. */
export function testNumbers(
  count: number,
  seed: number,
  isPositive = false,
): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => {
    const value = ((7 * i + 3 * seed) % 13 - 6) / 8;
    return isPositive ? Math.abs(value) + 0.5 : value;
  });
}

/** A tensor's numbers by its place in the network: {@linkcode testNumbers} with the place as seed. */
export function testWeights(network: Network): Map<string, Tensor> {
  return new Map(
    Array.from(weightShapes(network), ([name, shape], i) => [name, {
      shape,
      data: name.endsWith("tracked")
        ? Float32Array.of(5)
        : testNumbers(elements(shape), i, name.endsWith("var")),
    }]),
  );
}

/** A checkpoint with all that one can have. */
export function testCheckpoint(network: Network): Checkpoint {
  const moments = (seed: number, isPositive: boolean) =>
    new Map(
      Array.from(parameterShapes(network), ([name, shape], i) =>
        [name, testNumbers(elements(shape), seed + i, isPositive)] as const),
    );
  const adam = {
    step: 7,
    learningRate: 3e-6,
    mean: moments(100, false),
    square: moments(200, true),
  };
  return { weights: testWeights(network), epoch: 4, loss: 0.1, adam };
}

/** A file as torch.save would write it around a pickle. */
export function torchFileOf(
  pickle: Uint8Array,
  entries: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  return writeZip(
    new Map([
      ["archive/data.pkl", pickle],
      ...Object.entries(entries).map(([name, bytes]) => [`archive/${name}`, bytes] as const),
      ["archive/version", new TextEncoder().encode("3\n")],
    ]),
  );
}

/** The bytes of text in which each character stands for a byte. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
