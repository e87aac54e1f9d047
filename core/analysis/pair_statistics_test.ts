import assert from "node:assert";
import fc from "fast-check";
import { areMistakes, pairStatistics } from "./pair_statistics.ts";

const rules = { miscalls: 0.001, fdr: 0.05 };

/** Presences of two regions with so many volumes of each kind. */
const twoRegions = (both: number, onlyA: number, onlyB: number, neither: number) =>
  Uint8Array.from([
    ...new Array<number[]>(both).fill([1, 1]),
    ...new Array<number[]>(onlyA).fill([1, 0]),
    ...new Array<number[]>(onlyB).fill([0, 1]),
    ...new Array<number[]>(neither).fill([0, 0]),
  ].flat());

Deno.test("pairs: Fisher's tea, and its mirror", () => {
  const [tea] = pairStatistics(twoRegions(4, 0, 0, 4), 2, rules);
  assert.ok(Math.abs(tea!.pTogether - 1 / 70) < 1e-12 && Math.abs(tea!.pApart - 1) < 1e-12);
  assert.deepStrictEqual([tea!.both, tea!.onlyA, tea!.onlyB, tea!.neither], [4, 0, 0, 4]);
  assert.deepStrictEqual([tea!.phi, tea!.expected, tea!.qTogether], [1, 2, tea!.pTogether]);
  const [apart] = pairStatistics(twoRegions(0, 4, 4, 0), 2, rules);
  assert.ok(Math.abs(apart!.pApart - 1 / 70) < 1e-12 && apart!.phi === -1 && apart!.exclusive);
});

Deno.test("pairs: counts sum to the volumes, tails to 1 and what is observed", () => {
  const counts = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 30 })));
  fc.assert(fc.property(counts, ([both, onlyA, onlyB, neither]) => {
    fc.pre(both! + onlyA! + onlyB! + neither! > 0);
    const [pair] = pairStatistics(twoRegions(both!, onlyA!, onlyB!, neither!), 2, rules);
    assert.deepStrictEqual(
      [pair!.both, pair!.onlyA, pair!.onlyB, pair!.neither],
      [both, onlyA, onlyB, neither],
    );
    assert.ok(pair!.pTogether + pair!.pApart >= 1 - 1e-12);
    assert.ok(!pair!.exclusive || pair!.phi < 0);
  }));
});

Deno.test("exclusive: seldom together by far, and not because one is never or seldom there", () => {
  const is = (...counts: [number, number, number, number]) =>
    pairStatistics(twoRegions(...counts), 2, rules)[0]!.exclusive;
  assert.ok(is(0, 60, 60, 80));
  assert.ok(is(1, 60, 60, 80), "one volume may be called wrong");
  assert.ok(!is(8, 60, 60, 80), "but not so many");
  assert.ok(!is(0, 0, 60, 80), "a region that is never there");
  assert.ok(!is(0, 3, 4, 193), "seldom there");
  assert.ok(!is(25, 25, 25, 25));
});

Deno.test("areMistakes: more where calls are wrong more often, never a quarter", () => {
  assert.ok(areMistakes(rules, 0, 1, 1) && !areMistakes(rules, 0, 0, 10));
  assert.ok(areMistakes(rules, 1, 40, 200) && !areMistakes(rules, 2, 40, 200));
  assert.ok(areMistakes({ ...rules, miscalls: 0.02 }, 7, 40, 200));
  assert.ok(!areMistakes({ ...rules, miscalls: 0.4 }, 10, 40, 200));
  assert.ok(!areMistakes({ ...rules, miscalls: 0 }, 1, 40, 200));
  assert.ok(areMistakes({ ...rules, miscalls: 0 }, 0, 40, 200));
});
