import assert from "node:assert";
import { random } from "../../random.ts";
import { mapLoss } from "../loss.ts";
import { initialWeights, type Network, type Tensor } from "../network.ts";
import { headGradients, levelOf } from "./head.ts";

const network: Network = {
  box: 4,
  convolutions: [{ name: "conv.0", from: 1, to: 5, kernel: 1, pool: false }],
  average: 4,
  dense: [{ name: "mlp.0", from: 5, to: 7 }, { name: "mlp.2", from: 7, to: 1 }],
};

Deno.test("the head's derivatives are differences of the loss, dropped features having none", () => {
  const draw = random(3);
  const numbers = (length: number) => Float32Array.from({ length }, () => 2 * draw.uniform() - 1);
  const weights = initialWeights(network, draw);
  const maps = numbers(2 * 64), labels = numbers(2), features = numbers(10);
  const dropout = Float32Array.of(1, 0, 1.5, 1, 1, 2, 1, 1, 0, 1);
  const found = headGradients(network, weights, features, { maps, labels, dropout });

  const loss = (of: ReadonlyMap<string, Tensor>, from: Float32Array) => {
    const kept = Array.from(dropout, (factor, i) => factor * from[i]!);
    const each = [0, 1].map((m) => {
      const level = levelOf(network, of, kept.slice(5 * m, 5 * m + 5));
      return mapLoss(maps.subarray(64 * m, 64 * (m + 1)), level, labels[m]!);
    });
    return (each[0]! + each[1]!) / 2;
  };
  assert.ok(Math.abs(found.loss - loss(weights, features)) < 1e-6);
  const close = (derivative: number, at: (by: number) => number, what: string) => {
    const difference = (at(2 ** -11) - at(-(2 ** -11))) / 2 ** -10;
    assert.ok(Math.abs(derivative - difference) < 1e-3, `${what}: ${derivative}, ${difference}`);
  };
  for (const [i, derivative] of found.dFeatures.entries()) {
    close(derivative, (by) => loss(weights, features.with(i, features[i]! + by)), `feature ${i}`);
    assert.strictEqual(derivative === 0, dropout[i] === 0);
  }
  assert.deepStrictEqual(
    [...found.gradients.keys()].sort(),
    ["mlp.0.bias", "mlp.0.weight", "mlp.2.bias", "mlp.2.weight"],
  );
  for (const [name, gradient] of found.gradients) {
    const { shape, data } = weights.get(name)!; // the network's own names
    for (const [i, derivative] of gradient.entries()) {
      const at = (by: number) =>
        loss(new Map(weights).set(name, { shape, data: data.with(i, data[i]! + by) }), features);
      close(derivative, at, `${name} ${i}`);
    }
  }
});
