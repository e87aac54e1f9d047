import assert from "node:assert";
import { withFolder } from "../mrc/testing.ts";
import { readMap } from "../mrc/read.ts";
import { readLabels } from "../threshold_cnn/labels.ts";
import { findMaps } from "../volumes/find_maps.ts";
import { simulateForCnn } from "./for_cnn.ts";
import { forCnnOptions } from "./for_cnn_options.ts";
import { helices } from "./for_cnn_testing.ts";
import { writeForCnn } from "./for_cnn_write.ts";

const options = forCnnOptions.parse({ volumes: 3, box: 16, leastMass: 5 });
const known = simulateForCnn(options, [{ name: "model.pdb", text: helices(4) }]);
const namesIn = (folder: string) => Array.from(Deno.readDirSync(folder), (e) => e.name).toSorted();

Deno.test("maps, their levels and what was drawn are written, the same bytes every time", () =>
  withFolder(async (folder) => {
    const done: number[] = [];
    const written = await writeForCnn(known, ["model.pdb"], `${folder}/a/b`, {
      onVolume: (count) => done.push(count),
    });
    assert.deepStrictEqual(done, [1, 2, 3]);
    assert.deepStrictEqual(written, {
      volumes: 3,
      labelsPath: `${folder}/a/b/labels.csv`,
      recordPath: `${folder}/a/b/for_cnn.json`,
    });
    const maps = ["vol_000.mrc", "vol_001.mrc", "vol_002.mrc"];
    assert.deepStrictEqual(namesIn(`${folder}/a/b`), ["for_cnn.json", "labels.csv", ...maps]);

    const { data, grid } = await readMap(`${folder}/a/b/vol_001.mrc`);
    assert.deepStrictEqual(data, known.map(1).data);
    assert.ok(Math.abs(grid.apix! - known.map(1).grid.apix) < 1e-6);
    const paths = await findMaps(`${folder}/a/b`);
    const labels = await readLabels(written.labelsPath, paths, "contour_level");
    assert.deepStrictEqual(
      labels.map((label) => [label?.level, label?.lower, label?.upper]),
      [0, 1, 2].map((k) => [known.map(k).level, known.map(k).lower, known.map(k).upper]),
    );
    const record = JSON.parse(await Deno.readTextFile(written.recordPath));
    assert.deepStrictEqual([record.options, record.models], [options, ["model.pdb"]]);
    assert.strictEqual(record.maps[2].map_file, "vol_002.mrc");
    assert.strictEqual(record.maps[2].resolution, known.map(2).drawn.resolution);

    await writeForCnn(known, ["model.pdb"], `${folder}/again`);
    for (const name of namesIn(`${folder}/again`)) {
      const [one, other] = await Promise.all(
        ["a/b", "again"].map((part) => Deno.readFile(`${folder}/${part}/${name}`)),
      );
      assert.deepStrictEqual(one, other, name);
    }
  }));

Deno.test("a folder that is not empty is refused; force replaces what was simulated, and nothing else", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "mine");
    await Deno.writeTextFile(`${folder}/vol_017.mrc`, "");
    await assert.rejects(writeForCnn(known, [], folder), {
      name: "UsageError",
      message: `Cannot write the maps: the folder is not empty (${folder})`,
    });
    await writeForCnn(known, [], folder, { force: true });
    assert.deepStrictEqual(namesIn(folder), [
      "for_cnn.json",
      "labels.csv",
      "notes.txt",
      "vol_000.mrc",
      "vol_001.mrc",
      "vol_002.mrc",
    ]);
  }));
