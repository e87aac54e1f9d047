import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { percentile } from "../null_model/percentile.ts";
import { random } from "../random.ts";
import { denormalise, mapRange, normalise, normaliseLevel, rangeFinder } from "./normalise.ts";

/** As the steps are written down: percentiles by sorting everything. */
function byTheBook(data: Float32Array): { min: number; max: number; map: number[] } {
  const [low, high] = [percentile(data, 0.001), percentile(data, 99.999)].map(Math.fround) as [
    number,
    number,
  ];
  const clipped = Array.from(
    data,
    (density) => Math.max(0, Math.min(high, Math.max(low, density))),
  );
  const min = clipped.reduce((least, x) => x > 0 && x < least ? x : least, Infinity);
  const max = clipped.reduce((most, x) => Math.max(most, x));
  return { min, max, map: clipped.map((x) => Math.fround(2 * (x - min) / (max - min) - 1)) };
}

const densities = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }), {
  minLength: 2,
  maxLength: 60,
});

Deno.test("a map is normalised by the book, whatever its densities and however they come", () => {
  fc.assert(fc.property(densities, fc.float({ min: 0, max: 20, noNaN: true }), (values, above) => {
    const data = Float32Array.from(values, (x) => x + above);
    const { min, max, map } = byTheBook(data);
    fc.pre(max > 0 && min < max);
    const range = mapRange(data, "a.mrc");
    assert.deepStrictEqual({ min: range.min, max: range.max }, { min, max });
    assert.deepStrictEqual([...normalise(data, range)], map);
  }));
});

Deno.test("percentiles of many densities are found without sorting them all", () => {
  const rng = random(2);
  const data = Float32Array.from({ length: 120_000 }, () => rng.uniform() ** 3 - 0.1);
  for (const order of [data, data.toSorted(), data.toSorted().reverse()]) {
    const finder = rangeFinder(order.length, "a.mrc");
    for (let start = 0; start < order.length; start += 50_000) {
      finder.add(order.subarray(start, start + 50_000));
    }
    const { min, max, floor } = finder.end();
    const clipped = byTheBook(data);
    assert.deepStrictEqual({ min, max, floor }, { min: clipped.min, max: clipped.max, floor: 0 });
  }
});

Deno.test("a map that cannot be normalised is refused by name", () => {
  const refused = (densities: number[], reason: RegExp) =>
    assert.throws(
      () => mapRange(Float32Array.from(densities), "a.mrc"),
      (error) => error instanceof InputError && reason.test(error.message),
    );
  refused([-1, 0, -2], /^Cannot normalise a\.mrc: none of its densities is positive/);
  refused([0, 0], /none of its densities is positive/);
  refused([2, 2, 2], /all its positive densities are the same \(2\)/);
  refused([1, NaN], /not a finite number \(NaN\)/);
  refused([1, -Infinity], /not a finite number \(-Infinity\)/);
});

Deno.test("levels go to the normalised scale and back", () => {
  const level = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(fc.property(level, level, level, (value, min, scale) => {
    fc.pre(Math.abs(scale) > 1e-3);
    const statistics = { min, max: min + Math.abs(scale) };
    const back = denormalise(normaliseLevel(value, statistics), statistics);
    assert.ok(Math.abs(back - value) < 1e-9, `${back}`);
  }));
  assert.strictEqual(denormalise(-1, { min: 0.25, max: 4 }), 0.25);
  assert.strictEqual(denormalise(1, { min: 0.25, max: 4 }), 4);
});
