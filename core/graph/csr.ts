/**
 * Undirected graphs in typed arrays (compressed sparse rows). A hundred million edges take a few seconds
 * and 8 bytes each.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** An undirected graph without self loops and repeated edges. */
export interface Csr {
  /** Number of nodes; nodes are 0 to `nodes - 1`. */
  readonly nodes: number;
  /** Length `nodes + 1`: the neighbours of node `a` are `neighbours[offsets[a]]` to `neighbours[offsets[a + 1] - 1]`. */
  readonly offsets: Uint32Array;
  /** Length twice the number of edges: each edge stands at both its ends; ascending for each node. */
  readonly neighbours: Uint32Array;
}

/**
 * Builds a graph from its edges, in any order and either direction. Takes time and memory in proportion
 * to nodes + edges; a stream sorted by (u, v) with u < v, as the sketch writes it, is placed in one pass
 * and needs no memory beside the result's. Any other order takes the result's once more.
 *
 * @param nodes Number of nodes, 0 to 2^32 - 2.
 * @param u One end of each edge.
 * @param v The other end of each edge: same length, 0 to 2^31 - 1.
 * @throws {UsageError} When the lengths differ, an end is not a node, an edge is a self loop or repeated
 *   (in either direction): no list of linked voxel pairs holds such an edge.
 * @example
 * ```ts
 * import { buildCsr } from "./csr.ts";
 * import assert from "node:assert";
 *
 * const csr = buildCsr(4, Uint32Array.of(0, 1), Uint32Array.of(2, 2));
 * assert.deepStrictEqual([...csr.offsets], [0, 1, 2, 4, 4]);
 * assert.deepStrictEqual([...csr.neighbours], [2, 2, 0, 1]);
 * ```
 */
export function buildCsr(nodes: number, u: Uint32Array, v: Uint32Array): Csr {
  if (u.length !== v.length) {
    throw new UsageError(
      `Cannot build the graph: the edges have different numbers of ends (${u.length} and ${v.length})`,
    );
  }
  const offsets = new Uint32Array(nodes + 1);
  for (let e = 0; e < u.length; e++) {
    const a = u[e]!, b = v[e]!;
    if (a >= nodes || b >= nodes) {
      throw new UsageError(
        `Cannot build the graph: edge ${e} joins ${a} and ${b}, but there are only ${nodes} nodes`,
      );
    }
    if (a === b) {
      throw new UsageError(`Cannot build the graph: edge ${e} joins node ${a} with itself`);
    }
    offsets[a + 1]!++;
    offsets[b + 1]!++;
  }
  for (let a = 0; a < nodes; a++) offsets[a + 1]! += offsets[a]!;

  let neighbours = new Uint32Array(2 * u.length);
  const next = offsets.slice(0, nodes);
  for (let e = 0; e < u.length; e++) {
    const a = u[e]!, b = v[e]!;
    neighbours[next[a]!++] = b;
    neighbours[next[b]!++] = a;
  }
  if (!isAscending(offsets, neighbours)) {
    neighbours = transpose(offsets, neighbours);
    if (!isAscending(offsets, neighbours)) throw repeatedEdge(offsets, neighbours);
  }
  return { nodes, offsets, neighbours };
}

/** Number of neighbours of a node. */
export function degree(csr: Csr, node: number): number {
  return csr.offsets[node + 1]! - csr.offsets[node]!;
}

/** Whether each node's neighbours ascend strictly. */
function isAscending(offsets: Uint32Array, neighbours: Uint32Array): boolean {
  for (let a = 0; a + 1 < offsets.length; a++) {
    for (let i = offsets[a]! + 1; i < offsets[a + 1]!; i++) {
      if (neighbours[i - 1]! >= neighbours[i]!) return false;
    }
  }
  return true;
}

/** The same graph with ascending neighbours: nodes are handed out in ascending order to those that list them. */
function transpose(offsets: Uint32Array, neighbours: Uint32Array): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(neighbours.length);
  const next = offsets.slice(0, -1);
  for (let a = 0; a + 1 < offsets.length; a++) {
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) result[next[neighbours[i]!]!++] = a;
  }
  return result;
}

function repeatedEdge(offsets: Uint32Array, neighbours: Uint32Array): UsageError {
  let a = 0, i = 1;
  while (i >= offsets[a + 1]! || i <= offsets[a]! || neighbours[i - 1] !== neighbours[i]) {
    if (i < offsets[a + 1]!) i++;
    else i = offsets[++a]! + 1;
  }
  return new UsageError(
    `Cannot build the graph: the edge between ${a} and ${neighbours[i]} is given more than once`,
  );
}

/**
 * The nodes that have an edge, in order of first appearance in the stream of edges sorted by (u, v)
 * with u < v, u before v: the order in which a networkx graph built from that stream holds them.
 *
 * @example
 * ```ts
 * import { buildCsr, nodeOrder } from "./csr.ts";
 * import assert from "node:assert";
 *
 * // The stream is 0-3, 1-2, 1-3.
 * const csr = buildCsr(5, Uint32Array.of(1, 0, 1), Uint32Array.of(2, 3, 3));
 * assert.deepStrictEqual([...nodeOrder(csr)], [0, 3, 1, 2]);
 * ```
 */
export function nodeOrder(csr: Csr): Uint32Array<ArrayBuffer> {
  const { nodes, offsets, neighbours } = csr;
  const order = new Uint32Array(nodes);
  const seen = new Uint8Array(nodes);
  let count = 0;
  const see = (node: number) => {
    if (seen[node]) return;
    seen[node] = 1;
    order[count++] = node;
  };
  for (let a = 0; a < nodes; a++) {
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      if (neighbours[i]! < a) continue;
      see(a);
      see(neighbours[i]!);
    }
  }
  return order.slice(0, count);
}
