/**
 * The bytes of a pickle, taken one argument after the other.
 *
 * @module
 */
import { InputError } from "../errors.ts";

/** Longest integer, and longest line where it is no text of any length. */
const MAX_INTEGER_BYTES = 64;
const MAX_LINE_BYTES = 4096;

/** Reads the arguments of opcodes, in the encodings of Python's `pickletools`. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @param name What to call the file in messages. */
  constructor(bytes: Uint8Array, readonly name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An error for what is wrong with the pickle. */
  refuse(reason: string, remedy = "Copy or download it again."): InputError {
    return new InputError(`Cannot read ${this.name}: its pickle ${reason}`, remedy);
  }

  /** An error for what is wrong with the opcode that was read last. */
  refuseHere(reason: string): InputError {
    return this.refuse(`${reason} (at byte ${this.#at - 1})`);
  }

  /** Moves on and says where the bytes start that were passed. */
  #pass(length: number): number {
    if (length > this.#bytes.length - this.#at) {
      throw this.refuse(`is cut short (at byte ${this.#bytes.length})`);
    }
    this.#at += length;
    return this.#at - length;
  }

  uint8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#pass(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  /** A length of eight bytes; one beyond 2^53 is beyond any file too. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#pass(8), true));
  }

  /** Eight bytes, the highest first. */
  float64(): number {
    return this.#view.getFloat64(this.#pass(8));
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const from = this.#pass(length);
    return new Uint8Array(this.#bytes.subarray(from, from + length));
  }

  /** UTF-8. */
  text(length: number): string {
    const from = this.#pass(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.#bytes.subarray(from, from + length));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.refuse(`holds text that is not UTF-8 (at byte ${from})`);
    }
  }

  /** UTF-8 up to the end of the line, which is passed too. */
  line(): string {
    const text = this.text(this.#lineLength());
    this.#pass(1);
    return text;
  }

  /** As {@linkcode line}, a character to each byte, and of any length: arrays are written so. */
  byteLine(): string {
    const line = this.bytes(this.#lineLength(Infinity));
    this.#pass(1);
    const parts: string[] = [];
    for (let at = 0; at < line.length; at += MAX_LINE_BYTES) {
      parts.push(String.fromCharCode(...line.subarray(at, at + MAX_LINE_BYTES)));
    }
    return parts.join("");
  }

  #lineLength(most = MAX_LINE_BYTES): number {
    const length = this.#bytes.subarray(this.#at, this.#at + most).indexOf(0x0a);
    if (length === -1) throw this.refuse(`holds a line without an end (at byte ${this.#at})`);
    return length;
  }

  /** A little-endian integer in two's complement. */
  integer(length: number): number | bigint {
    if (length > MAX_INTEGER_BYTES) {
      throw this.refuseHere(`holds an integer of ${length} bytes`);
    }
    let value = 0n;
    for (const byte of this.bytes(length).toReversed()) value = (value << 8n) | BigInt(byte);
    return plainInteger(BigInt.asIntN(8 * length, value));
  }

  /** An integer in decimal digits. */
  decimal(text: string): number | bigint {
    if (!/^[+-]?\d{1,150}$/.test(text)) throw this.refuseHere("holds an integer that is none");
    return plainInteger(BigInt(text.replace("+", "")));
  }
}

/** A number where it can be one exactly. */
function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
