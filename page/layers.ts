/**
 * Layers of a graph of dependencies, and where its nodes are drawn: from left to right, each behind what it
 * needs. A plain layered drawing (Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11, 1981): layers by longest path,
 * long edges by way of dummies, order by barycentres.
 *
 * @module
 */

/** An edge: `to` needs `from`. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** A graph as it is laid out. */
export interface Layers {
  /** Layer and place in it of each node; places are in units of a node's height, and may be halves. */
  readonly nodes: readonly { readonly layer: number; readonly place: number }[];
  /** Layers and places that each edge goes by, its ends among them. */
  readonly routes: readonly (readonly { readonly layer: number; readonly place: number }[])[];
  readonly layers: number;
  /** Greatest number of places in a layer. */
  readonly places: number;
}

/** Sweeps over the layers that set their order. */
const SWEEPS = 12;

/** Lays out a graph of `count` nodes. Nodes that need each other, in a circle, share a layer. */
export function layOut(count: number, edges: readonly Edge[]): Layers {
  const layerOf = layersOf(count, edges);
  const depth = Math.max(0, ...layerOf) + 1;
  const rows: number[][] = Array.from({ length: depth }, () => []);
  const layer: number[] = [...layerOf];
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  for (let node = 0; node < count; node++) if (connected.has(node)) rows[layer[node]!]!.push(node);
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  const link = (from: number, to: number) => {
    (after[from] ??= []).push(to);
    (before[to] ??= []).push(from);
  };
  const paths = edges.map(({ from, to }) => {
    const path = [from];
    for (let at = layer[from]! + 1; at < layer[to]!; at++) {
      const dummy = layer.length;
      layer.push(at);
      rows[at]!.push(dummy);
      before[dummy] = [];
      after[dummy] = [];
      link(path.at(-1)!, dummy);
      path.push(dummy);
    }
    if (layer[from]! < layer[to]!) link(path.at(-1)!, to);
    path.push(to);
    return path;
  });
  const place: number[] = new Array(layer.length).fill(0);
  const spread = (row: readonly number[]) =>
    row.forEach((node, i) => place[node] = i - row.length / 2);
  rows.forEach(spread);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const neighbours = isForward ? before : after;
    for (const row of isForward ? rows : rows.toReversed()) {
      const centre = new Map(row.map((node) => {
        const near = neighbours[node] ?? [];
        const sum = near.reduce((sum, other) => sum + place[other]!, 0);
        return [node, near.length === 0 ? place[node]! : sum / near.length];
      }));
      row.sort((a, b) => centre.get(a)! - centre.get(b)! || place[a]! - place[b]! || a - b);
      spread(row);
    }
  }
  // Blocks that hang together with none stand below, row by row.
  const used = Math.max(0, ...rows.map((row) => row.length));
  const lone = Array.from({ length: count }, (_, node) => node).filter((node) =>
    !connected.has(node)
  );
  const columns = Math.max(depth, Math.min(6, Math.ceil(Math.sqrt(lone.length))), 1);
  const at = (node: number) => {
    const i = connected.has(node) ? -1 : lone.indexOf(node);
    if (i === -1) return { layer: layer[node]!, place: place[node]! + used / 2 };
    return { layer: i % columns, place: used + (used > 0 ? 0.6 : 0) + Math.floor(i / columns) };
  };
  const loneRows = Math.ceil(lone.length / columns);
  return {
    nodes: Array.from({ length: count }, (_, node) => at(node)),
    routes: paths.map((path) => path.map(at)),
    layers: Math.max(depth, Math.min(columns, lone.length)),
    places: used + loneRows + (used > 0 && loneRows > 0 ? 0.6 : 0),
  };
}

/** The longest path to each node from one that needs none; nodes of a circle count as one. */
function layersOf(count: number, edges: readonly Edge[]): number[] {
  const circle = circlesOf(count, edges);
  const layer: number[] = new Array(count).fill(0);
  // At most so many rounds, since the circles among each other have none.
  for (let round = 0, isMoved = true; isMoved && round < count; round++) {
    isMoved = false;
    for (const { from, to } of edges) {
      const [a, b] = [circle[from]!, circle[to]!];
      if (a !== b && layer[b]! < layer[a]! + 1) {
        layer[b] = layer[a]! + 1;
        isMoved = true;
      }
    }
  }
  return circle.map((one) => layer[one]!);
}

/** The first node of each node's circle: those that are reached from each other (Tarjan, SIAM J. Comput. 1, 1972). */
function circlesOf(count: number, edges: readonly Edge[]): number[] {
  const next: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) next[from]!.push(to);
  const index: number[] = new Array(count).fill(-1), low: number[] = new Array(count).fill(0);
  const circle: number[] = Array.from({ length: count }, (_, node) => node);
  const stack: number[] = [], isOn: boolean[] = [];
  let visited = 0;
  const visit = (node: number) => {
    index[node] = low[node] = visited++;
    stack.push(node);
    isOn[node] = true;
    for (const other of next[node]!) {
      if (index[other] === -1) {
        visit(other);
        low[node] = Math.min(low[node]!, low[other]!);
      } else if (isOn[other]) low[node] = Math.min(low[node]!, index[other]!);
    }
    if (low[node] !== index[node]) return;
    const members = stack.splice(stack.lastIndexOf(node));
    const first = Math.min(...members);
    for (const member of members) {
      isOn[member] = false;
      circle[member] = first;
    }
  };
  for (let node = 0; node < count; node++) if (index[node] === -1) visit(node);
  return circle;
}
