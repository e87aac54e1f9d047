import assert from "node:assert";
import { InputError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { random } from "../core/random.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import { initialWeights } from "../core/threshold_cnn/network.ts";
import { tinyEngine, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { fineTuneOptions } from "../core/threshold_cnn/training_options.ts";
import {
  readCheckpoint,
  writeCheckpoint,
} from "../core/threshold_cnn/weights_file/weights_file.ts";
import { parseCsv } from "../core/volumes/csv_text.ts";
import { train } from "./train.ts";
import type { TrainingJob } from "./train_description.ts";
import { around, hashesIn, prepare } from "./train_testing.ts";

/** An engine that ends the training in a given call for gradients. */
function endingEngine(calls: number, end: () => void): NetworkEngine {
  let left = calls;
  return {
    ...tinyEngine,
    trainer: async (network) => {
      const trainer = await tinyEngine.trainer(network);
      return {
        ...trainer,
        gradients: (weights, batch) => {
          if (--left === 0) end();
          return trainer.gradients(weights, batch);
        },
      };
    },
  };
}

Deno.test("a training lowers the held-out error, and writes what it did", () =>
  withFolder(async (folder) => {
    const options = fineTuneOptions.parse({ num_epochs: 12, lr: 0.06, seed: 1 });
    const job = await prepare(folder, { options });
    const { news, ...surroundings } = around();
    const result = await train(job, surroundings);
    assert.ok(result.held_out.fell, JSON.stringify(result));
    assert.deepStrictEqual(result.maps, { training: 10, validation: 1, test: 1 });
    assert.strictEqual(result.epochs, 12);

    const out = job.outdir;
    const losses = parseCsv(await Deno.readTextFile(`${out}/losses.csv`), "losses.csv");
    assert.deepStrictEqual(
      losses.columns,
      ["epoch", "training_loss", "validation_loss", "validation_mae"],
    );
    assert.strictEqual(losses.rows.length, 13);
    const validation = losses.rows.map(({ record }) => Number(record[2])).slice(1);
    const best = await readCheckpoint(`${out}/weights.pth`, tinyNetwork);
    assert.strictEqual(best.epoch, result.best_epoch);
    assert.strictEqual(best.loss, Math.min(...validation));
    const last = await readCheckpoint(`${out}/last.pth`, tinyNetwork);
    assert.deepStrictEqual([last.epoch, last.adam?.step], [12, 36]);

    const split = await Deno.readTextFile(`${out}/split.csv`);
    assert.strictEqual(split.match(/^vol_\d+\.mrc,training$/gm)?.length, 10);
    const [held] = parseCsv(await Deno.readTextFile(`${out}/held_out.csv`), "").rows;
    const [map, label, before, after] = held!.record; // one map is held out
    assert.ok(split.includes(`${map},test\n`));
    const [from, to] = [before, after].map((p) => Math.abs(Number(p) - Number(label)));
    assert.deepStrictEqual(
      [from, to],
      [result.held_out.before.mean_error, result.held_out.after.mean_error],
    );
    const bars = news.filter((piece) => piece.kind === "progress" && piece.stage === "Training");
    assert.ok(bars.some((bar) =>
      bar.kind === "progress" && bar.done === 14 && bar.total === 120 &&
      bar.detail === "epoch 2 of 12"
    ));
    assert.match(await Deno.readTextFile(`${out}/model_loss.svg`), /^<svg/);

    const again = around();
    await Deno.remove(`${out}/split.csv`);
    assert.deepStrictEqual(await train(job, again), result);
    assert.ok(again.news.some((piece) => piece.kind === "note" && /done already/.test(piece.text)));
    assert.strictEqual(await Deno.readTextFile(`${out}/split.csv`), split);
  }));

Deno.test("a training that was stopped, or killed between two files, ends with the same bytes", () =>
  withFolder(async (folder) => {
    const job = await prepare(folder);
    await train(job, around());
    const whole = await hashesIn(job.outdir);

    const stopped = { ...job, outdir: `${folder}/stopped` };
    const stop = new AbortController();
    const reason = new Error("Ctrl-C");
    const engine = endingEngine(3 * 3 + 2, () => stop.abort(reason));
    await assert.rejects(train({ ...stopped, engine }, around(stop.signal)), reason);
    assert.ok((await readCheckpoint(`${stopped.outdir}/last.pth`, tinyNetwork)).epoch === 3);

    // Killed after the best weights and the losses of the next epoch, before its last.pth.
    const later = { ...job, outdir: `${folder}/later` };
    const stopLater = new AbortController();
    const laterEngine = endingEngine(4 * 3 + 1, () => stopLater.abort(reason));
    await assert.rejects(
      train({ ...later, engine: laterEngine }, around(stopLater.signal)),
      reason,
    );
    for (const name of ["weights.pth", "losses.csv", "model_loss.svg"]) {
      await Deno.copyFile(`${later.outdir}/${name}`, `${stopped.outdir}/${name}`);
    }
    const { news, ...surroundings } = around();
    await train(stopped, surroundings);
    assert.ok(news.some((piece) => piece.kind === "note" && /after epoch 3/.test(piece.text)));
    assert.deepStrictEqual(await hashesIn(stopped.outdir), whole);
  }));

Deno.test("a map that is there under two names is refused: it might be learnt from and held out", () =>
  withFolder(async (folder) => {
    const job = await prepare(folder);
    const read: TrainingJob["read"] = (path, box) => job.read(path.replace("vol_7", "vol_2"), box);
    await assert.rejects(
      train({ ...job, read }, around()),
      (error) =>
        error instanceof InputError &&
        /two maps are the same, voxel by voxel \(vol_2.mrc, vol_7.mrc\)/.test(error.message),
    );
  }));

Deno.test("fine-tuning begins with the weights given, and patience ends it early", () =>
  withFolder(async (folder) => {
    const weights = `${folder}/given.pth`;
    await writeCheckpoint(
      weights,
      { weights: initialWeights(tinyNetwork, random(9)) },
      tinyNetwork,
    );
    // With a learning rate that is far too small nothing gets better after the first epochs.
    const options = fineTuneOptions.parse({ num_epochs: 90, lr: 1e-12, patience: 2 });
    const job = await prepare(folder, { command: "fine_tune", weights, options });
    const result = await train(job, around());
    assert.ok(
      result.stopped_early && result.epochs === result.best_epoch + 2,
      JSON.stringify(result),
    );
    const { weights: tuned } = await readCheckpoint(
      `${job.outdir}/fine_tuned_weights.pth`,
      tinyNetwork,
    );
    const given = (await readCheckpoint(weights, tinyNetwork)).weights;
    assert.deepStrictEqual(tuned.get("conv.0.weight"), given.get("conv.0.weight"));
  }));

Deno.test("what cannot be trained with is told before anything is written", () =>
  withFolder(async (folder) => {
    const job = await prepare(folder);
    await assert.rejects(
      train({ ...job, maps: job.maps.slice(0, 2) }, around()),
      (error) =>
        error instanceof InputError && /too few maps with labels \(2\)/.test(error.message),
    );
    const unreadable = new InputError("Cannot use vol_7.mrc: it is not normalised");
    const read: TrainingJob["read"] = (path, box) =>
      path.endsWith("vol_7.mrc") ? Promise.reject(unreadable) : job.read(path, box);
    await assert.rejects(train({ ...job, read }, around()), unreadable);
    const weights = `${folder}/other.pth`;
    await Deno.writeTextFile(weights, "no weights");
    await assert.rejects(train({ ...job, weights }, around()), InputError);
    await assert.rejects(Deno.stat(job.outdir), Deno.errors.NotFound);
  }));
