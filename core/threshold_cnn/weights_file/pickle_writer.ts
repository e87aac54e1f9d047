/**
 * Writes Python pickles of protocol 2, with the opcodes that PyTorch's careful reader (`weights_only`) takes.
 *
 * Opcodes as Python's `pickletools` documents them.
 *
 * @module
 */

/** What can be written. Numbers without a fraction become integers. */
export type PickleData =
  | null
  | boolean
  | number
  | string
  | PickleFloat
  | readonly PickleData[] // a list
  | ReadonlyMap<string | number, PickleData> // a dict
  | PickledTuple
  | PickledCall
  | PersistentId;

/** A number that shall be a float also where it has no fraction. */
export class PickleFloat {
  constructor(readonly value: number) {}
}

/** A tuple. */
export class PickledTuple {
  readonly items: readonly PickleData[];

  constructor(...items: readonly PickleData[]) {
    this.items = items;
  }
}

/** A global, or what calling one gives. */
export class PickledCall {
  /**
   * @param module Such as `collections`.
   * @param name Such as `OrderedDict`.
   * @param args What it is called with; the global itself is written if not given.
   * @param entries Items that are set in what it gives.
   */
  constructor(
    readonly module: string,
    readonly name: string,
    readonly args?: PickledTuple,
    readonly entries?: ReadonlyMap<string, PickleData>,
  ) {}
}

/** What stands in for something outside of the pickle. */
export class PersistentId {
  constructor(readonly id: PickledTuple) {}
}

/**
 * Pickles a value. The same value gives the same bytes.
 *
 * @throws {RangeError} An integer beyond 32 bits.
 * @example
 * ```ts
 * import { writePickle } from "./pickle_writer.ts";
 * import { readPickle } from "../../pickle/mod.ts";
 * import assert from "node:assert";
 *
 * const bytes = writePickle(new Map([["epoch", 5]]));
 * assert.deepStrictEqual(
 *   readPickle(bytes, "a.pkl", { globals: new Map() }),
 *   new Map([["epoch", 5]]),
 * );
 * ```
 */
export function writePickle(value: PickleData): Uint8Array<ArrayBuffer> {
  const out: number[] = [0x80, 2]; // PROTO
  write(value, out);
  out.push(...letters(".")); // STOP
  return Uint8Array.from(out);
}

function write(value: PickleData, out: number[]): void {
  if (value === null) out.push(...letters("N")); // NONE
  else if (typeof value === "boolean") out.push(value ? 0x88 : 0x89); // NEWTRUE, NEWFALSE
  else if (typeof value === "number") {
    if (Number.isInteger(value)) writeInteger(value, out);
    else writeFloat(value, out);
  } else if (value instanceof PickleFloat) writeFloat(value.value, out);
  else if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    out.push(...letters("X"), ...fourBytes(text.length), ...text); // BINUNICODE
  } else if (value instanceof PickledTuple) {
    out.push(...letters("(")); // MARK
    for (const item of value.items) write(item, out);
    out.push(...letters("t")); // TUPLE
  } else if (value instanceof PickledCall) {
    out.push(...letters(`c${value.module}\n${value.name}\n`)); // GLOBAL
    if (value.args === undefined) return;
    write(value.args, out);
    out.push(...letters("R")); // REDUCE
    if (value.entries !== undefined) writeItems(value.entries, out);
  } else if (value instanceof PersistentId) {
    write(value.id, out);
    out.push(...letters("Q")); // BINPERSID
  } else if (isMap(value)) {
    out.push(...letters("}")); // EMPTY_DICT
    writeItems(value, out);
  } else {
    out.push(...letters("](")); // EMPTY_LIST, MARK
    for (const item of value) write(item, out);
    out.push(...letters("e")); // APPENDS
  }
}

function isMap<K, V>(value: ReadonlyMap<K, V> | readonly V[]): value is ReadonlyMap<K, V> {
  return value instanceof Map;
}

function writeItems(items: ReadonlyMap<string | number, PickleData>, out: number[]): void {
  out.push(...letters("(")); // MARK
  for (const [key, value] of items) {
    write(key, out);
    write(value, out);
  }
  out.push(...letters("u")); // SETITEMS
}

function writeInteger(value: number, out: number[]): void {
  if (value !== (value | 0)) throw new RangeError(`Cannot pickle ${value}: it takes over 32 bits`);
  out.push(...letters("J"), ...fourBytes(value)); // BININT
}

/** Eight bytes, the highest first. */
function writeFloat(value: number, out: number[]): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  out.push(...letters("G"), ...new Uint8Array(view.buffer)); // BINFLOAT
}

function letters(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The lowest first. */
function fourBytes(value: number): number[] {
  return [value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >> 24 & 0xff];
}
