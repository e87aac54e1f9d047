import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { writeMap } from "../core/mrc/write.ts";
import { readMap } from "../core/mrc/read.ts";
import { random } from "../core/random.ts";
import { readNormalisedMap } from "../core/threshold_cnn/normalised_maps.ts";
import type { News } from "./progress.ts";
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
    const call = () => normaliseEmdbMaps(`${folder}/maps`, table, `${folder}/out`, 8, surroundings);
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

    // The second time nothing is read again, but for a map that is another now.
    await Deno.writeTextFile(`${normalized}/sources.ndjson`, '{"file":"torn', { append: true });
    const marked = `${normalized}/emd_8.mrc`;
    await Deno.writeTextFile(marked, "left alone");
    await Deno.remove(`${folder}/maps/emd_7.mrc`);
    assert.deepStrictEqual((await call()).map(({ label }) => label), [maps[1]!.label]);
    assert.strictEqual(await Deno.readTextFile(marked), "left alone");
    await Deno.writeFile(`${folder}/maps/emd_8.map`, new Uint8Array(3), { append: true });
    await call();
    await readNormalisedMap(marked, 8);
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
      normaliseEmdbMaps(`${folder}/maps`, table, `${folder}/out`, 8, around);
    await assert.rejects(call(stopping), reason);
    const first = await Deno.stat(`${folder}/out/normalized/emd_1.mrc`);
    assert.strictEqual((await call(around())).length, 2);
    assert.deepStrictEqual((await Deno.stat(`${folder}/out/normalized/emd_1.mrc`)).ino, first.ino);
  }));
