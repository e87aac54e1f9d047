import assert from "node:assert";
import fc from "fast-check";
import { NEVER } from "../cooccupancy/engine.ts";
import { random } from "../random.ts";
import { binomial } from "./binomial.ts";
import { lowerTail, probability, quantile } from "./distribution.ts";
import { relative } from "./exact_test_util.ts";
import { benjaminiHochberg, fdrLeastCounts, twoSidedPValues } from "./fdr_rule.ts";
import { pairCounts } from "./pair_counts.ts";

/** p-value of the exact two-sided test of one outcome. */
function pValue(n: number, success: number, failure: number, k: number): number {
  const table = binomial(n, success, failure);
  return twoSidedPValues(table)[k - table.first] ?? 0;
}

Deno.test("twoSidedPValues() agrees with scipy.stats.binomtest 1.17", () => {
  const scipy: [number, number, number, number, number][] = [
    [682, 925, 3, 1, 0.3824915595748517],
    [3, 15, 1, 9, 0.18406106910639106],
    [0, 10, 1, 1, 0.001953125],
    [5, 10, 1, 1, 1],
    [17, 160, 1, 19, 0.0031402718733928576],
    [95, 97, 9, 1, 0.005752673461309863],
    [60, 300, 1, 9, 2.0687817936366695e-07],
  ];
  for (const [k, n, success, failure, p] of scipy) {
    assert(relative(pValue(n, success, failure, k), p) < 1e-11, `${k} of ${n}`);
  }
});

Deno.test("twoSidedPValues() sums the outcomes no likelier than the observed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (n, success, failure) => {
        const table = binomial(n, success, failure);
        const pValues = twoSidedPValues(table);
        const all = Array.from(table.probabilities).sort((a, b) => a - b);
        for (let i = 0; i < pValues.length; i++) {
          const limit = table.probabilities[i]! * (1 + 1e-7);
          const sum = all.filter((p) => p <= limit).reduce((total, p) => total + p, 0);
          assert(relative(pValues[i]!, Math.min(1, sum)) < 1e-13);
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("twoSidedPValues() takes outcomes that differ by less than 1e-7 for equally likely", () => {
  for (let n = 1; n <= 50; n++) {
    for (const nearlyOne of [1, 1 + 1e-10]) {
      for (let k = 0; k <= n; k++) {
        const twice = 2 * lowerTail(binomial(n, 1, 1), Math.min(k, n - k));
        assert(relative(pValue(n, nearlyOne, 1, k), Math.min(1, twice)) < 1e-8, `${k} of ${n}`);
      }
    }
  }
  // Where the difference is larger, only the outcomes that are less likely count: scipy's values.
  assert(relative(pValue(10, 1 + 1e-6, 1, 3), 0.22656226562564458) < 1e-11);
  assert(relative(pValue(10, 1 + 1e-6, 1, 7), 0.3437500000006152) < 1e-11);
});

Deno.test("fdrLeastCounts() decides every count by its expectation and p-value", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }).chain((volumes) =>
        fc.tuple(
          fc.constant(volumes),
          fc.uniqueArray(fc.integer({ min: 0, max: volumes }), { maxLength: 5 })
            .map((totals) => totals.sort((a, b) => a - b)),
        )
      ),
      fc.oneof(
        fc.constantFrom(-1, 0, 1e-300, 0.05, 1),
        fc.double({ min: 1e-12, max: 0.2, noNaN: true }),
      ),
      ([volumes, totals], bound) => {
        const table = fdrLeastCounts(totals, volumes, bound);
        for (let i = 0, at = 0; i < totals.length; i++) {
          for (let j = 0; j < totals.length; j++, at++) {
            const [f1, f2] = [totals[i]!, totals[j]!];
            const most = Math.min(f1, f2);
            assert(table[at]! <= most || table[at] === NEVER);
            for (let both = Math.max(0, f1 + f2 - volumes); both <= most; both++) {
              const linked = both * volumes > f1 * f2 &&
                pValue(volumes, f1 * f2, volumes * volumes - f1 * f2, both) <= bound;
              assert.strictEqual(both >= table[at]!, linked);
            }
          }
        }
      },
    ),
    { seed: 2, numRuns: 300 },
  );
});

Deno.test("benjaminiHochberg() is the procedure over the list of all pairs", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom(0.001, 0.05, 0.5, 1),
      (seed, discoveries, level) => {
        const volumes = 80;
        const totals = [4, 20, 33, 60, 80];
        const rng = random(seed);
        const counts = pairCounts(totals, volumes);
        const pValues: number[] = [];
        for (let pair = 0; pair < 300; pair++) {
          const [i, j] = [rng.integer(5), rng.integer(5)];
          const [f1, f2] = [Math.min(totals[i]!, totals[j]!), Math.max(totals[i]!, totals[j]!)];
          const product = f1 * f2;
          const null_ = binomial(volumes, product, volumes ** 2 - product);
          const drawn = quantile(null_, 1 - rng.uniform());
          const both = pair < discoveries ? f1 : Math.min(f1, Math.max(f1 + f2 - volumes, drawn));
          counts.add(i, j, both, 1);
          pValues.push(pValue(volumes, product, volumes ** 2 - product, both));
        }
        pValues.sort((a, b) => a - b);
        const expected = pValues.findLast((p, i) => p <= (level * (i + 1)) / pValues.length) ?? -1;
        assert.strictEqual(benjaminiHochberg(counts, level), expected);
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});

Deno.test("benjaminiHochberg() keeps the false discoveries of independent pairs at the level", () => {
  // 4000 null pairs and 1000 that always go together, 20 times over: the share of null pairs among
  // those linked is at most level x 0.8, up to its sampling error.
  const [volumes, total, level] = [200, 60, 0.1];
  const null_ = binomial(volumes, total * total, volumes ** 2 - total * total);
  let share = 0;
  for (let repeat = 0; repeat < 20; repeat++) {
    const rng = random(9, repeat);
    const counts = pairCounts([total], volumes);
    counts.add(0, 0, total, 1000);
    for (let i = 0; i < 4000; i++) {
      counts.add(0, 0, Math.min(total, quantile(null_, 1 - rng.uniform())), 1);
    }
    const [least] = fdrLeastCounts([total], volumes, benjaminiHochberg(counts, level));
    let linked = 0;
    counts.forEach((_row, _column, both, count) => linked += both >= least! ? count : 0);
    assert(linked >= 1000);
    share += (linked - 1000) / linked / 20;
  }
  assert(share < 0.8 * level + 0.005, `false discoveries: ${share}`);
  assert(share > 0);
});

Deno.test("benjaminiHochberg() without discoveries links nothing", () => {
  const counts = pairCounts([50], 100);
  const likeliest = 25;
  assert(probability(binomial(100, 1, 3), likeliest) > 0.09);
  counts.add(0, 0, likeliest, 10);
  const bound = benjaminiHochberg(counts, 0.05);
  assert.strictEqual(bound, -1);
  assert.deepStrictEqual([...fdrLeastCounts([50], 100, bound)], [NEVER]);
});
