/**
 * The expansion: every union voxel against every block.
 *
 * @module
 */
import { type Block, medianPosition } from "../core/blocks/block.ts";
import { blockColumns } from "../core/blocks/expand.ts";
import { presenceProfile } from "../core/blocks/phi_profile.ts";
import { takeVoxels } from "../core/cooccupancy/mod.ts";
import {
  computeCutoffs,
  type Cutoffs,
  expandLevel,
  fdrLeastCounts,
  totalClasses,
} from "../core/null_model/mod.ts";
import { type ArrowContent, expectColumns } from "./arrow_file.ts";
import type { ExpandOptions } from "./options.ts";
import { pairsOfRanges, planExpand } from "./plan.ts";
import { unionKey } from "./read_volumes.ts";
import { fingerprint } from "./hashes.ts";
import type { Run } from "./run_file.ts";
import type { CompleteStage, ShardedStage } from "./shards.ts";
import { readCutoffs } from "./link_rule.ts";
import type { SampledUnion } from "./volumes_file.ts";
import type { LinksWork } from "./work.ts";

/** What the expansion found. */
export interface Expansion {
  /** Seeds and the voxels that joined them. */
  readonly blocks: readonly Block[];
  /** Rows of the union in no block, ascending. */
  readonly unassigned: Uint32Array;
  readonly cutoffs: Cutoffs | undefined;
}

/** What every rule's expansion is made from. */
interface Expanding {
  readonly run: Pick<Run, "sketch" | "grid">;
  readonly options: ExpandOptions;
  readonly union: SampledUnion;
  readonly seeds: readonly Block[];
  /** Has its stages computed. */
  readonly complete: CompleteStage;
}

/**
 * Brings the expansion to its end.
 *
 * @param expanding `seeds` are the blocks to expand; under rules by links a seed stays in its block.
 * @param pBound The p-value up to which a pair is linked, under rule fdr.
 */
export async function completeExpansion(
  expanding: Expanding,
  pBound: number | undefined,
): Promise<Expansion> {
  const { run, union, seeds } = expanding;
  const { flat } = union;
  const cutoffs = run.sketch.rule === "siren" && seeds.length > 0
    ? await expandCutoffs(expanding)
    : undefined;
  const shards = seeds.length === 0
    ? []
    : run.sketch.rule === "phi"
    ? await completeByPhi(expanding)
    : await completeByLinks(expanding, cutoffs, pBound);

  // Under phi a seed voxel that fits another block better goes there; under rules by links it stays.
  const joined = seeds.map(({ members }) => new Set(run.sketch.rule === "phi" ? [] : members));
  const kinds = { rows: "uint32", blocks: "uint32", scores: "float64" } as const;
  for (const content of shards) {
    const { rows, blocks } = expectColumns(content, kinds, "an expand shard");
    rows.forEach((row, i) => joined[blocks[i]!]!.add(row));
  }
  const blocks = seeds.map(({ id }, i) => ({ id, members: Uint32Array.from(joined[i]!).sort() }));
  const assigned = new Uint8Array(flat.length);
  for (const { members } of blocks) for (const row of members) assigned[row] = 1;
  const unassigned = Uint32Array.from(flat.keys()).filter((row) => assigned[row] === 0);
  return { blocks, unassigned, cutoffs };
}

async function completeByPhi(expanding: Expanding): Promise<ArrowContent[]> {
  const { options, union: { matrix }, seeds, complete } = expanding;
  const ranges = planExpand(matrix.voxels, seeds.length);
  const join = options.join === undefined ? {} : { join: options.join };
  const stage: ShardedStage<"expandPhi"> = {
    name: "expand",
    key: fingerprint(["phi", keyOf(expanding), options.posp, ...Object.values(join)]),
    job: "expandPhi",
    work: () => ({
      matrix,
      profiles: seeds.map(({ members }) => presenceProfile(matrix, members)),
      options: { level: options.posp, ...join },
    }),
    inputs: ranges,
    pairs: pairsOfRanges(ranges, seeds.length),
  };
  return await complete(stage);
}

/** Rules siren (with cutoffs) and fdr (with the sketch's p-value). */
async function completeByLinks(
  expanding: Expanding,
  cutoffs: Cutoffs | undefined,
  pBound: number | undefined,
): Promise<ArrowContent[]> {
  const { run, options, union, seeds, complete } = expanding;
  const { matrix, flat, box } = union;
  const { totals, classes } = totalClasses(union.totals);
  const members = seeds.flatMap((block) => Array.from(block.members));
  const links: LinksWork["links"] = cutoffs === undefined
    ? {
      kind: "least",
      least: fdrLeastCounts(totals, matrix.volumes, pBound ?? -1),
    }
    : {
      kind: "cutoffs",
      positive: cutoffs.positive,
      negative: cutoffs.negative,
      factor: options.posp_factor,
      negativeFactor: options.negp_factor,
      medians: seeds.map((block) => medianPosition(block.members.map((row) => flat[row]!), box)),
      box,
      apix: run.grid.apix,
    };
  const ranges = planExpand(flat.length, members.length);
  const stage: ShardedStage<"expandLinks"> = {
    name: "expand",
    key: fingerprint(["links", keyOf(expanding), options.exp_frac, links]),
    job: "expandLinks",
    work: () => ({
      matrix,
      seeds: takeVoxels(matrix, members, true),
      columns: blockColumns(
        seeds.map((block) => Uint16Array.from(block.members, (row) => classes[row]!)),
      ),
      flat,
      classes,
      totals,
      share: options.exp_frac,
      links,
    }),
    inputs: ranges,
    pairs: pairsOfRanges(ranges, members.length),
  };
  return await complete(stage);
}

/** Cutoffs for the pairs (union voxel, block voxel), corrected for their number. */
async function expandCutoffs({ run, options, union, seeds }: Expanding): Promise<Cutoffs> {
  const { totals } = totalClasses(union.totals);
  if (options.cutoffs !== undefined) return await readCutoffs(options.cutoffs, totals);
  const sizes = seeds.map((block) => block.members.length);
  return computeCutoffs({
    method: run.sketch.cutoff_method,
    totals,
    volumes: union.matrix.volumes,
    positiveLevel: expandLevel(options.posp, union.flat.length, sizes),
    negativeLevel: expandLevel(options.negp, union.flat.length, sizes),
    trials: run.sketch.trials,
    seed: run.sketch.seed,
  });
}

function keyOf({ union, seeds }: Expanding): unknown {
  return [unionKey(union), seeds.map(({ id, members }) => [id, members])];
}
