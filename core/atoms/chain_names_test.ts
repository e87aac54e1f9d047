import assert from "node:assert";
import fc from "fast-check";
import { chainFileNames, modelStem } from "./chain_names.ts";

Deno.test("chainFileNames spells chains in small letters, and safely", () => {
  const ids = ["A", "AA", "7", " ", "c", "C", "aB", "Ab", "x/y", "é", "a-1", "_"];
  assert.deepStrictEqual([...chainFileNames(ids).values()], [
    ...["a", "aa", "7", "_20", "c_l", "c_u", "ab_lu", "ab_ul", "x_2fy", "_c3_a9", "a-1", "_5f"],
  ]);
});

Deno.test("chainFileNames gives different chains different names on any disk", () => {
  const id = fc.string({
    unit: fc.constantFrom(..."aAbBuUlL25fF_ -*é~\ud800".split("")),
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(fc.property(fc.uniqueArray(id.map((text) => text.toWellFormed())), (ids) => {
    const names = [...chainFileNames(ids).values()];
    assert.ok(names.every((name) => /^[a-z0-9_-]+$/.test(name)));
    assert.strictEqual(new Set(names).size, ids.length);
  }));
});

Deno.test("modelStem takes off what tells the format", () => {
  const names = ["a/prots1.pdb", "1abc.cif.gz", "x.y.ENT", "model", "b.mmcif"];
  assert.deepStrictEqual(names.map(modelStem), ["prots1", "1abc", "x.y", "model", "b"]);
});
