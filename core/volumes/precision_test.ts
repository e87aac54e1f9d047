import assert from "node:assert";
import { thresholdFor } from "./precision.ts";

Deno.test("a density written as the threshold is not above it, at any precision", () => {
  for (const threshold of [0.509603, 0.1, -0.3, 0, 1e-3]) {
    assert.strictEqual(Math.f16round(threshold) > thresholdFor(12, threshold), false);
    assert.strictEqual(Math.fround(threshold) > thresholdFor(2, threshold), false);
  }
  assert.strictEqual(3 > thresholdFor(1, 2.9), true);
});
