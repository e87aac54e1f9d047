/**
 * How well found blocks match the true blocks of a simulated ensemble.
 *
 * @module
 */
import { InputError } from "../errors.ts";
import type { Union } from "../volumes/union.ts";
import { adjustedRandIndex } from "./adjusted_rand.ts";
import { oracleBlocks } from "./oracle.ts";

/** What the score needs of the truth; a `Truth` of core/simulate is one. */
export interface TrueBlocks {
  /** Edge in voxels. */
  readonly box: number;
  /** Flat indices of the core's voxels. */
  readonly core: readonly number[];
  /** Flat indices of each block's voxels: K lists; no voxel stands in two. */
  readonly blocks: readonly (readonly number[])[];
  /** Which volumes hold which blocks: N x K, 0 or 1. */
  readonly presence: readonly (readonly number[])[];
}

/** Found blocks: flat indices of voxels by the block's id. A voxel may stand in several blocks. */
export type FoundBlocks = ReadonlyMap<string, ArrayLike<number>>;

/** How well one true block was found. */
export interface BlockScore {
  /** Number of the true block. */
  readonly block: number;
  /** Number of its voxels. */
  readonly voxels: number;
  /** Id of the found block that matches it best; undefined where none shares a voxel with it. */
  readonly match: string | undefined;
  /** Jaccard index of the two, 0 to 1. */
  readonly jaccard: number;
  /** The oracle's best Jaccard index for this block; undefined without the union. */
  readonly ceiling: number | undefined;
}

/** What {@linkcode score} finds. */
export interface Score {
  /** Of the partition that the found blocks make, against the truth. */
  readonly adjustedRandIndex: number;
  /** Mean over the scored blocks of their best Jaccard index. */
  readonly meanJaccard: number;
  /** The blocks that vary from volume to volume and own voxels, in order of number. */
  readonly blocks: readonly BlockScore[];
  /** Numbers of the blocks that are in every volume or in none, or own no voxel. */
  readonly unscored: readonly number[];
  /** The same for the oracle's blocks, and found over oracle's mean Jaccard; undefined without the union. */
  readonly ceiling: {
    readonly adjustedRandIndex: number;
    readonly meanJaccard: number;
    readonly ratio: number;
  } | undefined;
}

interface Match {
  readonly id: string | undefined;
  readonly jaccard: number;
}

/** For each true block the found block of the highest Jaccard index; of equals, the first. */
function bestMatches(truth: TrueBlocks, owner: Int32Array, found: FoundBlocks): Match[] {
  const best: Match[] = truth.blocks.map(() => ({ id: undefined, jaccard: 0 }));
  for (const [id, voxels] of found) {
    const shared = new Uint32Array(truth.blocks.length);
    for (let i = 0; i < voxels.length; i++) {
      const block = owner[voxels[i]!]!;
      if (block >= 0) shared[block]!++;
    }
    shared.forEach((both, block) => {
      const jaccard = both / (truth.blocks[block]!.length + voxels.length - both);
      if (jaccard > best[block]!.jaccard) best[block] = { id, jaccard };
    });
  }
  return best;
}

/** The adjusted Rand index over the voxels of all true and found blocks. */
function randIndex(truth: TrueBlocks, owner: Int32Array, found: FoundBlocks): number {
  const cells = new Map<number, string>();
  for (const block of truth.blocks) for (const v of block) cells.set(v, "");
  let number = 0;
  for (const voxels of found.values()) {
    number++;
    for (let i = 0; i < voxels.length; i++) {
      const v = voxels[i]!;
      cells.set(v, `${cells.get(v) ?? ""} ${number}`);
    }
  }
  return adjustedRandIndex(Array.from(cells.keys(), (v) => owner[v]!), [...cells.values()]);
}

/** No block owns the voxel; the core does. */
const unowned = -1, ofCore = -2;

