import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { readMap } from "../core/mrc/read.ts";
import { random } from "../core/random.ts";
import { readNormalisedMap } from "../core/threshold_cnn/normalised_maps.ts";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { tinyEngine, tinyNetwork } from "../core/threshold_cnn/testing.ts";
import { trainOptions } from "../core/threshold_cnn/training_options.ts";
import type { News } from "./progress.ts";
import { train } from "./train.ts";
import type { TrainingPlan } from "./train_description.ts";
import { normaliseEmdbMaps } from "./train_emdb.ts";

const zero = { x: 0, y: 0, z: 0 };

/** Maps of box 12 in `maps`: positive noise with a maximum of 2. */
async function prepare(folder: string, names: readonly string[]): Promise<void> {
  await Deno.mkdir(`${folder}/maps`);
  for (const [i, name] of names.entries()) {
    const rng = random(3, i);
    const data = Float32Array.from({ length: 12 ** 3 }, () => 1.5 * rng.uniform());
    data[700] = 2;
    await writeMap(`${folder}/maps/${name}`, data, {
      box: 12,
      apix: 2,
      origin: zero,
      nstart: zero,
    });
  }
}

/** A plan to train a network of box 8. */
function planOf(outdir: string, changes: Partial<TrainingPlan> = {}): TrainingPlan {
  return {
    command: "train",
    outdir,
    force: false,
    options: trainOptions.parse({ num_epochs: 1 }),
    network: { ...tinyNetwork, box: 8 },
    engine: tinyEngine,
    inputs: [],
    ...changes,
  };
}

function around(signal = new AbortController().signal) {
  const news: News[] = [];
  return {
    host: "here",
    command: "siren train",
    signal,
    tell: (piece: News) => void news.push(piece),
    news,
  };
}

Deno.test("maps of EMDB are normalised once, with levels by their own statistics", () =>
  withFolder(async (folder) => {
    await prepare(folder, ["emd_7.mrc", "emd_8.map", "emd_9.map", "emd_9_mask_1.map"]);
    const table = `${folder}/levels.csv`;
    await Deno.writeTextFile(
      table,
      "emdb_id,contour_level,box\nEMD-8,1,12\nEMD-7,0.5,20\nEMD-9,90,12\nEMD-5,1,12\n",
    );
    const { news, ...surroundings } = around();
    const from = { voldir: `${folder}/maps`, table };
    const call = () => normaliseEmdbMaps(from, planOf(`${folder}/out`), surroundings);
    const maps = await call();
    const normalized = `${folder}/out/normalized`;
    assert.deepStrictEqual(maps.map(({ path }) => path), [
      `${normalized}/emd_7.mrc`,
      `${normalized}/emd_8.mrc`,
    ]);
    // The greatest density is clipped a little below 2, the least is little above 0.
    assert.ok(Math.abs(maps[0]!.label + 0.5) < 0.02 && Math.abs(maps[1]!.label) < 0.02);
    await readNormalisedMap(maps[0]!.path, 8);
    assert.strictEqual((await readMap(maps[0]!.path)).grid.apix, 3);
    const labels = await Deno.readTextFile(`${normalized}/normalized_labels.csv`);
    assert.match(
      labels,
      /^map_file,emdb_id,contour_level,normalized_label,vol_min,vol_max\nemd_7\.mrc,EMD-7,0\.5,-0\.\d+,/,
    );
    const told = news.flatMap((piece) => piece.kind === "progress" ? [] : [piece.text]);
    assert.match(told[0]!, /^1 of 4 entries have no map/);
    assert.match(told[1]!, /outside their densities: EMD-9$/);
    assert.match(told[2]!, /another box than the table says, .*: EMD-7$/);

    // The second time nothing is made again, but what is another now, or not what was made of it.
    await Deno.writeTextFile(`${normalized}/sources.ndjson`, '{"file":"torn', { append: true });
    const left = `${normalized}/emd_8.mrc.1.0123abcd-0.tmp`;
    await Deno.writeTextFile(left, "");
    const made = `${normalized}/emd_8.mrc`;
    const state = async () => (await Deno.stat(made)).ino;
    const first = await state();
    await Deno.remove(`${folder}/maps/emd_7.mrc`);
    assert.deepStrictEqual((await call()).map(({ label }) => label), [maps[1]!.label]);
    assert.strictEqual(await state(), first);
    await assert.rejects(Deno.stat(left), Deno.errors.NotFound);
    const map = `${folder}/maps/emd_8.map`;
    await Deno.utime(map, 1e9, 1e9);
    await call();
    assert.strictEqual(await state(), first); // of the same content
    await Deno.writeTextFile(made, "damaged");
    await call();
    await readNormalisedMap(made, 8);
    await Deno.copyFile(`${folder}/maps/emd_9.map`, map); // of the same size
    assert.notStrictEqual((await call())[0]!.label, maps[1]!.label);
  }));

