import assert from "node:assert";
import type { BatchStatistics } from "./engine.ts";
import type { Tensor } from "./network.ts";
import { countIn } from "./running_statistics.ts";

/** Mean and variance of each channel: values by map, channel and voxel, as PyTorch has them. */
function statisticsOf(x: readonly number[]): BatchStatistics {
  const channels = [[x[0]!, x[1]!, x[4]!, x[5]!], [x[2]!, x[3]!, x[6]!, x[7]!]];
  const mean = channels.map((values) => values.reduce((sum, v) => sum + v, 0) / 4);
  const variance = channels.map((values, c) =>
    values.reduce((sum, v) => sum + (v - mean[c]!) ** 2, 0) / 4
  );
  return { mean: Float32Array.from(mean), variance: Float32Array.from(variance), count: 4 };
}

Deno.test("two batches count into the running statistics as in PyTorch", () => {
  const x = Array.from({ length: 8 }, (_, i) => i ** 1.5);
  const start: ReadonlyMap<string, Tensor> = new Map([
    ["n.running_mean", { shape: [2], data: new Float32Array(2) }],
    ["n.running_var", { shape: [2], data: Float32Array.of(1, 1) }],
    ["n.num_batches_tracked", { shape: [], data: new Float32Array(1) }],
  ]);
  const once = countIn(start, new Map([["n", statisticsOf(x)]]));
  const twice = countIn(once, new Map([["n", statisticsOf(x.map((v) => 2 * v))]]));
  // torch.nn.BatchNorm3d(2) of PyTorch 1.13 in train mode.
  const expected: [Map<string, Tensor>, number[], number[], number][] = [
    [once, [0.5045084953308105, 1.0310444831848145], [3.8396155834198, 6.525965690612793], 1],
    [twice, [1.4630746841430664, 2.9900288581848145], [15.214117050170898, 28.37723159790039], 2],
  ];
  for (const [weights, mean, variance, batches] of expected) {
    const of = (name: string) => [...weights.get(`n.${name}`)?.data ?? []];
    for (const [actual, wanted] of [[of("running_mean"), mean], [of("running_var"), variance]]) {
      actual!.forEach((v, i) => assert.ok(Math.abs(v - wanted![i]!) < 1e-5 * v, `${v}`)); // both pairs are whole
    }
    assert.deepStrictEqual(of("num_batches_tracked"), [batches]);
  }
  assert.deepStrictEqual([...start.get("n.running_var")?.data ?? []], [1, 1]);
});

Deno.test("statistics of a batch normalisation that is not there are refused", () => {
  assert.throws(() => countIn(new Map(), new Map([["n", statisticsOf([1, 2, 3, 4, 5, 6, 7, 8])]])));
});
