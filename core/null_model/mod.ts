/**
 * The null model of independent voxels, and the rules that turn it into integer tables: least counts of
 * `both` by pair of totals.
 *
 * @module
 */
export * from "./benjamini_hochberg.ts";
export * from "./binomial.ts";
export * from "./bootstrap.ts";
export * from "./count_pairs.ts";
export * from "./cutoffs.ts";
export * from "./cutoffs_csv.ts";
export * from "./distribution.ts";
export * from "./fdr_rule.ts";
export * from "./hypergeometric.ts";
export * from "./pair_counts.ts";
export * from "./percentile.ts";
export * from "./phi.ts";
export * from "./siren_rule.ts";
