/** The notebook beside an analysis, executed by Jupyter as its users do. */
import assert from "node:assert";
import { runAll, writeAnalysis } from "../cluster/mod.ts";
import { random } from "../core/random.ts";
import { writeCubes } from "./cubes.ts";
import { exists, quietly, temporaryFolder } from "./surroundings.ts";

/** Debian's programs, for which there are packages of all that the notebook needs. */
const PYTHON = "/usr/bin/python3", NBCONVERT = "/usr/bin/jupyter-nbconvert";
const MODULES = ["nbconvert", "ipykernel", "numpy", "pandas", "matplotlib"];

/**
 * Whether notebooks can be executed.
 *
 * @throws {Error} They cannot, where CI=true says that nothing may be left out.
 */
async function hasJupyter(): Promise<boolean> {
  const find = `import importlib.util as i, sys; sys.exit(any(i.find_spec(m) is None for m in ${
    JSON.stringify(MODULES)
  }))`;
  const isThere = exists(NBCONVERT) && exists(PYTHON) &&
    (await new Deno.Command(PYTHON, { args: ["-c", find] }).output()).success;
  if (!isThere && Deno.env.get("CI") === "true") {
    throw new Error(
      "Notebooks cannot be executed; on Debian it takes jupyter-nbconvert, python3-ipykernel, python3-pandas " +
        "and python3-matplotlib.",
    );
  }
  return isThere;
}

const ignore = !await hasJupyter();

