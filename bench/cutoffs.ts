/**
 * Cutoffs of the null model for 500 volumes in which all 500 totals occur: 125,250 pairs, two cutoffs
 * each. `deno bench bench/cutoffs.ts`
 *
 * @module
 */
import { computeCutoffs, type CutoffMethod, leastCounts } from "../core/null_model/mod.ts";
import { fdrLeastCounts, phiLeastCounts, sketchLevel } from "../core/null_model/mod.ts";

const volumes = 500;
const totals = Array.from({ length: volumes }, (_, i) => i + 1);
const sampled = 5500;

function compute(method: CutoffMethod) {
  return computeCutoffs({
    method,
    totals,
    volumes,
    positiveLevel: sketchLevel(0.01, sampled),
    negativeLevel: sketchLevel(0.05, sampled),
    trials: 1000,
    seed: 0,
  });
}

for (const method of ["quantile", "exact", "bootstrap"] as const) {
  Deno.bench(`cutoffs: ${method}`, { group: "cutoffs", n: 10, warmup: 2 }, () => {
    compute(method);
  });
}

const cutoffs = compute("quantile");
Deno.bench("least counts: siren, one factor", { group: "least counts", n: 10, warmup: 2 }, () => {
  leastCounts(cutoffs, volumes, 1.25);
});
Deno.bench("least counts: phi", { group: "least counts", n: 10, warmup: 2 }, () => {
  phiLeastCounts({ totals, volumes, bound: 0.5, tailLevel: sketchLevel(0.01, sampled) });
});
Deno.bench("least counts: fdr", { group: "least counts", n: 10, warmup: 2 }, () => {
  fdrLeastCounts(totals, volumes, 1e-4);
});
