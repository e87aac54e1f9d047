/**
 * Clusters of sampled voxels around presence profiles: assignment and vote in turn, as in k-modes (Huang,
 * "Extensions to the k-means algorithm for clustering large data sets with categorical values", Data
 * Mining and Knowledge Discovery 1998) with phi as the likeness; joining and splitting by
 * {@linkcode areSeparate}.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import {
  bestHalf,
  differingVolumes,
  majorityProfile,
  nearestProfiles,
  phiOfProfiles,
  type Profile,
} from "./phi_profile.ts";
import { areSeparate, countMismatches, type Group, mismatches } from "./phi_separation.ts";

/** Rounds of assignment and vote; the votes settle in two or three. */
const ROUNDS = 4;

/** How many volumes a group is tried to be split by: the most contested, and those contested by voxels that otherwise follow. */
const CONTESTED = 12, CONTESTED_BY_FOLLOWERS = 6;

/** Groups of the voxels that follow each profile best; voxels below `join` are in none. */
export function groupVoxels(
  matrix: BitMatrix,
  profiles: readonly Profile[],
  join: number,
): Group[] {
  const nearest = nearestProfiles(matrix, 0, matrix.voxels, profiles, join);
  const rows = rowsByProfile(nearest.profiles, profiles.length);
  return profiles.map((profile, p) => ({ rows: rows[p]!, profile }));
}

/**
 * Lets the better half of each profile's followers vote anew, until nothing changes or for a few rounds.
 * Profiles with fewer than `fewest` followers, without variation, or equal to an earlier one are dropped.
 */
export function refineProfiles(
  matrix: BitMatrix,
  profiles: readonly Profile[],
  join: number,
  fewest: number,
): Profile[] {
  let current = [...profiles];
  for (let round = 0; round < ROUNDS; round++) {
    const nearest = nearestProfiles(matrix, 0, matrix.voxels, current, join);
    const next: Profile[] = [];
    for (const rows of rowsByProfile(nearest.profiles, current.length)) {
      if (rows.length < fewest) continue;
      const profile = majorityProfile(
        matrix,
        bestHalf(rows, Float64Array.from(rows, (row) => nearest.phi[row]!)),
      );
      const varies = profile.total > 0 && profile.total < matrix.volumes;
      if (varies && !next.some((earlier) => isSame(earlier, profile))) next.push(profile);
    }
    const settled = next.length === current.length &&
      next.every((profile, p) => isSame(profile, current[p]!));
    current = next;
    if (settled) break;
  }
  return current;
}

/**
 * Drops the smaller of any two groups that are not separate, nearest pairs first; its voxels go to the
 * profile they follow best among the others.
 */
export function mergeGroups(
  matrix: BitMatrix,
  profiles: readonly Profile[],
  join: number,
  fewest: number,
): Profile[] {
  const groups = groupVoxels(matrix, profiles, join);
  const pairs: { a: number; b: number; differing: number; tested: number }[] = [];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++) {
      const one = profiles[a]!, other = profiles[b]!;
      if (phiOfProfiles(matrix.volumes, one, other) < join) continue;
      pairs.push({ a, b, differing: differingVolumes(one, other), tested: -1 });
    }
  }
  pairs.sort((x, y) => x.differing - y.differing || x.a - y.a || x.b - y.b);
  const alive = groups.map(() => true);
  // A pair is tested again only when voxels of a dropped group have joined one of the two.
  const versions = groups.map(() => 0);
  for (let p = 0; p < pairs.length; p++) {
    const pair = pairs[p]!;
    const { a, b } = pair;
    // Versions only grow, so their sum says whether either has changed.
    const state = versions[a]! + versions[b]!;
    if (!alive[a] || !alive[b] || pair.tested === state) continue;
    pair.tested = state;
    if (areSeparate(matrix, groups[a]!, groups[b]!, fewest)) continue;
    const dropped = groups[a]!.rows.length < groups[b]!.rows.length ? a : b;
    alive[dropped] = false;
    const homeless = groups[dropped]!.rows;
    const left = groups.map((_, g) => g).filter((g) => alive[g]);
    const nearest = nearestOf(matrix, homeless, left.map((g) => groups[g]!.profile), join);
    left.forEach((g, place) => {
      const joining = homeless.filter((_, i) => nearest[i] === place);
      if (joining.length === 0) return;
      const rows = new Uint32Array(groups[g]!.rows.length + joining.length);
      rows.set(groups[g]!.rows);
      rows.set(joining, groups[g]!.rows.length);
      groups[g] = { rows: rows.sort(), profile: groups[g]!.profile };
      versions[g]!++;
    });
    p = -1;
  }
  return groups.filter((_, g) => alive[g]).map((group) => group.profile);
}

/**
 * Splits groups that hold two blocks. A group is tried along its most contested volumes: the voxels that
 * disagree with the group there, against the others, both sides voting and choosing again until they
 * settle. A split stands if the sides are separate; then both are tried again.
 */