Deno.test("normalising can be stopped between maps, and goes on", () =>
  withFolder(async (folder) => {
    await prepare(folder, ["emd_1.map", "emd_2.map"]);
    const table = `${folder}/levels.csv`;
    await Deno.writeTextFile(table, "id,contour_level\n1,1\n2,1\n");
    const stop = new AbortController();
    const reason = new Error("Ctrl-C");
    const surroundings = around(stop.signal);
    const stopping = {
      ...surroundings,
      tell: (piece: News) => {
        if (piece.kind === "progress" && piece.done === 1) stop.abort(reason);
      },
    };
    const call = (around: typeof stopping) =>
      normaliseEmdbMaps({ voldir: `${folder}/maps`, table }, planOf(`${folder}/out`), around);
    await assert.rejects(call(stopping), reason);
    const first = await Deno.stat(`${folder}/out/normalized/emd_1.mrc`);
    assert.strictEqual((await call(around())).length, 2);
    assert.deepStrictEqual((await Deno.stat(`${folder}/out/normalized/emd_1.mrc`)).ino, first.ino);
  }));

Deno.test("maps of another training, or of no training, are left alone without force", () =>
  withFolder(async (folder) => {
    await prepare(folder, ["emd_1.map", "emd_2.map", "emd_3.map"]);
    const table = `${folder}/levels.csv`;
    const rows = (...levels: number[]) =>
      Deno.writeTextFile(
        table,
        "id,contour_level\n" + levels.map((level, i) => `${i + 1},${level}\n`).join(""),
      );
    await rows(1, 1, 1);
    const out = `${folder}/out`, normalized = `${out}/normalized`;
    const from = { voldir: `${folder}/maps`, table };
    const call = (changes: Partial<TrainingPlan> = {}) =>
      normaliseEmdbMaps(from, planOf(out, { network: tinyNetwork, ...changes }), around());
    const all = async () => {
      const files = [];
      for await (const { name } of Deno.readDir(normalized)) {
        files.push([name, await Deno.readTextFile(`${normalized}/${name}`)]);
      }
      return Object.fromEntries(files);
    };
    const another = (message: RegExp) => (error: unknown) =>
      error instanceof RunError && message.test(error.message);

    // Maps that someone else has made.
    await Deno.mkdir(normalized, { recursive: true });
    for (const name of ["emd_2.mrc", "normalized_labels.csv"]) {
      await Deno.writeTextFile(`${normalized}/${name}`, "not of a training");
      await assert.rejects(
        call(),
        another(new RegExp(`it holds ${name}, which no training wrote`)),
      );
      await Deno.remove(`${normalized}/${name}`);
    }
    assert.deepStrictEqual(await all(), {});

    const maps = await call();
    const read = (path: string) => readNormalisedMap(path, tinyNetwork.box);
    await train({ ...planOf(out), network: tinyNetwork, maps, read }, around());
    const before = await all();
    assert.deepStrictEqual(await call(), maps);
    const options = trainOptions.parse({ num_epochs: 2 });
    await assert.rejects(call({ options }), another(/num_epochs is 1 there and 2 here/));
    await rows(1, 1);
    await assert.rejects(call(), another(/it has emd_3.mrc too/));
    await rows(1, 1, 0.5);
    await assert.rejects(call(), another(/the label of emd_3.mrc is/));
    await Deno.copyFile(`${folder}/maps/emd_1.map`, `${folder}/maps/emd_4.map`);
    await rows(1, 1, 1, 1);
    await assert.rejects(call(), another(/it does not have emd_4.mrc/));
    await Deno.copyFile(`${folder}/maps/emd_1.map`, `${folder}/maps/emd_2.map`);
    await rows(1, 1, 1);
    await assert.rejects(call(), another(/with another emd_2.map/));
    assert.deepStrictEqual(await all(), before);
    await call({ force: true });
    assert.notDeepStrictEqual(await all(), before);
  }));

Deno.test("what is given is not replaced, and a damaged journal says what to do", () =>
  withFolder(async (folder) => {
    await prepare(folder, ["emd_1.map", "emd_2.map"]);
    const table = `${folder}/levels.csv`;
    await Deno.writeTextFile(table, "id,contour_level\n1,1\n2,1\n");
    const out = `${folder}/out`, normalized = `${out}/normalized`;
    const call = (from: { voldir?: string; table?: string }, force = false) =>
      normaliseEmdbMaps(
        { voldir: `${folder}/maps`, table, ...from },
        planOf(out, { force }),
        around(),
      );
    await call({});
    for (const from of [{ voldir: normalized }, { table: `${normalized}/normalized_labels.csv` }]) {
      await assert.rejects(call(from, true), UsageError);
    }
    const journal = `${normalized}/sources.ndjson`;
    const [first] = (await Deno.readTextFile(journal)).split("\n");
    for (const line of ["not JSON", '{"file":"emd_2.map","bytes":3}']) {
      await Deno.writeTextFile(journal, `${first}\n${line}\n`);
      await assert.rejects(
        call({}),
        (error) =>
          error instanceof InputError && /sources.ndjson, line 2: /.test(error.message) &&
          /--force/.test(error.remedy ?? ""),
      );
      assert.strictEqual((await call({}, true)).length, 2);
    }
  }));
