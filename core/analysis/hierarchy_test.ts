import assert from "node:assert";
import fc from "fast-check";
import { z } from "zod";
import { random } from "../random.ts";
import type { Merge } from "./analysis.ts";
import { cutTree } from "./cut_tree.ts";
import { distanceOf, type Distances, euclideanDistances } from "./distances.ts";
import { hierarchy, linkages } from "./hierarchy.ts";
import { orderLeaves } from "./leaf_order.ts";

const methodSchema = z.object({
  merges: z.array(z.tuple([z.int(), z.int(), z.number(), z.int()])),
  cost: z.number(),
  clusters4: z.array(z.array(z.int())),
});
const file = z.object({
  cases: z.array(z.object({
    dimensions: z.int(),
    points: z.array(z.number()),
    ward: methodSchema,
    average: methodSchema,
  })),
}).parse(JSON.parse(
  await Deno.readTextFile(new URL("../../tests/data/linkage.json", import.meta.url)),
));

/** Points in [0, 1]^2, some of them the same. */
const points = (most: number) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
    minLength: 2,
    maxLength: most,
  }).map((places) => Float64Array.from(places.flat(), (x) => x / 9));

/** Sum of the distances of neighbours. */
const lengthOf = (order: readonly number[], distances: Distances) =>
  order.slice(1).reduce((sum, leaf, i) => sum + distanceOf(distances, order[i]!, leaf), 0);

const close = (a: number, b: number, message?: string) =>
  assert.ok(Math.abs(a - b) <= 1e-9 * (1 + Math.abs(b)), message ?? `${a} is not ${b}`);

Deno.test("hierarchy and leaf order: SciPy's heights and clusters, and orders no longer than its", () => {
  for (const { dimensions, points, ...methods } of file.cases) {
    const distances = euclideanDistances(Float64Array.from(points), dimensions);
    for (const linkage of linkages) {
      const merges = hierarchy(distances, linkage);
      const expected = methods[linkage];
      merges.forEach(({ a, b, height, size }, m) => {
        const [p, q, h, s] = expected.merges[m]!;
        assert.deepStrictEqual([Math.min(a, b), Math.max(a, b), size], [p, q, s]);
        close(height, h);
      });
      const tree = orderLeaves(merges, distances);
      // Those of SciPy 1.17 are not always the shortest; ours are tried against all orders below.
      assert.ok(lengthOf(tree.order, distances) <= expected.cost + 1e-9);
      const clusters = cutTree(tree, 4);
      const found = [1, 2, 3, 4].map((c) =>
        clusters.map((_, leaf) => leaf).filter((leaf) => clusters[leaf] === c)
      ).sort((x, y) => x[0]! - y[0]!);
      assert.deepStrictEqual(found, expected.clusters4);
    }
  }
});

/** Clusters by trying all pairs at every step: heights alone. */
function bruteHeights(values: Float64Array, linkage: "ward" | "average"): number[] {
  const at = (i: number) => [values[2 * i]!, values[2 * i + 1]!];
  let clusters = Array.from({ length: values.length / 2 }, (_, i) => [at(i)]);
  const mean = (cluster: number[][], c: number) =>
    cluster.reduce((sum, point) => sum + point[c]!, 0) / cluster.length;
  const apart = (p: number[][], q: number[][]) => {
    if (linkage === "average") {
      const all = p.flatMap((x) => q.map((y) => Math.hypot(x[0]! - y[0]!, x[1]! - y[1]!)));
      return all.reduce((sum, d) => sum + d, 0) / all.length;
    }
    const d = Math.hypot(mean(p, 0) - mean(q, 0), mean(p, 1) - mean(q, 1));
    return d * Math.sqrt(2 * p.length * q.length / (p.length + q.length));
  };
  const heights: number[] = [];
  while (clusters.length > 1) {
    let best = Infinity, pair = [0, 1];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const d = apart(clusters[i]!, clusters[j]!);
        if (d < best) [best, pair] = [d, [i, j]];
      }
    }
    heights.push(best);
    const [i, j] = pair as [number, number];
    clusters = [
      ...clusters.filter((_, c) => c !== i && c !== j),
      [...clusters[i]!, ...clusters[j]!],
    ];
  }
  return heights;
}

