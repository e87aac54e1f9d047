import assert from "node:assert";
import fc from "fast-check";
import jstat from "jstat";
import { UsageError } from "../errors.ts";
import { probability, upperTail } from "./distribution.ts";
import { choose, quotient, relative, sum } from "./exact_test_util.ts";
import { fisherTail, hypergeometric, leastSignificantCount } from "./hypergeometric.ts";

const pairs = (most: number) =>
  fc.integer({ min: 1, max: most }).chain((n) =>
    fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 0, max: n }))
  );

Deno.test("hypergeometric() agrees with exact rational arithmetic to 1e-13", () => {
  fc.assert(
    fc.property(pairs(80), ([n, f1, f2]) => {
      const table = hypergeometric(n, f1, f2);
      const whole = choose(n, f2);
      const terms = Array.from({ length: n + 1 }, (_, k) => choose(f1, k) * choose(n - f1, f2 - k));
      for (let k = 0; k <= n; k++) {
        assert(relative(probability(table, k), quotient(terms[k]!, whole)) < 1e-13);
        assert(relative(fisherTail(n, f1, f2, k), quotient(sum(terms.slice(k)), whole)) < 1e-13);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("fisherTail() agrees with published values and scipy 1.17", () => {
  // Fisher, "The design of experiments" (1935): three or more of four cups right.
  assert(relative(fisherTail(8, 4, 4, 3), 17 / 70) < 1e-14);
  assert(relative(fisherTail(500, 60, 50, 30), 1.0502653407655838e-18) < 1e-11);
  assert(relative(fisherTail(160, 50, 45, 40), 9.438896933342228e-23) < 1e-11);
  assert(relative(fisherTail(300, 150, 150, 150), quotient(1n, choose(300, 150))) < 1e-12);
});

Deno.test("hypergeometric() agrees with jstat to 1e-9", () => {
  for (const [n, f1, f2] of [[20, 7, 12], [160, 50, 45], [500, 60, 50], [500, 480, 470]] as const) {
    const table = hypergeometric(n, f1, f2);
    for (let k = Math.max(0, f1 + f2 - n); k <= Math.min(f1, f2); k++) {
      assert(Math.abs(upperTail(table, k) - (1 - jstat.hypgeom.cdf(k, n, f1, f2))) < 1e-9);
    }
  }
});

Deno.test("leastSignificantCount() is the least count whose tail is at most the level", () => {
  fc.assert(
    fc.property(
      pairs(120),
      fc.oneof(fc.constantFrom(0, 1e-30, 0.5, 1), fc.double({ min: 0, max: 0.999, noNaN: true })),
      ([n, f1, f2], level) => {
        const least = leastSignificantCount(n, f1, f2, level);
        const most = Math.min(f1, f2);
        assert(least >= Math.max(0, f1 + f2 - n) && least <= most + 1);
        if (least <= most) assert(fisherTail(n, f1, f2, least) <= level);
        if (least > Math.max(0, f1 + f2 - n)) assert(fisherTail(n, f1, f2, least - 1) > level);
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("hypergeometric() names totals that are out of range", () => {
  assert.throws(
    () => hypergeometric(10, 11, 3),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "Cannot make a hypergeometric distribution: totals must be 0 to the number of volumes, and that at most 65534 (totals 11 and 3, 10 volumes)",
  );
});
