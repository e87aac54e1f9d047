/**
 * Writes models as ONNX files hold them: protocol buffers of the messages of
 * [onnx.proto](https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), of which a few fields are enough
 * (their numbers in brackets):
 *
 * | message | fields |
 * | --- | --- |
 * | ModelProto | ir_version (1), producer_name (2), graph (7), opset_import (8) |
 * | OperatorSetIdProto | domain (1), version (2) |
 * | GraphProto | node (1), name (2), initializer (5), input (11), output (12) |
 * | NodeProto | input (1), output (2), name (3), op_type (4), attribute (5) |
 * | AttributeProto | name (1), f (2), i (3), s (4), ints (8), type (20) |
 * | TensorProto | dims (1), data_type (2), name (8), raw_data (9) |
 * | ValueInfoProto | name (1), type (2) |
 * | TypeProto | tensor_type (1), of elem_type (1) and shape (2), of dim (1), of dim_value (1) |
 *
 * @module
 */

/** A field of a message, or a message. */
type Bytes = Uint8Array<ArrayBuffer>;

/** Kinds of numbers: values of TensorProto.DataType. */
const FLOAT = 1, INT64 = 7;
/** The version of the file format, and that of the operators. */
const IR_VERSION = 8, OPERATORS_VERSION = 17;
/** Wire types of protocol buffers: a number of variable length, bytes with their length, four bytes. */
const NUMBER = 0, BYTES = 2, FOUR_BYTES = 5;

/** A whole number in groups of seven bits, the least first; negative ones as 64 bits. */
function varint(value: number | bigint): Bytes {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const group = Number(rest & 127n);
    rest >>= 7n;
    groups.push(rest === 0n ? group : group | 128);
  } while (rest !== 0n);
  return Uint8Array.from(groups);
}

function join(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function numberField(field: number, value: number | bigint): Bytes {
  return join([varint(field << 3 | NUMBER), varint(value)]);
}

function bytesField(field: number, value: Uint8Array | string): Bytes {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return join([varint(field << 3 | BYTES), varint(bytes.length), bytes]);
}

function floatField(field: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join([varint(field << 3 | FOUR_BYTES), bytes]);
}

/** Value of an attribute: a whole number, some of them, a text, or a real number. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

function attribute(name: string, value: Attribute): Bytes {
  const named = bytesField(1, name);
  if (typeof value === "number") return join([named, numberField(3, value), numberField(20, 2)]);
  if (typeof value === "string") return join([named, bytesField(4, value), numberField(20, 3)]);
  if ("float" in value) return join([named, floatField(2, value.float), numberField(20, 1)]);
  return join([named, ...value.map((one) => numberField(8, one)), numberField(20, 7)]);
}

/**
 * An operation of a graph.
 *
 * @param operator Its name in [ONNX](https://onnx.ai/onnx/operators/), as in "Conv".
 * @param inputs Names of what it takes; "" for one that is left out.
 * @param outputs Names of what it gives.
 */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Bytes {
  return join([
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(3, outputs.find((name) => name !== "") ?? operator),
    bytesField(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
  ]);
}

/**
 * Numbers that are part of the model.
 *
 * @param data As many as the shape holds, the last axis running fastest.
 */
export function tensor(
  name: string,
  shape: readonly number[],
  data: Float32Array | BigInt64Array,
): Bytes {
  return join([
    ...shape.map((size) => numberField(1, size)),
    numberField(2, data instanceof Float32Array ? FLOAT : INT64),
    bytesField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

/** Name and shape of 32-bit floats that go into a model or come out of it. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

function value({ name, shape }: Value): Bytes {
  const sizes = shape.map((size) => bytesField(1, numberField(1, size)));
  const tensorType = join([numberField(1, FLOAT), bytesField(2, join(sizes))]);
  return join([bytesField(1, name), bytesField(2, bytesField(1, tensorType))]);
}

/** What a model consists of. */
export interface Graph {
  /** By {@linkcode node}, each after those whose outputs it takes. */
  readonly nodes: readonly Uint8Array[];
  /** By {@linkcode tensor}. */
  readonly tensors: readonly Uint8Array[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/**
 * The bytes of an ONNX file.
 *
 * @example
 * ```ts
 * import { model, node } from "./model.ts";
 * import assert from "node:assert";
 *
 * const file = model({
 *   nodes: [node("Relu", ["x"], ["y"])],
 *   tensors: [],
 *   inputs: [{ name: "x", shape: [3] }],
 *   outputs: [{ name: "y", shape: [3] }],
 * });
 * // The version of the format comes first: field 1, a number, 8.
 * assert.deepStrictEqual([...file.subarray(0, 2)], [8, 8]);
 * ```
 */
export function model({ nodes, tensors, inputs, outputs }: Graph): Uint8Array<ArrayBuffer> {
  const graph = join([
    ...nodes.map((node) => bytesField(1, node)),
    bytesField(2, "siren"),
    ...tensors.map((tensor) => bytesField(5, tensor)),
    ...inputs.map((input) => bytesField(11, value(input))),
    ...outputs.map((output) => bytesField(12, value(output))),
  ]);
  const operators = join([bytesField(1, ""), numberField(2, OPERATORS_VERSION)]);
  return join([
    numberField(1, IR_VERSION),
    bytesField(2, "siren"),
    bytesField(7, graph),
    bytesField(8, operators),
  ]);
}
