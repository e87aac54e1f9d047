/**
 * Writes checkpoints as SIREn's own programs do with `torch.save`, so that these, and any PyTorch since 1.6,
 * load them.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import { type Network, parameterShapes, weightShapes } from "../network.ts";
import {
  PersistentId,
  type PickleData,
  PickledCall,
  PickledTuple,
  PickleFloat,
  writePickle,
} from "./pickle_writer.ts";
import { writeZip } from "./zip_writer.ts";

/** Folder in the archive, which PyTorch names after the file; the bytes shall not depend on it. */
const ROOT = "weights";
/** Learning rate that is written where there is no state of Adam, that of fine-tuning. */
const LEARNING_RATE = 1e-6;

/**
 * The bytes of a `.pth` file: a dict of `epoch`, `model_state_dict`, `optimizer_state_dict` and `loss`. An
 * unknown epoch is written as 0, an unknown loss as NaN. Without the state of Adam, that of an Adam that has
 * not taken a step is written, since SIREn's programs ask for one.
 *
 * @param checkpoint Holds all tensors of the network.
 */
export function torchBytes(checkpoint: Checkpoint, network: Network): Uint8Array<ArrayBuffer> {
  const storages: Uint8Array[] = [];
  const tensor = (
    data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
    shape: readonly number[],
  ) => {
    const type = data instanceof BigInt64Array ? "LongStorage" : "FloatStorage";
    const key = String(storages.length);
    storages.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const storage = new PickledTuple(
      ...["storage", new PickledCall("torch", type), key, "cpu", data.length],
    );
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return new PickledCall(
      "torch._utils",
      "_rebuild_tensor_v2",
      // Offset, shape, strides, whether it asks for a gradient, hooks.
      new PickledTuple(
        ...[new PersistentId(storage), 0, new PickledTuple(...shape), new PickledTuple(...strides)],
        ...[false, orderedDict()],
      ),
    );
  };

  const model = new Map<string, PickleData>();
  for (const [name, shape] of weightShapes(network)) {
    const data = checkpoint.weights.get(name)!.data; // all tensors of the network are there
    const isLong = name.endsWith(".num_batches_tracked");
    model.set(name, tensor(isLong ? BigInt64Array.from(data, BigInt) : data, shape));
  }
  const parameters = [...parameterShapes(network)];
  const { adam } = checkpoint;
  const state = new Map<number, PickleData>();
  if (adam !== undefined) {
    parameters.forEach(([name, shape], i) => {
      state.set(
        i,
        new Map<string, PickleData>([
          ["step", tensor(Float32Array.of(adam.step), [])],
          ["exp_avg", tensor(adam.mean.get(name)!, shape)], // moments are there of all parameters
          ["exp_avg_sq", tensor(adam.square.get(name)!, shape)],
        ]),
      );
    });
  }
  const group = new Map<string, PickleData>([
    ["lr", new PickleFloat(adam?.learningRate ?? LEARNING_RATE)],
    ["betas", new PickledTuple(0.9, 0.999)],
    ["eps", 1e-8],
    ["weight_decay", 0],
    ["amsgrad", false],
    ["maximize", false],
    ["foreach", null],
    ["capturable", false],
    ["differentiable", false],
    ["fused", null],
    ["params", parameters.map((_, i) => i)],
  ]);
  const content = new Map<string, PickleData>([
    ["epoch", checkpoint.epoch ?? 0],
    ["model_state_dict", orderedDict(model)],
    [
      "optimizer_state_dict",
      new Map<string, PickleData>([["state", state], ["param_groups", [group]]]),
    ],
    ["loss", new PickleFloat(checkpoint.loss ?? NaN)],
  ]);
  const text = new TextEncoder();
  return writeZip(
    new Map([
      [`${ROOT}/data.pkl`, writePickle(content)],
      [`${ROOT}/byteorder`, text.encode("little")],
      ...storages.map((bytes, i) => [`${ROOT}/data/${i}`, bytes] as const),
      [`${ROOT}/version`, text.encode("3\n")],
    ]),
  );
}

function orderedDict(entries?: ReadonlyMap<string, PickleData>): PickledCall {
  return new PickledCall("collections", "OrderedDict", new PickledTuple(), entries);
}
