import assert from "node:assert";
import fc from "fast-check";
import jstat from "jstat";
import { UsageError } from "../errors.ts";
import { binomial } from "./binomial.ts";
import { lowerTail, probability, quantile, upperQuantile, upperTail } from "./distribution.ts";
import { choose, quotient, relative, sum } from "./exact_test_util.ts";

/** Numerators of P(X = k) over (success + failure)^n, k = 0..n. */
function numerators(n: number, success: number, failure: number): bigint[] {
  return Array.from(
    { length: n + 1 },
    (_, k) => choose(n, k) * BigInt(success) ** BigInt(k) * BigInt(failure) ** BigInt(n - k),
  );
}

Deno.test("binomial() agrees with exact rational arithmetic to 1e-13", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }).chain((n) =>
        fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n * n }))
      ),
      ([n, product]) => {
        const [success, failure] = n === 0 ? [1, 1] : [product, n * n - product];
        const table = binomial(n, success, failure);
        const terms = numerators(n, success, failure);
        const whole = BigInt(success + failure) ** BigInt(n);
        for (let k = 0; k <= n; k++) {
          assert(relative(probability(table, k), quotient(terms[k]!, whole)) < 1e-13);
          assert(
            relative(lowerTail(table, k), quotient(sum(terms.slice(0, k + 1)), whole)) < 1e-13,
          );
          assert(relative(upperTail(table, k), quotient(sum(terms.slice(k + 1)), whole)) < 1e-13);
        }
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("quantile() and upperQuantile() are the exact smallest outcomes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      fc.double({ min: 1e-12, max: 0.999, noNaN: true }),
      (n, success, failure, level) => {
        const table = binomial(n, success, failure);
        const terms = numerators(n, success, failure);
        const whole = BigInt(success + failure) ** BigInt(n);
        const tail = (k: number) => quotient(sum(terms.slice(k + 1)), whole);
        const head = (k: number) => quotient(sum(terms.slice(0, k + 1)), whole);
        const all = Array.from({ length: n + 1 }, (_, k) => k);
        assert.strictEqual(upperQuantile(table, level), all.find((k) => tail(k) <= level));
        assert.strictEqual(quantile(table, level), all.find((k) => head(k) >= level));
      },
    ),
    { seed: 2, numRuns: 200 },
  );
});

Deno.test("binomial() keeps 1e-12 at 65534 trials, down to 1e-300", () => {
  const n = 65534;
  for (const [success, failure] of [[12345 * 54321, n * n - 12345 * 54321], [1, 3]] as const) {
    const table = binomial(n, success, failure);
    // The same recurrence in fixed point with 2500 bits after the point.
    const first = table.first;
    const last = first + table.probabilities.length - 1;
    const mode = table.probabilities.indexOf(Math.max(...table.probabilities)) + first;
    const terms = new Map([[mode, 1n << 2500n]]);
    const [s, f] = [BigInt(success), BigInt(failure)];
    for (let k = mode; k < last + 50; k++) {
      terms.set(k + 1, (terms.get(k)! * BigInt(n - k) * s) / (BigInt(k + 1) * f));
    }
    for (let k = mode; k > first - 50; k--) {
      terms.set(k - 1, (terms.get(k)! * BigInt(k) * f) / (BigInt(n - k + 1) * s));
    }
    const whole = sum([...terms.values()]);
    let above = 0n;
    let smallest = 1;
    for (let k = last + 50; k > mode; k--) {
      above += terms.get(k)!;
      const truth = quotient(above, whole);
      if (truth < 1e-300) continue;
      smallest = Math.min(smallest, truth);
      assert(relative(probability(table, k), quotient(terms.get(k)!, whole)) < 1e-12);
      if (k % 97 === 0) assert(relative(upperTail(table, k - 1), truth) < 1e-12);
    }
    assert(smallest < 1e-299);
  }
});

Deno.test("binomial() agrees with values of 17 digits from mpmath 1.3", () => {
  const close = (value: number, truth: number) => assert(relative(value, truth) < 1e-12);
  close(probability(binomial(500, 1, 4), 400), 1.0739589150444357e-182);
  close(upperTail(binomial(500, 1, 4), 400), 7.134387335777097e-184);
  close(probability(binomial(300, 1, 1), 290), 6.864484719400431e-73);
  close(lowerTail(binomial(300, 1, 1), 9), 2.433669597030611e-74);
  close(probability(binomial(65534, 1, 3), 20000), 2.7165662902651844e-224);
  close(upperTail(binomial(65534, 1, 3), 20000), 8.5410399172040633e-224);
  close(upperTail(binomial(1000, 17, 983), 90), 2.077454272701394e-37);
});

