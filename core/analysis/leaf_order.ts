/**
 * The order of a tree's leaves: the two sides of each merge can change places, and neighbours shall be as
 * alike as that allows.
 *
 * @module
 */
import type { Merge, Tree } from "./analysis.ts";
import { distanceOf, type Distances } from "./distances.ts";

/** Most leaves that are ordered in the best way: more would take long, and memory. */
export const MOST_ORDERED_BEST = 1500;

/** A node of the tree, over places of a first order of the leaves. */
interface Node {
  /** Its leaves are at places `low` to `high` - 1, those of its first side before `middle`. */
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** Node numbers of its sides; -1 of a leaf. */
  readonly a: number;
  readonly b: number;
}

/**
 * Orders the leaves so that the sum of the distances of neighbours is the least that any order of the tree
 * has: Z. Bar-Joseph, D. K. Gifford & T. S. Jaakkola, "Fast optimal leaf ordering for hierarchical
 * clustering", Bioinformatics 17 (2001), with the ends that meet chosen one after the other, which takes
 * O(n^3) altogether. Of more than {@linkcode MOST_ORDERED_BEST} leaves, each merge has its sides turned so
 * that the two ends that meet are the nearest of the four: G. Gruvaeus & H. Wainer, Br. J. Math. Stat.
 * Psychol. 25 (1972), which takes O(n) and need not be the best.
 *
 * An order read from either end is as good: the one whose first leaf has the lower number is taken.
 *
 * @param merges Of {@linkcode hierarchy}.
 * @param distances Of the leaves.
 * @param mostBest Most leaves that are ordered in the best way.
 * @example
 * ```ts
 * import { euclideanDistances } from "./distances.ts";
 * import { hierarchy } from "./hierarchy.ts";
 * import { orderLeaves } from "./leaf_order.ts";
 * import assert from "node:assert";
 *
 * const distances = euclideanDistances(Float64Array.of(1, 5, 0, 6), 1);
 * const { order } = orderLeaves(hierarchy(distances, "ward"), distances);
 * assert.deepStrictEqual(order, [2, 0, 1, 3]);
 * ```
 */
export function orderLeaves(
  merges: readonly Merge[],
  distances: Distances,
  mostBest = MOST_ORDERED_BEST,
): Tree {
  const n = distances.size;
  if (n === 1) return { merges: [], order: [0] };
  const isTurned = n > mostBest ? turnNearest(merges, distances) : turnBest(merges, distances);
  const order = leavesInOrder(merges, isTurned, n);
  // Turning every merge is reading the order from its end.
  const isMirrored = order[0]! > order.at(-1)!;
  if (isMirrored) order.reverse();
  return {
    merges: merges.map(({ a, b, ...rest }, m) => {
      const turn = (isTurned[m] === 1) !== isMirrored;
      return { a: turn ? b : a, b: turn ? a : b, ...rest };
    }),
    order,
  };
}

/** The leaves from left to right. Trees may be deep: no recursion. */
function leavesInOrder(merges: readonly Merge[], isTurned: Uint8Array, n: number): number[] {
  const order: number[] = [];
  const stack = [n + merges.length - 1];
  while (stack.length > 0) {
    const cluster = stack.pop()!; // not empty
    if (cluster < n) {
      order.push(cluster);
      continue;
    }
    const { a, b } = merges[cluster - n]!;
    stack.push(...(isTurned[cluster - n] === 1 ? [a, b] : [b, a]));
  }
  return order;
}

/** Which merges to turn, by Gruvaeus and Wainer. */
function turnNearest(merges: readonly Merge[], distances: Distances): Uint8Array {
  const n = distances.size;
  const isTurned = new Uint8Array(merges.length);
  // Whether a cluster, as its merge made it, is read from its end by the merge that it went into.
  const isReversed = new Uint8Array(n + merges.length);
  const first = Uint32Array.from({ length: n + merges.length }, (_, i) => i), last = first.slice();
  merges.forEach(({ a, b }, m) => {
    let least = Infinity;
    // The order as it is comes first, so that it stays where turning gains nothing.
    for (const [turnA, turnB] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
      const end = turnA === 1 ? first[a]! : last[a]!;
      const start = turnB === 1 ? last[b]! : first[b]!;
      const distance = distanceOf(distances, end, start);
      if (distance >= least) continue;
      least = distance;
      isReversed[a] = turnA;
      isReversed[b] = turnB;
    }
    first[n + m] = isReversed[a] === 1 ? last[a]! : first[a]!;
    last[n + m] = isReversed[b] === 1 ? first[b]! : last[b]!;
  });
  // A merge is turned where it and those above it are reversed an odd number of times.
  for (let m = merges.length - 1; m >= 0; m--) {
    isTurned[m] = isReversed[n + m]!;
    const { a, b } = merges[m]!;
    if (isTurned[m] === 1) {
      isReversed[a]! ^= 1;
      isReversed[b]! ^= 1;
    }
  }
  return isTurned;
}

