/** The reference implementation's results, reproduced exactly. Reads the reference data in ../shared. */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { tableFromIPC } from "apache-arrow";
import { expandCommunities, runAll, sketchCommunities } from "../cluster/mod.ts";
import { findEngine } from "../core/cooccupancy/mod.ts";
import { exists, quietly, temporaryFolder } from "./surroundings.ts";

const golden = fileURLToPath(new URL("../../shared/golden/", import.meta.url));
const ignore = !exists(golden);

const cases = {
  phantom24: { apix: 8, bin: 0.5, subsample: 2 },
  phantom20: {
    apix: 9,
    binfile: `${golden}phantom20/predictions.csv`,
    filter: true,
    subsample: 1,
  },
};

/** Pairs of a NumPy file of int32 x 2. */
async function readNpyPairs(path: string): Promise<[number, number][]> {
  const bytes = await Deno.readFile(path);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + bytes[8]! + 256 * bytes[9]!));
  assert.match(header, /'descr': '<i4', 'fortran_order': False/);
  const values = new Int32Array(bytes.buffer.slice(10 + bytes[8]! + 256 * bytes[9]!));
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
}

const unordered = (pairs: Iterable<[number, number]>) =>
  Array.from(pairs, ([u, v]) => `${Math.min(u, v)}-${Math.max(u, v)}`).sort();

/** Blocks as sorted sets. */
function sets(blocks: Record<string, number[]>): Record<string, number[]> {
  const sorted = Object.entries(blocks).map(([id, voxels]) =>
    [id, [...new Set(voxels)].sort((a, b) => a - b)] as const
  );
  return Object.fromEntries(sorted);
}

const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

async function checkSketch(folder: string, expected: string): Promise<void> {
  const edges = tableFromIPC(await Deno.readFile(`${folder}/00_sketch/edges.arrow`));
  assert.deepStrictEqual(edges.schema.fields.map((f) => `${f.name}: ${f.type}`), [
    "u: Uint32",
    "v: Uint32",
  ]);
  const u = edges.getChild("u")?.toArray(), v = edges.getChild("v")?.toArray();
  const found = Array.from({ length: edges.numRows }, (_, i): [number, number] => [u[i], v[i]]);
  assert.deepStrictEqual(unordered(found), unordered(await readNpyPairs(`${expected}/edges.npy`)));
  assert.deepStrictEqual(
    sets(await readJson(`${folder}/00_sketch/blocks.json`)),
    sets(await readJson(`${expected}/blocks.json`)),
  );
}

for (const [name, options] of Object.entries(cases)) {
  const voldir = golden + name;
  const expected = `${voldir}/siren`;
  const sketch = {
    ...options,
    voldir,
    voxels: `${expected}/voxels.txt`,
    cutoffs: `${expected}/cutoffs_sketch.csv`,
  };
  const expand = { cutoffs: `${expected}/cutoffs_expand.csv` };

  // cuda and tfjs need an environment of their own: see engines_test.ts.
  for (const engine of ["native", "webgpu", "wasm", "reference"] as const) {
    const found = await findEngine(engine);
    const reason = found.works ? "" : `, skipped: ${found.reason}`;
    Deno.test({
      name:
        `${name}: run reproduces edges, blocks and expanded blocks exactly (${engine}${reason}) [../shared]`,
      ignore: ignore || !found.works,
      fn: async () => {
        await using folder = await temporaryFolder();
        await runAll(sketch, expand, folder.path, quietly({ engine }));
        await checkSketch(folder.path, expected);
        assert.deepStrictEqual(
          sets(await readJson(`${folder.path}/02_expand/blocks.json`)),
          sets(await readJson(`${expected}/expanded.json`)),
        );
      },
    });
  }

  Deno.test({
    name: `${name}: sketch_communities, then expand_communities from its masks [../shared]`,
    ignore,
    fn: async () => {
      await using folder = await temporaryFolder();
      const run = folder.path;
      await sketchCommunities(sketch, run, quietly());
      await checkSketch(run, expected);
      const config = `${run}/00_sketch/config.json`;
      await expandCommunities(config, `${run}/00_sketch`, expand, {}, quietly());
      assert.deepStrictEqual(
        sets(await readJson(`${run}/02_expand/blocks.json`)),
        sets(await readJson(`${expected}/expanded.json`)),
      );
    },
  });
}
