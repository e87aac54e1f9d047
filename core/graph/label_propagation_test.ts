import assert from "node:assert";
import fc from "fast-check";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { buildCsr, type Csr, nodeOrder } from "./csr.ts";
import { labelPropagation } from "./label_propagation.ts";

/** Graphs with the communities that networkx 2.8.8 finds. */
const golden = z.array(z.object({
  edges: z.array(z.tuple([z.int(), z.int()])),
  nodes: z.array(z.int()),
  communities: z.array(z.array(z.int())),
})).parse(
  JSON.parse(
    await Deno.readTextFile(new URL("../../tests/data/label_propagation.json", import.meta.url)),
  ),
);

Deno.test("labelPropagation gives networkx's communities on 60 graphs", async (t) => {
  assert.strictEqual(golden.length, 60);
  for (const [i, { edges, nodes, communities }] of golden.entries()) {
    await t.step(`graph ${i}: ${nodes.length} nodes, ${edges.length} edges`, () => {
      const size = Math.max(...nodes) + 1;
      const csr = buildCsr(
        size,
        Uint32Array.from(edges, ([a]) => a),
        Uint32Array.from(edges, ([, b]) => b),
      );
      const found = labelPropagation(csr, Uint32Array.from(nodes));
      assert.deepStrictEqual(found.map((community) => [...community]), communities);
    });
  }
});

/** A random graph as CSR: `nodes` nodes, each pair linked by chance. */
const graph = fc.integer({ min: 2, max: 24 }).chain((nodes) => {
  const pairs = Array.from({ length: nodes }, (_, a) => a)
    .flatMap((a) => Array.from({ length: a }, (_, b) => [b, a] as const));
  return fc.subarray(pairs).map((edges) =>
    buildCsr(nodes, Uint32Array.from(edges, ([a]) => a), Uint32Array.from(edges, ([, b]) => b))
  );
});

function neighboursOf(csr: Csr, node: number): Uint32Array {
  return csr.neighbours.subarray(csr.offsets[node], csr.offsets[node + 1]);
}

Deno.test("labelPropagation: a partition in which no node has more neighbours elsewhere than at home", () => {
  fc.assert(fc.property(graph, (csr) => {
    const order = nodeOrder(csr);
    const communities = labelPropagation(csr, order);
    const home = new Map(communities.flatMap((c, i) => [...c].map((node) => [node, i] as const)));
    assert.deepStrictEqual([...home.keys()].sort(), [...order].sort());
    assert.strictEqual(communities.reduce((sum, c) => sum + c.length, 0), order.length);
    for (const node of order) {
      const counts = new Uint32Array(communities.length);
      for (const neighbour of neighboursOf(csr, node)) counts[home.get(neighbour)!]!++;
      assert.strictEqual(counts[home.get(node)!], Math.max(...counts));
    }
  }));
});

Deno.test("labelPropagation: communities in order of their first node, each ascending", () => {
  fc.assert(fc.property(graph, (csr) => {
    const order = [...nodeOrder(csr)];
    const communities = labelPropagation(csr, Uint32Array.from(order));
    const firsts = communities.map((c) => Math.min(...[...c].map((node) => order.indexOf(node))));
    assert.deepStrictEqual(firsts, firsts.toSorted((a, b) => a - b));
    for (const c of communities) assert.deepStrictEqual(c, c.toSorted());
  }));
});

Deno.test("labelPropagation: a listed node without edges is a community, an unlisted one is in none", () => {
  const csr = buildCsr(4, Uint32Array.of(0), Uint32Array.of(2));
  const found = (order: number[]) =>
    labelPropagation(csr, Uint32Array.from(order)).map((c) => [...c]);
  assert.deepStrictEqual(found([0, 2]), [[0, 2]]);
  assert.deepStrictEqual(found([3, 2, 0]), [[3], [0, 2]]);
  assert.deepStrictEqual(
    labelPropagation(buildCsr(3, new Uint32Array(), new Uint32Array()), new Uint32Array()),
    [],
  );
});

for (
  const [order, message] of [
    [[0], "Cannot find communities: the node order leaves out 2, which has an edge"],
    [[0, 2, 0], "Cannot find communities: the node order holds 0 twice"],
    [[0, 2, 4], "Cannot find communities: the node order holds 4, but there are only 4 nodes"],
  ] as const
) {
  Deno.test(`labelPropagation refuses the node order ${order}`, () => {
    const csr = buildCsr(4, Uint32Array.of(0), Uint32Array.of(2));
    assert.throws(
      () => labelPropagation(csr, Uint32Array.from(order)),
      (error) => error instanceof UsageError && error.message === message,
    );
  });
}
