/**
 * Clusters from a tree: cut where a number of clusters is left, given or found.
 *
 * @module
 */
import type { Tree } from "./analysis.ts";
import type { Distances } from "./distances.ts";

/** Most clusters that are found without being asked for. */
export const MOST_FOUND_CLUSTERS = 20;

/** Leaves that fall apart no better than this are one cluster; see {@linkcode findClusterCount}. */
const LEAST_SILHOUETTE = 0.25;

/**
 * Cuts a tree so that a number of clusters is left: the highest merges are undone.
 *
 * @param count 1 to the number of leaves; more counts as that.
 * @returns The cluster of each leaf: 1, 2, ... from left to right.
 * @example
 * ```ts
 * import { cutTree } from "./cut_tree.ts";
 * import assert from "node:assert";
 *
 * const merges = [{ a: 2, b: 0, height: 1, size: 2 }, { a: 3, b: 1, height: 5, size: 3 }];
 * assert.deepStrictEqual(cutTree({ merges, order: [2, 0, 1] }, 2), [1, 2, 1]);
 * ```
 */
export function cutTree({ merges, order }: Tree, count: number): number[] {
  const n = order.length;
  const parent = Int32Array.from({ length: 2 * n - 1 }, () => -1);
  for (let m = 0; m < n - Math.min(count, n); m++) {
    const { a, b } = merges[m]!;
    parent[a] = parent[b] = n + m;
  }
  // What a cluster went into has a higher number, so its own top is known already.
  const top = new Int32Array(parent.length);
  for (let c = top.length - 1; c >= 0; c--) top[c] = parent[c] === -1 ? c : top[parent[c]!]!;
  const numbers = new Map<number, number>();
  const clusters = new Array<number>(n);
  for (const leaf of order) {
    const number = numbers.get(top[leaf]!) ?? numbers.size + 1;
    numbers.set(top[leaf]!, number);
    clusters[leaf] = number;
  }
  return clusters;
}

/**
 * How many clusters a tree falls into: from 2 to {@linkcode MOST_FOUND_CLUSTERS}, the number with the
 * greatest mean silhouette (P. J. Rousseeuw, J. Comput. Appl. Math. 20, 1987), the smallest of equals; 1
 * where no number reaches 0.25, below which there is "no substantial structure" (L. Kaufman & P. J.
 * Rousseeuw, "Finding groups in data", 1990).
 *
 * @param distances Of the leaves.
 */
export function findClusterCount(tree: Tree, distances: Distances): number {
  const n = distances.size;
  const most = Math.min(MOST_FOUND_CLUSTERS, n - 1);
  if (most < 2) return 1;
  const finest = cutTree(tree, most);
  const sums = sumsByCluster(distances, finest, most);
  let best = 1, greatest = LEAST_SILHOUETTE;
  for (let count = 2; count <= most; count++) {
    const value = meanSilhouette(sums, finest, cutTree(tree, count), most, count);
    // Sums in another order differ by rounding; a finer cut must be better by more.
    if (value > greatest + 1e-9) [best, greatest] = [count, value];
  }
  return best;
}

/** Sum of the distances of each leaf to those of each cluster: n x count. */
function sumsByCluster(
  { size, values }: Distances,
  clusters: readonly number[],
  count: number,
): Float64Array {
  const sums = new Float64Array(size * count);
  for (let i = 0, pair = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const distance = values[pair++]!;
      sums[i * count + clusters[j]! - 1]! += distance;
      sums[j * count + clusters[i]! - 1]! += distance;
    }
  }
  return sums;
}

/** Mean silhouette of a cut, from the sums of a finer one. A leaf alone in its cluster has 0. */
function meanSilhouette(
  sums: Float64Array,
  finest: readonly number[],
  clusters: readonly number[],
  fine: number,
  count: number,
): number {
  const coarse = new Uint32Array(fine), sizes = new Uint32Array(count);
  clusters.forEach((cluster, leaf) => {
    coarse[finest[leaf]! - 1] = cluster - 1;
    sizes[cluster - 1]!++;
  });
  const merged = new Float64Array(count);
  let total = 0;
  clusters.forEach((cluster, leaf) => {
    const own = cluster - 1;
    if (sizes[own] === 1) return;
    merged.fill(0);
    for (let f = 0; f < fine; f++) merged[coarse[f]!]! += sums[leaf * fine + f]!;
    const within = merged[own]! / (sizes[own]! - 1);
    let nearest = Infinity;
    for (let c = 0; c < count; c++) {
      if (c !== own) nearest = Math.min(nearest, merged[c]! / sizes[c]!);
    }
    const greater = Math.max(within, nearest);
    if (greater > 0) total += (nearest - within) / greater;
  });
  return total / clusters.length;
}
