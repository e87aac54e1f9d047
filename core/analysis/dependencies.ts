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
import type { Dependency, PairStatistics } from "./analysis.ts";
import { condense } from "./condense.ts";
import { areMistakes, type PairRules } from "./pair_statistics.ts";

/** What one region has to do with another that it may need. */
type Relation = Pick<Dependency, "volumes" | "exceptions" | "p" | "q">;

/**
 * Finds dependencies. Region B needs A where Fisher's exact test finds it unlikely that they are together so
 * often (`qTogether`), and those of B's volumes that are without A, if any, may be mistakes: as many wrong
 * calls among B's volumes and those without A are not unlikely (P > 0.05), and they are less than a quarter
 * of B's volumes. So A is not there always: with such a one, all are always together by chance.
 *
 * Two regions that each need the other are equivalent: both directions are listed, and what needs, or is
 * needed by, one of them does so by the other. What follows from two dependencies is one, too, so that the
 * list is complete: where A needs B and B needs C, A needs C.
 *
 * @param pairs Of {@linkcode pairStatistics}.
 * @param regions K.
 * @returns By region, then by what it needs. `direct` are those that follow from no others, with
 *   equivalent regions taken as one: every pair of members of two groups of which one directly needs the
 *   other, and all pairs within a group.
 */
export function findDependencies(
  pairs: readonly PairStatistics[],
  regions: number,
  rules: PairRules,
): Dependency[] {
  const relations: Relation[][] = Array.from({ length: regions }, () => []);
  const needs: number[][] = Array.from({ length: regions }, () => []);
  for (const { a, b, both, onlyA, onlyB, neither, pTogether, qTogether } of pairs) {
    for (
      const [region, needed, exceptions, without] of [
        [a, b, onlyA, onlyA + neither],
        [b, a, onlyB, onlyB + neither],
      ] as const
    ) {
      const volumes = both + exceptions;
      relations[region]![needed] = { volumes, exceptions, p: pTogether, q: qTogether };
      const isFound = qTogether <= rules.fdr &&
        areMistakes(rules, exceptions, volumes, volumes + without);
      if (isFound) needs[region]!.push(needed);
    }
  }
  const { groups, groupOf, reaches, isDirect } = condense(needs);
  return relations.flatMap((row, region) =>
    row.flatMap((relation, needed): Dependency[] => {
      const from = groupOf[region]!, to = groupOf[needed]!;
      const isEquivalent = from === to && groups[from]!.length > 1;
      if (!isEquivalent && !reaches(from, to)) return [];
      const direct = isEquivalent || isDirect(from, to);
      return [{ region, needs: needed, ...relation, direct }];
    })
  );
}
