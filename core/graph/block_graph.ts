/**
 * The graph of blocks: which blocks the sketch's links also join, and how densely.
 *
 * @module
 */
import { UndirectedGraph } from "graphology";
import { write as writeGexf } from "graphology-gexf";
import { UsageError } from "../errors.ts";
import type { Csr } from "./csr.ts";

/** A block as {@linkcode blockGraph} takes it. */
export interface GraphBlock {
  /** The block's number; no two blocks have the same. */
  readonly id: number;
  /** Nodes of the sketch graph that are voxels of the block, without repeats. */
  readonly nodes: ArrayLike<number>;
  /** Number of voxels of the block, sampled or not. */
  readonly voxels: number;
  /** Centroid in Angstrom, in map coordinates. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Mean fraction of the volumes in which the block's voxels are occupied, 0 to 1. */
  readonly meanOccupancy: number;
  /** "#rrggbb". */
  readonly colour: string;
}

/** What a node of the block graph carries; its key is the block's id. */
export interface BlockNode {
  readonly id: number;
  /** Number of voxels of the block, sampled or not. */
  readonly voxels: number;
  /** Number of voxels of the block that were sampled: nodes of the sketch graph. */
  readonly sampled: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly meanOccupancy: number;
  readonly colour: string;
  /** Links inside the block / pairs of its sampled voxels, 0 to 1; 0 where there is no pair. */
  readonly density: number;
}

/** What an edge of the block graph carries. */
export interface BlockEdge {
  /** Link density: links / (sampled voxels of one block * those of the other), 0 to 1. */
  readonly weight: number;
  /** Number of links of the sketch graph from a voxel of one block to a voxel of the other. */
  readonly links: number;
}

/** Blocks, and an edge wherever voxels of two blocks are linked. */
export type BlockGraph = UndirectedGraph<BlockNode, BlockEdge>;

/**
 * Makes the block graph from the sketch graph. Blocks may share voxels: a link counts once for each
 * pair of blocks that hold its ends, in either direction.
 *
 * @param blocks The blocks; nodes come in this order, edges by the places of their blocks.
 * @param csr The sketch graph.
 * @throws {UsageError} When two blocks have the same id, or one holds what is no node of the sketch graph.
 * @example
 * ```ts
 * import { blockGraph } from "./block_graph.ts";
 * import { buildCsr } from "./csr.ts";
 * import assert from "node:assert";
 *
 * // A triangle 0-1-2 and a pair 3-4, joined by the link 2-3.
 * const csr = buildCsr(5, Uint32Array.of(0, 0, 1, 2, 3), Uint32Array.of(1, 2, 2, 3, 4));
 * const common = { x: 0, y: 0, z: 0, meanOccupancy: 0.5, colour: "#0072b2" };
 * const graph = blockGraph([
 *   { id: 3, nodes: [0, 1, 2], voxels: 3, ...common },
 *   { id: 8, nodes: [3, 4], voxels: 2, ...common },
 * ], csr);
 * assert.deepStrictEqual(graph.getEdgeAttributes(3, 8), { weight: 1 / 6, links: 1 });
 * ```
 */
export function blockGraph(blocks: readonly GraphBlock[], csr: Csr): BlockGraph {
  const graph: BlockGraph = new UndirectedGraph();
  const links = countLinks(blocks, csr);
  for (const [a, { id, nodes, voxels, x, y, z, meanOccupancy, colour }] of blocks.entries()) {
    if (graph.hasNode(id)) {
      throw new UsageError(`Cannot make the block graph: two blocks have the same id (${id})`);
    }
    const n = nodes.length;
    // Inside a block each link was met from both its ends.
    const density = n > 1 ? (links.get(a * blocks.length + a) ?? 0) / (n * (n - 1)) : 0;
    graph.addNode(id, { id, voxels, sampled: n, x, y, z, meanOccupancy, colour, density });
  }
  for (const pair of [...links.keys()].sort((p, q) => p - q)) {
    const a = Math.floor(pair / blocks.length), b = pair % blocks.length;
    if (a >= b) continue;
    const A = blocks[a]!, B = blocks[b]!;
    const count = links.get(pair)!;
    const weight = count / (A.nodes.length * B.nodes.length);
    // A key of our own: the library's are drawn by chance.
    graph.addEdgeWithKey(`${A.id}-${B.id}`, A.id, B.id, { weight, links: count });
  }
  return graph;
}

