/**
 * The test that tells two blocks apart from one block that was cut in two.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import { countBits, type Profile } from "./phi_profile.ts";

/** Voxels and the profile that speaks for them. */
export interface Group {
  /** Rows of the voxels, ascending. */
  readonly rows: Uint32Array;
  readonly profile: Profile;
}

/** A volume tells two groups apart if the shares of their voxels occupied in it differ by this much. */
const TELLING = 0.8;

/** So many times more voxels must differ in a single telling volume than in another for no such reason. */
const OUTSTANDING = 4;

/**
 * Whether two groups are two blocks. Two blocks that nearly always appear together still differ sharply
 * in the volumes where one is missing: nearly every voxel of the one is occupied and nearly every voxel
 * of the other is not, in the same volumes. A block that was cut in two differs from itself only
 * gradually: in volumes of lower resolution or amplitude its rim goes missing, here more and there less
 * of it.
 *
 * Judged are the voxels that follow their profile at least as well as the median voxel in the volumes
 * where the two profiles agree; those left out may belong to a third block. A volume where the profiles
 * differ is *telling* if the shares of occupied voxels differ by 0.8. At least half of the volumes where
 * two blocks differ are telling, and over those the voxels that side with neither block are less than
 * half as dense as those that side clearly. Where one volume alone is telling, each group must have four
 * times as many voxels that side clearly as disagree with their group, for whatever reason, in any volume
 * where the groups agree but one.
 *
 * @param fewest Fewest voxels of a block.
 */
export function areSeparate(matrix: BitMatrix, a: Group, b: Group, fewest: number): boolean {
  const differ = a.profile.words.map((word, w) => word ^ b.profile.words[w]!);
  let differing = 0;
  for (const word of differ) differing += popcount(word);
  if (differing === 0 || a.rows.length === 0 || b.rows.length === 0) return false;
  const agree = differ.map((word) => ~word);
  const strayA = mismatches(matrix, a, agree), strayB = mismatches(matrix, b, agree);
  const rowsA = a.rows.filter((_, i) => strayA.each[i]! <= strayA.median);
  const rowsB = b.rows.filter((_, i) => strayB.each[i]! <= strayB.median);
  const telling = tellingVolumes(matrix, rowsA, rowsB, differ, b.profile);
  let volumes = 0;
  for (const word of telling) volumes += popcount(word);
  if (volumes === 0 || 2 * volumes < differing) return false;

  // A voxel's side is the number of telling volumes in which it is as profile b: 0 to `volumes`.
  const { wordsPerVoxel, words } = matrix;
  const side = (row: number) => {
    let count = 0;
    for (let w = 0, at = row * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
      count += popcount(~(words[at]! ^ b.profile.words[w]!) & telling[w]!);
    }
    return count;
  };
  const quarter = volumes >>> 2;
  const clearA = rowsA.filter((row) => side(row) <= quarter).length;
  const clearB = rowsB.filter((row) => side(row) >= volumes - quarter).length;
  const clear = Math.min(clearA, clearB);
  if (volumes === 1) {
    const against = new Uint32Array(wordsPerVoxel * 32);
    countMismatches(matrix, a, agree, (i) => strayA.each[i]! <= strayA.median + 1, against);
    countMismatches(matrix, b, agree, (i) => strayB.each[i]! <= strayB.median + 1, against);
    const second = against.sort()[against.length - 2]!;
    return clear >= Math.max(fewest, OUTSTANDING * second);
  }
  const between = rowsA.length - clearA + rowsB.length - clearB;
  return 2 * clear >= fewest &&
    between / (volumes - 1 - 2 * quarter) <= clear / (quarter + 1) / 2;
}

/**
 * In how many of the volumes of `within` each voxel of a group disagrees with the group's profile, and
 * the median of that (the lower of the middle two).
 *
 * @param within The volumes that are looked at, one bit each; all where undefined.
 */
export function mismatches(
  matrix: BitMatrix,
  group: Group,
  within?: Uint32Array,
): { readonly each: Uint32Array<ArrayBuffer>; readonly median: number } {
  const { wordsPerVoxel, words } = matrix;
  const profile = group.profile.words;
  const each = Uint32Array.from(group.rows, (row) => {
    let count = 0;
    for (let w = 0, at = row * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
      count += popcount((words[at]! ^ profile[w]!) & (within ? within[w]! : -1));
    }
    return count;
  });
  return { each, median: each.slice().sort()[(each.length - 1) >>> 1] ?? 0 };
}

/**
 * Adds up, volume by volume, the disagreements of a group's voxels with its profile.
 *
 * @param within The volumes that are looked at, one bit each; all where undefined.
 * @param isJudged Whether the voxel in this place of the group's rows is looked at.
 * @param counts Added to: a count for each bit of a row of the matrix.
 */
export function countMismatches(
  matrix: BitMatrix,
  group: Group,
  within: Uint32Array | undefined,
  isJudged: (place: number) => boolean,
  counts: Uint32Array,
): void {
  const { wordsPerVoxel, words } = matrix;
  const profile = group.profile.words;
  const wrong = new Uint32Array(wordsPerVoxel);
  for (let i = 0; i < group.rows.length; i++) {
    if (!isJudged(i)) continue;
    for (let w = 0, at = group.rows[i]! * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
      wrong[w] = (words[at]! ^ profile[w]!) & (within ? within[w]! : -1);
    }
    countBits(wrong, 0, wordsPerVoxel, counts);
  }
}

function tellingVolumes(
  matrix: BitMatrix,
  rowsA: Uint32Array,
  rowsB: Uint32Array,
  differ: Uint32Array,
  profileB: Profile,
): Uint32Array {
  const occupied = (rows: Uint32Array) => {
    const counts = new Uint32Array(matrix.wordsPerVoxel * 32);
    for (const row of rows) {
      countBits(matrix.words, row * matrix.wordsPerVoxel, matrix.wordsPerVoxel, counts);
    }
    return counts;
  };
  const inA = occupied(rowsA), inB = occupied(rowsB);
  return differ.map((word, w) => {
    let telling = 0;
    for (let bit = 0; bit < 32; bit++) {
      if ((word >>> bit & 1) === 0) continue;
      const k = w * 32 + bit;
      const difference = inB[k]! / rowsB.length - inA[k]! / rowsA.length;
      const toB = (profileB.words[w]! >>> bit & 1) === 1 ? difference : -difference;
      if (toB >= TELLING) telling |= 1 << bit;
    }
    return telling;
  });
}
