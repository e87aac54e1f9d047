/**
 * Communities by semi-synchronous label propagation.
 *
 * G. Cordasco and L. Gargano, "Community detection via semi-synchronous label propagation algorithms",
 * BASNA 2010. Reproduces networkx's `label_propagation_communities` exactly, ties and order included:
 *
 * 1. Colours: nodes by degree, descending (ties in node order), each the smallest colour that no coloured
 *    neighbour has.
 * 2. Each node starts with a label of its own: its place in the node order.
 * 3. Until every node's label is among the most frequent of its neighbours' labels: colours ascending,
 *    each node of the colour keeps its label if it is among the most frequent of its neighbours' labels
 *    now, else takes the largest of those (Prec-Max).
 * 4. Communities in order of the first node with each label.
 *
 * It ends: a node changes its label only for one that strictly more of its neighbours have, and nodes of
 * one colour are never neighbours, so each change adds to the number of edges whose ends agree. A sweep
 * of an unfinished labelling changes at least one label, so there are at most as many sweeps as edges.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { type Csr, degree } from "./csr.ts";

/**
 * Finds the communities of a graph.
 *
 * @param csr The graph.
 * @param order The nodes in order of first appearance (see {@linkcode nodeOrder} in `csr.ts`): every node
 *   with an edge, once. A node without edges that is listed is a community of its own; unlisted, it is in none.
 * @returns The communities in order of their first node; each ascending.
 * @throws {UsageError} When `order` repeats a node, holds what is no node, or leaves out one with an edge.
 * @example
 * ```ts
 * import { buildCsr, nodeOrder } from "./csr.ts";
 * import { labelPropagation } from "./label_propagation.ts";
 * import assert from "node:assert";
 *
 * // Two triangles joined by an edge.
 * const u = Uint32Array.of(0, 0, 1, 2, 3, 3, 4);
 * const v = Uint32Array.of(1, 2, 2, 3, 4, 5, 5);
 * const csr = buildCsr(6, u, v);
 * const communities = labelPropagation(csr, nodeOrder(csr));
 * assert.deepStrictEqual(communities.map((c) => [...c]), [[0, 1, 2], [3, 4, 5]]);
 * ```
 */
export function labelPropagation(csr: Csr, order: Uint32Array): Uint32Array<ArrayBuffer>[] {
  const labels = initialLabels(csr, order);
  const byColour = nodesByColour(csr, order);
  const preferred = labelChooser(csr, labels, order.length);
  while (!order.every((node) => preferred(node) === labels[node])) {
    for (const node of byColour) labels[node] = preferred(node);
  }
  return communitiesOf(labels, order);
}

const UNLISTED = 0xffffffff;

/** Each node's place in the order: length `csr.nodes`. */
function initialLabels(csr: Csr, order: Uint32Array): Uint32Array {
  const labels = new Uint32Array(csr.nodes).fill(UNLISTED);
  for (const [label, node] of order.entries()) {
    if (node >= csr.nodes) {
      throw new UsageError(
        `Cannot find communities: the node order holds ${node}, but there are only ${csr.nodes} nodes`,
      );
    }
    if (labels[node] !== UNLISTED) {
      throw new UsageError(`Cannot find communities: the node order holds ${node} twice`);
    }
    labels[node] = label;
  }
  const missing = labels.findIndex((label, node) => label === UNLISTED && degree(csr, node) > 0);
  if (missing !== -1) {
    throw new UsageError(
      `Cannot find communities: the node order leaves out ${missing}, which has an edge`,
    );
  }
  return labels;
}

/** The nodes of the order, by colour of a greedy colouring (largest degree first), colours ascending. */
function nodesByColour(csr: Csr, order: Uint32Array): Uint32Array {
  const { nodes, offsets, neighbours } = csr;
  const degrees = order.map((node) => degree(csr, node));
  const largest = degrees.reduce((a, b) => Math.max(a, b), 0);
  const byDegree = sortByKey(order, degrees.map((d) => largest - d), largest);

  const NONE = largest + 1; // a greedy colouring needs at most largest + 1 colours: 0 to largest
  const colours = new Uint32Array(nodes).fill(NONE);
  // usedAt[c] is the last step (from 1) at which colour c was seen at a neighbour.
  const usedAt = new Uint32Array(largest + 2);
  for (let step = 1; step <= byDegree.length; step++) {
    const node = byDegree[step - 1]!;
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) {
      usedAt[colours[neighbours[i]!]!] = step;
    }
    let colour = 0;
    while (usedAt[colour] === step) colour++;
    colours[node] = colour;
  }
  return sortByKey(byDegree, byDegree.map((node) => colours[node]!), largest);
}

/** Sorts nodes by their keys (0 to `largest`), ascending and stable: a counting sort. */
function sortByKey(nodes: Uint32Array, keys: Uint32Array, largest: number): Uint32Array {
  const next = new Uint32Array(largest + 2);
  for (const key of keys) next[key + 1]!++;
  for (let key = 0; key <= largest; key++) next[key + 1]! += next[key]!;
  const sorted = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) sorted[next[keys[i]!]!++] = nodes[i]!;
  return sorted;
}

/**
 * A function that says which label a node takes now: its own if that is among the most frequent labels of
 * its neighbours, else the largest of those.
 */
function labelChooser(
  csr: Csr,
  labels: Uint32Array,
  labelCount: number,
): (node: number) => number {
  const { offsets, neighbours } = csr;
  const counts = new Uint32Array(labelCount); // all zero between calls
  return (node) => {
    const start = offsets[node]!, end = offsets[node + 1]!;
    let most = 0;
    for (let i = start; i < end; i++) {
      const count = ++counts[labels[neighbours[i]!]!]!;
      if (count > most) most = count;
    }
    const own = labels[node]!;
    const keeps = counts[own] === most;
    let largest = 0;
    for (let i = start; i < end; i++) {
      const label = labels[neighbours[i]!]!;
      if (counts[label] === most && label > largest) largest = label;
      counts[label] = 0;
    }
    return keeps ? own : largest;
  };
}

/** Nodes by label, labels in order of their first node; each community ascending. */
function communitiesOf(labels: Uint32Array, order: Uint32Array): Uint32Array<ArrayBuffer>[] {
  const members = new Map<number, number[]>();
  for (const node of order) {
    const label = labels[node]!;
    const community = members.get(label);
    if (community) community.push(node);
    else members.set(label, [node]);
  }
  return [...members.values()].map((nodes) => Uint32Array.from(nodes).sort());
}
