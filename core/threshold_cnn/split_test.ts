import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { drawBatches, drawDropout, drawing, drawSplit, splitSizes } from "./split.ts";

Deno.test("of ten maps eight are learnt from, and of any three or more each part has one", () => {
  assert.deepStrictEqual(splitSizes(10), { training: 8, test: 1, validation: 1 });
  assert.deepStrictEqual(splitSizes(3000), { training: 2400, test: 300, validation: 300 });
  assert.deepStrictEqual(splitSizes(3), { training: 1, test: 1, validation: 1 });
  assert.deepStrictEqual(splitSizes(9), { training: 7, test: 1, validation: 1 });
  assert.deepStrictEqual(splitSizes(12), { training: 10, test: 1, validation: 1 });
});

Deno.test("fewer than three maps cannot be split", () => {
  assert.throws(
    () => splitSizes(2),
    (error) => error instanceof InputError && /too few maps with labels \(2\)/.test(error.message),
  );
});

Deno.test("each map is in one part, and the seed alone says in which", () => {
  fc.assert(fc.property(fc.integer({ min: 3, max: 400 }), fc.nat(), (maps, seed) => {
    const { training, test, validation } = drawSplit(maps, seed);
    const all = [...training, ...test, ...validation].sort((a, b) => a - b);
    assert.deepStrictEqual(all, Array.from({ length: maps }, (_, i) => i));
    assert.ok(training.length >= test.length && test.length >= validation.length);
    assert.deepStrictEqual(drawSplit(maps, seed), { training, test, validation });
  }));
  assert.notDeepStrictEqual(drawSplit(100, 1), drawSplit(100, 2));
});

Deno.test("each epoch takes every map once, in an order of its own", () => {
  const maps = [3, 5, 8, 13, 21, 34, 55];
  const first = drawBatches(maps, 3, 0, 1);
  assert.deepStrictEqual(first.map((batch) => batch.length), [3, 3, 1]);
  assert.deepStrictEqual(first.flat().sort((a, b) => a - b), maps);
  assert.deepStrictEqual(drawBatches(maps, 3, 0, 1), first);
  assert.notDeepStrictEqual(drawBatches(maps, 3, 0, 2), first);
});

Deno.test("dropout drops 30 % and keeps the mean", () => {
  const mask = drawDropout(20_000, drawing(1, "dropout", 1));
  const dropped = mask.filter((factor) => factor === 0).length / mask.length;
  const mean = mask.reduce((sum, factor) => sum + factor, 0) / mask.length;
  // Four standard deviations of 20 000 draws.
  assert.ok(Math.abs(dropped - 0.3) < 0.013, String(dropped));
  assert.ok(Math.abs(mean - 1) < 0.019, String(mean));
});
