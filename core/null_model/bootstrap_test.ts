import assert from "node:assert";
import { UsageError } from "../errors.ts";
import { type Random, random } from "../random.ts";
import { binomial } from "./binomial.ts";
import { bootstrapPercentile, NEGLIGIBLE } from "./bootstrap.ts";
import { type Distribution, lowerTail, upperTail } from "./distribution.ts";
import { percentile } from "./percentile.ts";

/** The bootstrap as it is usually done: all draws, each a sum of coin flips. */
function bruteForce(n: number, p: number, trials: number, level: number, rng: Random): number {
  const draws = new Float64Array(trials);
  for (let t = 0; t < trials; t++) {
    for (let i = 0; i < n; i++) if (rng.uniform() < p) draws[t]!++;
  }
  return percentile(draws, 100 * (1 - level));
}

/** Largest distance between the distribution functions of two samples (Kolmogorov & Smirnov). */
function distance(a: number[], b: number[]): number {
  const share = (values: number[], x: number) =>
    values.filter((value) => value <= x).length / values.length;
  return Math.max(...[...new Set([...a, ...b])].map((x) => Math.abs(share(a, x) - share(b, x))));
}

Deno.test("bootstrapPercentile() is distributed as the percentile of all draws", () => {
  const repeats = 600;
  // The largest draw; a mixture of the two largest; ranks deep inside; the median; the smallest.
  for (const level of [1e-9, 4e-3, 0.1, 0.5, 1]) {
    const slow = random(11);
    const fast = random(12);
    const expected = Array.from({ length: repeats }, () => bruteForce(60, 0.2, 120, level, slow));
    const drawn = Array.from(
      { length: repeats },
      () => bootstrapPercentile(binomial(60, 1, 4), 120, level, fast),
    );
    // 1.63 sqrt(2 / n) is exceeded by 1 % of equal continuous distributions, and by fewer discrete ones.
    assert(distance(drawn, expected) < 1.63 * Math.sqrt(2 / repeats), `level ${level}`);
  }
});

Deno.test("bootstrapPercentile() tells apart levels that differ", () => {
  const draw = (level: number, seed: number) => {
    const rng = random(seed);
    return Array.from(
      { length: 600 },
      () => bootstrapPercentile(binomial(60, 1, 4), 120, level, rng),
    );
  };
  assert(distance(draw(1e-9, 1), draw(4e-3, 2)) > 1.63 * Math.sqrt(2 / 600));
});

/** Mean and variance of an outcome whose distribution function is a function of (outcome). */
function moments(distribution: Distribution, cumulative: (k: number) => number) {
  let [mean, square, before] = [0, 0, 0];
  for (let i = 0; i < distribution.probabilities.length; i++) {
    const k = distribution.first + i;
    const now = cumulative(k);
    mean += k * (now - before);
    square += k * k * (now - before);
    before = now;
  }
  return { mean, variance: square - mean * mean };
}

Deno.test("the largest and second largest of 1000 draws have their exact means, within 4 standard errors", () => {
  const both = binomial(500, 1, 4);
  const trials = 1000;
  const largest = (k: number) => (1 - upperTail(both, k)) ** trials;
  const second = (k: number) => {
    const tail = upperTail(both, k);
    return (1 - tail) ** trials + trials * tail * (1 - tail) ** (trials - 1);
  };
  const cases: [number, (k: number) => number][] = [[0, largest], [1 / 999, second]];
  for (const [level, cumulative] of cases) {
    const { mean, variance } = moments(both, cumulative);
    const repeats = 20000;
    let sum = 0;
    // A stream for each, as cutoffs have one for each pair of totals.
    for (let i = 0; i < repeats; i++) {
      sum += bootstrapPercentile(both, trials, level, random(5, i));
    }
    const z = (sum / repeats - mean) / Math.sqrt(variance / repeats);
    assert(Math.abs(z) < 4, `level ${level}: z = ${z}`);
  }
});

Deno.test("outcomes below NEGLIGIBLE never make a difference", () => {
  const whole = binomial(500, 3, 7);
  const cut = binomial(500, 3, 7, { floor: NEGLIGIBLE });
  const worst: Random = { uniform: () => 1 - 2 ** -53, integer: () => 0, normal: () => 0 };
  // The largest uniform that a stream can give, and the smallest.
  for (const rng of [{ ...worst, uniform: () => 2 ** -53 }, worst]) {
    for (const level of [1e-12, 0.5]) {
      assert.strictEqual(
        bootstrapPercentile(cut, 1000, level, rng),
        bootstrapPercentile(whole, 1000, level, rng),
      );
    }
  }
  assert(lowerTail(whole, cut.first - 1) < NEGLIGIBLE);
});

Deno.test("bootstrapPercentile() of a certainty is certain", () => {
  assert.strictEqual(bootstrapPercentile(binomial(97, 0, 1), 1000, 1e-8, random(1)), 0);
  assert.strictEqual(bootstrapPercentile(binomial(97, 1, 0), 1000, 1e-8, random(1)), 97);
});

Deno.test("bootstrapPercentile() names the argument that is out of range", () => {
  const both = binomial(5, 1, 1);
  const cases: [() => unknown, string][] = [
    [
      () => bootstrapPercentile(both, 0, 0.1, random(1)),
      "Cannot bootstrap: trials must be an integer of 1 to 10^6 (0)",
    ],
    [
      () => bootstrapPercentile(both, 10, 1.1, random(1)),
      "Cannot bootstrap: the level must be 0 to 1 (1.1)",
    ],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof UsageError && error.message === message);
  }
});
