/**
 * How far blocks can be relied on: what becomes of them when the ensemble is drawn again (Efron,
 * "Bootstrap methods: another look at the jackknife", Ann. Stat. 1979; of clusters: Hennig,
 * "Cluster-wise assessment of cluster stability", Comput. Stat. Data Anal. 2007).
 *
 * @module
 */
import { matchBlocks } from "./match_blocks.ts";

/** The Jaccard index from which on a block counts as come back: more is shared than not. */
export const COMES_BACK = 0.5;

/** The confidence from which on a voxel belongs to its block's core. */
export const CORE_CONFIDENCE = 0.9;

/** What became of a block, as shares of the replicates that add up to 1. */
export interface Fates {
  /** Its match has a Jaccard index of at least {@linkcode COMES_BACK}. */
  readonly back: number;
  /** It did not come back; at least half of its voxels are in one block of the replicate, a larger one. */
  readonly merged: number;
  /** It did not come back; at least half of its voxels are in blocks, but not in one. */
  readonly split: number;
  /** It did not come back; more than half of its voxels are in no block. */
  readonly lost: number;
}

/** How far a block can be relied on. */
export interface BlockStability {
  readonly fates: Fates;
  /** Jaccard index of the block and its match in each replicate, in order; 0 where it has none. */
  readonly jaccards: Float64Array<ArrayBuffer>;
  /**
   * In how many replicates each voxel of the union is in the block's match: length M, voxels outside the
   * block too.
   */
  readonly memberships: Uint32Array<ArrayBuffer>;
  /** Mean over the block's voxels of their confidence. */
  readonly confidence: number;
  /** Voxels of the block whose confidence is at least {@linkcode CORE_CONFIDENCE}. */
  readonly core: number;
}

/** What one replicate looks like. */
export interface ReplicateLine {
  /** Number of blocks. */
  readonly blocks: number;
  /** Voxels in blocks. */
  readonly covered: number;
  /** Blocks of the run that came back. */
  readonly back: number;
}

/** How far the blocks of a run can be relied on. */
export interface Stability {
  /** In the order of the blocks. */
  readonly blocks: readonly BlockStability[];
  readonly replicates: readonly ReplicateLine[];
  /**
   * Share of the replicates in which each voxel is in the match of its own block, of its best one where it
   * is in several; 0 where it is in none: length M.
   */
  readonly confidence: Float32Array<ArrayBuffer>;
}

/**
 * Compares the blocks of a run with those of replicates of it.
 *
 * In each replicate every block is matched one to one by {@linkcode matchBlocks}. A voxel's confidence is
 * the share of the replicates in which it is in the match of its own block.
 *
 * @param blocks Rows of each block's voxels in the union.
 * @param replicates The blocks of each replicate, as rows of the same union: one or more replicates.
 * @param voxels Number of voxels of the union, M.
 * @example
 * ```ts
 * import { stabilityOf } from "./stability.ts";
 * import assert from "node:assert";
 *
 * const { blocks, confidence } = stabilityOf([[0, 1, 2]], [[[0, 1, 2]], [[0, 1, 3]], [], [[0, 1]]], 4);
 * assert.deepStrictEqual(blocks[0]?.fates, { back: 0.75, merged: 0, split: 0, lost: 0.25 });
 * assert.deepStrictEqual([...confidence], [0.75, 0.75, 0.25, 0]);
 * ```
 */
export function stabilityOf(
  blocks: readonly ArrayLike<number>[],
  replicates: Iterable<readonly ArrayLike<number>[]>,
  voxels: number,
): Stability {
  const memberships = blocks.map(() => new Uint32Array(voxels));
  const jaccards: number[][] = blocks.map(() => []);
  const counts = blocks.map(() => ({ back: 0, merged: 0, split: 0, lost: 0 }));
  const lines: ReplicateLine[] = [];
  const covered = new Uint8Array(voxels);
  for (const found of replicates) {
    const matched = matchBlocks(blocks, found);
    covered.fill(0);
    for (const rows of found) for (let i = 0; i < rows.length; i++) covered[rows[i]!] = 1;
    let back = 0;
    for (const [b, rows] of blocks.entries()) {
      const match = found[matched.matches[b]!];
      for (let i = 0; i < (match?.length ?? 0); i++) memberships[b]![match![i]!]!++;
      const jaccard = matched.jaccards[b]!;
      jaccards[b]!.push(jaccard);
      if (jaccard >= COMES_BACK) back++;
      const shared = matched.shared.subarray(b * found.length, (b + 1) * found.length);
      counts[b]![fateOf(rows, jaccard, shared, covered)]++;
    }
    const inBlocks = covered.reduce((sum, isIn) => sum + isIn, 0);
    lines.push({ blocks: found.length, covered: inBlocks, back });
  }
  const confidence = new Float32Array(voxels);
  const stabilities = blocks.map((rows, b): BlockStability => {
    let sum = 0, core = 0;
    for (let i = 0; i < rows.length; i++) {
      const own = memberships[b]![rows[i]!]! / lines.length;
      sum += own;
      if (own >= CORE_CONFIDENCE) core++;
      confidence[rows[i]!] = Math.max(confidence[rows[i]!]!, own);
    }
    const { back, merged, split, lost } = counts[b]!;
    const n = lines.length;
    return {
      fates: { back: back / n, merged: merged / n, split: split / n, lost: lost / n },
      jaccards: Float64Array.from(jaccards[b]!),
      memberships: memberships[b]!,
      confidence: sum / Math.max(rows.length, 1),
      core,
    };
  });
  return { blocks: stabilities, replicates: lines, confidence };
}

function fateOf(
  rows: ArrayLike<number>,
  jaccard: number,
  shared: Uint32Array,
  covered: Uint8Array,
): keyof Fates {
  if (jaccard >= COMES_BACK) return "back";
  let inBlocks = 0;
  for (let i = 0; i < rows.length; i++) inBlocks += covered[rows[i]!]!;
  if (2 * inBlocks < rows.length) return "lost";
  const most = shared.reduce((most, both) => Math.max(most, both), 0);
  return 2 * most >= rows.length ? "merged" : "split";
}
