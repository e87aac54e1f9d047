import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { binomial } from "./binomial.ts";
import {
  computeCutoffs,
  type CutoffMethod,
  type CutoffOptions,
  type Cutoffs,
  expandLevel,
  sketchLevel,
  totalClasses,
} from "./cutoffs.ts";
import { parseCutoffsCsv } from "./cutoffs_csv.ts";
import { type Distribution, upperTail } from "./distribution.ts";

const METHODS: readonly CutoffMethod[] = ["bootstrap", "quantile", "exact"];

function compute(options: Partial<CutoffOptions>): Cutoffs {
  return computeCutoffs({
    method: "quantile",
    totals: [1, 2, 30, 50, 77, 100],
    volumes: 100,
    positiveLevel: 1e-6,
    negativeLevel: 5e-6,
    trials: 1000,
    seed: 7,
    ...options,
  });
}

const someTotals = fc.integer({ min: 1, max: 120 }).chain((volumes) =>
  fc.record({
    volumes: fc.constant(volumes),
    totals: fc.uniqueArray(fc.integer({ min: 0, max: volumes }), { minLength: 1, maxLength: 8 })
      .map((totals) => totals.sort((a, b) => a - b)),
  })
);

Deno.test("computeCutoffs() quantile is the median of the largest draw, exact the binomial quantile", () => {
  fc.assert(
    fc.property(
      someTotals,
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 1e-15, max: 0.5, noNaN: true }),
      fc.double({ min: 1e-15, max: 0.5, noNaN: true }),
      ({ totals, volumes }, trials, positiveLevel, negativeLevel) => {
        const options = { totals, volumes, trials, positiveLevel, negativeLevel };
        const median = compute({ ...options, method: "quantile" });
        const exact = compute({ ...options, method: "exact" });
        const check = (side: "positive" | "negative", at: number, a: number, b: number) => {
          const both = binomial(volumes, a * b, volumes * volumes - a * b);
          const smallest = (holds: (tail: number) => boolean) => {
            let k = 0;
            while (!holds(upperTail(both, k))) k++;
            return k;
          };
          const level = side === "positive" ? positiveLevel : negativeLevel;
          assert.strictEqual(exact[side][at], smallest((tail) => tail <= level));
          assert.strictEqual(median[side][at], smallest((tail) => (1 - tail) ** trials >= 0.5));
        };
        for (let i = 0, at = 0; i < totals.length; i++) {
          for (let j = 0; j < totals.length; j++, at++) {
            check("positive", at, totals[i]!, totals[j]!);
            check("negative", at, volumes - totals[i]!, volumes - totals[j]!);
          }
        }
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("computeCutoffs() gives a pair the same whatever other totals occur", () => {
  for (const method of METHODS) {
    const all = compute({ method });
    const some = compute({ method, totals: [2, 50, 100] });
    const classes = [1, 3, 5];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const at = classes[i]! * 6 + classes[j]!;
        assert.strictEqual(some.positive[i * 3 + j], all.positive[at]);
        assert.strictEqual(some.negative[i * 3 + j], all.negative[at]);
        assert.strictEqual(all.positive[at], all.positive[classes[j]! * 6 + classes[i]!]);
      }
    }
  }
});

Deno.test("computeCutoffs() draws by its seed, and only the bootstrap does", () => {
  for (const method of METHODS) {
    const first = compute({ method, seed: 1 });
    assert.deepStrictEqual(compute({ method, seed: 1 }), first);
    const same = compute({ method, seed: 2 }).positive.every((x, i) => x === first.positive[i]);
    assert.strictEqual(same, method !== "bootstrap");
  }
});

Deno.test("computeCutoffs() bootstraps about the quantile, each pair of totals by itself", () => {
  const totals = [10, 49, 50, 51, 95];
  const repeats = 400;
  const median = compute({ totals });
  const runs = Array.from(
    { length: repeats },
    (_, seed) => compute({ method: "bootstrap", totals, seed }),
  );
  for (const side of ["positive", "negative"] as const) {
    for (let at = 0; at < 25; at++) {
      // The largest draw, of which the percentile at this level falls short by less than 1.
      const largest = runs.map((run) => Math.ceil(run[side][at]!));
      const error = 4 * Math.sqrt(0.25 / repeats);
      assert(largest.filter((x) => x <= median[side][at]!).length / repeats > 0.5 - error);
      assert(largest.filter((x) => x < median[side][at]!).length / repeats < 0.5 + error);
    }
    // (49, 51) and (50, 50) have all but the same distribution, and nothing else in common.
    const equal = runs.filter((run) => run[side][1 * 5 + 3] === run[side][2 * 5 + 2]).length;
    assert(equal / repeats < 0.4);
  }
});

Deno.test("computeCutoffs() of no totals is empty", () => {
  for (const method of METHODS) {
    assert.strictEqual(compute({ method, totals: [] }).positive.length, 0);
  }
});

Deno.test("levels are Bonferroni-corrected as in the reference", () => {
  assert.strictEqual(sketchLevel(0.01, 581), 0.01 / 168490);
  assert.strictEqual(sketchLevel(0.01, 1), 0.01);
  assert.strictEqual(expandLevel(0.05, 1163, [200, 160]), 0.05 / (1163 * 360));
  assert.strictEqual(expandLevel(0.05, 1163, []), 0.05);
});

Deno.test("totalClasses() finds each voxel its own total", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 500 })), (totals) => {
    const { totals: distinct, classes } = totalClasses(totals);
    assert.deepStrictEqual(Array.from(classes, (c) => distinct[c]), totals);
    assert(distinct.every((total, i) => i === 0 || total > distinct[i - 1]!));
  }));
});