/**
 * Scores found blocks against true ones.
 *
 * **Jaccard.** For each true block the found block with the highest |true and found| / |true or found|;
 * found blocks may overlap, and one may be the best for several true blocks. The mean is over the true
 * blocks that vary: those in some but not all of the volumes that own at least one voxel.
 *
 * **Adjusted Rand index.** Its items are the voxels that stand in a true block or in a found block; so
 * neither the core nor empty space flatters it where it is rightly left alone. In the true partition
 * each block is a class, as are the core and the voxels of no part. In the found partition voxels are of one class
 * where they stand in exactly the same blocks: an overlap of two blocks is a class of its own, and all
 * voxels that stand in none are one class.
 *
 * **Ceiling.** The same for the blocks of {@linkcode oracleBlocks}, which knows the presences.
 *
 * @param union The union of the truth's own maps, as `loadUnion` makes it; the ceiling is left out without them.
 * @throws {InputError} Where no true block can be scored, a found voxel lies outside the box of the truth, or the union has another number of volumes.
 * @example
 * ```ts
 * import { score } from "./score.ts";
 * import assert from "node:assert";
 *
 * const truth = { box: 2, core: [0], blocks: [[1, 2], [5]], presence: [[1, 0], [0, 1]] };
 * const { meanJaccard, blocks } = score(truth, new Map([["7", [1, 2, 3]], ["9", [5]]]));
 * assert.strictEqual(blocks[0]?.match, "7");
 * assert.strictEqual(meanJaccard, (2 / 3 + 1) / 2);
 * ```
 */
export function score(truth: TrueBlocks, found: FoundBlocks, union?: Union): Score {
  const { presence } = truth;
  const owner = new Int32Array(truth.box ** 3).fill(unowned);
  for (const v of truth.core) owner[v] = ofCore;
  truth.blocks.forEach((block, k) => block.forEach((v) => owner[v] = k));
  for (const [id, voxels] of found) {
    for (let i = 0; i < voxels.length; i++) {
      if (voxels[i]! < owner.length) continue;
      throw new InputError(
        `Cannot score block ${id}: it holds a voxel outside the truth's box of ${truth.box} (${
          voxels[i]
        })`,
        "Give the blocks that were found in the truth's own volumes.",
      );
    }
  }
  if (union !== undefined && union.matrix.volumes !== presence.length) {
    throw new InputError(
      `Cannot compute the ceiling: the union is of ${union.matrix.volumes} volumes, the truth of ${presence.length}`,
      "Give the truth and the maps of one simulation.",
    );
  }

  const varies = truth.blocks.map((voxels, block) => {
    const present = presence.filter((row) => row[block] === 1).length;
    return voxels.length > 0 && present > 0 && present < presence.length;
  });
  if (!varies.includes(true)) {
    throw new InputError(
      "Cannot score: the truth has no block that is in some but not all volumes and has voxels",
      "Simulate more volumes, or another assembly tree.",
    );
  }
  const mean = (matches: readonly Match[]) => {
    const scored = matches.filter((_, block) => varies[block]);
    return scored.reduce((sum, match) => sum + match.jaccard, 0) / scored.length;
  };
  const matches = bestMatches(truth, owner, found);
  const meanJaccard = mean(matches);

  let best: Match[] | undefined;
  let ceiling: Score["ceiling"];
  if (union !== undefined) {
    const oracle = new Map(
      oracleBlocks(presence, union).map((voxels, block) => [String(block), voxels]),
    );
    best = bestMatches(truth, owner, oracle);
    ceiling = {
      adjustedRandIndex: randIndex(truth, owner, oracle),
      meanJaccard: mean(best),
      ratio: meanJaccard / mean(best),
    };
  }
  return {
    adjustedRandIndex: randIndex(truth, owner, found),
    meanJaccard,
    blocks: matches.flatMap(({ id, jaccard }, block) =>
      varies[block]
        ? [{
          block,
          voxels: truth.blocks[block]!.length,
          match: id,
          jaccard,
          ceiling: best?.[block]?.jaccard,
        }]
        : []
    ),
    unscored: [...varies.keys()].filter((block) => !varies[block]),
    ceiling,
  };
}
