import assert from "node:assert";
import fc from "fast-check";
import { cutTree, findClusterCount, MOST_FOUND_CLUSTERS } from "./cut_tree.ts";
import { distanceOf, type Distances, euclideanDistances } from "./distances.ts";
import { hierarchy } from "./hierarchy.ts";
import { orderLeaves } from "./leaf_order.ts";

const treeOf = (distances: Distances) => orderLeaves(hierarchy(distances, "ward"), distances);

/** Points around centres on a line. */
const around = (centres: readonly number[], each: number) =>
  Float64Array.from(
    centres.flatMap((centre) =>
      Array.from({ length: each }, (_, i) => centre + 0.01 * ((i * 13) % each))
    ),
  );

Deno.test("cutTree: as many clusters as asked for, each of neighbours, from left to right", () => {
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 30 });
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 40 }), (values, count) => {
    const distances = euclideanDistances(Float64Array.from(values), 1);
    const tree = treeOf(distances);
    const clusters = cutTree(tree, count);
    const along = tree.order.map((leaf) => clusters[leaf]!);
    assert.deepStrictEqual(along, along.toSorted((a, b) => a - b));
    const wanted = Math.min(count, values.length);
    assert.deepStrictEqual([...new Set(along)], Array.from({ length: wanted }, (_, i) => i + 1));
  }));
});

Deno.test("findClusterCount: the number of groups that lie apart", () => {
  for (const [centres, count] of [[[0, 9], 2], [[0, 5, 9], 3], [[0, 2, 7, 12, 20], 5]] as const) {
    const distances = euclideanDistances(around(centres, 12), 1);
    assert.strictEqual(findClusterCount(treeOf(distances), distances), count);
  }
});

Deno.test("findClusterCount: one where nothing lies apart, and never more than there may be", () => {
  for (const values of [[3, 3, 3, 3], [1, 2], [7]]) {
    const distances = euclideanDistances(Float64Array.from(values), 1);
    assert.strictEqual(findClusterCount(treeOf(distances), distances), 1);
  }
  const many = euclideanDistances(around(Array.from({ length: 40 }, (_, i) => 10 * i), 3), 1);
  assert.ok(findClusterCount(treeOf(many), many) <= MOST_FOUND_CLUSTERS);
  // A grid of points in many dimensions has no groups.
  const grid = Float64Array.from({ length: 6 * 64 }, (_, i) => (Math.floor(i / 6) >> (i % 6)) & 1);
  const distances = euclideanDistances(grid, 6);
  assert.strictEqual(findClusterCount(treeOf(distances), distances), 1);
});

Deno.test("findClusterCount: the greatest mean silhouette, computed as it is defined", () => {
  const values = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 5, maxLength: 16 });
  fc.assert(fc.property(values, (values) => {
    const distances = euclideanDistances(Float64Array.from(values), 1), n = values.length;
    const tree = treeOf(distances);
    const silhouette = (count: number) => {
      const clusters = cutTree(tree, count);
      const mean = (leaf: number, cluster: number) => {
        const others = clusters.map((_, i) => i)
          .filter((i) => i !== leaf && clusters[i] === cluster);
        return others.reduce((sum, i) => sum + distanceOf(distances, leaf, i), 0) / others.length;
      };
      return clusters.reduce((sum, own, leaf) => {
        const others = [...new Set(clusters)].filter((cluster) => cluster !== own);
        const a = mean(leaf, own), b = Math.min(...others.map((cluster) => mean(leaf, cluster)));
        return sum + (Number.isNaN(a) || Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b));
      }, 0) / n;
    };
    const count = findClusterCount(tree, distances);
    const all = Array.from({ length: n - 2 }, (_, i) => silhouette(i + 2));
    const greatest = Math.max(...all);
    if (count === 1) assert.ok(greatest <= 0.25 + 1e-9);
    else assert.ok(silhouette(count) >= greatest - 1e-6);
  }));
});
