/**
 * What the network takes of TensorFlow.js: its functions, with types for what is used of them.
 *
 * @module
 */
import type { TfjsBase } from "../../tfjs/load.ts";

/** What is used of a tensor. */
export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

type Shape = readonly number[];

/** What is used of TensorFlow.js. */
export interface Tensorflow extends TfjsBase {
  tensor(values: Float32Array, shape: Shape): TfTensor;
  scalar(value: number): TfTensor;
  reshape(x: TfTensor, shape: Shape): TfTensor;
  transpose(x: TfTensor, axes: Shape): TfTensor;
  reverse(x: TfTensor, axes: Shape): TfTensor;
  slice(x: TfTensor, begin: Shape, size: Shape): TfTensor;
  concat(parts: readonly TfTensor[], axis: number): TfTensor;
  pad(x: TfTensor, by: readonly (readonly [number, number])[]): TfTensor;
  conv2d(x: TfTensor, kernel: TfTensor, stride: number, padding: "valid"): TfTensor;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  maximum(a: TfTensor, b: TfTensor): TfTensor;
  /** 1 where a is not less than b, as truth values. */
  greaterEqual(a: TfTensor, b: TfTensor): TfTensor;
  cast(x: TfTensor, type: "float32"): TfTensor;
  square(x: TfTensor): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  /** 1 where positive, else 0. */
  step(x: TfTensor): TfTensor;
  sum(x: TfTensor, axes: Shape): TfTensor;
  mean(x: TfTensor, axes: Shape): TfTensor;
  /** Disposes of all tensors made within but those that it returns. */
  tidy<T>(act: () => T): T;
  dispose(tensors: readonly TfTensor[]): void;
}

/** The functions above, by name. */
export const usedOfTensorflow = [
  "tensor",
  "scalar",
  "reshape",
  "transpose",
  "reverse",
  "slice",
  "concat",
  "pad",
  "conv2d",
  "matMul",
  "add",
  "sub",
  "mul",
  "maximum",
  "greaterEqual",
  "cast",
  "square",
  "rsqrt",
  "relu",
  "step",
  "sum",
  "mean",
  "tidy",
  "dispose",
] as const satisfies readonly (keyof Tensorflow)[];
