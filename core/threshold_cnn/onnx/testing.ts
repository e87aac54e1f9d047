/**
 * The network computed plainly in double precision, to hold the engine against; no part of the program.
 *
 * @module
 */
import type { Batch } from "../engine.ts";
import { mapLoss } from "../loss.ts";
import { edges, type Network, NORM_EPSILON } from "../network.ts";

/** Tensors of a network in double precision, by name. */
export type PlainWeights = ReadonlyMap<string, Float64Array>;

/** What the network makes of a batch. */
export interface PlainResult {
  readonly predictions: number[];
  readonly loss: number;
  /** Of each batch normalisation in turn, channel by channel. */
  readonly statistics: { mean: number[]; variance: number[] }[];
}

/** Voxels of edge^3, one array for each channel. */
type Volume = Float64Array[];

function convolve(volume: Volume, edge: number, to: number, kernel: number, weight: Float64Array) {
  const out = edge - kernel + 1;
  return Array.from({ length: to }, (_, channel) => {
    const result = new Float64Array(out ** 3);
    for (const [from, voxels] of volume.entries()) {
      for (let tap = 0; tap < kernel ** 3; tap++) {
        const factor = weight[(channel * volume.length + from) * kernel ** 3 + tap]!;
        const [a, b] = [Math.floor(tap / kernel ** 2), Math.floor(tap / kernel) % kernel];
        const shift = (a * edge + b) * edge + tap % kernel;
        for (let z = 0, i = 0; z < out; z++) {
          for (let y = 0; y < out; y++) {
            const row = (z * edge + y) * edge + shift;
            for (let x = 0; x < out; x++, i++) result[i]! += factor * voxels[row + x]!;
          }
        }
      }
    }
    return result;
  });
}

/** The greatest of each 2^3 voxels. */
export function plainPool(voxels: ArrayLike<number>, edge: number): Float64Array {
  const half = Math.floor(edge / 2);
  return Float64Array.from({ length: half ** 3 }, (_, i) => {
    const [z, y, x] = [Math.floor(i / half ** 2), Math.floor(i / half) % half, i % half];
    let greatest = -Infinity;
    for (let corner = 0; corner < 8; corner++) {
      const [dz, dy, dx] = [corner >> 2, corner >> 1 & 1, corner & 1];
      const at = ((2 * z + dz) * edge + 2 * y + dy) * edge + 2 * x + dx;
      greatest = Math.max(greatest, voxels[at]!);
    }
    return greatest;
  });
}

function meanOf(rows: readonly Float64Array[]): number {
  let sum = 0, count = 0;
  for (const row of rows) {
    for (const value of row) sum += value;
    count += row.length;
  }
  return sum / count;
}

/**
 * The network's predictions and loss.
 *
 * @param training Whether batch normalisation takes the batch's own statistics, or the running ones.
 */
export function plainNetwork(
  network: Network,
  weights: PlainWeights,
  { maps, labels, dropout }: Batch,
  training: boolean,
): PlainResult {
  const { box, convolutions, average, dense } = network;
  const take = (name: string) => weights.get(name)!; // all tensors are there
  const edgesOf = edges(network);
  const statistics: PlainResult["statistics"] = [];
  let volumes: Volume[] = Array.from(
    labels,
    (_, i) => [Float64Array.from(maps.subarray(i * box ** 3, (i + 1) * box ** 3))],
  );
  for (const [i, { name, norm, to, kernel, pool }] of convolutions.entries()) {
    const edge = edgesOf[i]!; // one for each
    const [weight, bias] = [take(`${name}.weight`), take(`${name}.bias`)];
    volumes = volumes.map((volume) =>
      convolve(volume, edge, to, kernel, weight).map((voxels, c) => voxels.map((v) => v + bias[c]!))
    );
    if (norm !== undefined) {
      const [gamma, beta, runningMean, runningVariance] = [
        "weight",
        "bias",
        "running_mean",
        "running_var",
      ].map((one) => take(`${norm}.${one}`));
      const mean: number[] = [], variance: number[] = [];
      for (let c = 0; c < to; c++) {
        const own = meanOf(volumes.map((volume) => volume[c]!));
        mean.push(training ? own : runningMean![c]!);
        const ownVariance = meanOf(
          volumes.map((volume) => volume[c]!.map((v) => (v - own) ** 2)),
        );
        variance.push(training ? ownVariance : runningVariance![c]!);
      }
      statistics.push({ mean, variance });
      volumes = volumes.map((volume) =>
        volume.map((voxels, c) => {
          const scale = gamma![c]! / Math.sqrt(variance[c]! + NORM_EPSILON);
          return voxels.map((v) => (v - mean[c]!) * scale + beta![c]!);
        })
      );
    }
    const relu = (v: number) => Math.max(v, 0);
    volumes = volumes.map((volume) =>
      volume.map((voxels) =>
        pool ? plainPool(voxels.map(relu), edge - kernel + 1) : voxels.map(relu)
      )
    );
  }
  const edge = edgesOf.at(-1)!; // they begin with the box
  const predictions = volumes.map((volume, i) => {
    let values = volume.map((voxels, c) => {
      const cube = voxels.filter((_, at) =>
        Math.max(Math.floor(at / edge ** 2), Math.floor(at / edge) % edge, at % edge) < average
      );
      return meanOf([cube]) * dropout[i * volume.length + c]!;
    });
    for (const [layer, { name, from, to }] of dense.entries()) {
      const [weight, bias] = [take(`${name}.weight`), take(`${name}.bias`)];
      values = Array.from({ length: to }, (_, row) => {
        const sum = values.reduce((sum, v, k) => sum + v * weight[row * from + k]!, bias[row]!);
        return layer < dense.length - 1 ? Math.max(sum, 0) : sum;
      });
    }
    return values[0]!; // the last layer gives one
  });
  const losses = predictions.map((prediction, i) =>
    mapLoss(maps.subarray(i * box ** 3, (i + 1) * box ** 3), prediction, labels[i]!)
  );
  return { predictions, loss: meanOf([Float64Array.from(losses)]), statistics };
}
