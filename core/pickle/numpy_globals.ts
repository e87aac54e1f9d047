/**
 * The globals that pickles of NumPy arrays name, and what takes their place. NumPy 1 and 2 spell some of them
 * differently; both are known.
 *
 * How arrays, types and scalars are taken apart: NumPy's `ndarray.__reduce__`, `__reduce_ex__` (protocol 5)
 * and `dtype.__reduce__`.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { told } from "../told.ts";
import { numberTypes, type NumpyArray, numpyArray } from "./numpy_array.ts";
import { readPickle } from "./pickle_reader.ts";
import { type AllowedGlobal, GlobalName, PickleTuple, type PickleValue } from "./pickle_values.ts";

/** Most axes of an array; NumPy has 64. */
const MAX_AXES = 64;

/** Most opcodes: a list of a million scalars of NumPy takes eight million. */
const MAX_STEPS = 16_000_000;

/** A type whose byte order comes after it is made. */
class Dtype {
  order = "|";
  constructor(readonly type: string) {}
}

/** An array whose shape and numbers come after it is made. */
class Unfilled {
  array: NumpyArray | undefined;
}

/** Makes the error for what a pickle asks of NumPy and does not get. */
type Refuse = (reason: string) => InputError;

/**
 * Makes the list of globals. Arrays come as what only {@linkcode plainValue} understands.
 *
 * @param refuse Makes the error for a global that is used in a way that NumPy does not.
 * @param fileBytes Length of the pickle's file. A pickle can use the same bytes again and again; those of
 *   all arrays together are no more than the file's.
 */
export function numpyGlobals(
  refuse: Refuse,
  fileBytes: number,
): ReadonlyMap<string, AllowedGlobal> {
  let copied = 0;
  const countCopied = (bytes: number) => {
    copied += bytes;
    // Once as text, where bytes are written so, and once as numbers.
    if (copied > 2 * fileBytes) throw refuse("fills arrays with more bytes than it has");
  };
  const arrayOf = (
    type: PickleValue,
    shape: PickleValue,
    bytes: PickleValue,
    isFortran: boolean,
  ): NumpyArray => {
    if (Array.isArray(bytes)) throw refuse("holds an array of objects, not of numbers");
    const axes = axesOf(shape);
    // Strings of Python 2 are bytes, which are text to the reader where all are ASCII.
    const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    if (!(type instanceof Dtype) || !(raw instanceof Uint8Array) || axes === undefined) {
      throw refuse("fills an array in an unknown way");
    }
    countCopied(raw.length);
    const made = numpyArray(type.type, axes, raw, type.order === ">", isFortran);
    if (made !== undefined) return made;
    throw refuse(`has an array whose shape does not fit its bytes (${axes.join(" x ")})`);
  };
  /** Bytes, as Python 3 has them in pickles of protocols 0 to 2: text of characters below 256. */
  const encoded = (text: PickleValue, code: PickleValue): Uint8Array => {
    if (typeof text !== "string" || code !== "latin1") {
      throw refuse("encodes text in an unknown way");
    }
    countCopied(text.length);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i);
      if (character > 0xff) throw refuse("encodes text in an unknown way");
      bytes[i] = character;
    }
    return bytes;
  };
  const dtype: AllowedGlobal = {
    make: ([name]) => {
      const type = typeof name === "string" ? name.replace(/^[<>=|]/, "") : "";
      if (typeof name !== "string" || !numberTypes.has(type)) throw refuse(refusedType(name));
      const made = new Dtype(type);
      if (type !== name) made.order = name[0]!; // one of the four
      return made;
    },
    build: (made, state) => {
      // Version, byte order, and what only types with fields have.
      const items = state instanceof PickleTuple ? state.items : [];
      const order = items[1];
      if (!(made instanceof Dtype) || typeof order !== "string" || !/^[<>=|]$/.test(order)) {
        throw refuse("has a type of NumPy whose byte order is none");
      }
      if ([items[2], items[3], items[4]].some((item) => item !== null && item !== undefined)) {
        throw refuse("holds an array with fields, not of numbers");
      }
      made.order = order;
    },
  };
  const fill = (made: object, state: PickleValue) => {
    // Version (which very old ones lack), shape, type, whether the first axis is fastest, bytes.
    const items = state instanceof PickleTuple ? state.items : [];
    const [shape, type, isFortran, bytes] = items.slice(-4);
    if (!(made instanceof Unfilled) || items.length < 4 || typeof isFortran !== "boolean") {
      throw refuse("fills an array in an unknown way");
    }
    made.array = arrayOf(type, shape, bytes, isFortran);
  };
  const reconstruct: AllowedGlobal = {
    make: ([kind]) => {
      if (!(kind instanceof GlobalName) || kind.name !== "numpy.ndarray") {
        throw refuse("makes an array of an unknown kind");
      }
      return new Unfilled();
    },
    build: fill,
  };
  const fromBuffer: AllowedGlobal = {
    make: ([bytes, type, shape, order]) => {
      if (order !== "C" && order !== "F") throw refuse("fills an array in an unknown way");
      const made = new Unfilled();
      made.array = arrayOf(type, shape, bytes, order === "F");
      return made;
    },
  };
  const scalar: AllowedGlobal = {
    make: ([type, bytes]) => {
      const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
      const known = type instanceof Dtype ? numberTypes.get(type.type) : undefined;
      if (!(type instanceof Dtype) || !(raw instanceof Uint8Array) || raw.length !== known?.size) {
        throw refuse("makes a number in an unknown way");
      }
      const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
      return known.one(view, type.order !== ">");
    },
  };
  const both = (name: string, allowed: AllowedGlobal) =>
    [[`numpy.core.${name}`, allowed], [`numpy._core.${name}`, allowed]] as const;
  return new Map<string, AllowedGlobal>([
    ["numpy.ndarray", { make: () => new Unfilled(), build: fill }],
    ["numpy.dtype", dtype],
    ["_codecs.encode", { make: ([text, code]) => encoded(text, code) }],
    // No bytes, in pickles of protocols 0 to 2.
    ...["builtins.bytes", "__builtin__.bytes"].map((name) =>
      [name, { make: () => new Uint8Array() }] as const
    ),
    ...both("multiarray._reconstruct", reconstruct),
    ...both("multiarray.scalar", scalar),
    ...both("numeric._frombuffer", fromBuffer),
  ]);
}