export function splitGroups(
  matrix: BitMatrix,
  profiles: readonly Profile[],
  join: number,
  fewest: number,
): Profile[] {
  const queue = groupVoxels(matrix, profiles, join);
  for (let g = 0; g < queue.length;) {
    const sides = splitGroup(matrix, queue[g]!, fewest);
    if (sides === undefined) {
      g++;
    } else {
      queue[g] = sides[0];
      queue.push(sides[1]);
    }
  }
  return queue.map((group) => group.profile);
}

function splitGroup(matrix: BitMatrix, group: Group, fewest: number): [Group, Group] | undefined {
  if (group.rows.length < 2 * fewest) return undefined;
  const contested = new Uint32Array(matrix.wordsPerVoxel * 32);
  const byFollowers = contested.slice();
  const { each, median } = mismatches(matrix, group);
  countMismatches(matrix, group, undefined, () => true, contested);
  countMismatches(matrix, group, undefined, (i) => each[i]! <= median + 1, byFollowers);
  const candidates = new Set([
    ...largest(contested, CONTESTED),
    ...largest(byFollowers, CONTESTED_BY_FOLLOWERS),
  ]);
  const tried = new Set<string>();
  for (const volume of candidates) {
    if (contested[volume]! < fewest) continue;
    const sides = twoSides(matrix, group, volume, fewest);
    if (sides === undefined) continue;
    // Many volumes lead to the same two sides.
    const key = sides.map((side) => side.profile.words.join()).join(":");
    if (tried.has(key)) continue;
    tried.add(key);
    if (areSeparate(matrix, sides[0], sides[1], fewest)) return sides;
  }
  return undefined;
}

/** The two sides of a group that a volume leads to, or undefined where one of them is too small. */
function twoSides(
  matrix: BitMatrix,
  group: Group,
  volume: number,
  fewest: number,
): [Group, Group] | undefined {
  const { wordsPerVoxel, words } = matrix;
  const word = volume >>> 5, bit = 1 << (volume & 31);
  const disagrees = (row: number) =>
    ((words[row * wordsPerVoxel + word]! ^ group.profile.words[word]!) & bit) !== 0;
  let [away, stay] = partition(group.rows, disagrees);
  let there = majorityProfile(matrix, away);
  let here = group.profile;
  for (let round = 0; round < ROUNDS && !isSame(here, there); round++) {
    const differing = differingVolumes(here, there);
    const goes = (row: number) => {
      let agreeing = 0;
      for (let w = 0, at = row * wordsPerVoxel; w < wordsPerVoxel; w++, at++) {
        const differ = here.words[w]! ^ there.words[w]!;
        agreeing += popcount(~(words[at]! ^ there.words[w]!) & differ);
      }
      return 2 * agreeing > differing;
    };
    const [going, staying] = partition(group.rows, goes);
    if (going.length < fewest || staying.length < fewest) return undefined;
    const isSettled = going.length === away.length && going.every((row, i) => row === away[i]);
    if (round > 0 && isSettled) break;
    [away, stay] = [going, staying];
    there = majorityProfile(matrix, away);
    here = majorityProfile(matrix, stay);
  }
  if (away.length < fewest || stay.length < fewest) return undefined;
  return [{ rows: stay, profile: here }, { rows: away, profile: there }];
}

/** Those of `rows` that pass, and the others. */
function partition(
  rows: Uint32Array,
  passes: (row: number) => boolean,
): [Uint32Array, Uint32Array] {
  const isIn = Array.from(rows, passes);
  return [rows.filter((_, i) => isIn[i]), rows.filter((_, i) => !isIn[i])];
}

/** Places of the `count` largest numbers, the first of equal ones first. */
function largest(numbers: Uint32Array, count: number): number[] {
  return Array.from(numbers, (_, i) => i)
    .sort((i, j) => numbers[j]! - numbers[i]! || i - j)
    .slice(0, count);
}

function isSame(a: Profile, b: Profile): boolean {
  return a.words.every((word, w) => word === b.words[w]);
}

function rowsByProfile(nearest: Int32Array, count: number): Uint32Array<ArrayBuffer>[] {
  const sizes = new Uint32Array(count);
  for (const p of nearest) if (p >= 0) sizes[p]!++;
  const lists = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  nearest.forEach((p, row) => {
    if (p >= 0) lists[p]![sizes[p]!++] = row;
  });
  return lists;
}

/** Place of the best profile of each of `rows`, -1 for none. */
function nearestOf(
  matrix: BitMatrix,
  rows: Uint32Array,
  profiles: readonly Profile[],
  join: number,
): Int32Array {
  return Int32Array.from(
    rows,
    (row) => nearestProfiles(matrix, row, row + 1, profiles, join).profiles[0]!,
  );
}
