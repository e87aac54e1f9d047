/**
 * Convolutions of volumes, forwards and backwards, as nodes that ONNX Runtime computes fast.
 *
 * A volume is laid out depth first: depth x channels x height x width. Along the depth it is taken apart
 * by Winograd's transform, one product of two matrices: into tiles x (products x channels) x height x
 * width. What is left are two-dimensional convolutions with groups of channels, for which the runtime has
 * its best kernels. Putting the outputs together is a product of two matrices again.
 *
 * @module
 */
import type { GraphBuilder } from "./graph_builder.ts";
import {
  axisTransform,
  kernelTransform,
  type Matrix,
  tileCount,
  transposed,
  type Winograd,
} from "./winograd.ts";

/** What a convolution of cubes is of. */
export interface Shape {
  /** Channels that go in. */
  readonly from: number;
  /** Channels that come out. */
  readonly to: number;
  /** Edge of the kernel. */
  readonly kernel: number;
  /** Edge of what goes in; `edge - kernel + 1` is that of what comes out. */
  readonly edge: number;
}

/** A convolution without padding, to be computed in a graph. What goes in and out of its methods are names of values. */
export class Convolution {
  readonly #graph: GraphBuilder;
  readonly #shape: Shape;
  readonly #transform: Winograd;
  readonly #tiles: number;
  /** Edge of what comes out. */
  readonly out: number;

  constructor(graph: GraphBuilder, shape: Shape) {
    this.#graph = graph;
    this.#shape = shape;
    this.out = shape.edge - shape.kernel + 1;
    this.#transform = kernelTransform(shape.kernel);
    this.#tiles = tileCount(this.#transform, this.out);
  }

