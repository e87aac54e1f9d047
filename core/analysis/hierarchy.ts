/**
 * Hierarchical clustering by the nearest-neighbour chain: F. Murtagh, "A survey of recent advances in
 * hierarchical clustering algorithms", Computer Journal 26 (1983); D. Müllner, "Modern hierarchical,
 * agglomerative clustering algorithms", arXiv:1109.2378 (2011).
 *
 * @module
 */
import type { Merge } from "./analysis.ts";
import { type Distances, placeOfPair } from "./distances.ts";

/** How the distance of two clusters follows from those of their leaves. */
export type Linkage = "ward" | "average";

/** Names of the linkages. */
export const linkages = ["ward", "average"] as const satisfies readonly Linkage[];

/**
 * Clusters n leaves in O(n^2).
 *
 * `ward` joins the two clusters whose union has the least more variance (Ward 1963); its distances must be
 * Euclidean, and heights are those of SciPy's "ward" and of R's "ward.D2": sqrt(2 a b / (a + b)) times the
 * distance of the centroids of clusters of a and b leaves. `average` takes the mean distance of the leaves
 * of one cluster to those of the other (UPGMA).
 *
 * Ties: a chain begins at the cluster whose representative, its leaf of the highest number, is least; of
 * equally near clusters it goes on to the one that it came from, else to the one with the least
 * representative. Merges of one height stay in the order in which the chain found them.
 *
 * @returns n - 1 merges by height; the side of the cluster with the least leaf comes first.
 * @example
 * ```ts
 * import { euclideanDistances } from "./distances.ts";
 * import { hierarchy } from "./hierarchy.ts";
 * import assert from "node:assert";
 *
 * const merges = hierarchy(euclideanDistances(Float64Array.of(0, 1, 5), 1), "average");
 * assert.deepStrictEqual(merges, [
 *   { a: 0, b: 1, height: 1, size: 2 },
 *   { a: 3, b: 2, height: 4.5, size: 3 },
 * ]);
 * ```
 */
export function hierarchy({ size: n, values }: Distances, linkage: Linkage): Merge[] {
  const isWard = linkage === "ward";
  // Ward's are squares until the end.
  const work = isWard ? values.map((distance) => distance * distance) : values.slice();
  const sizes = new Uint32Array(n).fill(1); // 0: no cluster any more
  const joined: { x: number; y: number; distance: number }[] = [];
  const chain: number[] = [];
  let first = 0;
  while (joined.length < n - 1) {
    if (chain.length === 0) {
      while (sizes[first] === 0) first++;
      chain.push(first);
    }
    const x = chain.at(-1)!; // not empty
    const before = chain.at(-2);
    let y = before ?? -1;
    let least = before === undefined ? Infinity : work[pairOf(n, x, before)]!;
    for (let other = 0; other < n; other++) {
      if (sizes[other] === 0 || other === x) continue;
      const distance = work[pairOf(n, x, other)]!;
      if (distance < least) [y, least] = [other, distance];
    }
    if (y !== before) {
      chain.push(y);
      continue;
    }
    chain.length -= 2;
    join(work, sizes, Math.min(x, y), Math.max(x, y), least, isWard);
    joined.push({ x, y, distance: isWard ? Math.sqrt(least) : least });
  }
  joined.sort((p, q) => p.distance - q.distance);
  return named(joined, n);
}

function pairOf(n: number, i: number, j: number): number {
  return i < j ? placeOfPair(n, i, j) : placeOfPair(n, j, i);
}

/** Joins cluster `x` into `y`, x < y: the formula of Lance and Williams, Computer Journal 9 (1967). */
function join(
  work: Float64Array,
  sizes: Uint32Array,
  x: number,
  y: number,
  apart: number,
  isWard: boolean,
): void {
  const n = sizes.length, a = sizes[x]!, b = sizes[y]!;
  for (let other = 0; other < n; other++) {
    const c = sizes[other]!;
    if (c === 0 || other === x || other === y) continue;
    const at = pairOf(n, y, other);
    const toX = work[pairOf(n, x, other)]!, toY = work[at]!;
    work[at] = isWard
      // Rounding could make it less than 0.
      ? Math.max(0, ((a + c) * toX + (b + c) * toY - c * apart) / (a + b + c))
      : (a * toX + b * toY) / (a + b);
  }
  sizes[x] = 0;
  sizes[y] = a + b;
}

/** Names clusters by their merges, in the order of heights. */
function named(
  joined: readonly { x: number; y: number; distance: number }[],
  n: number,
): Merge[] {
  const parent = Uint32Array.from({ length: 2 * n - 1 }, (_, i) => i);
  const leastLeaf = Uint32Array.from(parent);
  const sizes = new Uint32Array(2 * n - 1).fill(1);
  const find = (leaf: number) => {
    let root = leaf;
    while (parent[root] !== root) root = parent[root]!;
    for (let i = leaf; i !== root;) [i, parent[i]] = [parent[i]!, root];
    return root;
  };
  return joined.map(({ x, y, distance }, m) => {
    const p = find(x), q = find(y), made = n + m;
    const [a, b] = leastLeaf[p]! < leastLeaf[q]! ? [p, q] : [q, p];
    parent[a] = parent[b] = made;
    leastLeaf[made] = leastLeaf[a]!;
    sizes[made] = sizes[a]! + sizes[b]!;
    return { a, b, height: distance, size: sizes[made]! };
  });
}
