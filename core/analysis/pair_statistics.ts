/**
 * How regions go together: contingency tables, exact tests and mutual exclusion.
 *
 * @module
 */
import { hypergeometric, lowerTail, upperTail } from "../null_model/mod.ts";
import { adjustedPValues } from "../null_model/benjamini_hochberg.ts";
import { phi } from "../null_model/phi.ts";
import type { PairStatistics } from "./analysis.ts";

/** What an exclusion or a dependency takes. */
export interface PairRules {
  /**
   * Greatest share of exceptions: volumes in which a region is called present or absent by mistake. 0 to
   * below 0.5.
   */
  readonly exceptions: number;
  /** False discovery rate, above 0, to 1. */
  readonly level: number;
}

/** Presences of K regions, one bit a volume, and how often each is there. */
export interface PresenceBits {
  readonly volumes: number;
  /** Whether region k is in volume v: K rows of N. */
  readonly rows: readonly Uint8Array[];
  /** Length K. */
  readonly totals: readonly number[];
}

/** Turns presences, N x K, into rows of the regions. */
export function presenceRows(presence: Uint8Array, regions: number): PresenceBits {
  const volumes = presence.length / regions;
  const rows = Array.from({ length: regions }, (_, k) => {
    return Uint8Array.from({ length: volumes }, (_, v) => presence[v * regions + k]!);
  });
  return { volumes, rows, totals: rows.map((row) => row.reduce((sum, bit) => sum + bit, 0)) };
}

/** Number of volumes with both. */
export function countBoth(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  for (let v = 0; v < a.length; v++) both += a[v]! & b[v]!;
  return both;
}

/**
 * The statistics of all pairs of regions. `exclusive` are two regions that are together in at most a share
 * `exceptions` of the volumes of the rarer one, so seldom that `qApart` is at most `level`. A region that is
 * never there excludes nothing: nothing about it is significant.
 *
 * @param presence N x K, row by row: 1 present, 0 absent.
 * @param regions K.
 * @returns K (K - 1) / 2, by a, then b.
 */
export function pairStatistics(
  presence: Uint8Array,
  regions: number,
  { exceptions, level }: PairRules,
): PairStatistics[] {
  const { volumes, rows, totals } = presenceRows(presence, regions);
  const pairs: Omit<PairStatistics, "qTogether" | "qApart" | "exclusive">[] = [];
  for (let a = 0; a < regions; a++) {
    for (let b = a + 1; b < regions; b++) {
      const f1 = totals[a]!, f2 = totals[b]!, both = countBoth(rows[a]!, rows[b]!);
      const distribution = hypergeometric(volumes, f1, f2);
      pairs.push({
        a,
        b,
        both,
        onlyA: f1 - both,
        onlyB: f2 - both,
        neither: volumes - f1 - f2 + both,
        phi: phi(volumes, f1, f2, both),
        expected: f1 * f2 / volumes,
        pTogether: upperTail(distribution, both - 1),
        pApart: lowerTail(distribution, both),
      });
    }
  }
  const qTogether = adjustedPValues(pairs.map(({ pTogether }) => pTogether));
  const qApart = adjustedPValues(pairs.map(({ pApart }) => pApart));
  return pairs.map((pair, i) => {
    const rarer = pair.both + Math.min(pair.onlyA, pair.onlyB);
    const exclusive = pair.both <= exceptions * rarer && qApart[i]! <= level;
    return { ...pair, qTogether: qTogether[i]!, qApart: qApart[i]!, exclusive };
  });
}
