/**
 * Principal components of the volumes, over regions or over voxels.
 *
 * @module
 */
import type { OccupancyTable } from "../occupancy/table.ts";
import type { Components } from "./analysis.ts";
import { ROUNDING } from "./distances.ts";
import { largestEigenpairs } from "./eigenpairs.ts";
import type { VolumeOverlaps } from "./volume_overlaps.ts";

/** Most components that are computed. */
const MOST = 10;

/** Components with less of the variance are rounding. */
const LEAST_SHARE = 1e-12;

/**
 * Principal components of the volumes over the occupancies of regions. The columns are centred, not
 * scaled. Signs are such that the score of the greatest magnitude is positive.
 *
 * @returns At most 10 components; none where all volumes are alike.
 */
export function regionComponents({ volumes, regions, values }: OccupancyTable): Components {
  const n = volumes.length, k = regions.length;
  const centred = values.slice();
  for (let c = 0; c < k; c++) {
    let sum = 0;
    let apart = 0;
    for (let r = 0; r < n; r++) sum += values[r * k + c]!;
    for (let r = 0; r < n; r++) {
      centred[r * k + c]! -= sum / n;
      apart = Math.max(apart, Math.abs(centred[r * k + c]!));
    }
    // What is left of a constant column by rounding is no variation.
    if (apart > ROUNDING * Math.abs(sum / n)) continue;
    for (let r = 0; r < n; r++) centred[r * k + c] = 0;
  }
  // The smaller of the two products has the same eigenvalues.
  const byVolume = n <= k;
  const size = byVolume ? n : k;
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      if (byVolume) {
        for (let c = 0; c < k; c++) sum += centred[i * k + c]! * centred[j * k + c]!;
      } else for (let r = 0; r < n; r++) sum += centred[r * k + i]! * centred[r * k + j]!;
      product[i * size + j] = product[j * size + i] = sum;
    }
  }
  return componentsOf(
    "regions",
    product,
    n,
    (vector, value) =>
      byVolume ? vector.map((x) => x * Math.sqrt(value)) : Float64Array.from(
        { length: n },
        (_, r) => vector.reduce((sum, x, c) => sum + x * centred[r * k + c]!, 0),
      ),
  );
}

/**
 * Principal components of the volumes over the bits of voxels, from the number of voxels that volumes
 * share: that of volumes i and j, centred twice, is the product of their centred rows.
 *
 * @returns At most 10 components; none where all volumes are alike.
 */
export function voxelComponents({ volumes: n, shared }: VolumeOverlaps): Components {
  const means = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += shared[i * n + j]!;
    return sum / n;
  });
  const mean = means.reduce((sum, x) => sum + x, 0) / n;
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      product[i * n + j] = shared[i * n + j]! - means[i]! - means[j]! + mean;
    }
  }
  return componentsOf(
    "voxels",
    product,
    n,
    (vector, value) => vector.map((x) => x * Math.sqrt(value)),
  );
}

function componentsOf(
  of: Components["of"],
  product: Float64Array,
  volumes: number,
  scoresOf: (vector: Float64Array, value: number) => Float64Array,
): Components {
  const size = Math.round(Math.sqrt(product.length));
  let variance = 0, largest = 0;
  for (let i = 0; i < size; i++) {
    variance += product[i * size + i]!;
    largest = Math.max(largest, product[i * size + i]!);
  }
  if (!(variance > 0) || volumes < 2) return { of, shares: [], scores: new Float64Array(0) };
  const { values, vectors } = largestEigenpairs(product, Math.min(MOST, size));
  const shares = values.map((value) => value / variance).filter((share) => share > LEAST_SHARE);
  const scores = new Float64Array(volumes * shares.length);
  shares.forEach((_, k) => {
    const column = scoresOf(vectors[k]!, values[k]!);
    let greatest = 0;
    for (let v = 1; v < volumes; v++) {
      if (Math.abs(column[v]!) > Math.abs(column[greatest]!) * (1 + 1e-9)) greatest = v;
    }
    const sign = column[greatest]! < 0 ? -1 : 1;
    for (let v = 0; v < volumes; v++) scores[v * shares.length + k] = sign * column[v]! + 0;
  });
  return { of, shares, scores };
}
