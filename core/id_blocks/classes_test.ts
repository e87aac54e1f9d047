import assert from "node:assert";
import fc from "fast-check";
import { classesByOccupancy } from "./classes.ts";

const of = (...occupancies: number[]) => Float64Array.from(occupancies);

Deno.test("classesByOccupancy: above the percentile, as numpy takes it, and without the block", () => {
  // numpy.percentile([0, 0.2, 0.4, 1, 0.9], 75) is 0.9; nothing at it is above it.
  assert.deepStrictEqual(classesByOccupancy(of(0, 0.2, 0.4, 1, 0.9), 75, 0), {
    high: [3],
    low: [0],
    cutoff: 0.9,
    isAtCutoff: false,
  });
  const { high, low, cutoff } = classesByOccupancy(of(0, 0.2, 0.4, 1, 0.9), 60, 0.2);
  assert.deepStrictEqual([high, low], [[3, 4], [0, 1]]);
  assert.ok(Math.abs(cutoff - 0.6) < 1e-12);
});

Deno.test("classesByOccupancy: where the greatest is a tie, those at it are high", () => {
  assert.deepStrictEqual(classesByOccupancy(of(1, 0, 1, 1), 50, 0), {
    high: [0, 2, 3],
    low: [1],
    cutoff: 1,
    isAtCutoff: true,
  });
  assert.deepStrictEqual(classesByOccupancy(of(0.5, 0, 0.7), 100, 0).high, [2]);
});

Deno.test("classesByOccupancy: no volume is of both classes, and a block that is nowhere has no high ones", () => {
  assert.deepStrictEqual(classesByOccupancy(of(0, 0), 99, 0).high, []);
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 30,
    }),
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (occupancies, p, low) => {
      const classes = classesByOccupancy(Float64Array.from(occupancies), p, low);
      assert.ok(classes.high.every((place) => !classes.low.includes(place)));
      assert.deepStrictEqual(
        classes.low,
        [...occupancies.keys()].filter((place) => occupancies[place]! <= low),
      );
      for (const place of classes.high) {
        assert.ok(occupancies[place]! > low);
        assert.ok(
          classes.isAtCutoff
            ? occupancies[place] === classes.cutoff || occupancies[place]! > classes.cutoff
            : occupancies[place]! > classes.cutoff,
        );
      }
    },
  ));
});
