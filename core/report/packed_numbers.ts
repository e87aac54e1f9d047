/**
 * Arrays of numbers as text in a page of HTML: base64 of their bytes, least significant first.
 *
 * @module
 */

const KINDS = { u1: Uint8Array, u4: Uint32Array, f8: Float64Array } as const;

/** An array's bytes as text: its kind, a colon, and base64. */
export type PackedNumbers = `${keyof typeof KINDS}:${string}`;

/**
 * Packs an array.
 *
 * @example
 * ```ts
 * import { packNumbers, unpackNumbers } from "./packed_numbers.ts";
 * import assert from "node:assert";
 *
 * const packed = packNumbers(Float64Array.of(1, Infinity));
 * assert.strictEqual(packed, "f8:AAAAAAAA8D8AAAAAAADwfw==");
 * assert.deepStrictEqual(unpackNumbers(packed), Float64Array.of(1, Infinity));
 * ```
 */
export function packNumbers(array: Uint8Array | Uint32Array | Float64Array): PackedNumbers {
  const kind = array instanceof Uint8Array ? "u1" : array instanceof Uint32Array ? "u4" : "f8";
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return `${kind}:${bytes.toBase64()}`;
}

/**
 * Gives the array again. Browsers of some years ago know base64 only as strings of bytes.
 *
 * @throws {RangeError} The text is no packed array.
 */
export function unpackNumbers(text: PackedNumbers): Uint8Array | Uint32Array | Float64Array {
  const [kind, base64] = text.split(":") as [keyof typeof KINDS, string];
  const Kind = KINDS[kind];
  if (Kind === undefined) {
    throw new RangeError(`Cannot unpack numbers: their kind is unknown (${kind})`);
  }
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return new Kind(bytes.buffer);
}
