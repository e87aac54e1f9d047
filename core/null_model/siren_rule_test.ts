import assert from "node:assert";
import fc from "fast-check";
import { NEVER } from "../cooccupancy/engine.ts";
import { UsageError } from "../errors.ts";
import type { Cutoffs } from "./cutoffs.ts";
import { distanceFactor, leastCount, leastCounts } from "./siren_rule.ts";

/** The reference's edge, written as it is defined. f1 <= f2. */
function linked(
  [volumes, f1, f2]: readonly [number, number, number],
  both: number,
  positive: number,
  negative: number,
  factor: number,
  negativeFactor: number,
): boolean {
  const neither = volumes - f1 - f2 + both;
  return both > Math.min(factor * positive, f1) &&
    neither > Math.min(negativeFactor * negative, volumes - f2);
}

const pairOfTotals = fc.integer({ min: 1, max: 300 }).chain((volumes) =>
  fc.tuple(
    fc.constant(volumes),
    fc.integer({ min: 0, max: volumes }),
    fc.integer({ min: 0, max: volumes }),
  )
).map(([n, a, b]) => [n, Math.min(a, b), Math.max(a, b)] as const);

// Whole and halved cutoffs make products that fall exactly on a count; the rest are bootstrap-like.
const someCutoff = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 600 }).map((x) => x / 2),
  fc.integer({ min: 1, max: 300 }).map((x) => x - 6e-5),
  fc.double({ min: 0, max: 300, noNaN: true }),
);
const someFactor = fc.oneof(
  fc.constantFrom(0, 1, 1.25, 1.75, 1 / 3),
  fc.double({ min: 0, max: 60, noNaN: true }).map(distanceFactor),
  fc.double({ min: 0, max: 3, noNaN: true }),
);

Deno.test("leastCount() decides every count as the inequalities do", () => {
  fc.assert(
    fc.property(
      pairOfTotals,
      someCutoff,
      someCutoff,
      someFactor,
      fc.oneof(fc.constant(1), someFactor),
      (totals, positive, negative, factor, negativeFactor) => {
        const [volumes, f1, f2] = totals;
        const least = leastCount({ volumes, f1, f2, positive, negative }, factor, negativeFactor);
        const mirrored = { volumes, f1: f2, f2: f1, positive, negative };
        assert.strictEqual(leastCount(mirrored, factor, negativeFactor), least);
        assert(least <= f1 || least === NEVER);
        for (let both = Math.max(0, f1 + f2 - volumes); both <= f1; both++) {
          const expected = linked(totals, both, positive, negative, factor, negativeFactor);
          assert.strictEqual(both >= least, expected);
        }
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});

Deno.test("leastCount() is exact where the product lands on a count", () => {
  const pair = { volumes: 100, f1: 60, f2: 60, positive: 40, negative: 0 };
  assert.strictEqual(leastCount(pair, 1.25), 51);
  assert.strictEqual(leastCount({ ...pair, positive: 40 - 1e-9 }, 1.25), 50);
  assert.strictEqual(leastCount({ ...pair, positive: 48 }, 1.25), NEVER);
  // 24 of 40 empty volumes are not enough, so 45 of 60 must be shared.
  assert.strictEqual(leastCount({ ...pair, positive: 10, negative: 24 }, 1.25), 45);
  assert.strictEqual(leastCount({ ...pair, positive: 10, negative: 40 }, 1.25), NEVER);
  assert.strictEqual(leastCount({ ...pair, positive: 10, negative: 48 }, 1.25, 0.5), 45);
});

Deno.test("leastCounts() holds leastCount() of every pair of classes", () => {
  const totals = Uint32Array.of(3, 40, 90);
  const positive = Float64Array.of(2, 5, 7.5, 5, 25, 44, 7.5, 44, 85);
  const negative = Float64Array.of(98, 63, 15, 63, 45, 11, 15, 11, 4.25);
  const cutoffs: Cutoffs = { totals, positive, negative };
  for (const [factor, negativeFactor] of [[1, 1], [1.25, 1], [1, 0.5]] as const) {
    const table = leastCounts(cutoffs, 100, factor, negativeFactor);
    for (let at = 0; at < 9; at++) {
      const pair = {
        volumes: 100,
        f1: totals[Math.floor(at / 3)]!,
        f2: totals[at % 3]!,
        positive: positive[at]!,
        negative: negative[at]!,
      };
      assert.strictEqual(table[at], leastCount(pair, factor, negativeFactor));
    }
  }
  assert.deepStrictEqual(
    [...leastCounts(cutoffs, 100, 1)],
    [NEVER, NEVER, NEVER, NEVER, 26, NEVER, NEVER, NEVER, 86],
  );
});

Deno.test("distanceFactor() is 1, then 1.25, rises from 15 to 40 Angstrom, then 1.75", () => {
  assert.strictEqual(distanceFactor(0), 1);
  assert.strictEqual(distanceFactor(1e-9), 1.25);
  assert.strictEqual(distanceFactor(14.9), 1.25);
  assert.strictEqual(distanceFactor(30), 0.02 * 30 + 0.95);
  assert.strictEqual(distanceFactor(40 - 1e-9), 0.02 * (40 - 1e-9) + 0.95);
  assert.strictEqual(distanceFactor(40), 1.75);
  assert.strictEqual(distanceFactor(40.5), 1.75);
  assert.strictEqual(distanceFactor(1e4), 1.75);
});

Deno.test("the rule names a factor, cutoff or distance that is out of range", () => {
  const cutoffs: Cutoffs = {
    totals: Uint32Array.of(5),
    positive: Float64Array.of(2),
    negative: Float64Array.of(NaN),
  };
  const pair = { volumes: 10, f1: 5, f2: 5, positive: 2, negative: 3 };
  const cases: [() => unknown, string][] = [
    [
      () => leastCounts(cutoffs, 10, 1),
      "Cannot compare with cutoffs: factors and cutoffs must be 0 or more (1 x 2, 1 x NaN)",
    ],
    [
      () => leastCount(pair, -1),
      "Cannot compare with cutoffs: factors and cutoffs must be 0 or more (-1 x 2, 1 x 3)",
    ],
    [
      () => leastCount(pair, 1, -0.5),
      "Cannot compare with cutoffs: factors and cutoffs must be 0 or more (1 x 2, -0.5 x 3)",
    ],
    [() => distanceFactor(-1), "Cannot weigh a distance: it must be 0 or more (-1)"],
    [() => distanceFactor(NaN), "Cannot weigh a distance: it must be 0 or more (NaN)"],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof UsageError && error.message === message);
  }
});