Deno.test("hierarchy: the heights of joining the nearest two, where no two are equally near", () => {
  const size = fc.integer({ min: 2, max: 14 });
  fc.assert(fc.property(size, fc.nat(), fc.constantFrom(...linkages), (size, seed, linkage) => {
    const rng = random(seed);
    const values = Float64Array.from({ length: 2 * size }, () => rng.uniform());
    const distances = euclideanDistances(values, 2);
    const merges = hierarchy(distances, linkage);
    bruteHeights(values, linkage).forEach((height, m) => close(merges[m]!.height, height));
  }));
});

/** All orders of a tree's leaves that turning its merges gives. */
function allOrders(merges: readonly Merge[], n: number, cluster = 2 * n - 2): number[][] {
  if (cluster < n) return [[cluster]];
  const { a, b } = merges[cluster - n]!;
  const left = allOrders(merges, n, a), right = allOrders(merges, n, b);
  return left.flatMap((p) => right.flatMap((q) => [[...p, ...q], [...q, ...p]]));
}

/** The order that reading a tree from left to right gives. */
function readOrder(merges: readonly Merge[], n: number, cluster = 2 * n - 2): number[] {
  if (cluster < n) return [cluster];
  const { a, b } = merges[cluster - n]!;
  return [...readOrder(merges, n, a), ...readOrder(merges, n, b)];
}

Deno.test("leaf order: no order of the tree is shorter; sides and order agree", () => {
  fc.assert(fc.property(points(8), fc.constantFrom(...linkages), (values, linkage) => {
    const distances = euclideanDistances(values, 2), n = distances.size;
    const merges = hierarchy(distances, linkage);
    const tree = orderLeaves(merges, distances);
    const least = Math.min(...allOrders(merges, n).map((order) => lengthOf(order, distances)));
    close(lengthOf(tree.order, distances), least);
    assert.deepStrictEqual(readOrder(tree.merges, n), tree.order);
    assert.ok(tree.order[0]! < tree.order.at(-1)!);
    // The quick way: an order of the tree, too, if not the best.
    const quick = orderLeaves(merges, distances, 1);
    assert.deepStrictEqual(readOrder(quick.merges, n), quick.order);
    const length = lengthOf(quick.order, distances);
    assert.ok(length >= least - 1e-9);
    assert.deepStrictEqual(
      quick.merges.map(({ height, size }) => [height, size]),
      merges.map(({ height, size }) => [height, size]),
    );
  }));
});

Deno.test("leaf order: the quick way is better than the tree as it is", () => {
  const rng = random(4);
  const values = Float64Array.from({ length: 200 }, () => rng.uniform());
  const distances = euclideanDistances(values, 2), n = distances.size;
  const merges = hierarchy(distances, "average");
  const plain = lengthOf(readOrder(merges, n), distances);
  const quick = lengthOf(orderLeaves(merges, distances, 1).order, distances);
  const best = lengthOf(orderLeaves(merges, distances).order, distances);
  assert.ok(best < quick && quick < plain, `${best} ${quick} ${plain}`);
});

Deno.test("hierarchy: heights never fall, every cluster is joined once, equal points first", () => {
  fc.assert(fc.property(points(40), fc.constantFrom(...linkages), (values, linkage) => {
    const distances = euclideanDistances(values, 2), n = distances.size;
    const merges = hierarchy(distances, linkage);
    assert.strictEqual(merges.length, n - 1);
    const joined = merges.flatMap(({ a, b }) => [a, b]).sort((x, y) => x - y);
    assert.deepStrictEqual(joined, Array.from({ length: 2 * n - 2 }, (_, i) => i));
    merges.forEach(({ height, a, b, size }, m) => {
      assert.ok(height >= (merges[m - 1]?.height ?? 0) && a < n + m && b < n + m);
      const sizeOf = (cluster: number) => cluster < n ? 1 : merges[cluster - n]!.size;
      assert.strictEqual(size, sizeOf(a) + sizeOf(b));
    });
  }));
});

Deno.test("a deep tree of many leaves takes no deep stack", () => {
  const values = Float64Array.from({ length: 3000 }, (_, i) => i * i);
  const distances = euclideanDistances(values, 1);
  const { order } = orderLeaves(hierarchy(distances, "average"), distances);
  assert.strictEqual(new Set(order).size, 3000);
});