interface Output {
  readonly output_type: string;
  readonly text?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Cell {
  readonly cell_type: string;
  readonly id: string;
  readonly source: readonly string[];
  readonly outputs?: readonly Output[];
}

/** Executes a notebook where it lies; gives its cells, with their outputs. */
async function execute(notebook: string, folder: string): Promise<Cell[]> {
  const out = `${folder}/executed.ipynb`;
  const args = ["--to", "notebook", "--execute", "--output", out, notebook];
  const { success, stderr } = await new Deno.Command(NBCONVERT, {
    args,
    // The kernel is the Python that nbconvert runs in, whatever else is called python3.
    env: { PATH: "/usr/bin:/bin", HOME: folder, MPLCONFIGDIR: folder, JUPYTER_PLATFORM_DIRS: "1" },
    cwd: "/",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { cells, nbformat, nbformat_minor } = JSON.parse(await Deno.readTextFile(out));
  assert.deepStrictEqual([nbformat, nbformat_minor], [4, 5]);
  return cells;
}

const outputs = (cells: readonly Cell[]) => cells.flatMap((cell) => cell.outputs ?? []);
const figures = (cells: readonly Cell[]) =>
  outputs(cells).filter(({ data }) => data !== undefined && "image/png" in data).length;
const texts = (cells: readonly Cell[]) =>
  outputs(cells).flatMap(({ text, data }) => [
    ...(text ?? []),
    ...((data?.["text/plain"] ?? []) as string[]),
  ]).join("");

Deno.test({
  name:
    "the notebook of a run shows its blocks, occupancies and volumes, and writes a list of some",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    // A folder whose name needs quoting wherever it is named.
    const root = `${folder.path}/it's "my" run`;
    await Deno.mkdir(root);
    // Maps of bytes, big-endian: the notebook reads maps by itself.
    const maps = await writeCubes(`${root}/maps`);
    for await (const { name } of Deno.readDir(maps.voldir)) {
      const path = `${maps.voldir}/${name}`;
      await Deno.writeFile(path, asBytes(await Deno.readFile(path)));
    }
    await runAll({ ...maps, rule: "phi" }, {}, `${root}/run`, quietly());
    const { analysis, folder: own } = await writeAnalysis(
      { run: `${root}/run` },
      {},
      {},
      quietly(),
    );

    const cells = await execute(`${own}/analysis.ipynb`, folder.path);
    assert.ok(!outputs(cells).some(({ output_type }) => output_type === "error"));
    // Heat map, histograms, blocks, phi, components, mean maps.
    assert.strictEqual(figures(cells), 6);
    const text = texts(cells);
    const clusters = new Set(analysis.clusters).size;
    assert.ok(text.includes(`160 volumes, 3 regions, ${clusters} clusters`), text);
    assert.ok(text.includes("3 blocks in a box of 10 voxels of 1.5 A"));
    const holding = analysis.table.volumes.filter((_, volume) =>
      analysis.presence[3 * volume] === 1
    );
    const junk = new Set(analysis.junk.map(({ volume }) => analysis.table.volumes[volume]));
    const picked = holding.filter((file) => !junk.has(file));
    assert.ok(text.includes(`${picked.length} of 160 volumes hold b0`));
    assert.strictEqual(
      await Deno.readTextFile(`${own}/selected_volumes.txt`),
      picked.map((file) => `${file}\n`).join(""),
    );
    assert.match(
      text,
      /siren particles --volumes selected_volumes.txt --cryodrgn CRYODRGN --outdir picked/,
    );
    assert.match(text, /siren volumes \.\. --where '"b0" >= 0\.\d+' --no_junk/);
    // It stays as it is, and so does what was made of it.
    await writeAnalysis({ run: `${root}/run` }, {}, {}, quietly());
    assert.ok(exists(`${own}/selected_volumes.txt`));
  },
});

Deno.test({
  name: "the notebook of a table alone, with odd names and a volume that is unlike the others",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const rng = random(3);
    const names = ["NA", 'Mask "L2", 3\'', "1", "nan", "é", "b0", "b12"];
    const cell = (name: string) => `"${name.replaceAll('"', '""')}"`;
    const rows = Array.from({ length: 40 }, (_, k) => {
      const isThere = rng.uniform() < 0.5;
      return [
        `vol ${k}.mrc`,
        ...names.map(() => ((isThere ? 0.9 : 0.05) + 0.05 * rng.uniform()).toFixed(3)),
      ];
    });
    rows.push(["empty.mrc", ...names.map(() => "0")]);
    const table = `${folder.path}/table.csv`;
    await Deno.writeTextFile(
      table,
      [["map_file", ...names.map(cell)], ...rows].map((row) => row.join(",") + "\n").join(""),
    );
    const outdir = `${folder.path}/analysis`;
    await writeAnalysis({ occupancy: table }, {}, { outdir }, quietly());
    const cells = await execute(`${outdir}/analysis.ipynb`, folder.path);
    assert.ok(!outputs(cells).some(({ output_type }) => output_type === "error"));
    assert.strictEqual(figures(cells), 4);
    assert.match(texts(cells), /41 volumes, 7 regions/);
    assert.match(texts(cells), /there are no blocks to draw/);
    assert.match(texts(cells), /The maps are not where they were/);
  },
});

Deno.test({
  name: "the notebook of a table with a single region runs as a plain script too",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const table = `${folder.path}/table.csv`;
    const rows = Array.from({ length: 9 }, (_, k) => `vol_${k}.mrc,${k % 2}\n`).join("");
    await Deno.writeTextFile(table, `map_file,b0\n${rows}`);
    const outdir = `${folder.path}/analysis`;
    await writeAnalysis({ occupancy: table }, {}, { outdir }, quietly());
    const { cells } = JSON.parse(await Deno.readTextFile(`${outdir}/analysis.ipynb`));
    const code = (cells as Cell[]).filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => source.join("")).join("\n");
    const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
      args: ["-W", "error", "-c", code],
      env: { MPLBACKEND: "pdf", MPLCONFIGDIR: folder.path },
      cwd: outdir,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const text = new TextDecoder().decode(stdout);
    assert.match(text, /9 volumes, 1 regions, \d clusters/);
    assert.match(text, /There is a single component/);
    assert.match(text, /4 of 9 volumes hold b0/);
  },
});

/** The same map in mode 0, big-endian. */
function asBytes(file: Uint8Array<ArrayBuffer>): Uint8Array {
  const data = new Float32Array(file.buffer, 1024);
  const bytes = new Uint8Array(1024 + data.length);
  const from = new DataView(file.buffer), to = new DataView(bytes.buffer);
  // Texts begin at byte 208 with "MAP "; all before them and after the stamp up to the labels are words.
  for (let at = 0; at < 224; at += 4) to.setUint32(at, from.getUint32(at, true));
  bytes.set(file.subarray(104, 108), 104);
  bytes.set(file.subarray(208, 212), 208);
  bytes.set([0x11, 0x11, 0, 0], 212);
  bytes.set(file.subarray(224, 1024), 224);
  to.setInt32(12, 0);
  bytes.set(Uint8Array.from(data), 1024);
  return bytes;
}
