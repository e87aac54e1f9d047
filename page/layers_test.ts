import assert from "node:assert";
import fc from "fast-check";
import { layOut } from "./layers.ts";

/** Edges from lower to higher numbers: no circles. */
const graph = fc.integer({ min: 2, max: 14 }).chain((count) =>
  fc.tuple(
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: count, maxLength: count }),
    fc.uniqueArray(
      fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).filter(([a, b]) => a < b)
        .map(([from, to]) => ({ from, to })),
      { selector: ({ from, to }) => `${from} ${to}`, maxLength: 30 },
    ),
  )
);

Deno.test("each node stands behind what it needs, and none covers another", () => {
  fc.assert(fc.property(graph, ([heights, edges]) => {
    const { nodes, routes, layers, height } = layOut(heights, edges);
    for (const { from, to } of edges) assert.ok(nodes[from]!.layer < nodes[to]!.layer);
    for (const [i, { layer, middle }] of nodes.entries()) {
      assert.ok(layer >= 0 && layer < layers);
      assert.ok(middle - heights[i]! / 2 >= -1e-9 && middle + heights[i]! / 2 <= height + 1e-9);
      for (const [j, other] of nodes.entries()) {
        if (i >= j || layer !== other.layer) continue;
        assert.ok(Math.abs(middle - other.middle) >= (heights[i]! + heights[j]!) / 2 - 1e-9);
      }
    }
    routes.forEach((route, i) => {
      const { from, to } = edges[i]!;
      assert.deepStrictEqual([route[0], route.at(-1)], [nodes[from], nodes[to]]);
      route.slice(1).forEach(({ layer }, at) => assert.strictEqual(layer, route[at]!.layer + 1));
    });
  }));
});

Deno.test("a chain is a row, and what hangs together with nothing stands below", () => {
  const { nodes, layers } = layOut([1, 1, 1, 1], [{ from: 2, to: 0 }, { from: 0, to: 1 }]);
  assert.deepStrictEqual(nodes.map(({ layer }) => layer), [1, 2, 0, 0]);
  assert.deepStrictEqual(nodes.slice(0, 3).map(({ middle }) => middle), [0.5, 0.5, 0.5]);
  assert.ok(nodes[3]!.middle > 1);
  assert.strictEqual(layers, 3);
});

Deno.test("what hangs together with nothing stands in no more layers than there is room for", () => {
  const { nodes, layers } = layOut([1, 1, 1, 1, 1], [], 2);
  assert.deepStrictEqual(nodes.map(({ layer }) => layer), [0, 1, 0, 1, 0]);
  assert.strictEqual(layers, 2);
  assert.strictEqual(layOut([1, 1], [{ from: 0, to: 1 }], 1).layers, 2);
});

Deno.test("nothing at all can be laid out", () => {
  assert.deepStrictEqual(layOut([], []), { nodes: [], routes: [], layers: 0, height: 0 });
});
