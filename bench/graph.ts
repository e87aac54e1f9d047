/**
 * Seconds and memory of the sketch's graph: its edges put in order, its adjacency, its communities.
 *
 *     deno task bench:graph [EDGES ...]
 *
 * For each number of edges (1e6 and 1e7 unless given; 1e8 takes 4 GB of memory) there is a random graph
 * of 14142 voxels, the most whose pairs are 1e8, and one with 20 communities of four in five pairs each,
 * of as many voxels as that takes. Edges come as shards have them: in parts, each in another order than
 * the sample's.
 *
 * @module
 */
import { type Edges, type EdgesOfShard, sortEdges } from "../cluster/edges.ts";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { buildCsr, labelPropagation, nodeOrder } from "../core/graph/mod.ts";
import { type Random, random, sample } from "../core/random.ts";

const BOX = 256;
const RANDOM_NODES = 14142;
const COMMUNITIES = 20;
const INSIDE = 0.8, OUTSIDE = 0.01;
/** Edges of a shard, about. */
const SHARD = 1e6;

/** Largest memory that the process has had since the last call of {@linkcode forgetPeak}, in MiB. */
function peakMiB(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** Has Linux measure the largest memory anew. */
function forgetPeak(): void {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}

/** Calls `use` for each of the numbers from `start` to `end - 1` that chance picks. */
function pick(start: number, end: number, chance: number, rng: Random, use: (i: number) => void) {
  if (chance >= 1) { for (let i = start; i < end; i++) use(i); }
  else {
    const scale = 1 / Math.log1p(-chance);
    for (
      let i = start + Math.floor(Math.log1p(-rng.uniform()) * scale);
      i < end;
      i += 1 + Math.floor(Math.log1p(-rng.uniform()) * scale)
    ) use(i);
  }
}

/** A graph's edges in parts, and the sample whose voxels they join. */
function shards(kind: string, edges: number) {
  const rng = random(1);
  const pairsOf = (n: number) => n * (n - 1) / 2;
  const planted = kind === "planted";
  const density = INSIDE / COMMUNITIES + OUTSIDE * (1 - 1 / COMMUNITIES);
  const nodes = planted ? Math.round(Math.sqrt(2 * edges / density)) : RANDOM_NODES;
  const flat = sample(BOX ** 3, nodes, rng).sort();
  const sampled = sample(nodes, nodes, rng);
  const placeOf = new Uint32Array(nodes);
  sampled.forEach((row, place) => placeOf[row] = place);

  const parts: EdgesOfShard[] = [];
  const room = SHARD + nodes;
  let u = new Uint32Array(room), v = new Uint32Array(room), count = 0;
  const emit = () => {
    const both = new Uint16Array(count).fill(7);
    parts.push({ u: u.slice(0, count), v: v.slice(0, count), both });
    count = 0;
  };
  for (let a = 0; a < nodes; a++) {
    const add = (b: number) => {
      const first = placeOf[a]! < placeOf[b]! ? a : b;
      u[count] = flat[first]!;
      v[count++] = flat[a + b - first]!;
    };
    if (planted) {
      const size = nodes / COMMUNITIES;
      const end = Math.min(nodes, Math.ceil((Math.floor(a / size) + 1) * size));
      pick(a + 1, end, INSIDE, rng, add);
      pick(Math.max(a + 1, end), nodes, OUTSIDE, rng, add);
    } else pick(a + 1, nodes, edges / pairsOf(nodes), rng, add);
    if (count > SHARD) emit();
  }
  emit();
  u = v = new Uint32Array();
  const totals = new Uint32Array(nodes);
  return { parts, union: { box: BOX, flat, totals, matrix: bitMatrix(nodes, 1), sampled } };
}

/** Every edge has u < v, and they ascend. */
function checkOrder({ u, v }: Edges): void {
  for (let e = 0; e < u.length; e++) {
    const ascends = e === 0 || u[e - 1]! < u[e]! || (u[e - 1] === u[e] && v[e - 1]! < v[e]!);
    if (!ascends || u[e]! >= v[e]!) throw new Error(`Edge ${e} is out of order`);
  }
}

/** Times the stages for one graph. */
function measure(kind: string, wanted: number) {
  const { parts, union } = shards(kind, wanted);
  const count = parts.reduce((sum, { u }) => sum + u.length, 0);
  const stages: Record<string, string> = {};
  const stage = <T>(name: string, work: () => T): T => {
    forgetPeak();
    const start = performance.now();
    const result = work();
    const seconds = (performance.now() - start) / 1000;
    stages[name] = `${seconds.toFixed(2)} s, ${peakMiB()} MiB`;
    return result;
  };
  forgetPeak();
  const before = peakMiB();
  const edges = stage("sortEdges", () => sortEdges(parts, union));
  checkOrder(edges);
  const csr = stage("buildCsr", () => buildCsr(union.sampled.length, edges.u, edges.v));
  const communities = stage("labelPropagation", () => labelPropagation(csr, nodeOrder(csr)));
  return {
    graph: kind,
    nodes: union.sampled.length,
    edges: count,
    "shards' MiB": before,
    ...stages,
    communities: communities.length,
    largest: Math.max(...communities.map((nodes) => nodes.length)),
  };
}

if (import.meta.main) {
  const [first, second] = Deno.args;
  if (first === "random" || first === "planted") {
    console.log(JSON.stringify(measure(first, Number(second))));
  } else {
    const table = [];
    for (const edges of Deno.args.length > 0 ? Deno.args : ["1e6", "1e7"]) {
      for (const kind of ["random", "planted"]) {
        // In a process of its own, so that the memory is its own.
        const args = ["run", "-A", "--no-check", import.meta.filename!, kind, edges];
        const command = new Deno.Command(Deno.execPath(), { args, stderr: "inherit" });
        const { success, stdout } = await command.output();
        if (!success) throw new Error(`Cannot measure ${kind} ${edges}`);
        table.push(JSON.parse(new TextDecoder().decode(stdout)));
      }
    }
    console.table(table);
  }
}
