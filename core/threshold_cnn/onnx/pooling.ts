/**
 * Max pooling of 2 with stride 2, and the way back. As in PyTorch the first of several greatest voxels
 * counts, and what does not fill a whole window is left out.
 *
 * @module
 */
import type { GraphBuilder } from "./graph_builder.ts";

/** What the way back needs. */
export interface Pooled {
  /** half x channels x half x half. */
  readonly value: string;
  /** Whether the voxel is from the first slice of the pair: half x 1 x (channels x half x half). */
  readonly isFirst: string;
  /** Which voxel of a slice is the greatest of four: depth x channels x half x half. */
  readonly places: string;
}

/** The greatest of each 2^3 voxels of a volume of edge x channels x edge x edge. */
export function pool(graph: GraphBuilder, volume: string, channels: number, edge: number): Pooled {
  const half = Math.floor(edge / 2);
  const [slices, places] = graph.addAll("MaxPool", [volume], 2, {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  const whole = edge === 2 * half ? slices! : graph.slice(slices!, 0, 0, 2 * half); // 2 were asked for
  const pairs = graph.reshape(whole, [half, 2, channels * half ** 2]);
  const [first, second] = [graph.slice(pairs, 1, 0, 1), graph.slice(pairs, 1, 1, 2)];
  return {
    value: graph.reshape(graph.add("Max", [first, second]), [half, channels, half, half]),
    isFirst: graph.add("GreaterOrEqual", [first, second]),
    places: places!,
  };
}

/**
 * The derivative by the volume.
 *
 * @param gradient That by the pooled volume.
 */
export function unpool(
  graph: GraphBuilder,
  gradient: string,
  { isFirst, places }: Pooled,
  channels: number,
  edge: number,
): string {
  const half = Math.floor(edge / 2);
  const rows = graph.reshape(gradient, [half, 1, channels * half ** 2]);
  const none = graph.scalar(0);
  const pairs = graph.add("Concat", [
    graph.add("Where", [isFirst, rows, none]),
    graph.add("Where", [isFirst, none, rows]),
  ], { axis: 1 });
  let slices = graph.reshape(pairs, [2 * half, channels, half, half]);
  if (edge > 2 * half) {
    const ends = graph.integers([0, 0, 0, 0, edge - 2 * half, 0, 0, 0]);
    slices = graph.add("Pad", [slices, ends]);
  }
  const shape = graph.integers([edge, channels, edge, edge]);
  return graph.add("MaxUnpool", [slices, places, shape], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
}
