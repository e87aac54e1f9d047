import assert from "node:assert";
import { random } from "../../random.ts";
import { initialWeights } from "../network.ts";
import { tinyEngine, tinyNetwork } from "../testing.ts";
import { fromTensorflow, toTensorflow, withoutNorms } from "./layout.ts";

Deno.test("kernels are turned into TensorFlow's order, and back", () => {
  const [to, from, k] = [3, 2, 2];
  const shape = [to, from, k, k, k];
  const kernel = Float32Array.from({ length: to * from * k ** 3 }, (_, i) => i);
  const turned = toTensorflow(kernel, shape);
  // From channel 1 to 2 at z 1, y 0, x 1.
  const place = 1 * 4 + 0 * 2 + 1;
  assert.strictEqual(turned[(place * from + 1) * to + 2], kernel[(2 * from + 1) * 8 + place]);
  assert.deepStrictEqual(fromTensorflow(turned, shape), kernel);
});

Deno.test("weights with the normalisation within predict the same without one", async () => {
  const draw = random(5);
  const weights = initialWeights(tinyNetwork, draw);
  for (const [name, { data }] of weights) {
    if (name.startsWith("conv.1")) data.forEach((_, i) => data[i] = 0.5 + draw.uniform());
  }
  const folded = new Map(withoutNorms(tinyNetwork, weights));
  // A normalisation that changes nothing, but for what is added to the variance.
  for (const [name, value] of [["weight", 1], ["bias", 0], ["running_mean", 0]] as const) {
    folded.set(`conv.1.${name}`, { shape: [2], data: new Float32Array(2).fill(value) });
  }
  folded.set("conv.1.running_var", { shape: [2], data: new Float32Array(2).fill(1 - 1e-5) });
  const maps = Float32Array.from({ length: 3 * 64 }, () => 2 * draw.uniform() - 1);
  const [a, b] = await Promise.all(
    [weights, folded].map(async (weights) =>
      await (await tinyEngine.predictor(tinyNetwork, weights)).predict(maps)
    ),
  );
  for (const [i, level] of a!.entries()) assert.ok(Math.abs(level - b![i]!) < 1e-6);
});
