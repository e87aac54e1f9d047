/**
 * The header of NumPy's .npy files, in which cryoSPARC keeps particles (.cs): a Python dict, read as the
 * literal that it is.
 *
 * The format: NumPy Enhancement Proposal 1, versions 1.0 to 3.0.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import { told } from "../told.ts";

/** What begins a .npy file. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** What begins the other format that cryoSPARC's tools can write. */
const CSDAT = "\x94CSDAT";

/** Where a file's rows begin is a multiple of this. */
const ALIGNMENT = 64;

/** How many of a file's first bytes {@linkcode readNpyHeader} takes: longer headers are no cryoSPARC's. */
export const NPY_HEAD_BYTES = 1 << 20;

/** Deepest nesting of tuples and lists. */
const MAX_DEPTH = 16;

/** A file of rows. */
export interface NpyHeader {
  /** Where the rows begin, in bytes. */
  readonly offset: number;
  readonly rows: number;
  readonly rowBytes: number;
  /** The same header for another number of rows. */
  readonly withRows: (rows: number) => Uint8Array<ArrayBuffer>;
}

/** A Python literal. Tuples and lists are both arrays: which one it is does not matter here. */
type Literal = string | number | boolean | null | readonly Literal[];

/** Sizes in bytes by the letter of a type; those without one say it themselves. */
const LETTERS = "biufcSUVmM";

/**
 * Reads the header.
 *
 * @param head The first {@linkcode NPY_HEAD_BYTES} bytes of the file, or all that it has.
 * @param name What to call the file in messages.
 * @throws {InputError} It is no .npy file of rows (one axis), or holds Python's objects.
 * @example
 * ```ts
 * import { readNpyHeader } from "./npy_header.ts";
 * import assert from "node:assert";
 *
 * const text = "{'descr': [('uid', '<u8'), ('pose', '<f4', (3,))], 'fortran_order': False, 'shape': (7,), }";
 * const head = Uint8Array.from(`\x93NUMPY\x01\0${String.fromCharCode(118)}\0${text.padEnd(117)}\n`, (c) =>
 *   c.charCodeAt(0));
 * const { rows, rowBytes, offset } = readNpyHeader(head, "a.cs");
 * assert.deepStrictEqual([rows, rowBytes, offset], [7, 20, 128]);
 * ```
 */
export function readNpyHeader(head: Uint8Array, name: string): NpyHeader {
  const refuse = (reason: string, remedy = "Copy or export it again.") =>
    new InputError(`Cannot read ${name}: ${reason}`, remedy);
  if (CSDAT === String.fromCharCode(...head.subarray(0, CSDAT.length))) {
    throw refuse(
      "it is in cryoSPARC's compressed format",
      "With cryosparc-tools, save it again in the format of NumPy.",
    );
  }
  if (!MAGIC.every((byte, i) => head[i] === byte)) {
    throw refuse("it is no .cs or .npy file", "Give the .cs file of the particles.");
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [major = 0, minor] = head.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) {
    throw refuse(`its format is of version ${major}.${minor ?? "?"}, which siren does not know`);
  }
  const start = major === 1 ? 10 : 12;
  if (head.length < start) throw refuse("it is cut short");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const offset = start + length;
  if (offset > head.length) {
    throw refuse(offset > NPY_HEAD_BYTES ? `its header has ${length} bytes` : "it is cut short");
  }
  const text = decode(head.subarray(start, offset), major, refuse);
  const literal = new LiteralReader(text, refuse);
  const { descr, fortran_order: isFortran, shape, shapeAt } = literal.header();
  if (typeof isFortran !== "boolean") throw refuse("its header does not tell the order of axes");
  const [rows] = shape;
  if (shape.length !== 1 || rows === undefined) {
    throw refuse(
      `it has ${shape.length} axes, not rows alone`,
      "Give the .cs file of the particles.",
    );
  }
  const rowBytes = sizeOf(descr, refuse, 0);
  if (rowBytes === 0) throw refuse("its rows are empty");
  return {
    offset,
    rows,
    rowBytes,
    withRows: (count) => {
      const changed = `${text.slice(0, shapeAt[0])}(${count},)${text.slice(shapeAt[1])}`.trimEnd();
      const bytes = encode(changed, major);
      const whole = Math.ceil((start + bytes.length + 1) / ALIGNMENT) * ALIGNMENT;
      const out = new Uint8Array(whole).fill(0x20);
      out.set(head.subarray(0, 8));
      const outView = new DataView(out.buffer);
      if (major === 1) outView.setUint16(8, whole - start, true);
      else outView.setUint32(8, whole - start, true);
      out.set(bytes, start);
      out[whole - 1] = 0x0a;
      return out;
    },
  };
}

type Refuse = (reason: string, remedy?: string) => InputError;

/** Latin-1 until version 2, UTF-8 since version 3. */
function decode(bytes: Uint8Array, major: number, refuse: Refuse): string {
  if (major < 3) {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse("its header is not UTF-8");
  }
}

