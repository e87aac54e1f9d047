import { Command } from "@commander-js/extra-typings";
import assert from "node:assert";
import { UsageError } from "../core/errors.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { random } from "../core/random.ts";
import type { NetworkEngine } from "../core/threshold_cnn/engine.ts";
import { initialWeights } from "../core/threshold_cnn/network.ts";
import { tinyEngine, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/weights_file.ts";
import { fineTune } from "./fine_tune.ts";
import { Stop } from "./io.ts";
import { checkNeeded } from "./options.ts";
import { needlessPermissions } from "./permissions.ts";
import { fakeContext, type FakeIo, fakeIo } from "./testing.ts";
import { train } from "./train.ts";
import { formatTraining, type NetworkParts } from "./training.ts";

const asked: unknown[][] = [];

/** The tiny network, and how many calls for gradients there are before `end`. */
function parts(end?: { after: number; call: () => void }): NetworkParts {
  let left = end?.after ?? Infinity;
  const engine: NetworkEngine = {
    ...tinyEngine,
    trainer: async (network) => {
      const { gradients, close } = await tinyEngine.trainer(network);
      return {
        close,
        gradients: (weights, batch) => {
          if (--left === 0) end?.call();
          return gradients(weights, batch);
        },
      };
    },
  };
  return {
    network: tinyNetwork,
    findEngine: (...args) => {
      asked.push(args);
      return Promise.resolve(engine);
    },
  };
}

async function call(args: string[], io: FakeIo = fakeIo(), with_ = parts()) {
  const context = fakeContext(io, args);
  const program = new Command("siren").exitOverride().configureOutput({ writeErr: () => {} });
  for (const command of [fineTune(context, with_), train(context, with_)]) {
    program.addCommand(command.exitOverride());
  }
  program.hook("preAction", (_, command) => {
    io.drop(needlessPermissions(command));
    checkNeeded(command);
  });
  await program.parseAsync(args, { from: "user" });
  return { out: io.out(), err: io.err(), dropped: io.dropped() };
}

const zero = { x: 0, y: 0, z: 0 };

/** Ten normalised maps of box 4, labels for nine of them, and weights. */
async function prepare(folder: string) {
  await Deno.mkdir(`${folder}/maps`);
  const rows = ["vol_id,normalized_label,map_file"];
  for (let i = 0; i < 10; i++) {
    const rng = random(5, i);
    const level = -0.6 + i / 10;
    const data = Float32Array.from({ length: 64 }, () => level + 0.6 * (rng.uniform() - 0.5));
    data[0] = 1;
    data[1] = -1;
    const name = `vol_${i}.mrc`;
    await writeMap(`${folder}/maps/${name}`, data, { box: 4, apix: 2, origin: zero, nstart: zero });
    if (i < 9) rows.push(`${i},${level},${name}`);
  }
  await Deno.writeTextFile(`${folder}/labels.csv`, rows.join("\n") + "\n");
  const weights = initialWeights(tinyNetwork, random(2));
  await writeCheckpoint(`${folder}/w.pth`, { weights }, tinyNetwork);
  const maps = ["--voldir", `${folder}/maps`, "--labels", `${folder}/labels.csv`];
  return { maps, out: ["--outdir", `${folder}/out`], weights: ["--weights", `${folder}/w.pth`] };
}

Deno.test("siren fine_tune tells its epochs, and whether the held-out error fell", () =>
  withFolder(async (folder) => {
    const { maps, out, weights } = await prepare(folder);
    const args = ["fine_tune", ...maps, ...weights, ...out, "--num_epochs", "20", "--lr", "0.03"];
    const told = await call([...args, "--threads", "3"]);
    assert.deepStrictEqual(asked.at(-1), ["auto", 3]);
    assert.deepStrictEqual(told.dropped, ["net", "run"]);
    assert.match(told.err, /1 map has no label and is passed over\./);
    assert.match(told.err, /\nEpoch 20 of 20: training loss [\d.e-]+, validation loss /);
    assert.match(
      told.out,
      /^20 epochs on 7 maps, validated with 1; the weights kept are those of /,
    );
    assert.match(
      told.out,
      /\nThe held-out error fell: the mean distance of predictions from labels went from /,
    );
    assert.match(told.out, /\nOnly 1 map was held out: chance may play a part\.\n/);
    assert.ok(told.out.includes(`Weights: ${folder}/out/fine_tuned_weights.pth\n`), told.out);

    const named = await call([...args, "--json", "--quiet", "--engine", "onnx"]);
    assert.deepStrictEqual(named.dropped, ["net", "run", "env"]);
    const json = JSON.parse(named.out);
    assert.deepStrictEqual([json.folder, json.epochs], [`${folder}/out`, 20]);
    assert.strictEqual((await call([...args, "--quiet"])).out, "");
  }));

Deno.test("siren train, stopped by Ctrl-C, says how to go on, and goes on", () =>
  withFolder(async (folder) => {
    const { maps, out } = await prepare(folder);
    const args = ["train", ...maps, ...out, "--num_epochs", "4", "--augment", "flips,rotations"];
    const io = fakeIo();
    const end = { after: 2, call: () => io.stop(new Stop("SIGINT")) };
    await assert.rejects(
      call(args, io, parts(end)),
      (error) =>
        error instanceof Stop && error.exitCode === 130 &&
        error.remedy === `Whole epochs are kept. Go on with: siren ${args.join(" ")}`,
    );
    const again = await call(args);
    assert.match(again.err, /Going on after epoch 1, /);

    // With --force the command would throw away what it has done.
    const once = fakeIo();
    await assert.rejects(
      call(
        [...args, "--force"],
        once,
        parts({ after: 2, call: () => once.stop(new Stop("SIGINT")) }),
      ),
      (error) =>
        error instanceof Stop &&
        error.remedy === `Whole epochs are kept. Go on with: siren ${args.join(" ")}`,
    );
    assert.match(again.out, /^4 epochs on 7 maps/);
  }));

Deno.test("Ctrl-C before the first epoch says how to go on, too", () =>
  withFolder(async (folder) => {
    const { maps, out } = await prepare(folder);
    const args = ["train", ...maps, ...out, "--force"];
    const io = fakeIo();
    io.stop(new Stop("SIGINT"));
    await assert.rejects(
      call(args, io),
      (error) =>
        error instanceof Stop &&
        error.remedy === `What is done is kept. Go on with: siren ${args.join(" ")}`,
    );
  }));

Deno.test("siren fine_tune does not replace the weights or labels that it is given", () =>
  withFolder(async (folder) => {
    const { maps } = await prepare(folder);
    const given = `${folder}/fine_tuned_weights.pth`;
    await Deno.rename(`${folder}/w.pth`, given);
    const args = ["fine_tune", ...maps, "--weights", given, "--outdir", folder, "--force"];
    await assert.rejects(call(args), /fine_tuned_weights.pth there would be replaced/);
    await Deno.rename(given, `${folder}/w.pth`);
    await Deno.rename(`${folder}/labels.csv`, `${folder}/split.csv`);
    await Deno.symlink(folder, `${folder}/linked`);
    const words =
      `--voldir ${folder}/maps --labels ${folder}/split.csv --weights ${folder}/w.pth ` +
      `--outdir ${folder}/linked --force`;
    await assert.rejects(
      call(["fine_tune", ...words.split(" ")]),
      /split.csv there would be replaced/,
    );
    await assert.rejects(Deno.stat(`${folder}/training.json`), Deno.errors.NotFound);
  }));

Deno.test("siren train --emdb normalises maps of EMDB first", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/emdb`);
    for (let i = 1; i <= 4; i++) {
      const rng = random(i);
      const data = Float32Array.from({ length: 216 }, () => rng.uniform());
      const grid = { box: 6, apix: 2, origin: zero, nstart: zero };
      await writeMap(`${folder}/emdb/emd_${i}.map`, data, grid);
    }
    const table = `${folder}/levels.csv`;
    await Deno.writeTextFile(
      table,
      "emdb_id,contour_level\nEMD-1,.5\nEMD-2,.4\nEMD-3,.6\nEMD-4,.3\n",
    );
    const voldir = ["--voldir", `${folder}/emdb`, "--emdb", table];
    const { out } = await call(
      ["train", ...voldir, "--outdir", `${folder}/out`, "--num_epochs", "1"],
    );
    assert.match(out, /^1 epoch on 2 maps, validated with 1; /);
    assert.ok((await Deno.stat(`${folder}/out/normalized/emd_4.mrc`)).isFile);
  }));

Deno.test("command lines that make no sense are refused", async () => {
  const voldir = ["--voldir", "maps", "--outdir", "out"];
  const cases: [string[], RegExp, RegExp?][] = [
    [["fine_tune", "--outdir", "out"], /options are missing \(--voldir, --weights\)/],
    [
      ["fine_tune", ...voldir, "--weights", "w"],
      /an option is missing \(--labels\)/,
      /siren preprocess/,
    ],
    [
      ["fine_tune", ...voldir, "--weights", "w", "--labels", "a", "--labels_csv", "b"],
      /they mean the same/,
      /one of/,
    ],
    [["train", ...voldir], /an option is missing \(--labels or --emdb\)/, /siren preprocess/],
    [
      ["train", ...voldir, "--labels", "a", "--emdb", "b"],
      /--labels and --emdb together/,
      /one of/,
    ],
    [["train", ...voldir, "--labels", "a", "--lr", "0"], /--lr: it must be more than 0 \(0\)/],
    [
      ["train", ...voldir, "--emdb", "b", "--augment", "noise"],
      /--augment: no such choice \(noise\)/,
    ],
    [["train", ...voldir, "--labels", "a", "--num_epochs", "1.5"], /it must be a whole number/],
  ];
  for (const [args, message, remedy] of cases) {
    await assert.rejects(
      call(args),
      (error) =>
        error instanceof UsageError && message.test(error.message) &&
        (remedy ?? /^/).test(error.remedy ?? ""),
      args.join(" "),
    );
  }
});

Deno.test("an error that did not fall is said plainly, with what to do", () => {
  const errors = (mean_error: number, loss: number) => ({ mean_error, loss });
  const text = (command: "fine_tune" | "train") =>
    formatTraining(command, {
      weights: "w.pth",
      epochs: 5,
      best_epoch: 1,
      stopped_early: true,
      maps: { training: 80, validation: 10, test: 10 },
      held_out: { before: errors(0.02, 0.1), after: errors(0.03, 0.1), fell: false },
    }, "out");
  assert.match(text("fine_tune"), /^5 epochs, stopped early, on 80 maps/);
  assert.match(
    text("fine_tune"),
    /\nThe held-out error did not fall: .* went from 0\.02 to 0\.03, and the loss stayed at 0\.1\. Keep the old weights/,
  );
  assert.match(text("train"), /Do not use these weights/);
  assert.ok(!text("train").includes("chance"));
});
