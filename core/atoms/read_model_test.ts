import assert from "node:assert";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { parseModel, readModel } from "./read_model.ts";

const pdb = "ATOM      1  CA  ALA A   9      11.104   6.134  -6.504  1.00  0.00           C";
const cif = `#\n\n data_ONE
loop_
_atom_site.type_symbol
_atom_site.label_asym_id
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
C B 1 2 3
`;

Deno.test("readModel tells the format from the content, gzipped or not, whatever the name", () =>
  withFolder(async (folder) => {
    for (const [text, id] of [[pdb, "A"], [cif, "B"]] as const) {
      for (const bytes of [new TextEncoder().encode(text), gzipSync(text)]) {
        await Deno.writeFile(`${folder}/model.pdb`, bytes);
        const { chains } = await readModel(`${folder}/model.pdb`);
        assert.deepStrictEqual(chains.map(({ file, id }) => [file, id]), [["model.pdb", id]]);
      }
    }
  }));

Deno.test("readModel refuses files that are missing, damaged, or no text", () =>
  withFolder(async (folder) => {
    const path = `${folder}/model.cif`;
    const refused = (message: RegExp) =>
      assert.rejects(readModel(path), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      });
    await refused(/^Cannot read .*model\.cif: there is no such file/);
    await Deno.writeFile(path, gzipSync(cif).subarray(0, 60));
    await refused(/^Cannot read .*model\.cif: its gzip stream is damaged/);
    await Deno.writeFile(path, Uint8Array.of(0x83, 0xa7, 0, 0, 1));
    await refused(/^Cannot read .*model\.cif: it is no text/);
    await Deno.writeFile(path, new Uint8Array());
    await refused(/^Cannot read model\.cif: it holds no atoms/);
  }));

Deno.test("garbage is refused as bad input, never otherwise", () => {
  const words = ["data_a", "loop_", "_atom_site.Cartn_x", "_atom_site.type_symbol", "'", '"', ";"];
  const piece = fc.oneof(
    fc.constantFrom(...words, ...["\n", "\r\n", " ", "#", "save_", "ATOM  ", "HETATM", pdb, cif]),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const cut = fc.tuple(fc.constantFrom(pdb, cif), fc.nat(200), fc.string({ maxLength: 3 })).map(
    ([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1),
  );
  const texts = fc.oneof(fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")), cut);
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const { chains } = parseModel({ name: "a", text });
        for (const { x, y, z } of chains.flatMap(({ atoms }) => atoms)) {
          assert.ok([x, y, z].every(Number.isFinite));
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
