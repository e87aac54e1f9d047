/**
 * The sketch: which pairs of sampled voxels are linked, and the blocks they form.
 *
 * @module
 */
import { type Block, largeCommunities } from "../core/blocks/block.ts";
import { phiSeeds } from "../core/blocks/phi_seeds.ts";
import { liveTiles, takeVoxels, triangularTiles } from "../core/cooccupancy/mod.ts";
import { buildCsr, labelPropagation, louvain, nodeOrder } from "../core/graph/mod.ts";
import type { Cutoffs } from "../core/null_model/mod.ts";
import { random } from "../core/random.ts";
import { expectColumns } from "./arrow_file.ts";
import { type Edges, sortEdges } from "./edges.ts";
import { type LinkRule, linkRule } from "./link_rule.ts";
import { pairsOfTiles, planSketch, TILE_SIDE } from "./plan.ts";
import { unionKey } from "./read_volumes.ts";
import { fingerprint } from "./hashes.ts";
import type { Run } from "./run_file.ts";
import type { ShardedStage } from "./shards.ts";
import {
  type Sketching,
  type SortedSample,
  sortSample,
  thresholdsOf,
  workOf,
} from "./sorted_sample.ts";
import type { SampledUnion } from "./volumes_file.ts";

/** Random stream of Louvain's order; stream 0 draws the sample. */
const LOUVAIN_STREAM = 1;

/** Above this many pairs a smaller sample is worth a word. */
const MANY_PAIRS = 5e8;

/** Above this many links, finding blocks among them takes long enough for a word. */
const MANY_LINKS = 3e7;

/** What the sketch found. */
export interface Sketch {
  readonly edges: Edges;
  /** Pairs tested. */
  readonly pairs: number;
  readonly blocks: readonly Block[];
  /** Cutoffs in use, for the rule that has them. */
  readonly cutoffs: Cutoffs | undefined;
  /** The p-value up to which a pair is linked, for the rule that has one. */
  readonly pBound: number | undefined;
}

/** Brings the sketch to its end. */
export async function completeSketch(sketching: Sketching): Promise<Sketch> {
  const { run, union, tell } = sketching;
  const pairs = union.sampled.length * (union.sampled.length - 1) / 2;
  if (pairs > MANY_PAIRS) {
    tell({
      kind: "note",
      text: `${union.sampled.length.toLocaleString("en-US")} voxels are sampled, ` +
        `${pairs.toLocaleString("en-US")} pairs: --subsample auto would need ` +
        "far less time, memory and disk, and seldom finds other blocks",
    });
  }
  const sorted = sortSample(union);
  const rule = await linkRule(sketching, sorted);
  const edges = await linkSample(sketching, sorted, rule);
  const { cutoffs, pBound } = rule;
  if (edges.u.length > MANY_LINKS) {
    tell({
      kind: "note",
      text: `${
        edges.u.length.toLocaleString("en-US")
      } links: finding the blocks among them takes a while`,
    });
  }
  return { edges, pairs, blocks: findBlocks(run, union, edges), cutoffs, pBound };
}

/** The linked pairs of sampled voxels, counted in shards. */
export async function linkSample(
  sketching: Pick<Sketching, "union" | "complete">,
  sorted: SortedSample,
  rule: Pick<LinkRule, "least" | "byDistance">,
): Promise<Edges> {
  const { union, complete } = sketching;
  const thresholds = thresholdsOf(sorted, rule.least);
  const tiles = triangularTiles(union.sampled.length, TILE_SIDE);
  const totals = Uint32Array.from(sorted.classes, (place) => sorted.totals[place]!);
  const shards = planSketch(liveTiles(tiles, thresholds, totals, totals));
  const stage: ShardedStage<"linkSketch"> = {
    name: "sketch",
    key: fingerprint(["sketch", unionKey(union), rule.least, rule.byDistance, shards]),
    job: "linkSketch",
    work: () => workOf(sketching, sorted, thresholds, rule.byDistance),
    inputs: shards.map((tiles) => ({ tiles })),
    pairs: shards.map(pairsOfTiles),
  };
  const kinds = { u: "uint32", v: "uint32", both: "uint16" } as const;
  // Emptied as they are sorted: links are what takes most memory.
  const parts = (await complete(stage)).map((content) =>
    expectColumns(content, kinds, "a sketch shard")
  );
  return sortEdges(parts, union);
}

/** The sketch's blocks: rows of the union. */
export function findBlocks(run: Pick<Run, "sketch">, union: SampledUnion, edges: Edges): Block[] {
  const { sampled } = union;
  const options = run.sketch;
  const rowsOf = (places: ArrayLike<number>) => Array.from(places, (i) => sampled[i]!);
  if (options.rule === "phi") {
    const matrix = takeVoxels(union.matrix, sampled);
    const links = { rows: edges.u, columns: edges.v, both: edges.both };
    const { min_block_size: minBlockSize, join } = options;
    const seeds = phiSeeds(matrix, links, {
      minBlockSize,
      ...(join === undefined ? {} : { join }),
    });
    return largeCommunities(seeds.map(rowsOf), options.min_block_size);
  }
  if (options.communities === "louvain") {
    const communities = louvain(edges.u, edges.v, random(options.seed, LOUVAIN_STREAM));
    return largeCommunities(communities.map(rowsOf), options.min_block_size);
  }
  const graph = buildCsr(sampled.length, edges.u, edges.v);
  const communities = labelPropagation(graph, nodeOrder(graph));
  return largeCommunities(communities.map(rowsOf), options.min_block_size);
}