Deno.test("computeCutoffs() names the option that is out of range", () => {
  const cases: [Partial<CutoffOptions>, string][] = [
    [
      { totals: [3, 3] },
      "Cannot use totals: they must be ascending integers of 0 to the number of volumes (3 after 3, 100 volumes)",
    ],
    [
      { totals: [101] },
      "Cannot use totals: they must be ascending integers of 0 to the number of volumes (101 after -1, 100 volumes)",
    ],
    [{ positiveLevel: -1 }, "Cannot compute cutoffs: levels must be 0 to 1 (-1)"],
    [{ negativeLevel: NaN }, "Cannot compute cutoffs: levels must be 0 to 1 (NaN)"],
    [{ trials: 0 }, "Cannot compute cutoffs: trials must be an integer of 1 to 10^6 (0)"],
    [{ volumes: 65535, totals: [1] }, "Cannot compute cutoffs: volumes must be 1 to 65534 (65535)"],
    [{ volumes: 0, totals: [] }, "Cannot compute cutoffs: volumes must be 1 to 65534 (0)"],
  ];
  for (const [options, message] of cases) {
    for (const method of METHODS) {
      assert.throws(
        () => compute({ method, ...options }),
        (error) => error instanceof UsageError && error.message === message,
      );
    }
  }
});

/** Distribution functions of the largest and the second largest of 1000 draws. */
const largestOf1000 = (tail: number) => (1 - tail) ** 1000;
const secondOf1000 = (tail: number) => (1 - tail) ** 999 * (1 + 999 * tail);

/** Mean, variance and central 99.9 % interval of an order statistic of a distribution. */
function summary(both: Distribution, cumulative: (tail: number) => number) {
  const { first, probabilities } = both;
  let [mean, square, before] = [0, 0, 0];
  let [low, high] = [first, first];
  for (let k = first; k < first + probabilities.length; k++) {
    const now = cumulative(upperTail(both, k));
    mean += k * (now - before);
    square += k * k * (now - before);
    if (now < 0.0005) low = k + 1;
    if (before <= 0.9995) high = k;
    before = now;
  }
  return { mean, variance: square - mean ** 2, low, high };
}

const GOLDEN = new URL("../../../shared/golden/", import.meta.url);
const PHANTOMS = [
  { name: "phantom24", volumes: 160, union: 1163 },
  { name: "phantom20", volumes: 97, union: 561 },
] as const;
const hasGolden = await Deno.stat(GOLDEN).then(() => true, () => false);

for (const { name, volumes, union } of PHANTOMS) {
  Deno.test({
    name: `the reference's cutoffs of ../shared/golden/${name} are draws from our null model`,
    ignore: !hasGolden,
    async fn() {
      const read = (file: string) => Deno.readTextFile(new URL(`${name}/siren/${file}`, GOLDEN));
      const sampled = (await read("voxels.txt")).trim().split(/\s+/).length;
      const blocks: Record<string, number[]> = JSON.parse(await read("blocks.json"));
      const sizes = Object.values(blocks).map((block) => block.length);
      for (const stage of ["sketch", "expand"] as const) {
        const text = await read(`cutoffs_${stage}.csv`);
        const totals = totalClasses(text.match(/^\d+/gm)!.map(Number)).totals;
        const cutoffs = parseCutoffsCsv(text, stage, totals);
        const median = compute({ method: "quantile", totals, volumes });
        for (const [side, p] of [["positive", 0.01], ["negative", 0.05]] as const) {
          const level = stage === "sketch" ? sketchLevel(p, sampled) : expandLevel(p, union, sizes);
          const factors = side === "positive" ? totals : totals.map((total) => volumes - total);
          let [sum1, variance1, sum2, variance2] = [0, 0, 0, 0];
          let [pairs, outside, near, bias] = [0, 0, 0, 0];
          for (let i = 0; i < totals.length; i++) {
            for (let j = i; j < totals.length; j++) {
              const at = i * totals.length + j;
              const cutoff = cutoffs[side][at]!;
              // The percentile lies 999 level below the largest draw, in units of the gap to the second.
              const largest = Math.ceil(cutoff);
              const gap = (largest - cutoff) / (999 * level);
              assert(Math.abs(gap - Math.round(gap)) < 1e-3);

              const product = factors[i]! * factors[j]!;
              const both = binomial(volumes, product, volumes ** 2 - product);
              const first = summary(both, largestOf1000);
              const second = summary(both, secondOf1000);
              sum1 += largest - first.mean;
              variance1 += first.variance;
              sum2 += largest - Math.round(gap) - second.mean;
              variance2 += second.variance;
              pairs++;
              if (largest < first.low || largest > first.high) outside++;
              const difference = cutoff - median[side][at]!;
              if (Math.round(Math.abs(difference)) <= 3) near++;
              bias += difference;
            }
          }
          const what = `${name} ${stage} ${side}`;
          assert(Math.abs(sum1) < 4 * Math.sqrt(variance1), `${what}: largest draws`);
          assert(Math.abs(sum2) < 4 * Math.sqrt(variance2), `${what}: second largest draws`);
          // Intervals of whole numbers hold 99.9 % at least.
          const expected = 0.001 * pairs;
          assert(outside <= expected + 4 * Math.sqrt(expected), `${what}: ${outside} outside`);
          // How close `quantile` is: within 3 for nine pairs of ten, and 0.5 too low on average at most.
          assert(near > 0.9 * pairs, `${what}: ${near} of ${pairs} near`);
          assert(bias / pairs > -0.1 && bias / pairs < 0.5, `${what}: bias ${bias / pairs}`);
        }
      }
    },
  });
}
