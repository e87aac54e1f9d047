/**
 * Which region is never seen without which other: the order of assembly.
 *
 * The model is that of conjunctive networks (N. Beerenwinkel, N. Eriksson & B. Sturmfels, "Conjunctive
 * Bayesian networks", Bernoulli 13, 2007): a region comes only where all that it needs is there, so that
 * one region needs another where no volume has the first alone. Here a few may, called so by mistake, and
 * it must not be chance.
 *
 * @module
 */
import { adjustedPValues } from "../null_model/benjamini_hochberg.ts";
import { fisherTail } from "../null_model/hypergeometric.ts";
import type { Dependency, PairStatistics } from "./analysis.ts";
import { condense } from "./condense.ts";
import { countBoth, type PairRules, type PresenceBits, presenceRows } from "./pair_statistics.ts";

/** What one region has to do with another that it may need. */
interface Candidate {
  /** Volumes with the region, without the other. */
  readonly exceptions: number;
  /** Whether so few that they may be mistakes. */
  readonly isTolerable: boolean;
  /** Chance of so few, over all volumes. */
  readonly p: number;
}

/**
 * Finds dependencies. Region B needs A where at most a share `exceptions` of B's volumes are without A and
 * Fisher's exact test finds that few unlikely, at a false discovery rate of `level` over all ordered pairs.
 *
 * Two regions that both need a third go together without one needing the other. So what B may need is
 * tried from the most frequent on, and each further one among those volumes only that hold all found so
 * far: there it must still be unlikely that B is so seldom without it. The p-value is the larger one.
 *
 * Two regions that each need the other are equivalent: both directions are listed, and what needs, or is
 * needed by, one of them does so by the other. What follows from two dependencies is one, too, so that the
 * list is complete: where A needs B and B needs C, A needs C.
 *
 * @param presence N x K, row by row: 1 present, 0 absent.
 * @param regions K.
 * @param pairs Of {@linkcode pairStatistics}, on the same presences.
 * @returns By region, then by what it needs. `direct` are those that follow from no others, with
 *   equivalent regions taken as one: every pair of members of two groups of which one directly needs the
 *   other, and all pairs within a group.
 */
export function findDependencies(
  presence: Uint8Array,
  regions: number,
  pairs: readonly PairStatistics[],
  rules: PairRules,
): Dependency[] {
  const bits = presenceRows(presence, regions);
  const candidates = candidatesOf(pairs, regions, bits, rules);
  const { needs, pValues } = search(candidates, bits, rules);

  const { groups, groupOf, reaches, isDirect } = condense(needs);
  const ordered = candidates.flatMap((row, region) =>
    row.map((_, needed) => ({ region, needed })).filter(({ region, needed }) => region !== needed)
  );
  const q = adjustedPValues(ordered.map(({ region, needed }) => pValues[region]![needed]!));
  return ordered.flatMap(({ region, needed }, i): Dependency[] => {
    const from = groupOf[region]!, to = groupOf[needed]!;
    const isEquivalent = from === to && groups[from]!.length > 1;
    if (!isEquivalent && !reaches(from, to)) return [];
    return [{
      region,
      needs: needed,
      volumes: bits.totals[region]!,
      exceptions: candidates[region]![needed]!.exceptions,
      p: pValues[region]![needed]!,
      q: q[i]!,
      direct: isEquivalent || isDirect(from, to),
    }];
  });
}

/** K x K: what each region has to do with each other; itself included, as nothing. */
function candidatesOf(
  pairs: readonly PairStatistics[],
  regions: number,
  { totals }: PresenceBits,
  { exceptions: share }: PairRules,
): Candidate[][] {
  const itself: Candidate = { exceptions: 0, isTolerable: false, p: 1 };
  const rows = Array.from({ length: regions }, () => new Array<Candidate>(regions).fill(itself));
  for (const { a, b, onlyA, onlyB, pTogether } of pairs) {
    const tolerable = (region: number, exceptions: number) =>
      totals[region]! > 0 && exceptions <= share * totals[region]!;
    rows[a]![b] = { exceptions: onlyA, isTolerable: tolerable(a, onlyA), p: pTogether };
    rows[b]![a] = { exceptions: onlyB, isTolerable: tolerable(b, onlyB), p: pTogether };
  }
  return rows;
}

/** What each region is found to need, before what follows from that; and the p-values, K x K. */
function search(
  candidates: readonly (readonly Candidate[])[],
  { volumes, rows, totals }: PresenceBits,
  { level }: PairRules,
): { needs: number[][]; pValues: number[][] } {
  const regions = rows.length;
  const pValues = candidates.map((row) => row.map(({ p }) => p));
  const isEquivalent = (a: number, b: number) =>
    candidates[a]![b]!.isTolerable && candidates[b]![a]!.isTolerable;
  const byTotal = Array.from({ length: regions }, (_, k) => k)
    .sort((a, b) => totals[b]! - totals[a]! || a - b);
  const tried = byTotal.map(() => [] as number[]);
  for (let region = 0; region < regions; region++) {
    let space: Uint8Array = new Uint8Array(volumes).fill(1);
    const found = tried[region]!;
    for (const needed of byTotal) {
      const { isTolerable, p } = candidates[region]![needed]!;
      if (!isTolerable) continue;
      const isKnown = isEquivalent(region, needed) ||
        found.some((other) => isEquivalent(other, needed));
      const within = isKnown ? p : Math.max(p, chanceWithin(space, rows[region]!, rows[needed]!));
      pValues[region]![needed] = within;
      if (within > level) continue;
      found.push(needed);
      if (!isKnown) space = space.map((bit, v) => bit & rows[needed]![v]!);
    }
  }
  const q = adjustedPValues(
    pValues.flatMap((row, region) => row.filter((_, needed) => needed !== region)),
  );
  const qOf = (region: number, needed: number) =>
    q[region * (regions - 1) + needed - (needed > region ? 1 : 0)]!;
  const needs = tried.map((found, region) => found.filter((other) => qOf(region, other) <= level));
  return { needs, pValues };
}

/** Chance that a region is so seldom without another, among some of the volumes. */
function chanceWithin(space: Uint8Array, region: Uint8Array, needed: Uint8Array): number {
  const there = space.map((bit, v) => bit & region[v]!);
  return fisherTail(
    countBoth(space, space),
    countBoth(there, there),
    countBoth(space, needed),
    countBoth(there, needed),
  );
}
