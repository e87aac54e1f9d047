import assert from "node:assert";
import { InputError } from "../errors.ts";
import { formatMavenCsv, modelAndChain, nameOfChain } from "./maven.ts";

const table = (volumes: string[], names: string[]) => ({
  volumes,
  regions: names.map((name) => ({ name, voxels: 1 })),
  values: Float64Array.from({ length: volumes.length * names.length }, (_, i) => i / 8),
});

Deno.test("names are split into model and chain, and put together again", () => {
  const split: [string, string, string][] = [
    ["Mask_prots1_chaina", "prots1", "a"],
    ["my_chain_model_chainAA", "my_chain_model", "AA"],
    ["b12", "b12", "all"],
    ["Mask_core", "Mask_core", "all"],
    ["_chaina", "_chaina", "all"],
    ["x_chain", "x_chain", "all"],
  ];
  for (const [name, model, chain] of split) {
    assert.deepStrictEqual(modelAndChain(name), [model, chain]);
    assert.strictEqual(nameOfChain(model, chain), name.replace(/^Mask_(?=.*_chain)/, ""));
  }
});

Deno.test("volumes are named by number, or by file where numbers do not tell them apart", () => {
  const firstColumn = (...volumes: string[]) =>
    formatMavenCsv(table(volumes, ["b0"])).trimEnd().split("\n").map((line) => line.split(",")[0]);
  assert.deepStrictEqual(firstColumn("vol_018.mrc.gz", "v200.map"), ["PDB", "Chain", "18", "200"]);
  assert.deepStrictEqual(firstColumn("a_1.mrc", "b_1.mrc"), ["PDB", "Chain", "a_1", "b_1"]);
  assert.deepStrictEqual(firstColumn("a.mrc", "b_1.mrc"), ["PDB", "Chain", "a", "b_1"]);
  assert.deepStrictEqual(firstColumn("a.mrc", "a.map"), ["PDB", "Chain", "a.mrc", "a.map"]);
});

Deno.test("names with commas and quotes stay cells, and chains of one name are refused", () => {
  assert.strictEqual(
    formatMavenCsv(table(["v1.mrc"], ['a "b", c', "d"])),
    'PDB,"a ""b"", c",d\nChain,all,all\n1,0,0.125\n',
  );
  assert.throws(
    () => formatMavenCsv(table(["v1.mrc"], ["Mask_a_chainb", "a_chainb"])),
    (error) => error instanceof InputError && /both are chain b of a/.test(error.message),
  );
});
