/**
 * Labels and indices: Python pickles of integers, as cryoDRGN and tomoDRGN write them.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { readInput } from "../files.ts";
import { type NumpyArray, PickleTuple, readNumpyPickle } from "../pickle/mod.ts";

/** What begins files that some take for pickles, and what they are. */
const others: readonly (readonly [bytes: readonly number[], what: string, remedy: string])[] = [
  [
    [0x50, 0x4b, 0x03, 0x04],
    "it was written by torch.save",
    "In Python, write its numbers as a pickled NumPy array.",
  ],
  [
    [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46],
    "it was written by torch.save",
    "In Python, write its numbers as a pickled NumPy array.",
  ],
  [[0x1f, 0x8b], "it is compressed with gzip", "Unpack it with gunzip."],
  [[0x78], "it is compressed, as joblib does", "In Python, joblib.load it and pickle.dump it."],
  [
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
    "it is a .npy file, not a pickle",
    "In Python, numpy.load it and pickle.dump it.",
  ],
];

/** What to do about pickles that call what arrays do not. */
const REMEDY = "In Python, write its numbers as a pickled NumPy array.";

/**
 * Reads a file's first pickle, with NumPy's arrays in it.
 *
 * @returns The array, or another value of a pickle.
 * @throws {InputError} It cannot be read, or is no pickle of plain values and arrays of numbers.
 */
export async function readPickleFile(path: string): Promise<unknown> {
  const bytes = await readInput(path);
  const other = others.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (other !== undefined) throw new InputError(`Cannot read ${path}: ${other[1]}`, other[2]);
  if (bytes.length === 0) {
    throw new InputError(`Cannot read ${path}: it is empty`, "Copy or download it again.");
  }
  return readNumpyPickle(bytes, path, REMEDY);
}

/**
 * Reads a pickle of integers: a NumPy array of one axis that is longer than one, a list or a tuple. Floats that
 * are whole numbers are taken, too.
 *
 * @param least The least that is allowed.
 * @param what What they are, as in "holds labels below 0".
 * @returns Integers from `least` to 2^31 - 1.
 * @throws {InputError} As {@linkcode readPickleFile}, or it holds anything else.
 */
export async function readIntegers(path: string, least: number, what: string): Promise<Int32Array> {
  return integersOf(await readPickleFile(path), path, least, what);
}

/**
 * What {@linkcode readIntegers} does with what it read.
 *
 * @param value What the pickle holds: of an array, one axis at most is longer than one.
 * @param path The file, for messages.
 * @param least The least that is allowed.
 * @param what What they are, as in "holds labels below 0".
 * @returns Integers from `least` to 2^31 - 1.
 * @throws {InputError} It holds anything else.
 */
export function integersOf(
  value: unknown,
  path: string,
  least: number,
  what: string,
): Int32Array {
  const refuse = (reason: string, remedy?: string) =>
    new InputError(`Cannot read ${path}: ${reason}`, remedy);
  const numbers = Array.isArray(value)
    ? value
    : value instanceof PickleTuple
    ? value.items
    : isNumpyArray(value)
    ? vector(value, refuse)
    : null;
  if (numbers === null) throw refuse(`it holds no array of ${what}`);
  const integers = new Int32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const given: unknown = numbers[i];
    const number = typeof given === "bigint" ? Number(given) : given;
    if (typeof number !== "number" || !Number.isInteger(number)) {
      throw refuse(
        typeof number === "number"
          ? `it holds ${what} that are no whole numbers (${number}, at place ${i})`
          : `it holds what are no ${what} (at place ${i})`,
        `${what[0]!.toUpperCase()}${what.slice(1)} are whole numbers from ${least} on.`,
      );
    }
    if (number < least || number >= 2 ** 31) {
      throw refuse(
        `it holds ${what} ${number < least ? `below ${least}` : "beyond 2^31"} (${given})`,
      );
    }
    integers[i] = number;
  }
  return integers;
}

/** Whether a pickle's value is an array of NumPy's. */
export function isNumpyArray(value: unknown): value is NumpyArray {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value;
}

type Refuse = (reason: string, remedy?: string) => InputError;

/** The numbers of an array along its only axis that is longer than one: tomoDRGN's labels are P x 1. */
function vector({ shape, data, type }: NumpyArray, refuse: Refuse): NumpyArray["data"] {
  if (type === "b1") {
    throw refuse(
      "it is a mask of booleans, not indices",
      "In Python, numpy.flatnonzero makes indices of it.",
    );
  }
  if (shape.length === 0 || shape.filter((length) => length !== 1).length > 1) {
    throw refuse(`its array has ${shape.length} axes, not one`);
  }
  return data;
}