/** Links from a voxel of block a to a voxel of block b, under the key a * number of blocks + b. */
function countLinks(blocks: readonly GraphBlock[], csr: Csr): Map<number, number> {
  const blocksOf = membership(blocks, csr.nodes);
  const links = new Map<number, number>();
  const counts = new Float64Array(blocks.length);
  for (const [a, { nodes }] of blocks.entries()) {
    counts.fill(0);
    for (let m = 0; m < nodes.length; m++) {
      const node = nodes[m]!;
      for (let i = csr.offsets[node]!; i < csr.offsets[node + 1]!; i++) {
        const neighbour = csr.neighbours[i]!;
        const end = blocksOf.offsets[neighbour + 1]!;
        for (let k = blocksOf.offsets[neighbour]!; k < end; k++) counts[blocksOf.blocks[k]!]!++;
      }
    }
    for (const [b, count] of counts.entries()) {
      if (count > 0) links.set(a * blocks.length + b, count);
    }
  }
  return links;
}

/** For each node the places of the blocks it is in: `blocks[offsets[node]]` to `blocks[offsets[node + 1] - 1]`. */
function membership(
  blocks: readonly GraphBlock[],
  nodeCount: number,
): { offsets: Uint32Array; blocks: Uint32Array } {
  const offsets = new Uint32Array(nodeCount + 1);
  for (const { id, nodes } of blocks) {
    for (let m = 0; m < nodes.length; m++) {
      const node = nodes[m]!;
      if (!(node >= 0 && node < nodeCount)) {
        throw new UsageError(
          `Cannot make the block graph: block ${id} holds ${node}, but the sketch graph has only ${nodeCount} nodes`,
        );
      }
      offsets[node + 1]!++;
    }
  }
  for (let node = 0; node < nodeCount; node++) offsets[node + 1]! += offsets[node]!;
  const places = new Uint32Array(offsets[nodeCount]!);
  const next = offsets.slice(0, nodeCount);
  for (const [b, { nodes }] of blocks.entries()) {
    for (let m = 0; m < nodes.length; m++) places[next[nodes[m]!]!++] = b;
  }
  return { offsets, blocks: places };
}

/**
 * The block graph in GEXF 1.2, which Gephi and networkx read: nodes carry `voxels`, `sampled`, `x_A`, `y_A`, `z_A`,
 * `mean_occupancy`, `density` and their colour, edges their weight and `links`.
 */
export function formatBlockGexf(graph: BlockGraph): string {
  return writeGexf(graph, {
    version: "1.2",
    formatNode: (_key, { id, voxels, sampled, x, y, z, meanOccupancy, density, colour }) => ({
      label: `block ${id}`,
      viz: { color: colour, size: Math.cbrt(voxels) },
      attributes: {
        voxels,
        sampled,
        x_A: x,
        y_A: y,
        z_A: z,
        mean_occupancy: meanOccupancy,
        density,
      },
    }),
    formatEdge: (_key, { weight, links }) => ({ weight, attributes: { links } }),
  }) + "\n";
}

/** The nodes of the block graph as CSV: `id,voxels,sampled,x_A,y_A,z_A,mean_occupancy,density`. */
export function formatBlockNodes(graph: BlockGraph): string {
  const rows = graph.mapNodes((_key, b) =>
    [b.id, b.voxels, b.sampled, ...[b.x, b.y, b.z, b.meanOccupancy, b.density].map(rounded)]
      .join(",") + "\n"
  );
  return "id,voxels,sampled,x_A,y_A,z_A,mean_occupancy,density\n" + rows.join("");
}

/** The edges of the block graph as CSV: `block_a,block_b,links,density`. */
export function formatBlockEdges(graph: BlockGraph): string {
  const rows = graph.mapEdges((_key, { weight, links }, a, b) =>
    `${a},${b},${links},${rounded(weight)}\n`
  );
  return "block_a,block_b,links,density\n" + rows.join("");
}

/** Seven significant digits: enough for a float32 map, and the same on any machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
