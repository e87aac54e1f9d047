import assert from "node:assert";
import { adamStep, startAdam } from "./adam.ts";
import type { AdamState } from "./checkpoint.ts";
import type { Tensor } from "./network.ts";
import { tinyNetwork } from "./testing.ts";

const start = [0.5, -1.25, 2, 0, 1e-3];
const gradients = [[0.1, -0.2, 3, 0, 1e-6], [0.3, 0.2, -1, 0, -2e-9], [
  -0.05,
  1e-4,
  0.5,
  1e-12,
  4e-7,
]];

// torch.optim.Adam([p], lr=0.01) of PyTorch 1.13 with these gradients.
const pytorch = {
  weights: [
    [0.49000000953674316, -1.2400000095367432, 1.9900000095367432, 0, -0.008900988847017288],
    [0.48082220554351807, -1.2405263185501099, 1.9859977960586548, 0, -0.015493413433432579],
    [
      0.4748130738735199,
      -1.2409354448318481,
      1.9819434881210327,
      -3.689823699914996e-07,
      -0.022552145645022392,
    ],
  ],
  mean: [
    0.03009999729692936,
    0.0018099993467330933,
    0.203000009059906,
    9.9999998245167e-14,
    1.208200046676211e-07,
  ],
  square: [
    0.00010239001858280972,
    7.98800538177602e-05,
    0.01023100782185793,
    1.0000000272452012e-27,
    1.1580051060918373e-15,
  ],
};

function closeTo(actual: Iterable<number> | undefined, expected: readonly number[], error: number) {
  assert.ok(actual);
  for (const [i, value] of [...actual].entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= error * Math.abs(expected[i]!), `${i}: ${value}`);
  }
}

Deno.test("three steps of Adam are PyTorch's", () => {
  let weights: ReadonlyMap<string, Tensor> = new Map([
    ["p", { shape: [5], data: Float32Array.from(start) }],
    ["running_mean", { shape: [1], data: Float32Array.of(7) }],
  ]);
  const zeros = () => new Map([["p", new Float32Array(5)]]);
  let adam: AdamState = { step: 0, learningRate: 0.01, mean: zeros(), square: zeros() };
  for (const [i, gradient] of gradients.entries()) {
    const before = weights.get("p")!.data.slice(); // it was put there above
    const next = adamStep(weights, new Map([["p", Float32Array.from(gradient)]]), adam);
    assert.deepStrictEqual(weights.get("p")?.data, before, "what was given is left alone");
    ({ weights, adam } = next);
    closeTo(weights.get("p")?.data, pytorch.weights[i]!, 1e-6);
  }
  assert.strictEqual(adam.step, 3);
  closeTo(adam.mean.get("p"), pytorch.mean, 1e-6);
  closeTo(adam.square.get("p"), pytorch.square, 1e-6);
  assert.deepStrictEqual([...weights.get("running_mean")?.data ?? []], [7]);
});

Deno.test("a gradient that fits no parameter is refused", () => {
  const weights = new Map([["p", { shape: [2], data: new Float32Array(2) }]]);
  const adam = startAdam(tinyNetwork, 0.01);
  assert.throws(() => adamStep(weights, new Map([["p", new Float32Array(2)]]), adam), RangeError);
});
