import assert from "node:assert";
import { thresholdNetwork, weightShapes } from "../network.ts";
import { checkpointOf, differences } from "./fit.ts";
import { type Dtype, StoredTensor } from "./stored_tensor.ts";
import type { StoredWeights } from "./stored_weights.ts";
import { smallNetwork, testCheckpoint } from "./testing.ts";

const checkpoint = testCheckpoint(smallNetwork);

function stored(data: Float32Array<ArrayBuffer>, shape: readonly number[]): StoredTensor {
  return new StoredTensor("float32", shape, new Uint8Array(data.buffer));
}

/** The tensors of a checkpoint as a file holds them, with some in place of others. */
function storedTensors(changes: Readonly<Record<string, StoredTensor>> = {}) {
  return new Map([
    ...Array.from(
      checkpoint.weights,
      ([name, { data, shape }]) => [name, stored(data, shape)] as const,
    ),
    ...Object.entries(changes),
  ]);
}

function storedWeights(
  changes: Readonly<Record<string, StoredTensor>> = {},
  more: Partial<StoredWeights> = {},
): StoredWeights {
  const tensors = storedTensors(changes);
  return { kind: "PyTorch", tensors, prefix: "", hasOtherOptimizer: false, ...more };
}

const use = (weights: StoredWeights) => checkpointOf(weights, smallNetwork, "a.pth");

/** A tensor of numbers of 64 bits. */
function wide(...values: number[]): StoredTensor {
  const data = Float64Array.from(values);
  return new StoredTensor("float64", [values.length], new Uint8Array(data.buffer));
}

Deno.test("tensors of the network make a checkpoint", () => {
  const { weights } = checkpoint;
  assert.deepStrictEqual(use(storedWeights()), { weights });
  const more = { epoch: 4, loss: 0.1 };
  assert.deepStrictEqual(use(storedWeights({}, more)), { weights, ...more });
});

Deno.test("tensors of another network are told, the first few of them", () => {
  const other = storedTensors({
    "conv.0.weight": stored(new Float32Array(3), [3]),
    "conv.1.bias": new StoredTensor("int32", [3], new Uint8Array(12)),
    "conv.1.num_batches_tracked": stored(new Float32Array(1), [1]),
    [`x\x1b${"y".repeat(70)}`]: stored(new Float32Array(1), [1]),
  });
  other.delete("mlp.2.bias");
  assert.deepStrictEqual(differences(other, smallNetwork), [
    "conv.0.weight is 3, not 3 x 1 x 2 x 2 x 2",
    "conv.1.bias is of type int32, not of floating point",
    "conv.1.num_batches_tracked is 1, not a single number",
    "mlp.2.bias is missing",
    `x?${"y".repeat(58)}... is not in the network`,
  ]);
  assert.throws(() => use(storedWeights({}, { tensors: other })), {
    name: "InputError",
    message:
      "Cannot use a.pth: its tensors are not those of the network: conv.0.weight is 3, not " +
      "3 x 1 x 2 x 2 x 2; conv.1.bias is of type int32, not of floating point; " +
      "conv.1.num_batches_tracked is 1, not a single number, and 2 more",
    remedy: "See siren weights inspect for what it holds.",
  });
  assert.deepStrictEqual(differences(storedTensors(), smallNetwork), []);
});

Deno.test("counts of batches may be missing, as old versions of PyTorch did not count them", () => {
  const tensors = storedTensors();
  tensors.delete("conv.1.num_batches_tracked");
  const { weights } = use(storedWeights({}, { tensors }));
  assert.deepStrictEqual(weights.get("conv.1.num_batches_tracked")?.data, Float32Array.of(0));
});

Deno.test("a kernel of another edge is told with both shapes", () => {
  const tensors = new Map(
    Array.from(weightShapes(thresholdNetwork), ([name, shape]) => {
      const isThird = name === "conv.3.weight";
      return [
        name,
        new StoredTensor("float32", isThird ? [64, 32, 3, 3, 3] : shape, new Uint8Array()),
      ];
    }),
  );
  assert.deepStrictEqual(differences(tensors, thresholdNetwork), [
    "conv.3.weight is 64 x 32 x 3 x 3 x 3, not 64 x 32 x 5 x 5 x 5",
  ]);
});

Deno.test("numbers that cannot be are refused with the first of them", () => {
  for (
    const [name, values, said] of [
      ["mlp.0.bias", [1, NaN], "mlp.0.bias holds NaN, which is not finite (number 1 of it)"],
      [
        "mlp.0.bias",
        [-Infinity, 1],
        "mlp.0.bias holds -Infinity, which is not finite (number 0 of it)",
      ],
      [
        "mlp.0.bias",
        [1, -1e39],
        "mlp.0.bias holds -1e+39, which is beyond 32-bit floats (number 1 of it)",
      ],
      [
        "conv.1.running_var",
        [1, 2, -0.5],
        "conv.1.running_var holds -0.5, which cannot be negative (number 2 of it)",
      ],
    ] as const
  ) {
    assert.throws(() => use(storedWeights({ [name]: wide(...values) })), {
      name: "InputError",
      message: `Cannot use a.pth: ${said}`,
    });
  }
  const fine = use(
    storedWeights({ "mlp.0.bias": wide(3e38, -1e-300), "conv.1.running_mean": wide(-1, 0, 1) }),
  );
  assert.deepStrictEqual(fine.weights.get("mlp.0.bias")?.data, Float32Array.of(3e38, -0));
});

Deno.test("the optimizer's state is held against the network too", () => {
  const { adam } = checkpoint;
  assert.ok(adam);
  const moments = (of: ReadonlyMap<string, Float32Array<ArrayBuffer>>) =>
    new Map(
      Array.from(
        of,
        ([name, data]) => [name, stored(data, checkpoint.weights.get(name)?.shape ?? [])],
      ),
    );
  const state = {
    step: 7,
    learningRate: 3e-6,
    mean: moments(adam.mean),
    square: moments(adam.square),
  };
  assert.deepStrictEqual(use(storedWeights({}, { adam: state })).adam, adam);
  for (
    const [change, said] of [
      [
        { mean: new Map(state.mean).set("mlp.2.bias", wide(1, 2)) },
        "the tensors of its optimizer are not those of the network: mlp.2.bias is 2, not 1",
      ],
      [
        { square: new Map(state.square).set("mlp.2.bias", wide(-1)) },
        "the optimizer's mean square of mlp.2.bias holds -1, which cannot be negative (number 0 of it)",
      ],
      [{ learningRate: NaN }, "the learning rate of its optimizer is NaN"],
    ] as const
  ) {
    assert.throws(() => use(storedWeights({}, { adam: { ...state, ...change } })), {
      name: "InputError",
      message: `Cannot use a.pth: ${said}`,
    });
  }
});

Deno.test("weights of 16 and 64 bits become 32-bit floats, and counts whole numbers", () => {
  const half = new StoredTensor("float16", [2], new Uint8Array(Float16Array.of(0.5, -2).buffer));
  const long = new StoredTensor(
    "int64" satisfies Dtype,
    [],
    new Uint8Array(BigInt64Array.of(9n).buffer),
  );
  const { weights } = use(
    storedWeights({ "mlp.0.bias": half, "conv.1.num_batches_tracked": long }),
  );
  assert.deepStrictEqual(weights.get("mlp.0.bias")?.data, Float32Array.of(0.5, -2));
  assert.deepStrictEqual(weights.get("conv.1.num_batches_tracked")?.data, Float32Array.of(9));
});
