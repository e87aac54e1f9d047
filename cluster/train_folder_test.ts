import assert from "node:assert";
import { basename } from "node:path";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { random } from "../core/random.ts";
import { initialWeights } from "../core/threshold_cnn/network.ts";
import { tinyEngine, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { fineTuneOptions } from "../core/threshold_cnn/training_options.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/weights_file.ts";
import { train } from "./train.ts";
import { around, hashesIn, prepare } from "./train_testing.ts";

Deno.test("a folder with another training is left alone, unless it shall be replaced", () =>
  withFolder(async (folder) => {
    const job = await prepare(folder);
    await train(job, around());
    const before = await hashesIn(job.outdir);
    const other = (changes: Record<string, unknown>) =>
      train({ ...job, options: { ...job.options, ...changes } }, around());
    const isTold = (message: RegExp) => (error: unknown) =>
      error instanceof RunError && message.test(error.message);
    await assert.rejects(
      other({ lr: 0.5 }),
      isTold(/another .* \(lr is 0.03 there and 0.5 here\)/),
    );
    await assert.rejects(other({ patience: 3 }), isTold(/patience is not given there and 3 here/));
    await assert.rejects(
      other({ augment: [] }),
      isTold(/augment is rotations there and none here/),
    );
    await Deno.writeTextFile(job.maps[4]!.path, "another map");
    await assert.rejects(train(job, around()), isTold(/the hash of vol_4.mrc is/));
    await Deno.writeTextFile(job.maps[4]!.path, "map 4");

    const description = await Deno.readTextFile(`${job.outdir}/training.json`);
    await Deno.writeTextFile(
      `${job.outdir}/training.json`,
      description.replace('"part": "test"', '"part": "validation"'),
    );
    await assert.rejects(
      train(await prepare(folder), around()),
      isTold(/\(the part of vol_\d+.mrc is validation there and test here\)/),
    );
    await Deno.writeTextFile(`${job.outdir}/training.json`, description);

    const elsewhere = { ...tinyEngine, what: "another stand-in" };
    await assert.rejects(
      train({ ...job, engine: elsewhere }, around()),
      (error) =>
        isTold(/\(the engine is a stand-in there and another stand-in here\)/)(error) &&
        error instanceof RunError && /^Go on with the engine .*--engine/.test(error.remedy ?? ""),
    );
    assert.deepStrictEqual(await hashesIn(job.outdir), before);

    const forced = { ...job, force: true, options: { ...job.options, num_epochs: 1 } };
    assert.strictEqual((await train(forced, around())).epochs, 1);
    await Deno.remove(`${job.outdir}/training.json`);
    await assert.rejects(train(job, around()), isTold(/it holds last.pth, but no training.json/));
  }));

Deno.test("what engine was passed over does not keep a training from going on", () =>
  withFolder(async (folder) => {
    const options = fineTuneOptions.parse({ num_epochs: 1 });
    const job = await prepare(folder, { options });
    const result = await train(job, around());
    const engine = { ...tinyEngine, what: `${tinyEngine.what} (not TensorFlow.js: no (GPU))` };
    assert.deepStrictEqual(await train({ ...job, engine }, around()), result);
  }));

Deno.test("with force the same training starts over too, whatever is damaged", () =>
  withFolder(async (folder) => {
    const options = fineTuneOptions.parse({ num_epochs: 2 });
    const job = await prepare(folder, { options });
    const out = job.outdir;
    await train(job, around());
    const whole = await hashesIn(out);
    for (const name of ["last.pth", "losses.csv", "result.json", "training.json"]) {
      await Deno.writeTextFile(`${out}/${name}`, "damaged");
      if (name !== "result.json") await Deno.remove(`${out}/result.json`);
      await assert.rejects(
        train(job, around()),
        (error) => error instanceof InputError || error instanceof RunError,
        name,
      );
      let begun = 0;
      await train({ ...job, force: true, onBegun: () => begun++ }, around());
      assert.strictEqual(begun, 1);
      assert.deepStrictEqual(await hashesIn(out), whole, name);
    }
    // What cannot be read is not taken for damaged.
    await Deno.remove(`${out}/training.json`);
    await Deno.mkdir(`${out}/training.json`);
    await assert.rejects(
      train({ ...job, force: true }, around()),
      (error) => error instanceof RunError && /^Cannot read .*training.json/.test(error.message),
    );
    assert.ok((await Deno.stat(`${out}/last.pth`)).isFile);
  }));

Deno.test("starting over removes first what says that it is a training", () =>
  withFolder(async (folder) => {
    const options = fineTuneOptions.parse({ num_epochs: 1 });
    const job = await prepare(folder, { options });
    await train(job, around());
    const removed: string[] = [], written: string[] = [];
    const { remove, rename } = Deno;
    Deno.remove = (path, ...rest) => {
      removed.push(basename(String(path)));
      return remove(path, ...rest);
    };
    Deno.rename = (from, to) => {
      written.push(basename(String(to)));
      return rename(from, to);
    };
    try {
      await train({ ...job, force: true }, around());
    } finally {
      Object.assign(Deno, { remove, rename });
    }
    assert.deepStrictEqual([removed[0], removed.length], ["training.json", 9]);
    assert.deepStrictEqual(written.slice(0, 2), ["split.csv", "training.json"]);
  }));

Deno.test("files that are not of the training are left, whatever force says", () =>
  withFolder(async (folder) => {
    const options = fineTuneOptions.parse({ num_epochs: 1 });
    const trained = await prepare(folder, { options });
    const out = trained.outdir;
    const weights = `${out}/weights.pth`;
    const given = { weights: initialWeights(tinyNetwork, random(9)) };
    await Deno.mkdir(out);
    await writeCheckpoint(weights, given, tinyNetwork);
    const before = await hashesIn(out);

    // Weights of another's making, in the folder that is written to.
    const job = { ...trained, command: "fine_tune" as const, weights, inputs: [weights] };
    await train(job, around());
    assert.strictEqual((await hashesIn(out))["weights.pth"], before["weights.pth"]);
    await train({ ...job, force: true }, around());
    assert.strictEqual((await hashesIn(out))["weights.pth"], before["weights.pth"]);
    const isTold = (message: RegExp) => (error: unknown) =>
      error instanceof RunError && message.test(error.message);
    await assert.rejects(
      train({ ...trained, force: true }, around()),
      isTold(/it holds weights.pth, which is not of the training there/),
    );

    // What is given is not replaced, by whatever path it is given.
    const link = `${folder}/link.pth`;
    await Deno.symlink(`${out}/fine_tuned_weights.pth`, link);
    for (const force of [false, true]) {
      await assert.rejects(
        train({ ...job, force, weights: link, inputs: [link] }, around()),
        (error) =>
          error instanceof UsageError &&
          /fine_tuned_weights.pth there would be replaced.*link.pth/.test(error.message),
      );
    }
    await Deno.remove(`${out}/training.json`);
    await Deno.remove(weights);
    await train({ ...trained, force: true }, around());
    const whole = await hashesIn(out);
    await assert.rejects(train({ ...job, force: true }, around()), UsageError);
    assert.deepStrictEqual(await hashesIn(out), whole);
  }));
