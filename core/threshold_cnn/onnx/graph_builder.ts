/**
 * Puts a graph together, node by node.
 *
 * @module
 */
import { type Attribute, model, node, tensor, type Value } from "./model.ts";

/** A graph in the making. What its methods give are names, which further nodes take. */
export class GraphBuilder {
  readonly #nodes: Uint8Array[] = [];
  readonly #tensors: Uint8Array[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #constants = new Map<string, string>();
  #count = 0;

  #name(what: string): string {
    return `${what}_${this.#count++}`;
  }

  /** An input of the model. */
  input(name: string, shape: readonly number[]): string {
    this.#inputs.push({ name, shape });
    return name;
  }

  /** Makes a value an output of the model. */
  output(name: string, value: string, shape: readonly number[]): void {
    this.#nodes.push(node("Identity", [value], [name]));
    this.#outputs.push({ name, shape });
  }

  /** Numbers that are part of the model. */
  constant(shape: readonly number[], data: Float32Array): string {
    const name = this.#name("constant");
    this.#tensors.push(tensor(name, shape, data));
    return name;
  }

  /** A single number. */
  scalar(value: number): string {
    return this.#shared(`scalar ${value}`, (name) => tensor(name, [], Float32Array.of(value)));
  }

  /** Whole numbers, as shapes and axes are given. */
  integers(values: readonly number[]): string {
    return this.#shared(
      `integers ${values}`,
      (name) => tensor(name, [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  #shared(key: string, make: (name: string) => Uint8Array): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#name("constant");
    this.#tensors.push(make(name));
    this.#constants.set(key, name);
    return name;
  }

  /** Adds a node that gives one value. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    return this.addAll(operator, inputs, 1, attributes)[0]!; // one was asked for
  }

  /** Adds a node that gives several values. */
  addAll(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.#name(operator));
    this.#nodes.push(node(operator, inputs, names, attributes));
    return names;
  }

  /** Adds values up, one after the other, so that they need not all be there at once. */
  total(values: readonly string[]): string {
    return values.reduce((sum, value) => this.add("Add", [sum, value]));
  }

  /** Gives a value another shape. */
  reshape(value: string, shape: readonly number[]): string {
    return this.add("Reshape", [value, this.integers(shape)]);
  }

  /** Takes [start, end) along an axis. */
  slice(value: string, axis: number, start: number, end: number): string {
    const [from, to, axes] = [[start], [end], [axis]].map((one) => this.integers(one));
    return this.add("Slice", [value, from!, to!, axes!]); // as many as were given
  }

  /** The bytes of an ONNX file. */
  model(): Uint8Array<ArrayBuffer> {
    return model({
      nodes: this.#nodes,
      tensors: this.#tensors,
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }
}
