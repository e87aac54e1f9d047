/**
 * How regions go together: contingency tables, exact tests and mutual exclusion.
 *
 * @module
 */
import { adjustedPValues } from "../null_model/benjamini_hochberg.ts";
import { binomial } from "../null_model/binomial.ts";
import { lowerTail, upperTail } from "../null_model/distribution.ts";
import { hypergeometric } from "../null_model/hypergeometric.ts";
import { phi } from "../null_model/phi.ts";
import type { PairStatistics } from "./analysis.ts";

/** What an exclusion or a dependency takes. */
export interface PairRules {
  /** Share of presences and absences that are called wrong, 0 to below 0.5. */
  readonly miscalls: number;
  /** False discovery rate, above 0, to 1. */
  readonly fdr: number;
}

/** Exceptions are mistakes as long as so many are no less likely than this. */
const LEAST_LIKELY = 0.05;

/** No rule has so large a share of exceptions, however likely mistakes are. */
const MOST_EXCEPTIONS = 0.25;

/**
 * Whether exceptions are few enough to be mistakes.
 *
 * @param exceptions Number of volumes against a rule.
 * @param of Number of volumes that the rule is about; of none, nothing can be said.
 * @param calls Number of presences or absences that, called wrong, make an exception.
 */
export function areMistakes(
  { miscalls }: PairRules,
  exceptions: number,
  of: number,
  calls: number,
): boolean {
  return of > 0 && exceptions < MOST_EXCEPTIONS * of &&
    upperTail(binomial(calls, miscalls, 1 - miscalls), exceptions - 1) > LEAST_LIKELY;
}

/**
 * The statistics of all pairs of regions. `exclusive` are two regions that are so seldom together that
 * `qApart` is at most the false discovery rate, and that those volumes that hold both, if any, may be
 * mistakes: as many wrong calls among the volumes that hold one of the two are not unlikely (P > 0.05), and
 * they are less than a quarter of the volumes of the rarer one. A region that is never there excludes
 * nothing: nothing about it is significant.
 *
 * @param presence N x K, row by row: 1 present, 0 absent.
 * @param regions K.
 * @returns K (K - 1) / 2, by a, then b.
 */
export function pairStatistics(
  presence: Uint8Array,
  regions: number,
  rules: PairRules,
): PairStatistics[] {
  const volumes = presence.length / regions;
  const rows = Array.from({ length: regions }, (_, k) => {
    return Uint8Array.from({ length: volumes }, (_, v) => presence[v * regions + k]!);
  });
  const totals = rows.map((row) => row.reduce((sum, bit) => sum + bit, 0));
  const pairs: Omit<PairStatistics, "qTogether" | "qApart" | "exclusive">[] = [];
  for (let a = 0; a < regions; a++) {
    for (let b = a + 1; b < regions; b++) {
      const f1 = totals[a]!, f2 = totals[b]!;
      let both = 0;
      for (let v = 0; v < volumes; v++) both += rows[a]![v]! & rows[b]![v]!;
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
    const { both, onlyA, onlyB } = pair;
    const exclusive = qApart[i]! <= rules.fdr &&
      areMistakes(rules, both, both + Math.min(onlyA, onlyB), 2 * both + onlyA + onlyB);
    return { ...pair, qTogether: qTogether[i]!, qApart: qApart[i]!, exclusive };
  });
}
