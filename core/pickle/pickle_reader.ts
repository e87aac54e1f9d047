/**
 * Reads Python pickles, of protocols 0 to 5, and executes nothing: of the things a pickle can call, only
 * those on a list are known, and handlers take their place.
 *
 * Opcodes as Python's `pickletools` documents them.
 *
 * @module
 */
import { PickleBytes } from "./pickle_bytes.ts";
import { type PickleHandlers, PickleMachine } from "./pickle_machine.ts";
import { PickleTuple, type PickleValue } from "./pickle_values.ts";

/** Highest protocol there is. */
const MAX_PROTOCOL = 5;
const STOP = 0x2e;

type Operation = (machine: PickleMachine, bytes: PickleBytes) => void;

const tuple = (machine: PickleMachine, items: readonly PickleValue[]) =>
  machine.push(new PickleTuple(items));

/** What each opcode does, by its byte, which for many is a letter. */
const operations: Readonly<Record<string, Operation>> = {
  // Of the whole pickle.
  "\x80": (_, bytes) => { // PROTO
    const protocol = bytes.uint8();
    if (protocol > MAX_PROTOCOL) throw bytes.refuseHere(`is of protocol ${protocol}`);
  },
  "\x95": (_, bytes) => void bytes.uint64(), // FRAME: its length, of which nothing depends

  // Constants.
  "N": (machine) => machine.push(null), // NONE
  "\x88": (machine) => machine.push(true), // NEWTRUE
  "\x89": (machine) => machine.push(false), // NEWFALSE
  "K": (machine, bytes) => machine.push(bytes.uint8()), // BININT1
  "M": (machine, bytes) => machine.push(bytes.uint16()), // BININT2
  "J": (machine, bytes) => machine.push(bytes.int32()), // BININT
  "\x8a": (machine, bytes) => machine.push(bytes.integer(bytes.uint8())), // LONG1
  "\x8b": (machine, bytes) => machine.push(bytes.integer(bytes.uint32())), // LONG4
  "I": (machine, bytes) => { // INT, which is also how protocol 0 has booleans
    const text = bytes.line();
    machine.push(/^0[01]$/.test(text) ? text === "01" : bytes.decimal(text));
  },
  "L": (machine, bytes) => machine.push(bytes.decimal(bytes.line().replace(/L$/, ""))), // LONG
  "G": (machine, bytes) => machine.push(bytes.float64()), // BINFLOAT
  "F": (machine, bytes) => machine.push(floatOf(bytes.line(), bytes)), // FLOAT
  "X": (machine, bytes) => machine.push(bytes.text(bytes.uint32())), // BINUNICODE
  "\x8c": (machine, bytes) => machine.push(bytes.text(bytes.uint8())), // SHORT_BINUNICODE
  "\x8d": (machine, bytes) => machine.push(bytes.text(bytes.uint64())), // BINUNICODE8
  "V": (machine, bytes) => machine.push(withoutUnicodeEscapes(bytes.byteLine())), // UNICODE
  "S": (machine, bytes) => machine.push(unescaped(bytes.line().replace(/^(["'])(.*)\1$/s, "$2"))), // STRING
  "T": (machine, bytes) => machine.push(textOrBytes(bytes.bytes(bytes.uint32()))), // BINSTRING
  "U": (machine, bytes) => machine.push(textOrBytes(bytes.bytes(bytes.uint8()))), // SHORT_BINSTRING
  "C": (machine, bytes) => machine.push(bytes.bytes(bytes.uint8())), // SHORT_BINBYTES
  "B": (machine, bytes) => machine.push(bytes.bytes(bytes.uint32())), // BINBYTES
  "\x8e": (machine, bytes) => machine.push(bytes.bytes(bytes.uint64())), // BINBYTES8
  "\x96": (machine, bytes) => machine.push(bytes.bytes(bytes.uint64())), // BYTEARRAY8

  // Containers.
  "(": (machine) => machine.mark(), // MARK
  ")": (machine) => tuple(machine, []), // EMPTY_TUPLE
  "\x85": (machine) => tuple(machine, machine.take(1)), // TUPLE1
  "\x86": (machine) => tuple(machine, machine.take(2)), // TUPLE2
  "\x87": (machine) => tuple(machine, machine.take(3)), // TUPLE3
  "t": (machine) => tuple(machine, machine.sinceMark()), // TUPLE
  "]": (machine) => machine.push([]), // EMPTY_LIST
  "l": (machine) => machine.push(machine.sinceMark()), // LIST
  "a": (machine) => machine.append([machine.pop()]), // APPEND
  "e": (machine) => machine.append(machine.sinceMark()), // APPENDS
  "}": (machine) => machine.push(new Map()), // EMPTY_DICT
  "d": (machine) => { // DICT
    const items = machine.sinceMark();
    machine.push(new Map());
    machine.setItems(items);
  },
  "s": (machine) => machine.setItems(machine.take(2)), // SETITEM
  "u": (machine) => machine.setItems(machine.sinceMark()), // SETITEMS
  "\x8f": (machine) => machine.push(new Set()), // EMPTY_SET
  "\x90": (machine) => machine.add(machine.sinceMark()), // ADDITEMS
  "\x91": (machine) => { // FROZENSET
    const values = machine.sinceMark();
    machine.push(new Set());
    machine.add(values);
  },

  // Stack and memo.
  "0": (machine) => machine.drop(), // POP
  "1": (machine) => void machine.sinceMark(), // POP_MARK
  "2": (machine) => machine.push(machine.top()), // DUP
  "q": (machine, bytes) => machine.remember(bytes.uint8()), // BINPUT
  "r": (machine, bytes) => machine.remember(bytes.uint32()), // LONG_BINPUT
  "p": (machine, bytes) => machine.remember(Number(bytes.decimal(bytes.line()))), // PUT
  "\x94": (machine) => machine.remember(), // MEMOIZE
  "h": (machine, bytes) => machine.recall(bytes.uint8()), // BINGET
  "j": (machine, bytes) => machine.recall(bytes.uint32()), // LONG_BINGET
  "g": (machine, bytes) => machine.recall(Number(bytes.decimal(bytes.line()))), // GET

  // Globals, and what would call them.
  "c": (machine, bytes) => machine.push(machine.global(bytes.line(), bytes.line())), // GLOBAL
  "\x93": (machine) => { // STACK_GLOBAL
    const [module, name] = machine.take(2);
    machine.push(machine.global(module, name));
  },
  "R": (machine) => { // REDUCE
    const [global, args] = machine.take(2);
    machine.call(global, args);
  },
  "\x81": (machine) => { // NEWOBJ
    const [global, args] = machine.take(2);
    machine.call(global, args);
  },
  "\x92": (machine, bytes) => { // NEWOBJ_EX
    const [global, args, named] = machine.take(3);
    if (!(named instanceof Map) || named.size > 0) {
      throw bytes.refuseHere("calls with named arguments");
    }
    machine.call(global, args);
  },
  "i": (machine, bytes) => { // INST
    const global = machine.global(bytes.line(), bytes.line());
    machine.call(global, new PickleTuple(machine.sinceMark()));
  },
  "o": (machine) => { // OBJ
    const [global, ...args] = machine.sinceMark();
    machine.call(global, new PickleTuple(args));
  },
  "b": (machine) => machine.build(machine.pop()), // BUILD
  "\x82": (machine, bytes) => refuseExtension(machine, bytes.uint8()), // EXT1
  "\x83": (machine, bytes) => refuseExtension(machine, bytes.uint16()), // EXT2
  "\x84": (machine, bytes) => refuseExtension(machine, bytes.int32()), // EXT4
  "P": (machine, bytes) => machine.persistent(bytes.line()), // PERSID
  "Q": (machine) => machine.persistent(machine.pop()), // BINPERSID
};

/** {@linkcode operations} by the value of the byte. */
const byByte: readonly (Operation | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => operations[String.fromCharCode(byte)],
);

/**
 * Reads the first pickle in `bytes`. Its time and memory grow with the bytes alone, whatever they hold, but
 * for those of the handlers. A value that a pickle has in many places is there once, so that lists of lists
 * may be endless, or larger than any memory, to whoever goes through them or turns them into text.
 *
 * @param name What to call the file in messages.
 * @param handlers Which globals it may name, and what takes their place. What they throw is thrown on.
 * @throws {InputError} It is cut short or damaged, or it calls a global that is not allowed, which the
 *   message names.
 * @example
 * ```ts
 * import { readPickle } from "./mod.ts";
 * import assert from "node:assert";
 *
 * const read = (text: string) =>
 *   readPickle(new TextEncoder().encode(text), "a.pkl", { globals: new Map() });
 * assert.deepStrictEqual(read("(lp0\nI1\naI2\na."), [1, 2]);
 * assert.throws(() => read("cos\nsystem\n(S'ls'\ntR."), /its pickle calls os\.system/);
 * ```
 */
export function readPickle(
  bytes: Uint8Array,
  name: string,
  handlers: PickleHandlers,
): PickleValue {
  const source = new PickleBytes(bytes, name);
  const machine = new PickleMachine(source, handlers);
  for (;;) {
    const opcode = source.uint8();
    if (opcode === STOP) return machine.result();
    const operation = byByte[opcode];
    if (operation === undefined) {
      throw source.refuseHere(`holds an unknown opcode, 0x${opcode.toString(16).padStart(2, "0")}`);
    }
    machine.step();
    operation(machine, source);
  }
}

/** A number that stands for a global in a registry that only a running Python has. */
function refuseExtension(machine: PickleMachine, code: number): never {
  throw machine.refuseGlobal(`extension ${code} of copyreg`);
}

function floatOf(text: string, bytes: PickleBytes): number {
  const value = Number(text.replace(/^([+-]?)inf$/, "$1Infinity"));
  if (text === "" || (Number.isNaN(value) && text !== "nan")) {
    throw bytes.refuseHere("holds a number that is none");
  }
  return value;
}

/** What a string of Python 2 holds: text where it is ASCII, bytes otherwise. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return bytes.every((byte) => byte < 0x80) ? new TextDecoder().decode(bytes) : bytes;
}

/** Text in which `\\u` and `\\U` begin the number of a character, in four or eight digits. */
function withoutUnicodeEscapes(text: string): string {
  return text.replace(
    /\\(?:u([\da-f]{4})|U((?:000[\da-f]|0010)[\da-f]{4}))/g,
    (_, short?: string, long = "") => String.fromCodePoint(parseInt(short ?? long, 16)),
  );
}

/** Text in which a backslash begins what cannot be written as it is, as in a program. */
function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
  return text.replace(
    /\\(?:x([\da-f]{2})|(.))/g,
    (_, byte?: string, letter = "") =>
      byte === undefined ? letters[letter] ?? letter : String.fromCharCode(parseInt(byte, 16)),
  );
}
