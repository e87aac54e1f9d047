import assert from "node:assert";
import { keepByThreshold } from "./filter.ts";

Deno.test("a threshold at two standard deviations is kept, one beyond is dropped", () => {
  // Mean 0; the population variance is 2 * 4 / 8 = 1, so 2 lies on the bound. The sample's would be 8 / 7.
  assert.deepStrictEqual(
    keepByThreshold([2, -2, 0, 0, 0, 0, 0, 0]),
    Array.from({ length: 8 }, () => true),
  );
  // Mean 0; the population variance is 2 * 4 / 9, so 2 is 2.12 deviations out, and 2.0 of the sample's.
  assert.deepStrictEqual(keepByThreshold([2, 0, 0, 0, -2, 0, 0, 0, 0]), [
    ...[false, true, true, true, false, true, true, true, true],
  ]);
});

Deno.test("equal thresholds are all kept", () => {
  assert.deepStrictEqual(keepByThreshold([0.1, 0.1, 0.1]), [true, true, true]);
});
