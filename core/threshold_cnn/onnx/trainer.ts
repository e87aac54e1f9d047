/**
 * Gradients by ONNX Runtime.
 *
 * @module
 */
import type { Batch, BatchStatistics, Gradients, Trainer } from "../engine.ts";
import { edges, elements, type Network, parameterShapes, type Weights } from "../network.ts";
import { valuesOf } from "../values_of.ts";
import { openSession, type Runtime, type RuntimeSession, type RuntimeTensor } from "./runtime.ts";
import { idleParameters, trainGraph, trainNames } from "./train_graph.ts";

/**
 * Makes a trainer. A graph is made for the size of a batch, and given back for one of another size: a
 * session keeps the memory that it has computed in, some 0.4 GB for each map.
 */
export function openTrainer(runtime: Runtime, threads: number, network: Network): Trainer {
  let open: { readonly count: number; readonly session: RuntimeSession } | undefined;
  const close = async () => {
    await open?.session.release();
    open = undefined;
  };
  const sessionFor = async (count: number) => {
    if (open?.count === count) return open.session;
    await close();
    const session = await openSession(runtime, trainGraph(network, count), threads);
    open = { count, session };
    return session;
  };
  return {
    async gradients(weights, batch) {
      const feeds = feedsOf(runtime, network, weights, batch);
      const session = await sessionFor(batch.labels.length);
      return gradientsOf(network, batch.labels.length, await session.run(feeds));
    },
    close,
  };
}

/** What goes in. */
function feedsOf(runtime: Runtime, network: Network, weights: Weights, batch: Batch) {
  const { box } = network;
  const { maps, labels, dropout } = batch;
  const count = labels.length, features = network.dense[0]?.from ?? 1;
  if (count === 0 || maps.length !== count * box ** 3 || dropout.length !== count * features) {
    throw new RangeError(
      `Cannot train: ${maps.length} voxels and ${dropout.length} features are not those of ${count} maps`,
    );
  }
  const tensor = (data: Float32Array<ArrayBuffer>, shape: readonly number[]) =>
    new runtime.Tensor("float32", data, shape);
  const feeds: Record<string, RuntimeTensor> = {
    [trainNames.labels]: tensor(labels, [count, 1]),
    [trainNames.dropout]: tensor(dropout, [count, features]),
  };
  for (let i = 0; i < count; i++) {
    const map = maps.subarray(i * box ** 3, (i + 1) * box ** 3);
    feeds[trainNames.map(i)] = tensor(map, [box, 1, box, box]);
  }
  for (const [name, shape] of parameterShapes(network)) {
    feeds[name] = tensor(valuesOf(weights, name), shape);
  }
  return feeds;
}

/** What came out. */
function gradientsOf(
  network: Network,
  count: number,
  results: Readonly<Record<string, RuntimeTensor>>,
): Gradients {
  const take = (name: string) => results[name]!.data; // all are outputs of the graph
  const idle = new Set(idleParameters(network));
  const gradients = new Map<string, Float32Array<ArrayBuffer>>();
  for (const [name, shape] of parameterShapes(network)) {
    const values = idle.has(name)
      ? new Float32Array(elements(shape))
      : take(trainNames.gradient(name));
    gradients.set(name, values);
  }
  const edgesOf = edges(network);
  const statistics = new Map<string, BatchStatistics>();
  for (const [i, { norm, kernel }] of network.convolutions.entries()) {
    if (norm === undefined) continue;
    statistics.set(norm, {
      mean: take(trainNames.mean(norm)),
      variance: take(trainNames.variance(norm)),
      count: count * (edgesOf[i]! - kernel + 1) ** 3, // an edge for each
    });
  }
  const [loss] = take(trainNames.loss);
  return { loss: loss!, predictions: take(trainNames.predictions), gradients, statistics };
}
