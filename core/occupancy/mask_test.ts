import assert from "node:assert";
import { InputError } from "../errors.ts";
import { insideOf, isWithinBounds, sparseMask } from "./mask.ts";

Deno.test("a mask's voxels are those that are not zero, and inside those above one half", () => {
  const mask = sparseMask(Float32Array.of(-0, 0.5, 0.75, -0.25, 1, 0), "m.mrc");
  assert.deepStrictEqual([...mask.voxels], [1, 2, 3, 4]);
  assert.deepStrictEqual([...mask.weights], [0.5, 0.75, -0.25, 1]);
  assert.deepStrictEqual([...insideOf(mask, "m.mrc")], [2, 4]);
  const { inside, sum, least, greatest } = mask;
  assert.deepStrictEqual([inside, sum, least, greatest], [2, 2, -0.25, 1]);
});

Deno.test("weights that are not 0 to 1 are noticed, but for rounding", () => {
  const within = (...weights: number[]) =>
    isWithinBounds(sparseMask(Float32Array.from(weights), "m.mrc"));
  assert.ok(within(0, 1.0000001, -1e-7));
  assert.ok(!within(0, 1.01));
  assert.ok(!within(0, 1, -0.01));
});

Deno.test("masks that cover nothing, or hold what is no number, are refused", () => {
  const refused = (weights: number[], message: RegExp) =>
    assert.throws(
      () => insideOf(sparseMask(Float32Array.from(weights), "m.mrc"), "m.mrc"),
      (error) => error instanceof InputError && message.test(error.message),
    );
  refused([0, 0], /m\.mrc as a mask: all of its voxels are 0/);
  refused([0, NaN], /voxel 1 is not a finite number \(NaN\)/);
  refused([-Infinity, 0], /voxel 0 is not a finite number \(-Infinity\)/);
  refused([0.5, 0], /none of its voxels is above 0\.5 \(the greatest is 0\.5\)/);
});