/** Which merges to turn, by Bar-Joseph and others. */
function turnBest(merges: readonly Merge[], distances: Distances): Uint8Array {
  const n = distances.size;
  const first = leavesInOrder(merges, new Uint8Array(merges.length), n);
  const nodes = nodesOf(merges, first);
  // By place in the first order, each pair in both directions.
  const apart = new Float64Array(n * n);
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      apart[p * n + q] = apart[q * n + p] = distanceOf(distances, first[p]!, first[q]!);
    }
  }
  // cost[p n + q]: least sum of a cluster, the least that has both leaves, that begins at p and ends at q.
  const cost = new Float64Array(n * n);
  for (let m = 0; m < merges.length; m++) fillCosts(cost, apart, n, nodes, nodes[n + m]!);
  return trace(cost, apart, n, nodes);
}

function nodesOf(merges: readonly Merge[], first: readonly number[]): Node[] {
  const nodes: Node[] = [];
  first.forEach((leaf, place) => {
    nodes[leaf] = { low: place, middle: place + 1, high: place + 1, a: -1, b: -1 };
  });
  for (const { a, b } of merges) {
    const low = nodes[a]!.low, middle = nodes[a]!.high, high = nodes[b]!.high;
    nodes.push({ low, middle, high, a, b });
  }
  return nodes;
}

/** Where a cluster that begins at a leaf can end: on the other side of its merge. A leaf ends where it begins. */
function otherEnds({ low, middle, high, a }: Node, place: number): readonly [number, number] {
  if (a === -1) return [low, high];
  return place < middle ? [middle, high] : [low, middle];
}

function fillCosts(
  cost: Float64Array,
  apart: Float64Array,
  n: number,
  nodes: readonly Node[],
  { low, middle, high, a, b }: Node,
): void {
  const left = nodes[a]!, right = nodes[b]!, width = high - middle;
  const begun = new Float64Array(width);
  const best = new Float64Array(width);
  for (let start = low; start < middle; start++) {
    // From `start` through the left side, and over to each leaf of the right one.
    begun.fill(Infinity);
    const [from, to] = otherEnds(left, start);
    for (let end = from; end < to; end++) {
      const soFar = cost[start * n + end]!;
      for (let i = 0, at = end * n + middle; i < width; i++, at++) {
        const sum = soFar + apart[at]!;
        if (sum < begun[i]!) begun[i] = sum;
      }
    }
    // And on through the right side.
    best.fill(Infinity);
    for (let entry = middle; entry < high; entry++) {
      const soFar = begun[entry - middle]!;
      const [least, most] = otherEnds(right, entry);
      for (let end = least; end < most; end++) {
        const sum = soFar + cost[entry * n + end]!;
        if (sum < best[end - middle]!) best[end - middle] = sum;
      }
    }
    for (let i = 0; i < width; i++) {
      cost[start * n + middle + i] = cost[(middle + i) * n + start] = best[i]!;
    }
  }
}

/** Goes from the root down and finds which ends met. */
function trace(
  cost: Float64Array,
  apart: Float64Array,
  n: number,
  nodes: readonly Node[],
): Uint8Array {
  const isTurned = new Uint8Array(n - 1);
  const root = nodes.at(-1)!; // there are two leaves at least
  let least = Infinity, start = 0, end = 0;
  for (let p = root.low; p < root.middle; p++) {
    for (let q = root.middle; q < root.high; q++) {
      if (cost[p * n + q]! < least) [least, start, end] = [cost[p * n + q]!, p, q];
    }
  }
  const stack = [{ node: nodes.length - 1, start, end }];
  while (stack.length > 0) {
    const { node, start, end } = stack.pop()!; // not empty
    const { middle, a, b } = nodes[node]!;
    if (a === -1) continue;
    const turned = start >= middle;
    isTurned[node - n] = turned ? 1 : 0;
    const [one, other] = turned ? [b, a] : [a, b];
    const [from, to] = otherEnds(nodes[one]!, start);
    const [low, high] = otherEnds(nodes[other]!, end);
    let least = Infinity, leave = from, enter = low;
    for (let p = from; p < to; p++) {
      for (let q = low; q < high; q++) {
        const sum = cost[start * n + p]! + apart[p * n + q]! + cost[q * n + end]!;
        if (sum < least) [least, leave, enter] = [sum, p, q];
      }
    }
    stack.push({ node: one, start, end: leave }, { node: other, start: enter, end });
  }
  return isTurned;
}
