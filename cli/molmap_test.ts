import assert from "node:assert";
import { readMap, writeMap } from "../core/mrc/mod.ts";
import { withFolder } from "../core/mrc/testing.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

const zero = { x: 0, y: 0, z: 0 };

/** Two chains and a water, as mmCIF. */
const model = `data_M
loop_
_atom_site.type_symbol
_atom_site.label_comp_id
_atom_site.auth_asym_id
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
FE HEM A 10 10 10
FE HEM BB 16 16 16
O HOH BB 16 16 20
`;

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

Deno.test("siren molmap takes chains with blanks after the commas, and one whose name is blank", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.cif`, model.replace("FE HEM A ", 'FE HEM " " '));
    const flags = ["--pdb", `${folder}/m.cif`, "--box", "8", "--apix", "4", "--res", "10"];
    const { code, err } = await call(
      ...["molmap", ...flags, "--chains", " ,BB", "--outdir", `${folder}/first`],
    );
    assert.strictEqual(code, 0, err);
    const other = await call(
      ...["molmap", ...flags, "--chains", "BB, BB", "--outdir", `${folder}/second`],
    );
    assert.strictEqual(other.code, 0, other.err);
    const names = Array.from(Deno.readDirSync(`${folder}/first`), ({ name }) => name).sort();
    assert.deepStrictEqual(names, ["m_chain_20.mrc", "m_chainbb.mrc"]);
  }));

Deno.test("siren molmap writes the chains' densities, and masks are made of them", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.cif`, model);
    const grid = { box: 8, apix: 4, origin: zero, nstart: zero };
    await writeMap(`${folder}/map.mrc`, new Float32Array(512), grid);
    const pdb = ["--pdb", `${folder}/m.cif`, "--map", `${folder}/map.mrc`, "--res", "10"];
    const chains = await call("molmap", ...pdb, "--outdir", `${folder}/chains`);
    assert.strictEqual(chains.code, 0, chains.err);
    assert.match(chains.err, /^1 atom of water is left out; --water keeps it\n/);
    assert.match(chains.out, /^2 maps of 8\^3 voxels of 4 A, at 10 A, resampled\n/);
    assert.match(chains.out, /m_chainbb\.mrc {2}BB {9}1 {8}0/);
    assert.deepStrictEqual((await readMap(`${folder}/chains/m_chaina.mrc`)).grid, grid);

    const masks = await call(
      ...["mask", "--maps", `${folder}/chains`, "--threshold", "0.01", "--extend", "0"],
      ...["--soft", "0", "--outdir", `${folder}/masks`],
    );
    assert.strictEqual(masks.code, 0, masks.err);
    assert.match(masks.out, /^2 masks, extended by 0 A, with an edge of 0 A\n/);
    const direct = await call(
      ...["mask", ...pdb, "--extend", "0", "--soft", "0", "--json", "--outdir", `${folder}/own`],
    );
    const { masks: lines } = JSON.parse(direct.out);
    for (const { mask, voxels } of lines) {
      const { data } = await readMap(mask);
      assert.strictEqual(data.filter((weight) => weight === 1).length, voxels);
      const twin = mask.replace(`${folder}/own`, `${folder}/masks`);
      assert.deepStrictEqual((await readMap(twin)).data, data);
    }
    assert.strictEqual(lines.length, 2);
  }));

Deno.test("siren molmap takes several models, chains, and a grid in numbers", () =>
  withFolder(async (folder) => {
    for (const name of ["m.cif", "n.cif"]) await Deno.writeTextFile(`${folder}/${name}`, model);
    const { code, out, err } = await call(
      ...[
        "molmap",
        "--pdb",
        `${folder}/m.cif`,
        `${folder}/n.cif`,
        "--chains",
        "BB,A",
        "--by",
        "all",
      ],
      ...["--box", "8", "--apix", "4", "--origin", "-2,-2,-2", "--res", "12", "--quiet"],
      ...["--outdir", `${folder}/out`, "--json", "--water"],
    );
    assert.deepStrictEqual([code, err], [0, ""]);
    const { maps, water, sampling } = JSON.parse(out);
    assert.deepStrictEqual([water, sampling], [0, "direct"]);
    assert.deepStrictEqual(
      maps.map(({ map, atoms }: { map: string; atoms: number }) => [map, atoms]),
      [[`${folder}/out/m.mrc`, 3], [`${folder}/out/n.mrc`, 3]],
    );
  }));