  #matrix({ rows, columns, data }: Matrix): string {
    return this.#graph.constant([rows, columns], Float32Array.from(data));
  }

  #axis(): Matrix {
    return axisTransform(this.#transform, this.#shape.edge, this.#shape.kernel);
  }

  /** Shape of transformed kernels, for {@linkcode forward}. */
  get kernelsShape(): readonly number[] {
    const { from, to, kernel } = this.#shape;
    return [this.#transform.products * to, from, kernel, kernel];
  }

  /**
   * Transforms kernels when the graph is made, in double precision.
   *
   * @param weight to x from x kernel^3.
   */
  transformKernels(weight: Float64Array): Float32Array {
    const { kernel } = this.#shape;
    const { products, kernel: matrix } = this.#transform;
    const plane = kernel ** 2, filters = weight.length / kernel ** 3;
    const result = new Float32Array(products * filters * plane);
    for (let product = 0, i = 0; product < products; product++) {
      for (let filter = 0; filter < filters; filter++) {
        for (let at = 0; at < plane; at++, i++) {
          let sum = 0;
          for (let tap = 0; tap < kernel; tap++) {
            const value = weight[(filter * kernel + tap) * plane + at]!; // within the kernel
            sum += matrix.data[product * kernel + tap]! * value;
          }
          result[i] = sum;
        }
      }
    }
    return result;
  }

  /** Transforms kernels of to x from x kernel^3 within the graph. */
  kernels(weight: string): string {
    const { from, to, kernel } = this.#shape;
    const taps = this.#graph.add("Transpose", [weight], { perm: [2, 0, 1, 3, 4] });
    const rows = this.#graph.reshape(taps, [kernel, to * from * kernel ** 2]);
    const products = this.#graph.add("MatMul", [this.#matrix(this.#transform.kernel), rows]);
    return this.#graph.reshape(products, this.kernelsShape);
  }

  /** Takes a volume of edge x from x edge x edge apart. */
  spread(volume: string): string {
    const { from, edge } = this.#shape;
    const { products } = this.#transform;
    const rows = this.#graph.reshape(volume, [edge, from * edge ** 2]);
    const spread = this.#graph.add("MatMul", [this.#matrix(this.#axis()), rows]);
    return this.#graph.reshape(spread, [this.#tiles, products * from, edge, edge]);
  }

  /**
   * Convolves.
   *
   * @param spread Of {@linkcode spread}.
   * @param kernels Of {@linkcode kernels} or {@linkcode transformKernels}.
   * @param depth Slices that are wanted, from the first on.
   * @returns depth x to x out x out.
   */
  forward(spread: string, kernels: string, depth = this.out): string {
    const { to, kernel } = this.#shape;
    const { products, tile, output } = this.#transform;
    const convolved = this.#graph.add("Conv", [spread, kernels], {
      kernel_shape: [kernel, kernel],
      group: products,
    });
    const ofTiles = this.#graph.reshape(convolved, [this.#tiles, products, to * this.out ** 2]);
    const outputs = this.#graph.add("MatMul", [this.#matrix(output), ofTiles]);
    const slices = this.#graph.reshape(outputs, [this.#tiles * tile, to, this.out, this.out]);
    if (depth === this.#tiles * tile) return slices;
    return this.#graph.slice(slices, 0, 0, depth);
  }

  /** The derivative by what {@linkcode forward} convolved, before it put tiles together, given that by all outputs. */
  spreadGradient(gradient: string): string {
    const { to } = this.#shape;
    const { products, tile, output } = this.#transform;
    const more = this.#tiles * tile - this.out;
    const padded = more === 0
      ? gradient
      : this.#graph.add("Pad", [gradient, this.#graph.integers([0, 0, 0, 0, more, 0, 0, 0])]);
    const ofTiles = this.#graph.reshape(padded, [this.#tiles, tile, to * this.out ** 2]);
    const spread = this.#graph.add("MatMul", [this.#matrix(transposed(output)), ofTiles]);
    return this.#graph.reshape(spread, [this.#tiles, products * to, this.out, this.out]);
  }

  /**
   * The derivative by the volume: edge x from x edge x edge.
   *
   * @param spreadGradient Of {@linkcode spreadGradient}.
   * @param backward Of {@linkcode backwardKernels}.
   */
  volumeGradient(spreadGradient: string, backward: string): string {
    const { from, kernel, edge } = this.#shape;
    const { products } = this.#transform;
    const margin = kernel - 1;
    const convolved = this.#graph.add("Conv", [spreadGradient, backward], {
      kernel_shape: [kernel, kernel],
      pads: [margin, margin, margin, margin],
      group: products,
    });
    const ofTiles = this.#graph.reshape(convolved, [this.#tiles * products, from * edge ** 2]);
    const axis = this.#matrix(transposed(this.#axis()));
    const joined = this.#graph.add("MatMul", [axis, ofTiles]);
    return this.#graph.reshape(joined, [edge, from, edge, edge]);
  }

  /** The kernels that lead back: with inputs and outputs changed over, and turned round. */
  backwardKernels(kernels: string): string {
    const { from, to, kernel } = this.#shape;
    const { products } = this.#transform;
    const split = this.#graph.reshape(kernels, [products, to, from, kernel ** 2]);
    const swapped = this.#graph.add("Transpose", [split], { perm: [0, 2, 1, 3] });
    const last = kernel ** 2 - 1;
    const order = this.#graph.integers(Array.from({ length: last + 1 }, (_, i) => last - i));
    const turned = this.#graph.add("Gather", [swapped, order], { axis: 3 });
    return this.#graph.reshape(turned, [products * from, to, kernel, kernel]);
  }

  /**
   * The derivative by the transformed kernels, which is a convolution too: of the volume with the
   * gradient. Each input channel takes the place of a map, and each tile that of a channel.
   *
   * @param spread Of {@linkcode spread}.
   * @param spreadGradient Of {@linkcode spreadGradient}.
   * @returns from x (products x to) x kernel x kernel; those of several maps are added up.
   */
  kernelsGradient(spread: string, spreadGradient: string): string {
    const { from, to, edge } = this.#shape;
    const { products } = this.#transform;
    const [tiles, out] = [this.#tiles, this.out];
    const inputs = this.#graph.reshape(spread, [tiles, products, from, edge ** 2]);
    const images = this.#graph.add("Transpose", [inputs], { perm: [2, 1, 0, 3] });
    const outputs = this.#graph.reshape(spreadGradient, [tiles, products, to, out ** 2]);
    const filters = this.#graph.add("Transpose", [outputs], { perm: [1, 2, 0, 3] });
    return this.#graph.add("Conv", [
      this.#graph.reshape(images, [from, products * tiles, edge, edge]),
      this.#graph.reshape(filters, [products * to, tiles, out, out]),
    ], { kernel_shape: [out, out], group: products });
  }

  /** The derivative by the kernels as they were given, to x from x kernel^3; see {@linkcode kernelsGradient}. */
  weightGradient(kernelsGradient: string): string {
    const { from, to, kernel } = this.#shape;
    const { products, kernel: matrix } = this.#transform;
    const split = this.#graph.reshape(kernelsGradient, [from, products, to * kernel ** 2]);
    const taps = this.#graph.add("MatMul", [this.#matrix(transposed(matrix)), split]);
    const ofTaps = this.#graph.reshape(taps, [from, kernel, to, kernel, kernel]);
    return this.#graph.add("Transpose", [ofTaps], { perm: [2, 0, 1, 3, 4] });
  }
}
