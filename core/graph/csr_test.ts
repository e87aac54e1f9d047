import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { buildCsr, degree, nodeOrder } from "./csr.ts";

/** A random simple graph: its number of nodes, and its edges in random order and direction. */
const graph = fc.integer({ min: 2, max: 40 }).chain((nodes) =>
  fc.uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: nodes - 1 }), fc.integer({ min: 0, max: nodes - 1 }))
      .filter(([a, b]) => a !== b),
    { selector: ([a, b]) => Math.min(a, b) * nodes + Math.max(a, b), maxLength: 120 },
  ).map((edges) => ({ nodes, edges }))
);

function build(nodes: number, edges: readonly (readonly [number, number])[]) {
  return buildCsr(
    nodes,
    Uint32Array.from(edges, ([a]) => a),
    Uint32Array.from(edges, ([, b]) => b),
  );
}

Deno.test("buildCsr: every node lists exactly its neighbours, ascending", () => {
  fc.assert(fc.property(graph, ({ nodes, edges }) => {
    const csr = build(nodes, edges);
    assert.strictEqual(csr.offsets.length, nodes + 1);
    for (let a = 0; a < nodes; a++) {
      const expected = edges.flatMap(([x, y]) => x === a ? [y] : y === a ? [x] : []);
      expected.sort((x, y) => x - y);
      assert.deepStrictEqual(
        [...csr.neighbours.subarray(csr.offsets[a], csr.offsets[a + 1])],
        expected,
      );
      assert.strictEqual(degree(csr, a), expected.length);
    }
  }));
});

Deno.test("buildCsr: the order and direction of the edges do not matter", () => {
  fc.assert(fc.property(graph, ({ nodes, edges }) => {
    const sorted = edges.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .sort(([a, b], [c, d]) => a - c || b - d);
    assert.deepStrictEqual(build(nodes, edges), build(nodes, sorted));
  }));
});

Deno.test("nodeOrder: first appearance in the sorted stream of edges, as a Set keeps it", () => {
  fc.assert(fc.property(graph, ({ nodes, edges }) => {
    const sorted = edges.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .sort(([a, b], [c, d]) => a - c || b - d);
    assert.deepStrictEqual([...nodeOrder(build(nodes, edges))], [...new Set(sorted.flat())]);
  }));
});

Deno.test("buildCsr: no edges, no nodes", () => {
  assert.deepStrictEqual([...build(0, []).offsets], [0]);
  assert.deepStrictEqual([...nodeOrder(build(3, []))], []);
});

for (
  const [name, nodes, u, v, message] of [
    [
      "different lengths",
      3,
      [0, 1],
      [1],
      "Cannot build the graph: the edges have different numbers of ends (2 and 1)",
    ],
    [
      "an end that is no node",
      3,
      [0, 1],
      [1, 3],
      "Cannot build the graph: edge 1 joins 1 and 3, but there are only 3 nodes",
    ],
    ["a self loop", 3, [0, 2], [1, 2], "Cannot build the graph: edge 1 joins node 2 with itself"],
    [
      "a repeated edge",
      4,
      [0, 2, 2, 1],
      [1, 1, 3, 2],
      "Cannot build the graph: the edge between 1 and 2 is given more than once",
    ],
    [
      "a repeated edge at the end",
      9,
      [7, 8],
      [8, 7],
      "Cannot build the graph: the edge between 7 and 8 is given more than once",
    ],
  ] as const
) {
  Deno.test(`buildCsr refuses ${name}`, () => {
    assert.throws(
      () => buildCsr(nodes, Uint32Array.from(u), Uint32Array.from(v)),
      (error) => error instanceof UsageError && error.message === message,
    );
  });
}
