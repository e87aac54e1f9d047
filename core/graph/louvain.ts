/**
 * Communities by modularity, with or without edge weights.
 *
 * V. D. Blondel, J.-L. Guillaume, R. Lambiotte and E. Lefebvre, "Fast unfolding of communities in large
 * networks", J. Stat. Mech. 2008, P10008; as graphology-communities-louvain does it.
 *
 * @module
 */
import { UndirectedGraph } from "graphology";
import louvainModule from "graphology-communities-louvain";
import { UsageError } from "../errors.ts";
import type { Random } from "../random.ts";

/** The most edges {@linkcode louvain} takes: graphology needs about 500 bytes and 3 microseconds for each. */
export const LOUVAIN_MAX_EDGES = 5_000_000;

/** What {@linkcode louvain} can be told besides the edges. */
export interface LouvainOptions {
  /** Weight of each edge, positive; without them every edge counts 1. */
  readonly weights?: ArrayLike<number>;
  /** Above 1 gives more and smaller communities, below 1 fewer and larger ones. Default 1. */
  readonly resolution?: number;
}

// The package is CommonJS: its types say it exports the function itself as `default`, as it does.
const findCommunities = louvainModule as unknown as (
  graph: UndirectedGraph,
  options: { rng: () => number; resolution: number; getEdgeWeight: "weight" | null },
) => Record<string, number>;

/**
 * Finds the communities of a graph by modularity. The same edges in the same order, with the same random
 * stream, give the same communities; another order of the edges may give others.
 *
 * @param u One end of each edge.
 * @param v The other end of each edge: same length, at most {@linkcode LOUVAIN_MAX_EDGES}.
 * @param rng Decides at which node each pass starts.
 * @returns The communities in order of the first appearance of a member in the edges (u before v), each
 *   ascending. A node without edges is in none.
 * @throws {UsageError} When there are too many edges, an edge is a self loop or repeated, a weight is not
 *   a positive number, or the arrays differ in length.
 * @example
 * ```ts
 * import { louvain } from "./louvain.ts";
 * import { random } from "../random.ts";
 * import assert from "node:assert";
 *
 * // Two triangles joined by an edge.
 * const u = Uint32Array.of(0, 0, 1, 2, 3, 3, 4);
 * const v = Uint32Array.of(1, 2, 2, 3, 4, 5, 5);
 * const communities = louvain(u, v, random(1));
 * assert.deepStrictEqual(communities.map((c) => [...c]), [[0, 1, 2], [3, 4, 5]]);
 * ```
 */
export function louvain(
  u: Uint32Array,
  v: Uint32Array,
  rng: Random,
  options: LouvainOptions = {},
): Uint32Array<ArrayBuffer>[] {
  const { weights, resolution = 1 } = options;
  check(u, v, weights, resolution);
  const graph = new UndirectedGraph();
  for (let e = 0; e < u.length; e++) {
    const a = u[e]!, b = v[e]!;
    if (a === b) {
      throw new UsageError(`Cannot find communities: edge ${e} joins node ${a} with itself`);
    }
    graph.mergeNode(a);
    graph.mergeNode(b);
    if (graph.hasEdge(a, b)) {
      throw new UsageError(
        `Cannot find communities: the edge between ${a} and ${b} is given more than once`,
      );
    }
    if (weights) graph.addEdgeWithKey(e, a, b, { weight: weights[e]! });
    else graph.addEdgeWithKey(e, a, b);
  }
  const found = findCommunities(graph, {
    rng: () => rng.uniform(),
    resolution,
    getEdgeWeight: weights ? "weight" : null,
  });
  const members = new Map<number, number[]>();
  for (const node of graph.nodes()) {
    const community = members.get(found[node]!);
    if (community) community.push(Number(node));
    else members.set(found[node]!, [Number(node)]);
  }
  return [...members.values()].map((nodes) => Uint32Array.from(nodes).sort());
}

function check(
  u: Uint32Array,
  v: Uint32Array,
  weights: ArrayLike<number> | undefined,
  resolution: number,
): void {
  if (u.length !== v.length || (weights && weights.length !== u.length)) {
    const lengths = [u, v, ...(weights ? [weights] : [])].map((array) => array.length).join(", ");
    throw new UsageError(
      `Cannot find communities: ends and weights of the edges differ in number (${lengths})`,
    );
  }
  if (u.length > LOUVAIN_MAX_EDGES) {
    throw new UsageError(
      `Cannot find communities by Louvain's method: too many edges (${u.length}, at most ${LOUVAIN_MAX_EDGES})`,
      "Use label propagation, or sample fewer voxels with a larger --subsample.",
    );
  }
  if (!(resolution > 0 && Number.isFinite(resolution))) {
    throw new UsageError(
      `Cannot find communities: the resolution is not a positive number (${resolution})`,
    );
  }
  for (let e = 0; weights && e < weights.length; e++) {
    const weight = weights[e]!;
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new UsageError(
        `Cannot find communities: the weight of edge ${e} is not a positive number (${weight})`,
      );
    }
  }
}