Deno.test("binomial() agrees with jstat to 1e-9", () => {
  const cases = [[20, 0.3], [160, 0.04], [500, 0.2], [500, 0.9], [2000, 0.5], [
    65534,
    0.3,
  ]] as const;
  for (const [n, p] of cases) {
    const table = binomial(n, p, 1 - p);
    for (let k = 0; k < n; k += Math.ceil(n / 200)) {
      assert(Math.abs(lowerTail(table, k) - jstat.binomial.cdf(k, n, p)) < 1e-9);
      assert(Math.abs(upperTail(table, k) - (1 - jstat.binomial.cdf(k, n, p))) < 1e-9);
      // jstat's binomial coefficients overflow beyond.
      if (n > 1000) continue;
      assert(Math.abs(probability(table, k) - jstat.binomial.pdf(k, n, p)) < 1e-9);
    }
    for (const q of [1e-6, 0.01, 0.3, 0.5, 0.77, 0.999, 1 - 1e-6]) {
      const k = quantile(table, q);
      assert(jstat.binomial.cdf(k, n, p) >= q - 1e-9);
      assert(k === 0 || jstat.binomial.cdf(k - 1, n, p) < q + 1e-9);
    }
  }
});

Deno.test("binomial() is a certainty at p = 0, p = 1 and n = 0", () => {
  for (
    const [n, success, failure, outcome] of [[7, 0, 5, 0], [7, 5, 0, 7], [0, 1, 1, 0]] as const
  ) {
    const table = binomial(n, success, failure);
    assert.strictEqual(probability(table, outcome), 1);
    assert.strictEqual(upperTail(table, outcome), 0);
    assert.strictEqual(upperTail(table, outcome - 1), 1);
    assert.strictEqual(lowerTail(table, outcome), 1);
    assert.strictEqual(lowerTail(table, outcome - 1), 0);
    for (const level of [0, 0.5]) assert.strictEqual(upperQuantile(table, level), outcome);
    for (const q of [0.1, 1]) assert.strictEqual(quantile(table, q), outcome);
  }
});

Deno.test("quantiles hold where a tail equals the level exactly", () => {
  const coin = binomial(1, 1, 1);
  assert.strictEqual(quantile(coin, 0.5), 0);
  assert.strictEqual(upperQuantile(coin, 0.5), 0);
  assert.strictEqual(quantile(coin, 0.5 + 1e-15), 1);
  assert.strictEqual(upperQuantile(coin, 0.5 - 1e-15), 1);
});

Deno.test("binomial() with a floor and scratch memory has the same table, cut off", () => {
  const whole = binomial(500, 1, 4);
  const cut = binomial(500, 1, 4, { floor: 1e-20, scratch: new Float64Array(501).fill(NaN) });
  assert(cut.probabilities.length < 250);
  for (let k = 0; k < cut.probabilities.length; k++) {
    assert(relative(cut.probabilities[k]!, probability(whole, cut.first + k)) < 1e-15);
  }
  assert(upperTail(whole, cut.first + cut.probabilities.length - 1) < 1e-20);
  assert(lowerTail(whole, cut.first - 1) < 1e-20);
});

Deno.test("binomial() and quantile() name the argument that is out of range", () => {
  const cases: [() => unknown, string][] = [
    [
      () => binomial(65535, 1, 1),
      "Cannot make a binomial distribution: trials must be 0 to 65534 (65535)",
    ],
    [
      () => binomial(1.5, 1, 1),
      "Cannot make a binomial distribution: trials must be 0 to 65534 (1.5)",
    ],
    [
      () => binomial(5, 0, 0),
      "Cannot make a binomial distribution: the chances must be 0 or more and not both 0 (0, 0)",
    ],
    [
      () => binomial(5, NaN, 1),
      "Cannot make a binomial distribution: the chances must be 0 or more and not both 0 (NaN, 1)",
    ],
    [
      () => quantile(binomial(5, 1, 1), 0),
      "Cannot take a quantile: q must be above 0 and at most 1 (0)",
    ],
    [
      () => upperQuantile(binomial(5, 1, 1), NaN),
      "Cannot take an upper quantile: the level must be 0 to 1 (NaN)",
    ],
    [
      () => quantile(binomial(5, 1, 1), NaN),
      "Cannot take a quantile: q must be above 0 and at most 1 (NaN)",
    ],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof UsageError && error.message === message);
  }
});
