/** Every file that a run leaves for its user, held against what is known of the ensemble. */
import assert from "node:assert";
import { tableFromIPC } from "apache-arrow";
import { decode as decodePng } from "fast-png";
import { decodeArrow, runAll } from "../cluster/mod.ts";
import { decodeMap, validateHeader } from "../core/mrc/mod.ts";
import { BOX, CORE, CUBES, cubeVolumes, GRID, VOLUMES, writeCubes } from "./cubes.ts";
import { quietly, temporaryFolder } from "./surroundings.ts";

const UNION = [...CORE, ...CUBES.flat()].sort((a, b) => a - b);

/** Whether Python is there and has these modules. */
function hasPython(...modules: string[]): boolean {
  try {
    const args = ["-c", `import ${["sys", ...modules].join(", ")}`];
    return new Deno.Command("python3", { args, stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What a Python script prints, as JSON. */
async function python(script: string, ...args: string[]): Promise<unknown> {
  const command = new Deno.Command("python3", { args: ["-c", script, ...args] });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A run over the cubes. */
async function runCubes() {
  const folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = await writeCubes(`${folder.path}/maps`);
  const summary = await runAll({ ...options, seed: 2 }, {}, run, quietly());
  return { run, options, summary, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));
const numbers = (text: string) => text.trim().split("\n").map(Number);
const lines = (text: string) => text.trim().split("\n").map((line) => line.split(","));

/** Which cube holds these voxels. */
function cubeOf(voxels: number[]): number {
  const found = CUBES.findIndex((cube) => voxels.every((voxel) => cube.includes(voxel)));
  assert.ok(found >= 0, `no cube holds ${voxels}`);
  return found;
}

/** Checks that every element of an XML text is closed, and gives the names of them. */
function elements(xml: string): string[] {
  const open: string[] = [], all: string[] = [];
  for (const [, close, name, empty] of xml.matchAll(/<(\/?)([A-Za-z][\w:]*)[^<>]*?(\/?)>/g)) {
    if (close === "/") assert.strictEqual(open.pop(), name);
    else {
      all.push(name!);
      if (empty === "") open.push(name!);
    }
  }
  assert.deepStrictEqual(open, []);
  return all;
}

const pictures = (...stems: string[]) => stems.flatMap((stem) => [`${stem}.png`, `${stem}.svg`]);
const COMMON = [
  "block_graph.gexf",
  "block_graph_edges.csv",
  "block_graph_nodes.csv",
  "blocks.arrow",
  "blocks.csv",
  "blocks.json",
  "consensus.mrc",
  "cutoffs.csv",
  "files.json",
  "open_blocks.cxc",
  ...["block_0", "block_1", "block_2"].flatMap((stem) => [`${stem}.mrc`, ...pictures(stem)]),
  ...pictures("blocks", "sketch_graph"),
];

Deno.test("a run's results are all there and right", async (t) => {
  await using ran = await runCubes();
  const { run, options, summary } = ran;
  const sketch = `${run}/00_sketch`, expand = `${run}/02_expand`;
  const sketched: Record<string, number[]> = await readJson(`${sketch}/blocks.json`);
  const expanded: Record<string, number[]> = await readJson(`${expand}/blocks.json`);

  await t.step("nothing more and nothing less", async () => {
    assert.deepStrictEqual(await names(run), [
      "00_sketch",
      "02_expand",
      "run.json",
      "run.lock",
      "shards",
      "volumes.arrow",
    ]);
    assert.deepStrictEqual(
      await names(sketch),
      [...COMMON, "blocks_dict.pkl", "config.json", "edges.arrow", "voxels.txt"].sort(),
    );
    assert.deepStrictEqual(
      await names(expand),
      [...COMMON, "blocks_dict_expand.pkl", "unadded_list.pkl"].sort(),
    );
  });

  await t.step("blocks.json: an object from id to flat voxel indices", async () => {
    const sample = numbers(await Deno.readTextFile(`${sketch}/voxels.txt`));
    assert.strictEqual(sample.length, UNION.length / 2);
    assert.deepStrictEqual(Object.keys(sketched), ["0", "1", "2"]);
    assert.deepStrictEqual(Object.keys(expanded), ["0", "1", "2"]);
    for (const id of [0, 1, 2]) {
      const cube = CUBES[cubeOf(sketched[id]!)]!;
      assert.deepStrictEqual(sketched[id], cube.filter((voxel) => sample.includes(voxel)));
      assert.deepStrictEqual(expanded[id], cube);
    }
  });

  for (const [folder, blocks] of [[sketch, sketched], [expand, expanded]] as const) {
    await t.step(`block_N.mrc of ${folder.slice(run.length + 1)}`, async () => {
      for (const [id, voxels] of Object.entries(blocks)) {
        const bytes = await Deno.readFile(`${folder}/block_${id}.mrc`);
        assert.strictEqual(bytes.length, 1024 + 4 * BOX ** 3);
        const view = new DataView(bytes.buffer);
        const ints = (...at: number[]) => at.map((byte) => view.getInt32(byte, true));
        const floats = (...at: number[]) => at.map((byte) => view.getFloat32(byte, true));
        assert.deepStrictEqual(ints(0, 4, 8, 12), [BOX, BOX, BOX, 2]);
        assert.deepStrictEqual(ints(16, 20, 24), [-4, 0, 7], "start");
        assert.deepStrictEqual(ints(28, 32, 36), [BOX, BOX, BOX]);
        assert.deepStrictEqual(floats(40, 44, 48), [15, 15, 15], "cell: 10 voxels of 1.5 A");
        assert.deepStrictEqual(ints(64, 68, 72), [1, 2, 3], "axes");
        const share = voxels.length / BOX ** 3;
        assert.deepStrictEqual(floats(76, 80), [0, 1]);
        assert.deepStrictEqual(floats(84, 216), [
          Math.fround(share),
          Math.fround(Math.sqrt(share * (1 - share))),
        ]);
        assert.deepStrictEqual(ints(88, 92, 108), [1, 0, 20141], "volume, NSYMBT, version");
        assert.deepStrictEqual(floats(196, 200, 204), [-12.5, 3, 40.25], "origin");
        assert.deepStrictEqual(bytes.slice(208, 216), Uint8Array.of(77, 65, 80, 32, 68, 68, 0, 0));
        const { header, data } = decodeMap(bytes, "");
        assert.deepStrictEqual(validateHeader(header, bytes.length), []);
        assert.deepStrictEqual(header.labels, [`siren block ${id}`]);
        const inside = [...data.entries()].filter(([, value]) => value === 1).map(([i]) => i);
        assert.deepStrictEqual(inside, voxels);
        assert.ok(data.every((value) => value === 0 || value === 1));
      }
    });
  }

  await t.step("consensus.mrc: the share of the volumes that a voxel is occupied in", async () => {
    const { grid, data } = decodeMap(await Deno.readFile(`${expand}/consensus.mrc`), "");
    assert.deepStrictEqual(grid, GRID);
    const expected = new Float32Array(BOX ** 3);
    for (const volume of cubeVolumes()) volume.forEach((value, i) => expected[i]! += value);
    assert.deepStrictEqual(data, expected.map((count) => count / VOLUMES));
  });

  await t.step("edges.arrow: pairs of sampled voxels, in the sample's order", async () => {
    const table = tableFromIPC(await Deno.readFile(`${sketch}/edges.arrow`));
    assert.deepStrictEqual(table.schema.fields.map((f) => `${f.name}: ${f.type} ${f.nullable}`), [
      "u: Uint32 false",
      "v: Uint32 false",
    ]);
    const sample = numbers(await Deno.readTextFile(`${sketch}/voxels.txt`));
    const expected = sample.flatMap((u, i) => {
      const cube = CUBES.find((cube) => cube.includes(u));
      return sample.slice(i + 1).filter((v) => cube?.includes(v)).map((v) => ({ u, v }));
    });
    assert.deepStrictEqual(table.toArray().map(({ u, v }) => ({ u, v })), expected);
    assert.deepStrictEqual([summary.sketch.edges, summary.sketch.pairs], [
      expected.length,
      sample.length * (sample.length - 1) / 2,
    ]);
  });

  await t.step("blocks.csv and blocks.arrow: one table, of what is known", async () => {
    const [header, ...rows] = lines(await Deno.readTextFile(`${expand}/blocks.csv`));
    const table = tableFromIPC(await Deno.readFile(`${expand}/blocks.arrow`));
    assert.deepStrictEqual(table.schema.fields.map(({ name }) => name), header);
    assert.strictEqual(table.numRows, 3);
    const volumes = cubeVolumes();
    for (const [i, row] of table.toArray().entries()) {
      const cube = CUBES[cubeOf(expanded[row.id]!)]!;
      const at = (
        voxel: number,
      ) => [voxel % BOX, Math.floor(voxel / BOX) % BOX, Math.floor(voxel / BOX ** 2)];
      const centre = [0, 1, 2].map((axis) => at(cube[0]!)[axis]! + 1);
      assert.deepStrictEqual({ ...row }, {
        id: i,
        voxels: 27,
        volume_A3: 27 * 1.5 ** 3,
        x_A: -12.5 + 1.5 * centre[0]!,
        y_A: 3 + 1.5 * centre[1]!,
        z_A: 40.25 + 1.5 * centre[2]!,
        x_voxel: centre[0],
        y_voxel: centre[1],
        z_voxel: centre[2],
        mean_occupancy: volumes.filter((volume) => volume[cube[0]!] === 1).length / VOLUMES,
        cohesion: 1,
      });
      assert.deepStrictEqual(
        rows[i]!.map(Number),
        header!.map((name) => {
          const digits = rows[i]![header!.indexOf(name)]!.split(".")[1]?.length ?? 0;
          return Number((row[name] as number).toFixed(digits));
        }),
      );
      const line = summary.expand!.blocks[i]!;
      assert.deepStrictEqual([line.id, line.voxels, line.volume_A3, line.mean_occupancy], [
        i,
        27,
        row.volume_A3,
        row.mean_occupancy,
      ]);
    }
  });

  await t.step("config.json: what expand reads, and how the sketch was made", async () => {
    const config = await readJson(`${sketch}/config.json`);
    assert.strictEqual(config.run, "..");
    const { voldir, bin, rule, seed, subsample, posp, negp, min_block_size } = config;
    assert.deepStrictEqual(
      { voldir, bin, rule, seed, subsample, posp, negp, min_block_size },
      {
        ...options,
        rule: "siren",
        seed: 2,
        subsample: "auto",
        posp: 0.01,
        negp: 0.05,
        min_block_size: 6,
      },
    );
    const { box, apix, origin, nstart, volumes, kept } = config;
    assert.deepStrictEqual({ box, apix, origin, nstart }, GRID);
    assert.deepStrictEqual([volumes, kept], [VOLUMES, VOLUMES]);
  });

  await t.step("cutoffs.csv: a row for each pair of totals that occurs", async () => {
    const volumes = cubeVolumes();
    const totals = new Set(
      UNION.map((voxel) => volumes.filter((volume) => volume[voxel] === 1).length),
    );
    for (const folder of [sketch, expand]) {
      const [header, ...rows] = lines(await Deno.readTextFile(`${folder}/cutoffs.csv`));
      assert.deepStrictEqual(header, ["freq_min", "freq_max", "pos_cutoff", "neg_cutoff"]);
      assert.strictEqual(rows.length, totals.size * (totals.size + 1) / 2);
      assert.ok(rows.every(([min, max]) => totals.has(Number(min)) && totals.has(Number(max))));
      assert.ok(rows.every(([min, max]) => Number(min) <= Number(max)));
    }
  });

  await t.step("open_blocks.cxc: opens every block, each in its own colour", async () => {
    for (const folder of [sketch, expand]) {
      const script = await Deno.readTextFile(`${folder}/open_blocks.cxc`);
      const opened = [...script.matchAll(/^open "(.*)"/gm)].map(([, path]) => path!);
      assert.deepStrictEqual(opened, [
        "consensus.mrc",
        "block_0.mrc",
        "block_1.mrc",
        "block_2.mrc",
      ]);
      for (const path of opened) assert.ok((await Deno.stat(`${folder}/${path}`)).isFile);
      const style =
        /^volume #(\d+) show style surface region all step 1 level (\S+) color (#\w+)$/gm;
      const styles = [...script.matchAll(style)].map(([, ...parts]) => parts);
      assert.deepStrictEqual(styles.map(([model, level]) => [model, level]), [
        ["1", "0.25"],
        ["2", "0.5"],
        ["3", "0.5"],
        ["4", "0.5"],
      ]);
      assert.match(styles[0]![2]!, /^#[0-9a-f]{6}[0-7][0-9a-f]$/, "the consensus is translucent");
      assert.strictEqual(new Set(styles.map(([, , colour]) => colour)).size, 4);
      assert.ok(styles.slice(1).every(([, , colour]) => /^#[0-9a-f]{6}$/.test(colour!)));
      assert.doesNotMatch(script, /\{\{|undefined|NaN/);
    }
  });

  await t.step("pictures: PNG and SVG that open, with something on them", async () => {
    for (const folder of [sketch, expand]) {
      for (const name of await names(folder)) {
        if (name.endsWith(".png")) {
          const { width, height, data } = decodePng(await Deno.readFile(`${folder}/${name}`));
          assert.ok(width >= 100 && height >= 50, name);
          assert.ok(new Set(data).size > 4, `${name} is blank`);
        } else if (name.endsWith(".svg")) {
          const text = await Deno.readTextFile(`${folder}/${name}`);
          assert.match(text, /^(<\?xml[^>]*>\s*)?<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
          assert.ok(elements(text).length > 5, name);
          assert.doesNotMatch(text, /NaN|undefined|Infinity/);
        }
      }
    }
  });

  await t.step("the block graph: three nodes that no link joins", async () => {
    const [header, ...rows] = lines(await Deno.readTextFile(`${expand}/block_graph_nodes.csv`));
    assert.deepStrictEqual(rows.map((row) => [row[0], row[header!.indexOf("voxels")]]), [
      ["0", "27"],
      ["1", "27"],
      ["2", "27"],
    ]);
    assert.strictEqual(lines(await Deno.readTextFile(`${expand}/block_graph_edges.csv`)).length, 1);
    const all = elements(await Deno.readTextFile(`${expand}/block_graph.gexf`));
    assert.strictEqual(all.filter((name) => name === "node").length, 3);
    assert.strictEqual(all.filter((name) => name === "edge").length, 0);
  });

  await t.step("shards: Arrow files with a checksum", async () => {
    for (const stage of ["sketch", "expand"]) {
      const path = `${run}/shards/${stage}/000000.arrow`;
      const { columns, metadata } = decodeArrow(await Deno.readFile(path), path);
      assert.deepStrictEqual(
        Object.keys(columns),
        stage === "sketch" ? ["u", "v", "both"] : ["rows", "blocks", "scores"],
      );
      assert.deepStrictEqual(metadata["siren.stage"], stage);
    }
  });

  await t.step({
    name: "pickles: indices into the union, as Python reads them",
    ignore: !hasPython("pickle"),
    fn: async () => {
      const script = `
import json, pickle, sys
def load(path):
    with open(path, "rb") as file: return pickle.load(file)
sketch, expand, unadded = map(load, sys.argv[1:])
for blocks in (sketch, expand):
    assert type(blocks) is dict
    assert all(type(id) is int and type(rows) is list for id, rows in blocks.items())
    assert all(type(row) is int for rows in blocks.values() for row in rows)
assert type(unadded) is list and all(type(row) is int for row in unadded)
print(json.dumps([list(sketch.items()), list(expand.items()), unadded]))`;
      const read = await python(
        script,
        `${sketch}/blocks_dict.pkl`,
        `${expand}/blocks_dict_expand.pkl`,
        `${expand}/unadded_list.pkl`,
      ) as [[number, number[]][], [number, number[]][], number[]];
      const inUnion = (blocks: Record<string, number[]>) =>
        Object.entries(blocks).map((
          [id, voxels],
        ) => [Number(id), voxels.map((voxel) => UNION.indexOf(voxel))]);
      const unadded = CORE.map((voxel) => UNION.indexOf(voxel));
      assert.deepStrictEqual(read, [inUnion(sketched), inUnion(expanded), unadded]);
      assert.strictEqual(summary.expand?.unassigned, unadded.length);
    },
  });

  await t.step({
    name: "Arrow files, as pyarrow reads them",
    ignore: !hasPython("pyarrow"),
    fn: async () => {
      const script = `
import json, pyarrow, sys
tables = [pyarrow.ipc.open_file(path).read_all() for path in sys.argv[1:]]
for table in tables: table.validate(full=True)
print(json.dumps([[table.schema.names, [str(t) for t in table.schema.types], table.num_rows]
                  for table in tables]))`;
      const files = [
        "volumes.arrow",
        "00_sketch/edges.arrow",
        "02_expand/blocks.arrow",
        "shards/sketch/000000.arrow",
        "shards/expand/000000.arrow",
      ];
      const edges = summary.sketch.edges;
      assert.deepStrictEqual(await python(script, ...files.map((name) => `${run}/${name}`)), [
        [
          ["voxel", "z", "y", "x", "total", "position", "bits"],
          ["uint32", "uint16", "uint16", "uint16", "uint32", "int32", "fixed_size_binary[20]"],
          UNION.length,
        ],
        [["u", "v"], ["uint32", "uint32"], edges],
        [
          [
            "id",
            "voxels",
            "volume_A3",
            "x_A",
            "y_A",
            "z_A",
            "x_voxel",
            "y_voxel",
            "z_voxel",
            "mean_occupancy",
            "cohesion",
          ],
          ["int32", "int32", ...new Array(9).fill("double")],
          3,
        ],
        [["u", "v", "both"], ["uint32", "uint32", "uint16"], edges],
        [["rows", "blocks", "scores"], ["uint32", "uint32", "double"], 81],
      ]);
    },
  });
});
