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
  /** Layer of each node, and its middle in it, in units of height. */
  readonly nodes: readonly Spot[];
  /** Where each edge goes by, its ends among them. */
  readonly routes: readonly (readonly Spot[])[];
  readonly layers: number;
  /** Height of the highest layer. */
  readonly height: number;
}

/** A place in a layer. */
export interface Spot {
  readonly layer: number;
  readonly middle: number;
}

/** Sweeps over the layers that set their order. */
const SWEEPS = 12;
/** Height of what an edge passes a layer by, and between what hangs together and what does not. */
const PASSAGE = 0.6;
/** Most columns of what hangs together with nothing, if the layers are fewer. */
const COLUMNS = 6;

/**
 * Lays out a graph without circles.
 *
 * @param heights Height of each node.
 * @param edges Between nodes by number.
 * @param most Layers that there is room for: what hangs together with nothing stands in no more, if the others
 *   are no more.
 */
export function layOut(
  heights: readonly number[],
  edges: readonly Edge[],
  most = COLUMNS,
): Layers {
  const count = heights.length;
  const layer = layersOf(count, edges);
  const height = [...heights];
  const before: number[][] = heights.map(() => []), after: number[][] = heights.map(() => []);
  const depth = Math.max(0, ...layer) + 1;
  const rows: number[][] = Array.from({ length: depth }, () => []);
  const isConnected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  for (const node of heights.keys()) if (isConnected.has(node)) rows[layer[node]!]!.push(node);
  const paths = edges.map(({ from, to }) => {
    const path = [from];
    for (let at = layer[from]! + 1; at < layer[to]!; at++) {
      path.push(layer.length);
      rows[at]!.push(layer.length);
      layer.push(at);
      height.push(PASSAGE);
      before.push([]);
      after.push([]);
    }
    path.push(to);
    path.slice(1).forEach((node, i) => {
      before[node]!.push(path[i]!);
      after[path[i]!]!.push(node);
    });
    return path;
  });

  const middle: number[] = new Array(layer.length).fill(0);
  const heightOf = (row: readonly number[]) => row.reduce((sum, node) => sum + height[node]!, 0);
  const spread = (row: readonly number[]) => {
    let top = -heightOf(row) / 2;
    for (const node of row) {
      middle[node] = top + height[node]! / 2;
      top += height[node]!;
    }
  };
  rows.forEach(spread);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const near = isForward ? before : after;
    for (const row of isForward ? rows : rows.toReversed()) {
      const centre = new Map(row.map((node) => {
        const others = near[node]!;
        const sum = others.reduce((sum, other) => sum + middle[other]!, 0);
        return [node, others.length === 0 ? middle[node]! : sum / others.length];
      }));
      row.sort((a, b) => centre.get(a)! - centre.get(b)! || middle[a]! - middle[b]! || a - b);
      spread(row);
    }
  }

  // What hangs together with nothing stands below, row by row.
  const used = Math.max(0, ...rows.map(heightOf));
  const lone = [...heights.keys()].filter((node) => !isConnected.has(node));
  const columns = Math.max(depth, Math.min(COLUMNS, most, lone.length));
  let top = used === 0 ? 0 : used + PASSAGE;
  const loneSpots = new Map<number, Spot>();
  for (let i = 0; i < lone.length; i += columns) {
    const row = lone.slice(i, i + columns);
    const highest = Math.max(...row.map((node) => height[node]!));
    row.forEach((node, layer) => loneSpots.set(node, { layer, middle: top + height[node]! / 2 }));
    top += highest;
  }
  const spotOf = (node: number) =>
    loneSpots.get(node) ?? { layer: layer[node]!, middle: middle[node]! + used / 2 };
  return {
    nodes: Array.from(heights.keys(), spotOf),
    routes: paths.map((path) => path.map(spotOf)),
    layers: Math.max(isConnected.size === 0 ? 0 : depth, Math.min(columns, lone.length)),
    height: lone.length === 0 ? used : top,
  };
}

/** The longest path to each node from one that needs none. */
function layersOf(count: number, edges: readonly Edge[]): number[] {
  const layer: number[] = new Array(count).fill(0);
  // A path has fewer edges than there are nodes.
  for (let round = 0, isMoved = true; isMoved && round < count; round++) {
    isMoved = false;
    for (const { from, to } of edges) {
      if (layer[to]! > layer[from]!) continue;
      layer[to] = layer[from]! + 1;
      isMoved = true;
    }
  }
  return layer;
}
