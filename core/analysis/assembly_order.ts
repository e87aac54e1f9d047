/**
 * The order of assembly as a graph: regions that come together as one node, and what each needs directly.
 *
 * @module
 */
import { DirectedGraph } from "graphology";
import { write as writeGexf } from "graphology-gexf";
import { palette } from "../report/colours.ts";
import type { Analysis } from "./analysis.ts";
import { condense } from "./condense.ts";

/** Regions that are never seen without each other, or one region. */
export interface AssemblyNode {
  /** Places of the regions, ascending. */
  readonly regions: readonly number[];
  /** Places of the nodes that it directly needs, ascending. */
  readonly needs: readonly number[];
  /** Nodes on the longest way down to it: 0 for what needs nothing. */
  readonly level: number;
}

/** Number of volumes in which a region is present, but for junk. */
export function volumesWith(
  { table, presence, junk }: Pick<Analysis, "table" | "presence" | "junk">,
  region: number,
): number {
  const regions = table.regions.length, out = new Set(junk.map(({ volume }) => volume));
  return table.volumes.reduce(
    (sum, _, v) => sum + (out.has(v) ? 0 : presence[v * regions + region]!),
    0,
  );
}

/**
 * The nodes of the order of assembly, by their first region.
 *
 * @example
 * ```ts
 * import { assemblyOrder } from "./assembly_order.ts";
 * import assert from "node:assert";
 *
 * const of = { volumes: 9, exceptions: 0, p: 0, q: 0, direct: true };
 * const nodes = assemblyOrder(3, [
 *   { region: 0, needs: 2, ...of },
 *   { region: 1, needs: 2, ...of },
 *   { region: 2, needs: 0, ...of },
 * ]);
 * assert.deepStrictEqual(nodes, [
 *   { regions: [0, 2], needs: [], level: 0 },
 *   { regions: [1], needs: [0], level: 1 },
 * ]);
 * ```
 */
export function assemblyOrder(
  regions: number,
  dependencies: Analysis["dependencies"],
): AssemblyNode[] {
  const edges = Array.from({ length: regions }, () => [] as number[]);
  for (const { region, needs } of dependencies) edges[region]!.push(needs);
  const { groups, isDirect } = condense(edges);
  const needs = groups.map((_, node) =>
    groups.map((_, other) => other).filter((other) => isDirect(node, other))
  );
  const levels: number[] = [];
  const levelOf = (node: number): number =>
    levels[node] ??= needs[node]!.reduce((most, other) => Math.max(most, levelOf(other) + 1), 0);
  return groups.map((group, node) => ({
    regions: group,
    needs: needs[node]!,
    level: levelOf(node),
  }));
}

/**
 * The order of assembly as a text: each node below one that it needs, with what else it needs in brackets.
 *
 * @returns Lines, indented by two blanks for each step.
 */
export function assemblyLines(analysis: Analysis): string[] {
  const { table } = analysis;
  const nodes = assemblyOrder(table.regions.length, analysis.dependencies);
  const nameOf = (node: number) =>
    nodes[node]!.regions.map((region) => table.regions[region]!.name).join(" = ");
  const count = (node: number) =>
    nodes[node]!.regions.map((region) => volumesWith(analysis, region));
  const lines: string[] = [];
  // Below the one of those needed that is furthest down, the last of equals.
  const above = nodes.map(({ needs }) =>
    needs.toSorted((a, b) => nodes[a]!.level - nodes[b]!.level || a - b).at(-1) ?? -1
  );
  const tell = (node: number, depth: number) => {
    const others = nodes[node]!.needs.filter((other) => other !== above[node]);
    const also = others.length === 0 ? "" : `; needs ${others.map(nameOf).join(", ")} too`;
    const counts = [...new Set(count(node))].join(", ");
    lines.push(`${"  ".repeat(depth)}${nameOf(node)} (in ${counts}${also})`);
    below(node, depth + 1);
  };
  const below = (node: number, depth: number) => {
    const children = nodes.map((_, child) => child).filter((child) => above[child] === node);
    children.sort((a, b) => count(b)[0]! - count(a)[0]! || a - b);
    for (const child of children) tell(child, depth);
  };
  below(-1, 0);
  return lines;
}

/**
 * The order of assembly in the language of Graphviz: arrows lead from what is needed to what needs it, those
 * with two heads join regions that are never seen without each other, and dashed lines join regions that
 * exclude each other.
 */
export function formatAssemblyDot(analysis: Analysis): string {
  const { table, dependencies, pairs } = analysis;
  const colours = palette(table.regions.length);
  const name = (region: number) => dotText(table.regions[region]!.name);
  const known = new Set(dependencies.map(({ region, needs }) => `${region} ${needs}`));
  const lines = [
    "digraph assembly {",
    "  node [shape=box, style=filled, fontname=Helvetica];",
    ...table.regions.map((_, region) => {
      const label = `${table.regions[region]!.name}\n${volumesWith(analysis, region)} volumes`;
      const fill = `fillcolor="${colours[region]}", fontcolor="${inkOn(colours[region]!)}"`;
      return `  ${name(region)} [label=${dotText(label)}, ${fill}];`;
    }),
    ...dependencies.filter(({ direct }) => direct).flatMap(
      ({ region, needs, volumes, exceptions }) => {
        const isMutual = known.has(`${needs} ${region}`);
        if (isMutual && region < needs) return [];
        const label = exceptions === 0 ? "" : `label="${exceptions} of ${volumes} without"`;
        const attributes = [label, ...(isMutual ? ["dir=both"] : [])].filter((one) => one !== "");
        const end = attributes.length === 0 ? "" : ` [${attributes.join(", ")}]`;
        return [`  ${name(needs)} -> ${name(region)}${end};`];
      },
    ),
    ...pairs.filter(({ exclusive }) => exclusive).map(({ a, b }) =>
      `  ${name(a)} -> ${name(b)} [dir=none, style=dashed, constraint=false];`
    ),
    "}",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A text in quotes. */
function dotText(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}

/** Black or white, whichever is read better. */
function inkOn(colour: string): string {
  const value = parseInt(colour.slice(1), 16);
  const light = 0.299 * (value >> 16) + 0.587 * (value >> 8 & 255) + 0.114 * (value & 255);
  return light > 140 ? "#000000" : "#ffffff";
}

/**
 * The order of assembly as GEXF, for Gephi: a node for each region, an arrow from what is directly needed to
 * what needs it.
 */
export function formatAssemblyGexf(analysis: Analysis): string {
  const { table, dependencies } = analysis;
  const colours = palette(table.regions.length);
  const graph = new DirectedGraph();
  table.regions.forEach(({ name, voxels }, region) => {
    graph.addNode(region, {
      name,
      volumes: volumesWith(analysis, region),
      ...(Number.isNaN(voxels) ? {} : { voxels }),
      color: colours[region],
    });
  });
  for (const { region, needs, exceptions, q, direct } of dependencies) {
    if (!direct) continue;
    graph.addEdgeWithKey(`${needs}-${region}`, needs, region, { exceptions, q });
  }
  return writeGexf(graph, {
    version: "1.2",
    formatNode: (_key, { name, color, ...attributes }) => ({
      label: xmlText(String(name)),
      attributes,
      viz: { color: String(color) },
    }),
    formatEdge: (_key, attributes) => ({ attributes }),
  }) + "\n";
}

/** Without the characters that XML cannot hold at all. */
function xmlText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "?");
}
