/**
 * Two sets of blocks side by side: which block is which, what was split or merged, and where voxels went.
 *
 * @module
 */
import { centroid, distance } from "../blocks/block.ts";
import { jaccardIndex, overlapCoefficient, overlaps } from "../blocks/overlaps.ts";
import { adjustedRandIndex } from "../score/adjusted_rand.ts";
import type { FoundBlocks } from "../score/score.ts";
import { assign } from "./assignment.ts";

/** Least Jaccard index of a pair that counts as one block found twice. */
export const LEAST_JACCARD = 0.1;

/** Where the voxels of both sets lie. */
export interface ComparedGrid {
  /** Edge in voxels. */
  readonly box: number;
  /** Voxel size in Angstrom, or undefined where it is not known. */
  readonly apix: number | undefined;
}

/** A block of A and the block of B that it is found again as. */
export interface BlockPair {
  readonly a: string;
  readonly b: string;
  readonly jaccard: number;
  /** Shared voxels over those of the smaller block. */
  readonly overlap: number;
  readonly voxelsA: number;
  readonly voxelsB: number;
  readonly both: number;
  /** How far the centroid moved, in Angstrom; undefined where box or voxel size is not known. */
  readonly shift: number | undefined;
}

/** A block that is several blocks of the other set together. */
export interface BlockUnion {
  readonly block: string;
  /** Ids of the other set's blocks of which more than half lies within it, two or more, in their order. */
  readonly pieces: readonly string[];
  /** Jaccard index of the block and of all pieces together, greater than that with any one of them. */
  readonly jaccard: number;
}

/** What a block keeps, or where its voxels are in the other set. */
export interface BlockFlow {
  readonly block: string;
  readonly voxels: number;
  /** Blocks of the other set that hold some of its voxels, most first; a voxel may be in several. */
  readonly into: readonly { readonly block: string; readonly voxels: number }[];
  /** Voxels in no block of the other set. */
  readonly none: number;
}

/** What {@linkcode compareBlocks} finds. */
export interface BlockComparison {
  /** Ids of the blocks, as given: the rows and columns of the matrices. */
  readonly a: readonly string[];
  readonly b: readonly string[];
  /** A x B, row by row. */
  readonly jaccard: Float64Array;
  readonly both: Uint32Array;
  /** In the order of A. */
  readonly pairs: readonly BlockPair[];
  /** Blocks of A that are several of B, and blocks of B that are several of A. */
  readonly splits: readonly BlockUnion[];
  readonly merges: readonly BlockUnion[];
  /** Blocks that are in no pair, split or merge. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Where the voxels of A's blocks went, and whence those of B's came. */
  readonly lost: readonly BlockFlow[];
  readonly gained: readonly BlockFlow[];
  /** Voxels in some block of A, of B, and of both. */
  readonly voxels: { readonly a: number; readonly b: number; readonly both: number };
  /** Mean Jaccard index of the pairs, weighted by nothing; NaN where there is none. */
  readonly meanJaccard: number;
  /** Of the two partitions of all voxels that are in some block. */
  readonly adjustedRandIndex: number;
}

/**
 * Compares two sets of blocks of one grid.
 *
 * **Pairs** are those of the one-to-one assignment with the greatest sum of Jaccard indices, as far as theirs
 * reach `least`. **Splits and merges**: a block is compared with the blocks of the other set of which more
 * than half lies within it. Where these are two or more, and together are nearer to it (by Jaccard index)
 * than any single block of the other set is, it is their union. **Adjusted Rand index**: its items are the
 * voxels in some block of A or B; voxels are of one class where they are in exactly the same blocks, and
 * those in none are one class too.
 *
 * @param a Flat indices of voxels by the block's id.
 * @param b The same of the other set.
 * @param least Least Jaccard index of a pair, 0 to 1; pairs that share nothing are none in any case.
 * @throws {RangeError} A voxel lies outside the box.
 * @example
 * ```ts
 * import { compareBlocks } from "./compare_blocks.ts";
 * import assert from "node:assert";
 *
 * const a = new Map([["0", [1, 2, 3, 4]], ["3", [10, 11, 12, 13]]]);
 * const b = new Map([["1", [1, 2, 3]], ["2", [10, 11]], ["7", [12, 13]]]);
 * const { pairs, splits } = compareBlocks(a, b);
 * assert.deepStrictEqual(pairs.map(({ a, b, jaccard }) => [a, b, jaccard]), [["0", "1", 0.75], ["3", "2", 0.5]]);
 * assert.deepStrictEqual(splits, [{ block: "3", pieces: ["2", "7"], jaccard: 1 }]);
 * ```
 */
