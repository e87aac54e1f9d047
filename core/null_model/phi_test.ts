import assert from "node:assert";
import fc from "fast-check";
import { NEVER } from "../cooccupancy/engine.ts";
import { UsageError } from "../errors.ts";
import { fisherTail } from "./hypergeometric.ts";
import { phi, phiLeastCounts, type PhiRule } from "./phi.ts";

Deno.test("phi() is the Pearson correlation of the occupancies", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 200 }),
      (volumes) => {
        const n = volumes.length;
        const x = volumes.map(([a]) => Number(a));
        const y = volumes.map(([, b]) => Number(b));
        const mean = (values: number[]) => values.reduce((s, v) => s + v, 0) / n;
        const [meanX, meanY] = [mean(x), mean(y)];
        const covariance = mean(x.map((value, k) => (value - meanX) * (y[k]! - meanY)));
        const spread = Math.sqrt(
          mean(x.map((v) => (v - meanX) ** 2)) * mean(y.map((v) => (v - meanY) ** 2)),
        );
        const both = volumes.filter(([a, b]) => a && b).length;
        const value = phi(n, meanX * n, meanY * n, both);
        const constant = new Set(x).size === 1 || new Set(y).size === 1;
        assert(Math.abs(value - (constant ? 0 : covariance / spread)) < 1e-12);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("phi() of voxels occupied in the same, and in the opposite, volumes is exactly 1 and -1", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 65534 }).chain((n) =>
        fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n - 1 }))
      ),
      ([n, total]) => {
        assert.strictEqual(phi(n, total, total, total), 1);
        assert.strictEqual(phi(n, total, n - total, 0), -1);
      },
    ),
    { seed: 1, numRuns: 2000 },
  );
});

Deno.test("phiLeastCounts() decides every count as phi and Fisher's tail do", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }).chain((volumes) =>
        fc.record({
          volumes: fc.constant(volumes),
          totals: fc.uniqueArray(fc.integer({ min: 0, max: volumes }), { maxLength: 5 })
            .map((totals) => totals.sort((a, b) => a - b)),
          bound: fc.oneof(
            fc.constantFrom(0.5, 0.8, 1),
            fc.double({ min: 1e-3, max: 1, noNaN: true }),
          ),
          tailLevel: fc.constantFrom(0, 1e-12, 1e-6, 0.01, 1),
        })
      ),
      (rule) => {
        const { volumes, totals, bound, tailLevel } = rule;
        const table = phiLeastCounts(rule);
        for (let i = 0, at = 0; i < totals.length; i++) {
          for (let j = 0; j < totals.length; j++, at++) {
            const [f1, f2] = [totals[i]!, totals[j]!];
            const most = Math.min(f1, f2);
            assert(table[at]! <= most || table[at] === NEVER);
            for (let both = Math.max(0, f1 + f2 - volumes); both <= most; both++) {
              const linked = phi(volumes, f1, f2, both) >= bound &&
                fisherTail(volumes, f1, f2, both) <= tailLevel;
              assert.strictEqual(both >= table[at]!, linked);
            }
          }
        }
      },
    ),
    { seed: 2, numRuns: 400 },
  );
});

Deno.test("phiLeastCounts() names the option that is out of range", () => {
  const rule: PhiRule = { totals: [3], volumes: 10, bound: 0.8, tailLevel: 0.01 };
  const cases: [Partial<PhiRule>, string][] = [
    [{ bound: 0 }, "Cannot link by phi: the bound must be above 0 and at most 1 (0)"],
    [{ bound: NaN }, "Cannot link by phi: the bound must be above 0 and at most 1 (NaN)"],
    [{ tailLevel: 2 }, "Cannot link by phi: the tail level must be 0 to 1 (2)"],
    [
      { totals: [11] },
      "Cannot use totals: they must be ascending integers of 0 to the number of volumes (11 after -1, 10 volumes)",
    ],
  ];
  for (const [options, message] of cases) {
    assert.throws(
      () => phiLeastCounts({ ...rule, ...options }),
      (error) => error instanceof UsageError && error.message === message,
    );
  }
});
