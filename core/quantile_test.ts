import assert from "node:assert/strict";
import { quantileOf } from "./quantile.ts";

Deno.test("quantiles are NumPy's", () => {
  // numpy.quantile([3, 1, 2, 10], [0, 0.05, 0.5, 0.95, 1])
  const shares = [0, 0.05, 0.5, 0.95, 1];
  const found = shares.map((share) => quantileOf([3, 1, 2, 10], share));
  [1, 1.15, 2.5, 8.95, 10].forEach((value, i) => assert.ok(Math.abs(found[i]! - value) < 1e-12));
  assert.ok(Number.isNaN(quantileOf([], 0.5)));
});
