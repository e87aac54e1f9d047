/**
 * The machine that a pickle is written for, with stack, marks and memo, which calls nothing but the
 * handlers it was given.
 *
 * @module
 */
import type { InputError } from "../errors.ts";
import type { PickleBytes } from "./pickle_bytes.ts";
import { type AllowedGlobals, GlobalName, PickleTuple, type PickleValue } from "./pickle_values.ts";
import { told } from "../told.ts";

/** How much a pickle may ask for: four million empty dicts take a gigabyte, and other values less. */
const MAX_STEPS = 4_000_000;
const MAX_LARGE_VALUES = 4_000_000;
const MAX_MARKS = 1000;

/** What takes the place of Python in reading a pickle. */
export interface PickleHandlers {
  readonly globals: AllowedGlobals;
  /** Finds what a persistent id stands for; absent where a pickle may have none. */
  readonly persistent?: (id: PickleValue) => PickleValue;
  /** What to do about a pickle that calls what is not allowed; a sentence. */
  readonly remedy?: string;
  /** Most opcodes that are taken, below 2^24; four million if absent. */
  readonly steps?: number;
}

/** See the module. All methods throw an `InputError` where the pickle asks for what cannot be. */
export class PickleMachine {
  readonly #stack: PickleValue[] = [];
  /** Height of the stack at each mark. */
  readonly #marks: number[] = [];
  /** Values put down, by their places from 0 on without a gap, and those at other places. */
  readonly #memo: PickleValue[] = [];
  readonly #farMemo = new Map<number, PickleValue>();
  /** By which global an object was made. */
  readonly #makers = new WeakMap<object, GlobalName>();
  #steps = 0;
  #large = 0;
  readonly #maxSteps: number;

  constructor(readonly bytes: PickleBytes, readonly handlers: PickleHandlers) {
    this.#maxSteps = handlers.steps ?? MAX_STEPS;
  }

  /** Counts an opcode. */
  step(): void {
    if (++this.#steps > this.#maxSteps) {
      throw this.bytes.refuse(`takes more than ${this.#maxSteps} steps`);
    }
  }

  push(value: PickleValue): void {
    if (value instanceof Map || value instanceof Set || value instanceof Uint8Array) {
      if (++this.#large > MAX_LARGE_VALUES) {
        throw this.bytes.refuse(`holds more than ${MAX_LARGE_VALUES} dicts, sets and bytes`);
      }
    }
    this.#stack.push(value);
  }

  pop(): PickleValue {
    this.#need(1);
    return this.#stack.pop();
  }

  top(): PickleValue {
    this.#need(1);
    return this.#stack.at(-1);
  }

  /** The last values, the first of them first. */
  take(count: number): PickleValue[] {
    this.#need(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  #need(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) {
      throw this.bytes.refuseHere("takes a value from an empty stack");
    }
  }

  mark(): void {
    if (this.#marks.length === MAX_MARKS) throw this.bytes.refuseHere("is nested too deeply");
    this.#marks.push(this.#stack.length);
  }

  /** The values since the last mark, which is taken away too. */
  sinceMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.bytes.refuseHere("lacks a mark");
    return this.#stack.splice(mark);
  }

  /** Takes the last value away, or the mark where that came last. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  /** The value of the whole pickle. */
  result(): PickleValue {
    if (this.#marks.length > 0 || this.#stack.length !== 1) {
      throw this.bytes.refuseHere("does not end in one value");
    }
    return this.#stack[0];
  }

  remember(place = this.#memo.length + this.#farMemo.size): void {
    if (place < 0) throw this.bytes.refuseHere("puts a value down at no place");
    if (place > this.#memo.length) this.#farMemo.set(place, this.top());
    else {
      this.#memo[place] = this.top();
      this.#farMemo.delete(place);
    }
  }

  recall(place: number): void {
    if (place >= 0 && place < this.#memo.length) return this.push(this.#memo[place]);
    if (!this.#farMemo.has(place)) throw this.bytes.refuseHere("recalls what it did not put down");
    this.push(this.#farMemo.get(place));
  }

  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.bytes.refuseHere("appends to what is no list");
    for (const value of values) list.push(value);
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.bytes.refuseHere("sets items of what is no dict");
    if (items.length % 2 !== 0) throw this.bytes.refuseHere("sets a key without a value");
    for (let i = 0; i < items.length; i += 2) dict.set(this.#hashable(items[i]), items[i + 1]);
  }

  add(values: readonly PickleValue[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw this.bytes.refuseHere("adds to what is no set");
    for (const value of values) set.add(this.#hashable(value));
  }

  #hashable(key: PickleValue): PickleValue {
    if (Array.isArray(key) || key instanceof Map || key instanceof Set) {
      throw this.bytes.refuseHere("has a list, a dict or a set as a key");
    }
    return key;
  }

  /** Finds an allowed global. */
  global(module: PickleValue, name: PickleValue): GlobalName {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.bytes.refuseHere("calls something whose name is no text");
    }
    const full = `${module}.${name}`;
    // With a dot in the name it would be an attribute of a global; no such thing is allowed.
    const allowed = /^\w+$/.test(name) ? this.handlers.globals.get(full) : undefined;
    if (allowed === undefined) throw this.refuseGlobal(full);
    return new GlobalName(full, allowed);
  }

  /** An error for a global that is not allowed. */
  refuseGlobal(name: string): InputError {
    return this.#refuseCall(name, "siren does not know");
  }

  #refuseCall(name: string, why: string): InputError {
    const { remedy } = this.handlers;
    return this.bytes.refuse(
      `calls ${told(name)}, which ${why}`,
      `Nothing of it was run.${remedy === undefined ? "" : ` ${remedy}`}`,
    );
  }

  /** What a global makes of arguments. */
  call(global: PickleValue, args: PickleValue): void {
    if (!(global instanceof GlobalName)) throw this.bytes.refuseHere("calls what is no global");
    if (!(args instanceof PickleTuple)) throw this.bytes.refuseHere("calls without arguments");
    if (global.allowed.make === undefined) {
      throw this.#refuseCall(global.name, "it may only name");
    }
    const made = global.allowed.make(args.items);
    if (typeof made === "object" && made !== null) this.#makers.set(made, global);
    this.push(made);
  }

  /** Sets the state of the last value. */
  build(state: PickleValue): void {
    const made = this.top();
    const maker = typeof made === "object" && made !== null ? this.#makers.get(made) : undefined;
    if (maker === undefined) throw this.bytes.refuseHere("sets the state of what has none");
    if (maker.allowed.build === undefined) {
      throw this.#refuseCall(`${maker.name}.__setstate__`, "siren does not know");
    }
    maker.allowed.build(made as object, state); // only objects have a maker
  }

  persistent(id: PickleValue): void {
    const { persistent } = this.handlers;
    if (persistent === undefined) throw this.bytes.refuseHere("refers to another file");
    this.push(persistent(id));
  }
}
