/**
 * Tells blocks from groups of voxels that only look like blocks.
 *
 * @module
 */
import { type BitMatrix, popcount } from "../cooccupancy/bit_matrix.ts";
import { groupVoxels } from "./phi_clusters.ts";
import { differingVolumes, type Profile } from "./phi_profile.ts";
import { countMismatches, type Group, mismatches } from "./phi_separation.ts";

/** A group on an interface is at most this share of the smaller of the two blocks it lies between. */
const INTERFACE_SHARE = 0.35;

/** A group is explained by two others if it differs from them combined in at most this share of the volumes it differs from the nearer in. */
const UNEXPLAINED = 0.15;

/** A volume speaks against an explanation if this share of the group's better voxels agree in it. */
const UNANIMOUS = 0.8;

/** Disagreement with the own profile that is too much, as a share of the volumes the nearest larger block differs in. */
const DIFFUSE = 0.15;

/**
 * Leaves the profiles that are blocks of their own. Dropped are
 * - groups too small;
 * - rims: voxels of a block whose density is so near the threshold that they come and go with the
 *   resolution and amplitude of the volume. They disagree with each other, even the best of them: the
 *   lower quartile of their disagreements with the group's profile is above 0.15 of the way to the
 *   nearest larger block plus twice that block's own, plus one volume. (A small block has a rim too, often
 *   more than half of it, but its core agrees.)
 * - interfaces: where two blocks touch, voxels are occupied if either is there, or only if both are.
 *   The group is small and its profile is the union or the intersection of two larger ones, with no
 *   volume in which its voxels agree that it is not. (A block present whenever one of its parts is has such
 *   a profile by chance, but is not small, and one volume is enough to tell.)
 *
 * @param join Least phi at which a voxel follows a profile.
 * @param fewest Fewest voxels of a block.
 * @returns The profiles left, in order of the size of their group, largest first.
 */
export function dropSpurious(
  matrix: BitMatrix,
  profiles: readonly Profile[],
  join: number,
  fewest: number,
): Profile[] {
  const groups = groupVoxels(matrix, profiles, join)
    .filter((group) => group.rows.length >= fewest)
    .sort((a, b) => b.rows.length - a.rows.length);
  const quartiles = groups.map((group) => lowerQuartile(mismatches(matrix, group).each));
  const kept: number[] = [];
  // Interfaces explain further ones, where three blocks meet; `size` is that of the smallest block behind them.
  const larger: { profile: Profile; size: number }[] = [];
  groups.forEach((group, g) => {
    let isDiffuse = false;
    if (kept.length > 0) {
      const away = kept.map((k) => differingVolumes(group.profile, groups[k]!.profile));
      const nearest = away.indexOf(Math.min(...away));
      const most = 1 + 2 * quartiles[kept[nearest]!]! + DIFFUSE * away[nearest]!;
      isDiffuse = quartiles[g]! > most;
    }
    const size = interfaceOf(matrix, group, larger);
    if (size > 0) {
      larger.push({ profile: group.profile, size });
    } else if (!isDiffuse) {
      larger.push({ profile: group.profile, size: group.rows.length });
      kept.push(g);
    }
  });
  return kept.map((g) => groups[g]!.profile);
}

/** The size of the smaller of the two blocks that explain a group, the largest such; 0 if none do. */
function interfaceOf(
  matrix: BitMatrix,
  group: Group,
  larger: readonly { profile: Profile; size: number }[],
): number {
  const { each, median } = mismatches(matrix, group);
  const against = new Uint32Array(matrix.wordsPerVoxel * 32);
  countMismatches(matrix, group, undefined, (i) => each[i]! <= median, against);
  const voters = each.filter((count) => count <= median).length;
  const { words } = group.profile;
  const unanimous = words.map((_, w) => {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) {
      if (w * 32 + bit >= matrix.volumes) break;
      if (1 - against[w * 32 + bit]! / voters >= UNANIMOUS) bits |= 1 << bit;
    }
    return bits;
  });
  const away = larger.map(({ profile }) => differingVolumes(profile, group.profile));
  let found = 0;
  for (let a = 1; a < larger.length; a++) {
    for (let b = 0; b < a; b++) {
      const size = Math.min(larger[a]!.size, larger[b]!.size);
      if (size <= found || group.rows.length > INTERFACE_SHARE * size) continue;
      const one = larger[a]!.profile.words, other = larger[b]!.profile.words;
      const most = UNEXPLAINED * Math.min(away[a]!, away[b]!);
      let missedByUnion = 0, missedByBoth = 0, againstUnion = 0, againstBoth = 0;
      for (let w = 0; w < words.length; w++) {
        const union = (one[w]! | other[w]!) ^ words[w]!;
        const both = (one[w]! & other[w]!) ^ words[w]!;
        missedByUnion += popcount(union);
        missedByBoth += popcount(both);
        againstUnion |= union & unanimous[w]!;
        againstBoth |= both & unanimous[w]!;
      }
      const isUnion = missedByUnion <= most && againstUnion === 0;
      const isBoth = missedByBoth <= most && againstBoth === 0;
      if (isUnion || isBoth) found = size;
    }
  }
  return found;
}

function lowerQuartile(numbers: Uint32Array): number {
  return numbers.toSorted()[(numbers.length - 1) >>> 2]!;
}
