import assert from "node:assert";
import { parse } from "csv-parse/sync";
import { readMap } from "../mrc/read.ts";
import { simulate, simulateOptions } from "./simulate.ts";
import { parseTruth } from "./truth.ts";
import { writeEnsemble } from "./write_ensemble.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const small = { box: 16, apix: 8, volumes: 12, blocks: 3, seed: 6, tree: "star" };
const simulation = (options: object = {}) =>
  simulate(simulateOptions.parse({ ...small, ...options }), []);
const namesIn = (folder: string) => Array.from(Deno.readDirSync(folder), (e) => e.name).toSorted();

Deno.test("an ensemble is written with its grid, and the truth tells of it", () =>
  inFolder(async (folder) => {
    const made = simulation();
    const seen: number[] = [];
    const written = await writeEnsemble(made, `${folder}/a/b`, {
      onVolume: (count, volumes) => seen.push(count / volumes),
    });
    const { truth, truthPath, thresholdsPath, warnings } = written;
    assert.strictEqual(seen.length, 12);
    assert.strictEqual(seen.at(-1), 1);
    assert.strictEqual(thresholdsPath, undefined);
    assert.deepStrictEqual(warnings, []);
    assert.deepStrictEqual(namesIn(`${folder}/a/b`), ["truth.json", ...truth.maps]);
    assert.deepStrictEqual(truth.maps.slice(0, 2), ["vol_000.mrc", "vol_001.mrc"]);
    const { data, grid } = await readMap(`${folder}/a/b/vol_003.mrc`);
    assert.deepStrictEqual(data, made.ensemble.volume(3));
    assert.deepStrictEqual(grid, made.ensemble.grid);

    const read = parseTruth(await Deno.readTextFile(truthPath), truthPath);
    assert.deepStrictEqual(read, JSON.parse(JSON.stringify(truth)));
    assert.deepStrictEqual(read.presence, made.ensemble.states.map((s) => [...s.presence]));
    assert.deepStrictEqual(read.thresholds, new Array(12).fill(0.22));
    // The options make the same ensemble again.
    const again = simulate(simulateOptions.parse(read.options), []);
    assert.deepStrictEqual(again.ensemble.volume(7), made.ensemble.volume(7));
  }));

Deno.test("the truth's voxels are those of the union, and no others", () =>
  inFolder(async (folder) => {
    const made = simulation({ volumes: 120, noise: 0.1, frequencies: [0.005, 0.9], blocks: 5 });
    const { truth } = await writeEnsemble(made, folder);
    const totals = new Uint32Array(16 ** 3);
    for (const name of truth.maps) {
      const { data } = await readMap(`${folder}/${name}`);
      data.forEach((density, v) => totals[v]! += density > 0.22 ? 1 : 0);
    }
    // More than 1 % of 120 volumes are at least two.
    assert.strictEqual(truth.unionVoxels, totals.filter((total) => total >= 2).length);
    [truth.core, ...truth.blocks].forEach((list, part) => {
      const expected: number[] = [];
      made.ensemble.labels.forEach((label, v) => {
        if (label === part && totals[v]! >= 2) expected.push(v);
      });
      assert.deepStrictEqual(list, expected);
    });
  }));

Deno.test("thresholds that differ are written as the reference's table", () =>
  inFolder(async (folder) => {
    const { truth, thresholdsPath } = await writeEnsemble(simulation({ amplitude: 0.4 }), folder);
    const text = await Deno.readTextFile(thresholdsPath!);
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    assert.strictEqual(rows.length, 12);
    for (const [k, row] of rows.entries()) {
      assert.deepStrictEqual(Object.keys(row), [
        "",
        "vol_id",
        "vol_min",
        "vol_max",
        "prediction",
        "int_predictions",
        "denormalized_predictions",
        "map_file",
        "volume_number",
      ]);
      const number = (column: string) => Number(row[column]);
      assert.strictEqual(row.map_file, truth.maps[k]);
      assert.strictEqual(number("denormalized_predictions"), truth.thresholds[k]);
      assert.strictEqual(number("vol_id"), k);
      assert.strictEqual(number("volume_number"), k);
      const scaled = (number("prediction") + 1) / 2;
      assert.ok(Math.abs(scaled - number("int_predictions")) < 1e-12);
      const threshold = number("vol_min") + scaled * (number("vol_max") - number("vol_min"));
      assert.ok(Math.abs(threshold - truth.thresholds[k]!) < 1e-12);
    }
    assert.ok(new Set(truth.thresholds).size > 6);
  }));

Deno.test("a folder that is not empty is refused; force replaces an ensemble and nothing else", () =>
  inFolder(async (folder) => {
    await writeEnsemble(simulation({ amplitude: 0.2 }), folder);
    await Deno.writeTextFile(`${folder}/notes.txt`, "mine");
    const before = await Deno.readFile(`${folder}/vol_011.mrc`);
    await assert.rejects(writeEnsemble(simulation({ seed: 7 }), folder), {
      name: "UsageError",
      message: `Cannot write the ensemble: the folder is not empty (${folder})`,
    });
    assert.deepStrictEqual(await Deno.readFile(`${folder}/vol_011.mrc`), before);
    const { truth } = await writeEnsemble(simulation({ volumes: 3 }), folder, { force: true });
    assert.deepStrictEqual(namesIn(folder), ["notes.txt", "truth.json", ...truth.maps]);
  }));

Deno.test("a folder that cannot be is refused", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(writeEnsemble(simulation(), `${folder}/file/below`), {
      name: "RunError",
      message: /^Cannot write the ensemble to .*\/file\/below: /,
    });
  }));

Deno.test("blocks that cannot be found are warned of", () =>
  inFolder(async (folder) => {
    const tree = { parents: [-1, -1, -1], probabilities: [0, 1, 0.5] };
    const { warnings } = await writeEnsemble(simulation({ tree }), folder);
    assert.deepStrictEqual(warnings, [
      "Block 0 is in no volume: it cannot be found.",
      "Block 1 is in every volume: it is part of the core.",
    ]);
  }));
