import { Command } from "@commander-js/extra-typings";
import assert from "node:assert";
import { referenceData, withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { random } from "../core/random.ts";
import { initialWeights } from "../core/threshold_cnn/network.ts";
import { formatStatistics } from "../core/threshold_cnn/map_statistics.ts";
import { normaliseMap } from "../core/threshold_cnn/normalised_maps.ts";
import { tinyEngine, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/weights_file.ts";
import { parseCsv } from "../core/volumes/csv_text.ts";
import { findMaps } from "../core/volumes/find_maps.ts";
import { readThresholds } from "../core/volumes/thresholds.ts";
import { evalModel } from "./eval_model.ts";
import { Stop } from "./io.ts";
import { checkNeeded } from "./options.ts";
import { needlessPermissions } from "./permissions.ts";
import { fakeContext, type FakeIo, fakeIo } from "./testing.ts";
import { networkParts } from "./training.ts";

const asked: unknown[][] = [];

/** The tiny network. */
const tinyParts: typeof networkParts = {
  network: tinyNetwork,
  findEngine: (...args) => {
    asked.push(args);
    return Promise.resolve(tinyEngine);
  },
};

async function call(args: readonly string[], io: FakeIo = fakeIo(), parts = tinyParts) {
  const words = ["eval_model", ...args];
  const program = new Command("siren").exitOverride().configureOutput({ writeErr: () => {} });
  program.addCommand(evalModel(fakeContext(io, words), parts).exitOverride());
  program.hook("preAction", (_, command) => {
    io.drop(needlessPermissions(command));
    checkNeeded(command);
  });
  await program.parseAsync(words, { from: "user" });
  return { out: io.out(), err: io.err(), dropped: io.dropped() };
}

const zero = { x: 0, y: 0, z: 0 };

/** Six raw maps of box 4, the same normalised with statistics, labels for five, and weights. */
async function prepare(folder: string) {
  const raw = `${folder}/raw`, normalised = `${folder}/normalised`;
  const rows = [], labels = ["map_file,contour_level,lower_bound,upper_bound"];
  await Deno.mkdir(raw);
  await Deno.mkdir(normalised);
  for (let i = 0; i < 6; i++) {
    const draw = random(5, i), name = `vol_${i + 7}.mrc`;
    const data = Float32Array.from({ length: 64 }, () => 2 * draw.uniform() - 0.1 * i);
    const grid = { box: 4, apix: 2, origin: zero, nstart: zero };
    await writeMap(`${raw}/${name}`, data, grid);
    const own = await normaliseMap(`${raw}/${name}`, 4);
    await writeMap(`${normalised}/${name}`, own.data, grid);
    rows.push({ map: name, statistics: own.statistics });
    if (i < 5) labels.push(`${name},${0.5 + i / 10},${i / 10},${1 + i / 10}`);
  }
  const paths = {
    csv: `${folder}/stats.csv`,
    labels: `${folder}/labels.csv`,
    out: `${folder}/a/b`,
  };
  await Deno.writeTextFile(paths.csv, formatStatistics(rows));
  await Deno.writeTextFile(paths.labels, labels.join("\n") + "\n");
  const weights = initialWeights(tinyNetwork, random(2));
  await writeCheckpoint(`${folder}/w.pth`, { weights }, tinyNetwork);
  const with_ = ["--weights_file", `${folder}/w.pth`, "--outdir", paths.out];
  return {
    ...paths,
    raw,
    ofRaw: ["--voldir", raw, "--raw", ...with_],
    ofNormalised: ["--voldir", normalised, "--normalize_csv", paths.csv, ...with_],
  };
}

Deno.test("siren eval_model writes thresholds that --binfile takes, and what labels say of them", () =>
  withFolder(async (folder) => {
    const { ofNormalised, labels, out, raw } = await prepare(folder);
    const { out: text, err } = await call([...ofNormalised, "--labels", labels]);
    assert.match(text, /^Thresholds of 6 maps\n\n +least +median +greatest\nthreshold /);
    assert.match(text, /Against the labels of 5 maps:\n {2}mean absolute error +0\.\d+\n/);
    assert.match(text, /inside the bounds +\d+ % of 5 maps\n/);
    assert.ok(text.endsWith(
      `Thresholds: ${out}/predictions.csv\n` +
        `Measures:   ${out}/measures.json\n` +
        `Pictures:   ${out}/predictions_vs_labels.svg\n` +
        `            ${out}/predictions_vs_labels.png\n` +
        `Next:       siren run --voldir MAPS --binfile ${out}/predictions.csv --outdir out\n`,
    ));
    assert.match(err, /^Predicting with a stand-in\nPredicting: 6 of 6 maps \(100 %\)/);
    assert.match(err, /Warning: Only 5 of 6 maps have a label: /);
    assert.deepStrictEqual(asked.at(-1), ["auto", 8]);

    const thresholds = await readThresholds(`${out}/predictions.csv`, await findMaps(raw));
    assert.ok(thresholds.length === 6 && thresholds.every((level) => level > -1 && level < 2));
    const { mean_absolute_error, labelled, outliers } = JSON.parse(
      await Deno.readTextFile(`${out}/measures.json`),
    );
    const errors = [0, 1, 2, 3, 4].map((i) => Math.abs(thresholds[i]! - (0.5 + i / 10)));
    const mean = errors.reduce((sum, error) => sum + error, 0) / 5;
    assert.ok(Math.abs(mean_absolute_error - mean) < 1e-6);
    assert.deepStrictEqual([labelled, outliers.length], [5, 5]);
    assert.match(await Deno.readTextFile(`${out}/predictions_vs_labels.svg`), /^<svg /);
    const png = await Deno.readFile(`${out}/predictions_vs_labels.png`);
    assert.deepStrictEqual([...png.subarray(1, 4)], [..."PNG"].map((c) => c.charCodeAt(0)));
  }));

Deno.test("siren eval_model --raw gives the same, replaces nothing without --force, and leaves nothing old", () =>
  withFolder(async (folder) => {
    const { ofRaw, ofNormalised, labels, out, raw } = await prepare(folder);
    await call([...ofNormalised, "--labels", labels, "--quiet"]);
    const first = await Deno.readTextFile(`${out}/predictions.csv`);
    await assert.rejects(call(ofRaw), {
      name: "UsageError",
      message: `Cannot write the predictions: there are others already (${out}/predictions.csv)`,
    });
    const { out: text, dropped } = await call([...ofRaw, "--force", "--json", "--threads", "3"]);
    assert.deepStrictEqual(asked.at(-1), ["auto", 3]);
    assert.deepStrictEqual(dropped, ["net", "run"]);
    assert.strictEqual(await Deno.readTextFile(`${out}/predictions.csv`), first);
    const files = await Array.fromAsync(Deno.readDir(out), ({ name }) => name);
    assert.deepStrictEqual(files, ["predictions.csv"]);
    const { predictions, volumes, engine, maps, ...rest } = JSON.parse(text);
    assert.deepStrictEqual([predictions, volumes, engine, rest], [
      `${out}/predictions.csv`,
      6,
      "a stand-in",
      {},
    ]);
    assert.deepStrictEqual(Object.keys(maps[0]), ["map", "prediction", "threshold"]);
    const { out: words } = await call([...ofRaw, "--force", "--engine", "onnx"]);
    assert.match(words, new RegExp(`Next: {7}siren run --voldir ${raw} `));
  }));

Deno.test("siren eval_model warns of labels that are levels of other maps, and measures by one label", () =>
  withFolder(async (folder) => {
    const { ofRaw, ofNormalised, labels, csv, out } = await prepare(folder);
    await Deno.writeTextFile(labels, "map_file,contour_level\nvol_9.mrc,70\n");
    for (
      const [maps, of] of [
        [ofRaw, "the maps of --voldir"],
        [ofNormalised, `the maps whose statistics ${csv} holds`],
      ] as const
    ) {
      const { out: text, err } = await call([...maps, "--labels", labels, "--force"]);
      const said =
        `Warning: Labels are beyond the densities of their maps in ${labels}: vol_9.mrc. ` +
        `They must be levels of ${of}.\n`;
      assert.ok(err.includes(said), err);
      assert.match(err, /Warning: Only 1 of 6 maps has a label: /);
      assert.match(text, /Against the labels of 1 map:\n/);
      assert.match(text, /rank correlation +none: one map alone\n/);
      const { labelled } = JSON.parse(await Deno.readTextFile(`${out}/measures.json`));
      assert.strictEqual(labelled, 1);
    }
  }));

Deno.test("siren eval_model predicts the same in batches of one, and of more than there are", () =>
  withFolder(async (folder) => {
    const { ofRaw, out } = await prepare(folder);
    const tables: string[] = [];
    for (const size of ["1", "4", "6", "1024"]) {
      await call([...ofRaw, "--batch_size", size, "--force", "--quiet"]);
      tables.push(await Deno.readTextFile(`${out}/predictions.csv`));
    }
    assert.match(tables[0]!, /\n5,5,.*,vol_12\.mrc,12\n$/);
    assert.deepStrictEqual(tables, tables.map(() => tables[0]));
    await assert.rejects(call([...ofRaw, "--batch_size", "1025"]), { name: "UsageError" });
  }));

Deno.test("siren eval_model refuses what does not go together or is not what it takes", () =>
  withFolder(async (folder) => {
    const { ofRaw, ofNormalised, csv, out, raw } = await prepare(folder);
    const swap = (args: readonly string[], flag: string, value: string) =>
      args.with(args.indexOf(flag) + 1, value);
    const fails = (args: readonly string[], message: RegExp, remedy: RegExp, parts = tinyParts) =>
      assert.rejects(call(args, fakeIo(), parts), { message, remedy });
    await fails([...ofRaw, "--normalize_csv", csv], /with --raw the maps' own/, /Leave one/);
    await fails(ofRaw.filter((word) => word !== "--raw"), /--normalize_csv is missing/, /--raw/);
    await fails(["--voldir", raw, "--raw", "--outdir", out], /no weights are given/, /lkinman/);
    await fails(ofRaw, /w\.pth/, /./, { ...tinyParts, network: networkParts.network });
    await fails(swap(ofNormalised, "--voldir", raw), /not normalised/, /--raw/);
    await fails([...ofRaw, "--engine", "cuda"], /no such choice \(cuda\)/, /auto, onnx, tfjs/);
    await assert.rejects(call([...ofRaw, "--batch_size", "0"]), { name: "UsageError" });
    await assert.rejects(call(["--voldir", raw]), { message: /missing \(--outdir\)/ });
    await Deno.writeTextFile(csv, "map_file,vol_min,vol_max\nvol_7.mrc,0.1,1\n");
    await assert.rejects(call(ofNormalised), { message: /it has no row for vol_8\.mrc/ });
    await Deno.writeTextFile(csv, "map_file,contour_level\nvol_99.mrc,0.1\n");
    await assert.rejects(call([...ofRaw, "--labels", csv]), { message: /vol_99\.mrc/ });
    await assert.rejects(Deno.stat(`${out}/predictions.csv`), Deno.errors.NotFound);
  }));

Deno.test("siren eval_model stops at Ctrl-C, and writes nothing then", () =>
  withFolder(async (folder) => {
    const { ofRaw, out } = await prepare(folder);
    const io = fakeIo();
    const stop = new Stop("SIGINT");
    const parts: typeof tinyParts = {
      ...tinyParts,
      findEngine: () => {
        io.stop(stop);
        return Promise.resolve(tinyEngine);
      },
    };
    await assert.rejects(call(ofRaw, io, parts), stop);
    assert.deepStrictEqual(await Array.fromAsync(Deno.readDir(out)), []);
  }));

const golden = referenceData("golden/cnn");

Deno.test({
  name: "siren eval_model predicts as PyTorch does, normalised maps and raw ones (golden/cnn)",
  ignore: golden.missing,
  fn: () =>
    withFolder(async (folder) => {
      const at = `${golden.folder}normalized`;
      const expected = parseCsv(
        await Deno.readTextFile(`${golden.folder}predictions.csv`),
        "predictions.csv",
      ).rows.map(({ record }) => record);
      const own = ["--weights_file", `${golden.folder}weights.pth`, "--quiet"];
      const normalised = ["--voldir", at, "--normalize_csv", `${at}/map_stats_downsampled.csv`];
      const raw = ["--voldir", `${golden.folder}raw`, "--raw"];
      for (const [i, maps] of [normalised, raw].entries()) {
        const outdir = `${folder}/${i}`;
        const io = fakeIo();
        await call([...maps, ...own, "--outdir", outdir], { ...io, threads: 2 }, networkParts);
        assert.match(io.err(), /^Warning: All predictions are nearly the same/);
        const { columns, rows } = parseCsv(
          await Deno.readTextFile(`${outdir}/predictions.csv`),
          "predictions.csv",
        );
        assert.strictEqual(rows.length, expected.length);
        for (const [place, { record }] of rows.entries()) {
          const of = (column: string) => record[columns.indexOf(column)];
          const [file, prediction] = expected[place]!; // as many rows
          assert.strictEqual(of("map_file"), file);
          assert.ok(Math.abs(Number(of("prediction")) - Number(prediction)) < 1e-4, file);
        }
      }
    }),
});
