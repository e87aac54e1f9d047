import assert from "node:assert";
import { withFolder } from "../mrc/testing.ts";
import { writeMap } from "../mrc/write.ts";
import { random } from "../random.ts";
import type { NetworkEngine } from "./engine.ts";
import { initialWeights } from "./network.ts";
import { normaliseMap } from "./normalised_maps.ts";
import { type PredictionTask, predictionWarnings, predictThresholds } from "./predict_maps.ts";
import { tinyEngine, tinyNetwork } from "./testing.ts";

const zero = { x: 0, y: 0, z: 0 };
const weights = initialWeights(tinyNetwork, random(1));
const task = { network: tinyNetwork, weights, engine: tinyEngine, batchSize: 2 } as const;

/** Writes raw maps of box 4, and the same normalised. */
async function makeMaps(folder: string, count: number) {
  const draw = random(2);
  const raw: string[] = [], normalised: string[] = [], statistics = [];
  await Deno.mkdir(`${folder}/raw`);
  await Deno.mkdir(`${folder}/normalised`);
  for (let i = 0; i < count; i++) {
    const data = Float32Array.from({ length: 64 }, () => (i + 1) * (draw.uniform() - 0.3));
    const grid = { box: 4, apix: 2, origin: zero, nstart: zero };
    await writeMap(raw[i] = `${folder}/raw/vol_${i}.mrc`, data, grid);
    const { data: own, statistics: range } = await normaliseMap(raw[i]!, 4);
    await writeMap(normalised[i] = `${folder}/normalised/vol_${i}.mrc`, own, grid);
    statistics.push(range);
  }
  return { raw, normalised, statistics };
}

Deno.test("raw maps are predicted as the same maps normalised beforehand, whatever the batch", () =>
  withFolder(async (folder) => {
    const { raw, normalised, statistics } = await makeMaps(folder, 5);
    const done: number[] = [];
    const rows = await predictThresholds({
      ...task,
      maps: normalised,
      statistics,
      onProgress: (count) => done.push(count),
    });
    assert.deepStrictEqual(done, [0, 2, 4, 5]);
    assert.deepStrictEqual(rows.map(({ map }) => map), normalised);
    assert.strictEqual(new Set(rows.map(({ prediction }) => prediction)).size, 5);
    for (const { prediction, level, statistics: { min, max } } of rows) {
      assert.ok(Math.abs(level - (min + (prediction + 1) / 2 * (max - min))) < 1e-12);
    }
    for (const batchSize of [1, 5, 9]) {
      const fromRaw = await predictThresholds({ ...task, batchSize, maps: raw, statistics: "raw" });
      assert.deepStrictEqual(fromRaw.map(({ map }) => map), raw);
      assert.deepStrictEqual(
        fromRaw.map((row) => ({ ...row, map: "" })),
        rows.map((row) => ({ ...row, map: "" })),
      );
    }
  }));

Deno.test("no more maps are read than the batch that is computed and the next", () =>
  withFolder(async (folder) => {
    const { raw } = await makeMaps(folder, 6);
    // Those after the next batch appear while the first is computed: to read them earlier would fail.
    const late = raw.slice(4);
    for (const path of late) await Deno.rename(path, `${path}.late`);
    const engine: NetworkEngine = {
      ...tinyEngine,
      async predictor(network, weights) {
        const own = await tinyEngine.predictor(network, weights);
        return {
          ...own,
          async predict(maps) {
            assert.strictEqual(maps.length, 2 * 64);
            for (const path of late.splice(0)) await Deno.rename(`${path}.late`, path);
            return await own.predict(maps);
          },
        };
      },
    };
    const rows = await predictThresholds({ ...task, engine, maps: raw, statistics: "raw" });
    assert.strictEqual(rows.length, 6);
  }));

Deno.test("a prediction that fails or is stopped closes what it opened", () =>
  withFolder(async (folder) => {
    const { raw, statistics } = await makeMaps(folder, 4);
    let closed = 0;
    const engineOf = (predict: () => Float32Array<ArrayBuffer>): NetworkEngine => ({
      ...tinyEngine,
      predictor: () =>
        Promise.resolve({
          predict: () => Promise.resolve().then(predict),
          close: () => {
            closed++;
            return Promise.resolve();
          },
        }),
    });
    const predict = (given: Partial<PredictionTask>) =>
      predictThresholds({ ...task, maps: raw, statistics: "raw", ...given });
    await assert.rejects(predict({ engine: engineOf(() => Float32Array.of(0, NaN)) }), {
      name: "RunError",
      message: `Cannot predict the threshold of ${raw[1]}: the network gives NaN`,
    });
    const abort = new AbortController();
    const stop = engineOf(() => {
      abort.abort(new Error("Ctrl-C"));
      return new Float32Array(2);
    });
    await assert.rejects(
      predict({ engine: stop, signal: abort.signal, batchSize: 1 }),
      new Error("Ctrl-C"),
    );
    assert.strictEqual(closed, 2);
    await assert.rejects(predict({ statistics }), {
      name: "InputError",
      message: /not normalised/,
    });
    await assert.rejects(predict({ statistics: [] }), RangeError);
    await assert.rejects(predict({ batchSize: 0 }), RangeError);
  }));

Deno.test("predictions outside the maps' densities, and those that are all one, are warned of", () => {
  const rows = (...predictions: number[]) =>
    predictions.map((prediction, i) => ({
      map: `maps/vol_${i}.mrc`,
      statistics: { min: 0, max: 1 },
      prediction,
      level: 0,
    }));
  assert.deepStrictEqual(predictionWarnings(rows(-1, 1, 0)), []);
  assert.deepStrictEqual(predictionWarnings(rows(0.25)), []);
  const [outside, ...more] = predictionWarnings(rows(0, 1.5, -1.1));
  assert.strictEqual(
    outside,
    "The levels predicted for 2 of 3 maps lie outside the maps' densities (vol_1.mrc, vol_2.mrc): the " +
      "weights may not suit these maps.",
  );
  assert.deepStrictEqual(more, []);
  const [same] = predictionWarnings(rows(0.10001, 0.1002));
  assert.match(same ?? "", /^All predictions are nearly the same \(0\.1 to 0\.1002 on the scale/);
});
