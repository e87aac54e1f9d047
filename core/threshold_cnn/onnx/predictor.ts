/**
 * Predictions by ONNX Runtime.
 *
 * @module
 */
import type { Predictor } from "../engine.ts";
import type { Network, Weights } from "../network.ts";
import { PREDICT_INPUT, PREDICT_OUTPUT, predictGraph } from "./predict_graph.ts";
import { openSession, type Runtime } from "./runtime.ts";

/** Makes a predictor. Maps are computed one after the other, which takes the memory of one. */
export async function openPredictor(
  runtime: Runtime,
  threads: number,
  network: Network,
  weights: Weights,
): Promise<Predictor> {
  const session = await openSession(runtime, predictGraph(network, weights), threads);
  const { box } = network;
  const size = box ** 3;
  return {
    async predict(maps) {
      if (maps.length % size !== 0) {
        throw new RangeError(`Cannot predict: ${maps.length} voxels are no maps of ${box}^3`);
      }
      const predictions = new Float32Array(maps.length / size);
      for (let i = 0; i < predictions.length; i++) {
        const map = maps.subarray(i * size, (i + 1) * size);
        const feeds = { [PREDICT_INPUT]: new runtime.Tensor("float32", map, [box, 1, box, box]) };
        const { [PREDICT_OUTPUT]: prediction } = await session.run(feeds);
        predictions[i] = prediction!.data[0]!; // the graph's one output, a single number
      }
      return predictions;
    },
    close: () => session.release(),
  };
}
