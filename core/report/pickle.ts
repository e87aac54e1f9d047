/**
 * The few Python pickles the reference's users read: a list of integers, and a dict from integers to lists
 * of integers. Written in protocol 2, which every Python since 2.3 reads.
 *
 * Opcodes as Python's `pickletools` documents them.
 *
 * @module
 */
const PROTO = 0x80; // one byte: the protocol
const MARK = 0x28;
const STOP = 0x2e;
const EMPTY_LIST = 0x5d;
const EMPTY_DICT = 0x7d;
const APPENDS = 0x65; // list, mark, values -> list
const SETITEMS = 0x75; // dict, mark, keys and values -> dict
const BININT1 = 0x4b; // one byte, unsigned
const BININT2 = 0x4d; // two bytes, unsigned
const BININT = 0x4a; // four bytes, signed
const LONG1 = 0x8a; // length n, then n bytes, two's complement

/**
 * Pickles a list of integers, such as `unadded_list.pkl`.
 *
 * @param values Integers, -2^53 + 1 to 2^53 - 1.
 * @throws {RangeError} When a value is not such an integer.
 * @example
 * ```ts
 * import { readPickle } from "../pickle/mod.ts";
 * import { pickleList } from "./pickle.ts";
 * import assert from "node:assert";
 *
 * const bytes = pickleList([3, 70000]);
 * assert.deepStrictEqual(readPickle(bytes, "a.pkl", { globals: new Map() }), [3, 70000]);
 * ```
 */
export function pickleList(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  out.bytes(PROTO, 2);
  writeList(out, values);
  out.bytes(STOP);
  return out.done();
}

/**
 * Pickles a dict from integers to lists of integers, such as `blocks_dict.pkl`. Python keeps the order of
 * the keys.
 *
 * @param lists Keys and values as for {@linkcode pickleList}.
 * @throws {RangeError} When a key or value is not an integer in range.
 * @example
 * ```ts
 * import { readPickle } from "../pickle/mod.ts";
 * import { pickleDict } from "./pickle.ts";
 * import assert from "node:assert";
 *
 * const blocks = new Map([[7, [1, 2, 3]], [2, [9]]]);
 * const bytes = pickleDict(blocks);
 * assert.deepStrictEqual(readPickle(bytes, "a.pkl", { globals: new Map() }), blocks);
 * ```
 */
export function pickleDict(
  lists: ReadonlyMap<number, ArrayLike<number>>,
): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  out.bytes(PROTO, 2, EMPTY_DICT, MARK);
  for (const [key, values] of lists) {
    writeInteger(out, key);
    writeList(out, values);
  }
  out.bytes(SETITEMS, STOP);
  return out.done();
}

function writeList(out: Writer, values: ArrayLike<number>): void {
  out.bytes(EMPTY_LIST, MARK);
  for (let i = 0; i < values.length; i++) writeInteger(out, values[i]!);
  out.bytes(APPENDS);
}

function writeInteger(out: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot pickle ${value}: it is not an integer below 2^53`);
  }
  if (value >= 0 && value < 2 ** 8) out.bytes(BININT1, value);
  else if (value >= 0 && value < 2 ** 16) out.bytes(BININT2, value, value >> 8);
  else if (value === (value | 0)) {
    out.bytes(BININT, value, value >> 8, value >> 16, value >> 24);
  } else {
    const wide = BigInt(value);
    out.bytes(LONG1, 8);
    for (let shift = 0n; shift < 64n; shift += 8n) out.bytes(Number((wide >> shift) & 0xffn));
  }
}

/** Bytes appended one after the other. */
class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Appends the low eight bits of each value. */
  bytes(...values: number[]): void {
    if (this.#length + values.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (const value of values) this.#bytes[this.#length++] = value;
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
