import assert from "node:assert";
import fc from "fast-check";
import { UndirectedGraph } from "graphology";
import { parse } from "graphology-gexf";
import { UsageError } from "../errors.ts";
import {
  blockGraph,
  formatBlockEdges,
  formatBlockGexf,
  formatBlockNodes,
  type GraphBlock,
} from "./block_graph.ts";
import { buildCsr } from "./csr.ts";

function block(id: number, nodes: number[]): GraphBlock {
  return {
    id,
    nodes,
    voxels: 2 * nodes.length,
    x: id + 0.5,
    y: -1,
    z: 1 / 3,
    meanOccupancy: 0.25,
    colour: "#d55e00",
  };
}

/** A triangle 0-1-2, a pair 3-4 and a lone voxel 5; links 2-3 and 1-4 between them. */
const csr = buildCsr(6, Uint32Array.of(0, 0, 1, 2, 3, 1), Uint32Array.of(1, 2, 2, 3, 4, 4));
const graph = blockGraph([block(7, [0, 1, 2]), block(2, [3, 4]), block(11, [5])], csr);

Deno.test("blockGraph: nodes carry the block, edges the link density", () => {
  assert.deepStrictEqual(graph.nodes(), ["7", "2", "11"]);
  assert.deepStrictEqual(graph.edges(), ["7-2"]);
  assert.deepStrictEqual(graph.getEdgeAttributes("7-2"), { weight: 2 / 6, links: 2 });
  assert.deepStrictEqual(graph.getNodeAttributes(7), {
    id: 7,
    voxels: 6,
    sampled: 3,
    x: 7.5,
    y: -1,
    z: 1 / 3,
    meanOccupancy: 0.25,
    colour: "#d55e00",
    density: 1,
  });
  assert.strictEqual(graph.getNodeAttribute(11, "density"), 0);
});

Deno.test("blockGraph counts links as a double loop over members does, shared voxels too", () => {
  const nodes = 14;
  const pairs = Array.from({ length: nodes }, (_, a) => a)
    .flatMap((a) => Array.from({ length: a }, (_, b) => [b, a] as const));
  const someNodes = fc.subarray(Array.from({ length: nodes }, (_, a) => a), { minLength: 1 });
  fc.assert(
    fc.property(fc.subarray(pairs), fc.array(someNodes, { maxLength: 5 }), (edges, members) => {
      const csr = buildCsr(
        nodes,
        Uint32Array.from(edges, ([a]) => a),
        Uint32Array.from(edges, ([, b]) => b),
      );
      const linked = (a: number, b: number) =>
        edges.some(([u, v]) => (u === a && v === b) || (u === b && v === a));
      const graph = blockGraph(members.map((m, id) => block(id, m)), csr);
      for (let a = 0; a < members.length; a++) {
        for (let b = 0; b < a; b++) {
          const links = members[a]!.flatMap((m) => members[b]!.filter((n) => linked(m, n))).length;
          assert.strictEqual(graph.hasEdge(a, b), links > 0);
          if (links === 0) continue;
          assert.deepStrictEqual(graph.getEdgeAttributes(b, a), {
            links,
            weight: links / (members[a]!.length * members[b]!.length),
          });
        }
        const n = members[a]!.length;
        const inside = members[a]!.flatMap((m) => members[a]!.filter((k) => k < m && linked(m, k)));
        assert.ok(
          Math.abs(
            graph.getNodeAttribute(a, "density") - (n > 1 ? inside.length / (n * (n - 1) / 2) : 0),
          ) < 1e-12,
        );
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("formatBlockGexf is GEXF that reads back, the same bytes each time", () => {
  const gexf = formatBlockGexf(graph);
  const again = blockGraph([block(7, [0, 1, 2]), block(2, [3, 4]), block(11, [5])], csr);
  assert.strictEqual(formatBlockGexf(again), gexf);
  const back = parse(UndirectedGraph, gexf);
  assert.deepStrictEqual(back.nodes(), ["7", "2", "11"]);
  assert.strictEqual(back.getNodeAttribute("2", "label"), "block 2");
  assert.strictEqual(back.getNodeAttribute("2", "voxels"), 4);
  assert.strictEqual(back.getNodeAttribute("2", "z_A"), 1 / 3);
  assert.strictEqual(back.getNodeAttribute("2", "color"), "rgb(213,94,0)");
  assert.deepStrictEqual(back.getEdgeAttributes("7", "2"), { weight: 1 / 3, links: 2 });
});

Deno.test("formatBlockNodes and formatBlockEdges write CSV", () => {
  assert.strictEqual(
    formatBlockNodes(graph),
    "id,voxels,sampled,x_A,y_A,z_A,mean_occupancy,density\n" +
      "7,6,3,7.5,-1,0.3333333,0.25,1\n" +
      "2,4,2,2.5,-1,0.3333333,0.25,1\n" +
      "11,2,1,11.5,-1,0.3333333,0.25,0\n",
  );
  assert.strictEqual(formatBlockEdges(graph), "block_a,block_b,links,density\n7,2,2,0.3333333\n");
});

Deno.test("blockGraph refuses repeated ids and members that are no nodes", () => {
  for (
    const [blocks, message] of [
      [[block(1, [0]), block(1, [2])], "two blocks have the same id (1)"],
      [[block(1, [0, 6])], "block 1 holds 6, but the sketch graph has only 6 nodes"],
      [[block(4, [-1])], "block 4 holds -1, but the sketch graph has only 6 nodes"],
    ] as const
  ) {
    assert.throws(
      () => blockGraph(blocks, csr),
      (error) =>
        error instanceof UsageError && error.message === `Cannot make the block graph: ${message}`,
    );
  }
});