/** NumPy's globals and others. */
class Globals extends Map<string, AllowedGlobal> {
  constructor(
    numpy: ReadonlyMap<string, AllowedGlobal>,
    readonly findOther: (name: string) => AllowedGlobal | undefined,
  ) {
    super(numpy);
  }

  override get(name: string): AllowedGlobal | undefined {
    return super.get(name) ?? this.findOther(name);
  }
}

/** A value of a pickle with NumPy's arrays as arrays. What holds values, such as a list, is left as it is. */
export function plainValue(value: PickleValue): PickleValue {
  return value instanceof Unfilled ? value.array ?? undefined : value;
}

/**
 * Reads the first pickle of a file, in which there may be arrays of numbers.
 *
 * @param remedy What to do about a pickle that calls anything else; a sentence.
 * @param findOther Finds what takes the place of globals that are not NumPy's; by default there are none.
 * @returns The array, or whatever else it holds (see {@linkcode PickleValue}).
 * @throws {InputError} As {@linkcode readPickle}; or an array is not of numbers or not whole.
 * @example
 * ```ts
 * import { readNumpyPickle } from "./numpy_globals.ts";
 * import { pickleIndices } from "./numpy_writer.ts";
 * import assert from "node:assert";
 *
 * assert.deepStrictEqual(readNumpyPickle(pickleIndices(Int32Array.of(3, 5)), "ind.pkl"), {
 *   type: "i8",
 *   shape: [2],
 *   data: BigInt64Array.of(3n, 5n),
 * });
 * ```
 */
export function readNumpyPickle(
  bytes: Uint8Array,
  name: string,
  remedy?: string,
  findOther: (name: string) => AllowedGlobal | undefined = () => undefined,
): PickleValue {
  const refuse: Refuse = (reason) =>
    new InputError(
      `Cannot read ${name}: its pickle ${reason}`,
      "Nothing of it was run. In Python, write it again as an array of numbers.",
    );
  const globals = new Globals(numpyGlobals(refuse, bytes.length), findOther);
  const value = readPickle(bytes, name, {
    globals,
    steps: MAX_STEPS,
    ...(remedy === undefined ? {} : { remedy }),
  });
  if (value instanceof Unfilled && value.array === undefined) {
    throw refuse("makes an array and does not fill it");
  }
  return plainValue(value);
}

function axesOf(shape: PickleValue): number[] | undefined {
  if (!(shape instanceof PickleTuple) || shape.items.length > MAX_AXES) return undefined;
  return shape.items.every((item) => typeof item === "number")
    ? [...shape.items] as number[]
    : undefined;
}

function refusedType(name: PickleValue): string {
  if (typeof name !== "string") return "has a type of NumPy whose name is no text";
  if (/^[|]?O/.test(name)) return "holds an array of objects, not of numbers";
  return `holds an array of an unknown type (${told(name)})`;
}