export function compareBlocks(
  a: FoundBlocks,
  b: FoundBlocks,
  grid?: ComparedGrid,
  least = LEAST_JACCARD,
): BlockComparison {
  if (grid !== undefined) checkInside([...a, ...b], grid.box);
  const idsA = [...a.keys()], idsB = [...b.keys()];
  const ofA = [...a.values()], ofB = [...b.values()];
  const columns = idsB.length;
  const { both, alone: lost } = overlaps(ofA, ofB);
  const { both: turned, alone: gained } = overlaps(ofB, ofA);
  const jaccard = new Float64Array(both.length);
  both.forEach((count, i) => {
    const row = Math.floor(i / columns);
    jaccard[i] = jaccardIndex(count, ofA[row]!.length, ofB[i - row * columns]!.length);
  });

  const pairs: BlockPair[] = [];
  assign(jaccard, idsA.length, columns).forEach((column, row) => {
    const at = row * columns + column;
    if (column < 0 || !(jaccard[at]! > 0 && jaccard[at]! >= least)) return;
    const voxelsA = ofA[row]!, voxelsB = ofB[column]!;
    pairs.push({
      a: idsA[row]!,
      b: idsB[column]!,
      jaccard: jaccard[at]!,
      overlap: overlapCoefficient(both[at]!, voxelsA.length, voxelsB.length),
      voxelsA: voxelsA.length,
      voxelsB: voxelsB.length,
      both: both[at]!,
      shift: shiftOf(voxelsA, voxelsB, grid),
    });
  });

  const splits = unions(a, b, both), merges = unions(b, a, turned);
  const inA = new Set([
    ...pairs.map((pair) => pair.a),
    ...splits.map(({ block }) => block),
    ...merges.flatMap(({ pieces }) => pieces),
  ]);
  const inB = new Set([
    ...pairs.map((pair) => pair.b),
    ...merges.map(({ block }) => block),
    ...splits.flatMap(({ pieces }) => pieces),
  ]);
  const classes = partitions(a, b);
  const voxels = {
    a: classes.a.filter((one) => one !== "").length,
    b: classes.b.filter((one) => one !== "").length,
    both: classes.a.filter((one, i) => one !== "" && classes.b[i] !== "").length,
  };
  return {
    a: idsA,
    b: idsB,
    jaccard,
    both,
    pairs,
    splits,
    merges,
    onlyA: idsA.filter((id) => !inA.has(id)),
    onlyB: idsB.filter((id) => !inB.has(id)),
    lost: flows(a, idsB, both, lost),
    gained: flows(b, idsA, turned, gained),
    voxels,
    meanJaccard: pairs.reduce((sum, pair) => sum + pair.jaccard, 0) / pairs.length,
    adjustedRandIndex: adjustedRandIndex(classes.a, classes.b),
  };
}

function checkInside(blocks: readonly [string, ArrayLike<number>][], box: number): void {
  for (const [id, voxels] of blocks) {
    for (let i = 0; i < voxels.length; i++) {
      if (voxels[i]! < box ** 3) continue;
      throw new RangeError(
        `Cannot compare block ${id}: it holds a voxel outside the box of ${box} (${voxels[i]})`,
      );
    }
  }
}

/** Distance of two centroids in Angstrom. */
function shiftOf(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  grid: ComparedGrid | undefined,
): number | undefined {
  if (grid?.apix === undefined) return undefined;
  const { box, apix } = grid;
  return distance(centroid(a, box), centroid(b, box), apix);
}

/** The blocks of one set that are several of the other together. */
function unions(one: FoundBlocks, other: FoundBlocks, both: Uint32Array): BlockUnion[] {
  const ids = [...other.keys()], voxels = [...other.values()];
  return Array.from(one, ([block, own], row): BlockUnion | undefined => {
    const shared = (place: number) => both[row * ids.length + place]!;
    const places = [...ids.keys()].filter((place) => 2 * shared(place) > voxels[place]!.length);
    if (places.length < 2) return undefined;
    const together = new Set(places.flatMap((place) => Array.from(voxels[place]!)));
    let common = 0;
    for (let i = 0; i < own.length; i++) if (together.has(own[i]!)) common++;
    const jaccard = jaccardIndex(common, own.length, together.size);
    const single = Math.max(
      ...ids.map((_, place) => jaccardIndex(shared(place), own.length, voxels[place]!.length)),
    );
    if (jaccard <= single) return undefined;
    return { block, pieces: places.map((place) => ids[place]!), jaccard };
  }).filter((found) => found !== undefined);
}

function flows(
  from: FoundBlocks,
  ids: readonly string[],
  both: Uint32Array,
  none: Uint32Array,
): BlockFlow[] {
  return Array.from(from, ([block, own], row) => ({
    block,
    voxels: own.length,
    into: ids.map((id, place) => ({ block: id, voxels: both[row * ids.length + place]! }))
      .filter(({ voxels }) => voxels > 0)
      .sort((x, y) => y.voxels - x.voxels),
    none: none[row]!,
  }));
}

/** For each voxel in some block, the places of A's blocks and of B's that it is in, as text. */
function partitions(a: FoundBlocks, b: FoundBlocks): { a: string[]; b: string[] } {
  const classes = (blocks: FoundBlocks) => {
    const of = new Map<number, string>();
    let place = 0;
    for (const voxels of blocks.values()) {
      for (let i = 0; i < voxels.length; i++) {
        const before = of.get(voxels[i]!);
        of.set(voxels[i]!, before === undefined ? String(place) : `${before} ${place}`);
      }
      place++;
    }
    return of;
  };
  const inA = classes(a), inB = classes(b);
  const items = new Set([...inA.keys(), ...inB.keys()]);
  return {
    a: Array.from(items, (voxel) => inA.get(voxel) ?? ""),
    b: Array.from(items, (voxel) => inB.get(voxel) ?? ""),
  };
}
