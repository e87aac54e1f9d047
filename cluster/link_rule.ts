/**
 * Which pairs of sampled voxels a rule links, as a table.
 *
 * @module
 */
import { PHI_BOUND } from "../core/blocks/phi_modes.ts";
import { phiTailLevel } from "../core/blocks/phi_seeds.ts";
import { triangularTiles } from "../core/cooccupancy/mod.ts";
import {
  benjaminiHochberg,
  computeCutoffs,
  type Cutoffs,
  distanceFactor,
  fdrLeastCounts,
  leastCounts,
  type PairCounts,
  pairCounts,
  parseCutoffsCsv,
  phiLeastCounts,
  sketchLevel,
} from "../core/null_model/mod.ts";
import { expectColumns } from "./arrow_file.ts";
import { readInput } from "../core/files.ts";
import { pairsOfTiles, planSketch, TILE_SIDE } from "./plan.ts";
import { unionKey } from "./read_volumes.ts";
import { fingerprint } from "./hashes.ts";
import type { Run } from "./run_file.ts";
import type { ShardedStage } from "./shards.ts";
import { type Sketching, type SortedSample, thresholdsOf, workOf } from "./sorted_sample.ts";
import type { SketchWork } from "./work.ts";

/** Which pairs a rule links. */
export interface LinkRule {
  /** Least counts by pair of classes. */
  readonly least: Uint16Array;
  /** Cutoffs it comes from, for the rule that has them. */
  readonly cutoffs?: Cutoffs;
  /** What decides beyond the table, for the rule that looks at distances. */
  readonly byDistance?: NonNullable<SketchWork["byDistance"]>;
  /** The p-value up to which a pair is linked, for the rule that has one. */
  readonly pBound?: number;
}

/** Reads cutoffs from a CSV, for the totals that occur. */
export async function readCutoffs(path: string, totals: Uint32Array): Promise<Cutoffs> {
  return parseCutoffsCsv(new TextDecoder().decode(await readInput(path)), path, totals);
}

/** Makes the table of the run's rule. Rule fdr counts all sampled pairs for it, in shards of their own. */
export async function linkRule(sketching: Sketching, sorted: SortedSample): Promise<LinkRule> {
  const { run, union: { sampled, matrix } } = sketching;
  const of = { totals: sorted.totals, volumes: matrix.volumes, sampled: sampled.length };
  return await ruleOf(run, of, () => countSample(sketching, sorted));
}

/**
 * Makes the table of a run's rule.
 *
 * @param of The sample: distinct totals, volumes, and voxels sampled.
 * @param count Counts all sampled pairs, for rule fdr.
 */
export async function ruleOf(
  { sketch: options, grid }: Pick<Run, "sketch" | "grid">,
  { totals, volumes, sampled }: { totals: Uint32Array; volumes: number; sampled: number },
  count: () => Promise<PairCounts>,
): Promise<LinkRule> {
  if (options.rule === "phi") {
    const tailLevel = phiTailLevel(sampled, options.min_block_size, options.posp);
    return { least: phiLeastCounts({ totals, volumes, bound: PHI_BOUND, tailLevel }) };
  }
  if (options.rule === "fdr") {
    const pBound = benjaminiHochberg(await count(), options.posp);
    return { least: fdrLeastCounts(totals, volumes, pBound), pBound };
  }
  const cutoffs = options.cutoffs === undefined
    ? computeCutoffs({
      method: options.cutoff_method,
      totals,
      volumes,
      positiveLevel: sketchLevel(options.posp, sampled),
      negativeLevel: sketchLevel(options.negp, sampled),
      trials: options.trials,
      seed: options.seed,
    })
    : await readCutoffs(options.cutoffs, totals);
  if (options.posp_factor !== undefined) {
    const least = leastCounts(cutoffs, volumes, options.posp_factor, options.negp_factor);
    return { least, cutoffs };
  }
  // The factor grows with distance: the table holds it for neighbours, at which no link is lost, and the
  // distance decides in the thread.
  const least = leastCounts(cutoffs, volumes, distanceFactor(grid.apix), options.negp_factor);
  const byDistance = { positive: cutoffs.positive, box: grid.box, apix: grid.apix };
  return { least, cutoffs, byDistance };
}

/** For rule fdr: how many pairs have each (total, total, both), counted in shards of their own. */
export async function countSample(
  sketching: Pick<Sketching, "union" | "complete">,
  sorted: SortedSample,
): Promise<PairCounts> {
  const { union, complete } = sketching;
  const shards = planSketch(triangularTiles(union.sampled.length, TILE_SIDE));
  const noThresholds = thresholdsOf(sorted, new Uint16Array(sorted.totals.length ** 2));
  const stage: ShardedStage<"countSketch"> = {
    name: "count",
    key: fingerprint(["count", unionKey(union), shards]),
    job: "countSketch",
    work: () => workOf(sketching, sorted, noThresholds, undefined),
    inputs: shards.map((tiles) => ({ tiles })),
    pairs: shards.map(pairsOfTiles),
  };
  const kinds = {
    row_class: "uint16",
    column_class: "uint16",
    both: "uint16",
    pairs: "float64",
  } as const;
  const counts = pairCounts(sorted.totals, union.matrix.volumes);
  for (const content of await complete(stage)) {
    const columns = expectColumns(content, kinds, "a count shard");
    columns.pairs.forEach((pairs, i) =>
      counts.add(columns.row_class[i]!, columns.column_class[i]!, columns.both[i]!, pairs)
    );
  }
  return counts;
}
