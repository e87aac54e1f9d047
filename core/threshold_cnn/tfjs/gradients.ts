/**
 * Gradients of the network in TensorFlow.js.
 *
 * @module
 */
import type { Batch, BatchStatistics, Gradients } from "../engine.ts";
import { elements, type Network, parameterShapes, type Weights } from "../network.ts";
import type { KernelDerivative } from "./convolution.ts";
import { featureDerivatives } from "./derivatives.ts";
import { disposeLayer, type Layer, type Parameters, traceFeatures } from "./features.ts";
import { headGradients } from "./head.ts";
import { fromTensorflow, mapTensors, parameterTensors } from "./layout.ts";
import type { Tensorflow, TfTensor } from "./tensorflow.ts";

/**
 * What a batch says about the weights: see `Trainer.gradients`.
 *
 * @param kernelDerivative The faster one on this back end.
 */
export async function gradients(
  tf: Tensorflow,
  network: Network,
  weights: Weights,
  batch: Batch,
  kernelDerivative: KernelDerivative,
): Promise<Gradients> {
  const parameters = parameterTensors(tf, network, weights);
  const maps = mapTensors(tf, network, batch.maps);
  let layers: Layer[] = [];
  try {
    const traced = traceFeatures(tf, network, parameters, maps);
    layers = traced.layers;
    const features = await taken(traced.features);
    const statistics = await statisticsOf(layers, weights);
    const head = headGradients(network, weights, features, batch);
    const dFeatures = tf.tensor(head.dFeatures, [maps.length, features.length / maps.length]);
    const trace = { network, parameters, maps, layers };
    const found = featureDerivatives(tf, trace, dFeatures, kernelDerivative);
    dFeatures.dispose();
    const byName = new Map<string, Float32Array<ArrayBuffer>>();
    for (const [name, shape] of parameterShapes(network)) {
      const tensor = found.get(name);
      const own = head.gradients.get(name) ??
        (tensor === undefined ? new Float32Array(elements(shape)) : await taken(tensor));
      byName.set(name, shape.length === 5 ? fromTensorflow(own, shape) : own);
    }
    const { loss, predictions } = head;
    return { loss, predictions, gradients: byName, statistics };
  } finally {
    for (const layer of layers) disposeLayer(tf, layer);
    disposeAll(tf, maps, parameters);
  }
}

/** A tensor's numbers; the tensor is disposed of. */
async function taken(tensor: TfTensor): Promise<Float32Array<ArrayBuffer>> {
  const numbers = Float32Array.from(await tensor.data());
  tensor.dispose();
  return numbers;
}

/** Statistics as the rest of the world has them: of convolutions with their biases. */
async function statisticsOf(
  layers: readonly Layer[],
  weights: Weights,
): Promise<Map<string, BatchStatistics>> {
  const byName = new Map<string, BatchStatistics>();
  for (const { definition: { name, norm }, statistics, count } of layers) {
    if (norm === undefined || statistics === undefined) continue;
    const bias = weights.get(`${name}.bias`)!.data; // the parameters were made of them
    const mean = Float32Array.from(await statistics.mean.data(), (value, c) => value + bias[c]!);
    const variance = Float32Array.from(await statistics.variance.data());
    byName.set(norm, { mean, variance, count });
  }
  return byName;
}

function disposeAll(tf: Tensorflow, maps: readonly TfTensor[], parameters: Parameters): void {
  tf.dispose([...maps, ...parameters.values()]);
}
