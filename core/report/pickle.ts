/**
 * The few Python pickles the reference's users read: a list of integers, and a dict from integers to lists
 * of integers. Written in protocol 2, which every Python since 2.3 reads; reading executes nothing.
 *
 * Opcodes as Python's `pickletools` documents them.
 *
 * @module
 */
import { InputError } from "../errors.ts";

const PROTO = 0x80; // one byte: the protocol
const FRAME = 0x95; // eight bytes: length of the frame that follows
const MARK = 0x28;
const STOP = 0x2e;
const EMPTY_LIST = 0x5d;
const EMPTY_DICT = 0x7d;
const APPEND = 0x61; // list, value -> list
const APPENDS = 0x65; // list, mark, values -> list
const SETITEM = 0x73; // dict, key, value -> dict
const SETITEMS = 0x75; // dict, mark, keys and values -> dict
const BININT1 = 0x4b; // one byte, unsigned
const BININT2 = 0x4d; // two bytes, unsigned
const BININT = 0x4a; // four bytes, signed
const LONG1 = 0x8a; // length n, then n bytes, two's complement
const BINPUT = 0x71; // one byte: place in the memo
const LONG_BINPUT = 0x72; // four bytes: place in the memo
const MEMOIZE = 0x94;

/**
 * Pickles a list of integers, such as `unadded_list.pkl`.
 *
 * @param values Integers, -2^53 + 1 to 2^53 - 1.
 * @throws {RangeError} When a value is not such an integer.
 * @example
 * ```ts
 * import { parsePickle, pickleList } from "./pickle.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(parsePickle(pickleList([3, 70000])), [3, 70000]);
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
 * import { parsePickle, pickleDict } from "./pickle.ts";
 * import assert from "node:assert";
 *
 * const blocks = new Map([[7, [1, 2, 3]], [2, [9]]]);
 * assert.deepStrictEqual(parsePickle(pickleDict(blocks)), blocks);
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

/** What can stand on the stack of {@linkcode parsePickle}. */
type Item = number | number[] | Map<number, number[]> | typeof MARKER;
const MARKER = Symbol("mark");

/**
 * Reads a pickle that holds a list of integers or a dict from integers to lists of integers, of protocol 2
 * to 5, written here or by Python. Any other opcode is refused: nothing is ever imported or called.
 *
 * @param name What to call the file in messages.
 * @throws {InputError} When the pickle is cut short, damaged, or holds anything else.
 */
export function parsePickle(
  bytes: Uint8Array,
  name = "pickle",
): number[] | Map<number, number[]> {
  const refuse = (reason: string) =>
    new InputError(
      `Cannot read ${name}: ${reason}`,
      "Only a list of integers, or a dict from integers to lists of integers, can be read.",
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Item[] = [];
  let at = 0;
  /** Moves on by `length` bytes and says where they start. */
  const take = (length: number) => {
    if (at + length > bytes.length) throw refuse(`it is cut short (at byte ${bytes.length})`);
    at += length;
    return at - length;
  };
  /** Takes what was pushed since the last mark off the stack, with the mark. */
  const sinceMark = () => {
    const mark = stack.lastIndexOf(MARKER);
    if (mark === -1) throw refuse(`an item without its mark (at byte ${at - 1})`);
    return stack.splice(mark).slice(1);
  };
  const append = (values: Item[]) => {
    const list = stack.at(-1);
    if (!Array.isArray(list)) throw refuse(`values without a list (at byte ${at - 1})`);
    for (const value of values) {
      if (typeof value !== "number") throw refuse(`a list of other things than integers`);
      list.push(value);
    }
  };
  const setItems = (items: Item[]) => {
    const dict = stack.at(-1);
    if (!(dict instanceof Map) || items.length % 2 !== 0) {
      throw refuse(`keys and values without a dict (at byte ${at - 1})`);
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!, value = items[i + 1]!;
      if (typeof key !== "number" || !Array.isArray(value)) {
        throw refuse(`a dict of other things than lists of integers`);
      }
      dict.set(key, value);
    }
  };

  if (bytes[take(1)] !== PROTO) throw refuse("it is not a pickle of protocol 2 or later");
  const protocol = view.getUint8(take(1));
  if (protocol < 2 || protocol > 5) {
    throw refuse(`it is a pickle of protocol ${protocol}, not 2 to 5`);
  }
  for (;;) {
    const opcode = view.getUint8(take(1));
    switch (opcode) {
      case FRAME:
        take(8);
        break;
      case MEMOIZE:
        break;
      case BINPUT:
        take(1);
        break;
      case LONG_BINPUT:
        take(4);
        break;
      case EMPTY_LIST:
        stack.push([]);
        break;
      case EMPTY_DICT:
        stack.push(new Map());
        break;
      case MARK:
        stack.push(MARKER);
        break;
      case BININT1:
        stack.push(view.getUint8(take(1)));
        break;
      case BININT2:
        stack.push(view.getUint16(take(2), true));
        break;
      case BININT:
        stack.push(view.getInt32(take(4), true));
        break;
      case LONG1: {
        const length = view.getUint8(take(1));
        const start = take(length);
        const value = longOf(bytes.subarray(start, start + length));
        if (!Number.isSafeInteger(value)) {
          throw refuse(`an integer beyond 2^53 (at byte ${start})`);
        }
        stack.push(value);
        break;
      }
      case APPEND:
        append(stack.splice(-1));
        break;
      case APPENDS:
        append(sinceMark());
        break;
      case SETITEM:
        setItems(stack.splice(-2));
        break;
      case SETITEMS:
        setItems(sinceMark());
        break;
      case STOP: {
        const [value] = stack;
        if (stack.length !== 1 || !(Array.isArray(value) || value instanceof Map)) {
          throw refuse("it holds neither a list nor a dict");
        }
        return value;
      }
      default:
        throw refuse(
          `opcode 0x${opcode.toString(16).padStart(2, "0")} is not allowed (at byte ${at - 1})`,
        );
    }
  }
}

/** A little-endian integer in two's complement, as a number (inexact beyond 2^53). */
function longOf(bytes: Uint8Array): number {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return Number(BigInt.asIntN(8 * bytes.length, value));
}