function encode(text: string, major: number): Uint8Array {
  return major < 3
    ? Uint8Array.from(text, (character) => character.charCodeAt(0))
    : new TextEncoder().encode(text);
}

/** Bytes of a type: a string such as `<f4`, a list of fields, or a type and its shape. */
function sizeOf(descr: Literal, refuse: Refuse, depth: number): number {
  if (depth > MAX_DEPTH) throw refuse("the fields of its rows are nested too deeply");
  if (typeof descr === "string") {
    const [, letter, digits] = descr.match(/^[<>=|]?([A-Za-z?])(\d*)(\[\w+\])?$/) ?? [];
    if (letter === "O") {
      throw refuse(
        "its rows hold Python's objects",
        "Export it again in cryoSPARC, which writes numbers and text alone.",
      );
    }
    if (letter === "?") return 1;
    if (letter === undefined || !LETTERS.includes(letter) || digits === "") {
      throw refuse(`its rows have a field of an unknown type (${told(descr)})`);
    }
    return checked(Number(digits) * (letter === "U" ? 4 : 1), refuse);
  }
  if (!Array.isArray(descr)) throw refuse("its header does not tell the type of its rows");
  const fields: readonly Literal[] = descr;
  let sum = 0;
  for (const field of fields) {
    if (!Array.isArray(field) || field.length < 2 || field.length > 3) {
      throw refuse("its header does not tell the type of its rows");
    }
    const [, type, shape = []] = field as Literal[];
    const axes = Array.isArray(shape) ? shape as Literal[] : [shape];
    const count = axes.reduce<number>((product, axis) => {
      if (typeof axis !== "number" || axis < 0) throw refuse("a field of its rows has no shape");
      return checked(product * axis, refuse);
    }, 1);
    sum = checked(sum + count * sizeOf(type!, refuse, depth + 1), refuse);
  }
  return sum;
}

function checked(size: number, refuse: Refuse): number {
  if (size > 2 ** 31) throw refuse("its rows are too large");
  return size;
}

/** Reads Python literals of the kinds that headers have, strictly. */
class LiteralReader {
  #at = 0;

  constructor(readonly text: string, readonly refuse: Refuse) {}

  /** The header's dict: its three keys, each once, in any order. */
  header(): {
    descr: Literal;
    fortran_order: Literal;
    shape: number[];
    /** Where the text of the shape begins and ends. */
    shapeAt: readonly [number, number];
  } {
    const found = new Map<string, Literal>();
    let shapeAt: readonly [number, number] = [0, 0];
    this.#take("{");
    while (!this.#takes("}")) {
      const key = this.#value(0);
      if (typeof key !== "string" || found.has(key)) throw this.#damaged();
      this.#take(":");
      this.#skip();
      const from = this.#at;
      found.set(key, this.#value(0));
      if (key === "shape") shapeAt = [from, this.#at];
      if (!this.#takes(",")) {
        this.#take("}");
        break;
      }
    }
    this.#skip();
    const shape = found.get("shape"),
      descr = found.get("descr"),
      order = found.get("fortran_order");
    const isWhole = this.#at === this.text.length && found.size === 3 && Array.isArray(shape) &&
      (shape as Literal[]).every((axis) => typeof axis === "number" && axis >= 0);
    if (!isWhole || descr === undefined || order === undefined) throw this.#damaged();
    return { descr, fortran_order: order, shape: [...shape as number[]], shapeAt };
  }

  #damaged(): InputError {
    return this.refuse(`its header is damaged (at character ${this.#at})`);
  }

  #skip(): void {
    while (this.#at < this.text.length && " \t\n\r".includes(this.text[this.#at]!)) this.#at++;
  }

  #takes(character: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(character: string): void {
    if (!this.#takes(character)) throw this.#damaged();
  }

  #value(depth: number): Literal {
    if (depth > MAX_DEPTH) throw this.#damaged();
    if (this.#takes("[")) return this.#items("]", depth);
    if (this.#takes("(")) return this.#items(")", depth);
    this.#skip();
    const match =
      /(?:'((?:[^'\\\n]|\\['\\])*)'|"((?:[^"\\\n]|\\["\\])*)"|(\d{1,15})L?(?!\w)|(True|False|None)(?!\w))/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.text);
    if (found === null) throw this.#damaged();
    this.#at = match.lastIndex;
    const [, single, double, digits, word] = found;
    const text = single ?? double;
    if (text !== undefined) return text.replace(/\\(.)/g, "$1");
    if (digits !== undefined) return Number(digits);
    return word === "None" ? null : word === "True";
  }

  #items(end: string, depth: number): Literal[] {
    const items: Literal[] = [];
    while (!this.#takes(end)) {
      items.push(this.#value(depth + 1));
      if (!this.#takes(",")) {
        this.#take(end);
        // A thing in brackets is itself, not a tuple of one.
        if (end === ")" && items.length === 1) throw this.#damaged();
        break;
      }
    }
    return items;
  }
}
