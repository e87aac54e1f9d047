/**
 * Writes indices as Python's programs read them: a pickled NumPy array.
 *
 * @module
 */

/** What comes before the length of the array, and between that and the number of its bytes. */
const BEFORE_LENGTH = "\x80\x04" + // PROTO 4
  "cnumpy\nndarray\n" + // GLOBAL
  "K\x00\x85" + "cnumpy\ndtype\n" + "\x8c\x02i8\x85R" + // (0,), dtype("i8")
  // The type's version, that the lowest byte comes first, no fields, and what is for fields alone.
  "(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb" +
  "\x94\x86R" + // ndarray((0,), dtype), and the type put down as number 0
  "(K\x01"; // the array's version
const BEFORE_BYTES = "\x85h\x00\x89"; // (length,), the type, not Fortran's order
const AFTER_BYTES = "tb."; // the array's state, and STOP

/**
 * Pickles indices as a NumPy array of one axis and type int64, in protocol 4. The names in it are those of
 * `numpy.ndarray` and `numpy.dtype` alone, which every NumPy has, whereas what NumPy 1 writes itself lies in
 * a module that NumPy 2 calls otherwise.
 *
 * Opcodes as Python's `pickletools` documents them; the array's state as `ndarray.__setstate__` does.
 *
 * @param indices Integers.
 * @example
 * ```ts
 * import { pickleIndices } from "./numpy_writer.ts";
 * import assert from "node:assert";
 *
 * const bytes = pickleIndices(Int32Array.of(1, 2, 3));
 * assert.strictEqual(bytes.length, 89 + 3 * 8);
 * ```
 */
export function pickleIndices(indices: Int32Array): Uint8Array<ArrayBuffer> {
  const length = 8 * indices.length;
  const before = latin1(BEFORE_LENGTH), middle = latin1(BEFORE_BYTES), after = latin1(AFTER_BYTES);
  const sizes = before.length + 5 + middle.length + 9;
  const out = new Uint8Array(sizes + length + after.length);
  const view = new DataView(out.buffer);
  out.set(before);
  let at = before.length;
  view.setUint8(at, 0x4a); // BININT
  view.setInt32(at + 1, indices.length, true);
  out.set(middle, at += 5);
  view.setUint8(at += middle.length, 0x8e); // BINBYTES8
  view.setBigUint64(at + 1, BigInt(length), true);
  at += 9;
  for (const index of indices) {
    view.setBigInt64(at, BigInt(index), true);
    at += 8;
  }
  out.set(after, at);
  return out;
}

/** The bytes of text in which each character stands for a byte. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
