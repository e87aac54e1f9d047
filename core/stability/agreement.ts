/**
 * How far two sets of blocks of the same voxels agree.
 *
 * @module
 */
import { adjustedRandOfCounts } from "../score/adjusted_rand.ts";

/** How far two sets of blocks agree. */
export interface Agreement {
  /**
   * Adjusted Rand index of the two partitions of the voxels in some block of either set; 0 where neither set
   * has blocks.
   */
  readonly adjustedRand: number;
  /**
   * Mutual information of the two partitions of all voxels, in bits a voxel: how much the one tells of the
   * other. It grows with the voxels that are in the same blocks in both and with the number of these blocks,
   * and is 0 where a set has no blocks, or where all is one block. What chance makes of it on average is
   * taken off (Miller, "Note on the bias of information estimates", 1955).
   */
  readonly information: number;
}

/**
 * Compares two sets of blocks, as partitions: voxels are of one class where they are in exactly the same
 * blocks, and those in no block are a class.
 *
 * @param first Rows of the voxels of each block, 0 to `voxels` - 1; blocks may overlap.
 * @param second The same of the other set.
 * @param voxels Number of voxels, 1 or more.
 * @example
 * ```ts
 * import { agreementOf } from "./agreement.ts";
 * import assert from "node:assert";
 *
 * const blocks = [Array.from({ length: 500 }, (_, i) => i)];
 * const { adjustedRand, information } = agreementOf(blocks, blocks, 1000);
 * assert.strictEqual(adjustedRand, 1);
 * assert.ok(Math.abs(information - 1) < 0.001); // in the block or not: one bit
 * assert.deepStrictEqual(agreementOf(blocks, [], 1000), { adjustedRand: 0, information: 0 });
 * ```
 */
export function agreementOf(
  first: readonly ArrayLike<number>[],
  second: readonly ArrayLike<number>[],
  voxels: number,
): Agreement {
  if (first.length === 0 || second.length === 0) return { adjustedRand: 0, information: 0 };
  const one = partitionOf(first, voxels), other = partitionOf(second, voxels);
  const cells = new Uint32Array(one.classes * other.classes);
  for (let v = 0; v < voxels; v++) cells[one.of[v]! * other.classes + other.of[v]!]!++;
  const information = mutualInformation(cells, one.classes, other.classes, voxels);
  // Class 0 is that of no block: voxels in none of both sets are no items of the index.
  cells[0] = 0;
  const [rows, columns] = margins(cells, one.classes, other.classes);
  return { adjustedRand: adjustedRandOfCounts(cells, rows, columns), information };
}

/** Classes of voxels that are in the same blocks; class 0 is that of those in none. */
function partitionOf(blocks: readonly ArrayLike<number>[], voxels: number) {
  const of = new Uint32Array(voxels);
  let classes = 1;
  for (const rows of blocks) {
    // What each class becomes where a voxel of it is in this block too.
    const next = new Map<number, number>();
    for (let i = 0; i < rows.length; i++) {
      const before = of[rows[i]!]!;
      let now = next.get(before);
      if (now === undefined) next.set(before, now = classes++);
      of[rows[i]!] = now;
    }
  }
  return { of, classes };
}

function mutualInformation(
  cells: Uint32Array,
  rows: number,
  columns: number,
  voxels: number,
): number {
  const [ofRow, ofColumn] = margins(cells, rows, columns);
  let bits = 0;
  cells.forEach((count, i) => {
    if (count === 0) return;
    const row = Math.floor(i / columns);
    const expected = ofRow[row]! * ofColumn[i - row * columns]! / voxels;
    bits += count / voxels * Math.log2(count / expected);
  });
  const filled = (sizes: readonly number[]) => sizes.filter((size) => size > 0).length;
  const byChance = (filled(ofRow) - 1) * (filled(ofColumn) - 1) / (2 * voxels * Math.LN2);
  return Math.max(0, bits - byChance);
}

/** Sums of the rows and of the columns of a table. */
function margins(cells: Uint32Array, rows: number, columns: number): [number[], number[]] {
  const ofRow = new Array<number>(rows).fill(0), ofColumn = new Array<number>(columns).fill(0);
  cells.forEach((count, i) => {
    const row = Math.floor(i / columns);
    ofRow[row]! += count;
    ofColumn[i - row * columns]! += count;
  });
  return [ofRow, ofColumn];
}
