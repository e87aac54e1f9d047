/**
 * Directed graphs with what is in a circle taken as one: reachability and transitive reduction (A. V. Aho,
 * M. R. Garey & J. D. Ullman, "The transitive reduction of a directed graph", SIAM J. Comput. 1, 1972).
 *
 * @module
 */

/** A directed graph whose nodes are the groups of another's. */
export interface Condensed {
  /** Nodes that reach each other, ascending; groups by their first node. */
  readonly groups: readonly (readonly number[])[];
  /** The group of each node. */
  readonly groupOf: readonly number[];
  /** Whether a path leads from one group to another; not from a group to itself. */
  reaches(from: number, to: number): boolean;
  /** Whether one does, and none of them by a third group. */
  isDirect(from: number, to: number): boolean;
}

/**
 * Condenses a graph.
 *
 * @param edges The nodes that each node has an edge to.
 * @example
 * ```ts
 * import { condense } from "./condense.ts";
 * import assert from "node:assert";
 *
 * // 0 and 1 need each other, 2 needs 1, and 3 needs 2 and 0.
 * const { groups, isDirect, reaches } = condense([[1], [0], [1], [2, 0]]);
 * assert.deepStrictEqual(groups, [[0, 1], [2], [3]]);
 * assert.ok(reaches(2, 0) && isDirect(2, 1) && !isDirect(2, 0));
 * ```
 */
export function condense(edges: readonly (readonly number[])[]): Condensed {
  const reach = edges.map((_, node) => reachable(edges, node));
  const groups: number[][] = [];
  const groupOf: number[] = [];
  for (let node = 0; node < edges.length; node++) {
    if (groupOf[node] !== undefined) continue;
    const group = edges.map((_, other) => other)
      .filter((other) => other === node || reach[node]!.has(other) && reach[other]!.has(node));
    for (const member of group) groupOf[member] = groups.length;
    groups.push(group);
  }
  const first = (group: number) => groups[group]![0]!;
  const reaches = (from: number, to: number) => from !== to && reach[first(from)]!.has(first(to));
  const isDirect = (from: number, to: number) =>
    reaches(from, to) && !groups.some((_, by) => reaches(from, by) && reaches(by, to));
  return { groups, groupOf, reaches, isDirect };
}

/** The nodes that some edges lead to; the node itself only if it is in a circle. */
function reachable(edges: readonly (readonly number[])[], from: number): Set<number> {
  const seen = new Set<number>();
  const stack = [...edges[from]!];
  while (stack.length > 0) {
    const node = stack.pop()!; // not empty
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push(...edges[node]!);
  }
  return seen;
}
