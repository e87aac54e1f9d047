/** Weights written here, computed by PyTorch. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { random } from "../core/random.ts";
import { initialWeights, type Tensor, thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { findOnnxEngine } from "../core/threshold_cnn/onnx/engine.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/mod.ts";
import { hasTorch, PYTHON } from "./pytorch.ts";
import { temporaryFolder } from "./surroundings.ts";

const MAPS = 2;

const AnswerSchema = z.object({ result: z.array(z.number()) });

/** Weights whose normalisations do something. */
function someWeights(): Map<string, Tensor> {
  const rng = random(4);
  const weights = initialWeights(thresholdNetwork, rng);
  for (const [name, { data }] of weights) {
    if (name.endsWith("running_mean")) data.forEach((_, i) => data[i] = 0.1 * rng.normal());
    if (name.endsWith("running_var")) data.forEach((_, i) => data[i] = 0.05 + 0.2 * rng.uniform());
  }
  return weights;
}

Deno.test({
  name: "weights written here predict the same in PyTorch (python3-torch)",
  ignore: !await hasTorch(),
  async fn() {
    await using folder = await temporaryFolder();
    const weights = someWeights();
    const file = `${folder.path}/weights.pth`, mapsFile = `${folder.path}/maps.bin`;
    await writeCheckpoint(file, { weights, epoch: 1 });
    const rng = random(5);
    const maps = Float32Array.from(
      { length: MAPS * thresholdNetwork.box ** 3 },
      () => 2 * rng.uniform() ** 3 - 1,
    );
    await Deno.writeFile(mapsFile, new Uint8Array(maps.buffer));
    const network = fileURLToPath(new URL("../bench/network.py", import.meta.url));
    const { stdout, stderr } = await new Deno.Command(PYTHON, {
      args: [network, "predict", "1", "1", mapsFile, file],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
    const { result: results } = AnswerSchema.parse(JSON.parse(text));

    const found = await findOnnxEngine(2);
    assert.ok(found.works);
    const predictor = await found.engine.predictor(thresholdNetwork, weights);
    const predictions = await predictor.predict(maps);
    await predictor.close();
    assert.strictEqual(results.length, MAPS);
    assert.notStrictEqual(results[0], results[1]);
    for (const [i, prediction] of predictions.entries()) {
      assert.ok(Math.abs(prediction - results[i]!) < 1e-5, `${prediction}, ${results[i]}`);
    }
  },
});
