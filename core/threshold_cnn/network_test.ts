import assert from "node:assert";
import { random } from "../random.ts";
import {
  edges,
  elements,
  initialWeights,
  parameterShapes,
  thresholdNetwork,
  weightShapes,
} from "./network.ts";

Deno.test("SIREn's network has 2.3 million parameters, and ends in one value a channel", () => {
  const count = [...parameterShapes(thresholdNetwork).values()].map(elements)
    .reduce((sum, n) => sum + n, 0);
  assert.strictEqual(count, 2_300_545);
  assert.deepStrictEqual(edges(thresholdNetwork), [64, 58, 27, 11, 4, 4]);
  assert.strictEqual(weightShapes(thresholdNetwork).size, 22 + 4 * 3);
});

Deno.test("weights to train from lie within PyTorch's bounds, and are those of their seed", () => {
  const weights = initialWeights(thresholdNetwork, random(1));
  const again = initialWeights(thresholdNetwork, random(1));
  const bounds: [string, number][] = [["conv.3", 1 / Math.sqrt(32 * 125)], ["mlp.2", 1 / 8]];
  for (const [name, bound] of bounds) {
    const { data } = weights.get(`${name}.weight`)!; // as the definition names it
    assert.deepStrictEqual(data, again.get(`${name}.weight`)?.data);
    const most = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(most <= Math.fround(bound) && most > 0.9 * bound, `${name}: ${most}`);
  }
  assert.deepStrictEqual([...new Set(weights.get("conv.1.weight")?.data)], [1]);
  assert.deepStrictEqual([...new Set(weights.get("conv.1.running_var")?.data)], [1]);
  assert.deepStrictEqual([...new Set(weights.get("conv.1.running_mean")?.data)], [0]);
});
