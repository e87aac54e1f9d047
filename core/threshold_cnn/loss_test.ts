import assert from "node:assert";
import { mapLoss } from "./loss.ts";

Deno.test("the loss of a map is PyTorch's", () => {
  // ((sigmoid(10 (v - p)) - sigmoid(10 (v - l))) ** 2).mean() of PyTorch 1.13.
  const near = mapLoss(Float32Array.of(-1, 0.3, 0.9, -0.2), 0.25, -0.1);
  const far = mapLoss(Float32Array.of(0.1, 0.2, 0.3, 1), -0.4, 0.5);
  assert.ok(Math.abs(near - 0.04895550385117531) < 1e-7, String(near));
  assert.ok(Math.abs(far - 0.6570470333099365) < 1e-6, String(far));
});

Deno.test("a level that is not a number has no loss", () => {
  assert.ok(Number.isNaN(mapLoss(Float32Array.of(0, 1), NaN, 0)));
});
