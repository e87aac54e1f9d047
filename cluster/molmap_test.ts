import assert from "node:assert";
import { atomDensity, readModel, resampledAtomDensity, sumDensities } from "../core/atoms/mod.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { readMap, writeMap } from "../core/mrc/mod.ts";
import { referenceData, withFolder } from "../core/mrc/testing.ts";
import { molmap, type MolmapCall } from "./molmap.ts";
import { MolmapOptionsSchema } from "./molmap_options.ts";
import type { News } from "./progress.ts";

const zero = { x: 0, y: 0, z: 0 };

/** A line of a PDB file. */
function atom(chain: string, [x, y, z]: [number, number, number], residue = "ALA"): string {
  const place = [x, y, z].map((number) => number.toFixed(3).padStart(8)).join("");
  return `ATOM      1  CA  ${residue} ${chain}   1    ${place}  1.00  0.00           C`;
}

/** Calls molmap on models by name, in a folder, and says what was told. */
async function call(
  folder: string,
  models: Record<string, string[]>,
  options: Partial<Omit<MolmapCall, "options">> & { readonly options?: Record<string, unknown> } =
    {},
) {
  for (const [name, lines] of Object.entries(models)) {
    await Deno.writeTextFile(`${folder}/${name}`, lines.join("\n"));
  }
  const told: News[] = [];
  const summary = await molmap(
    {
      models: Object.keys(models).map((name) => `${folder}/${name}`),
      grid: { box: 12, apix: 3 },
      outdir: `${folder}/out`,
      ...options,
      options: MolmapOptionsSchema.parse({ res: 9, ...options.options }),
    },
    { signal: new AbortController().signal, tell: (news) => told.push(news) },
  );
  const words = told.flatMap((news) =>
    news.kind === "progress" ? [] : [`${news.kind}: ${news.text}`]
  );
  return { summary, words };
}

Deno.test("molmap writes a map of each chain on a map's grid, wherever that lies", () =>
  withFolder(async (folder) => {
    const grid = { box: 10, apix: 2.5, origin: zero, nstart: { x: -4, y: 2, z: 8 } };
    await writeMap(`${folder}/map.mrc`, new Float32Array(1000), grid);
    const lines = [atom("A", [-1, 12, 30]), atom("a", [2, 20, 25]), atom("*", [0, 10, 28])];
    const { summary, words } = await call(folder, { "m.pdb": lines }, {
      grid: { map: `${folder}/map.mrc` },
    });
    assert.deepStrictEqual(words, []);
    const names = ["m_chaina_u.mrc", "m_chaina_l.mrc", "m_chain_2a.mrc"];
    assert.deepStrictEqual(
      summary.maps.map(({ map, chain, atoms, outside }) => [map, chain, atoms, outside]),
      names.map((name, i) => [`${folder}/out/${name}`, ["A", "a", "*"][i], 1, 0]),
    );
    const { chains } = await readModel(`${folder}/m.pdb`);
    for (const [i, { map }] of summary.maps.entries()) {
      const { data, grid: written } = await readMap(map);
      assert.deepStrictEqual(written, grid);
      assert.deepStrictEqual(data, sumDensities([atomDensity(chains[i]!.atoms, grid, 9)], 10));
    }
  }));

Deno.test("molmap interpolates on grids coarser than a third of the resolution, unless told otherwise", () =>
  withFolder(async (folder) => {
    const models = { "m.pdb": [atom("A", [16, 17, 18])] };
    await call(folder, models);
    const { atoms } = (await readModel(`${folder}/m.pdb`)).chains[0]!;
    const ways = { direct: atomDensity, resampled: resampledAtomDensity };
    for (
      const [res, sampling, used] of [
        [9, undefined, "direct"],
        [8.9, undefined, "resampled"],
        [9, "resampled", "resampled"],
        [8.9, "direct", "direct"],
      ] as const
    ) {
      const { summary } = await call(folder, models, { options: { res, sampling }, force: true });
      assert.strictEqual(summary.sampling, used);
      const { data, grid } = await readMap(summary.maps[0]!.map);
      assert.deepStrictEqual(
        data,
        sumDensities([ways[used](atoms, { ...grid, apix: 3 }, res)], 12),
      );
    }
  }));

Deno.test("molmap takes the chains asked for, or all of a model together", () =>
  withFolder(async (folder) => {
    const models = {
      "m.pdb": [atom("A", [9, 9, 9]), atom("B", [12, 12, 12]), atom("C", [20, 20, 20])],
      "n.ent": [atom("B", [9, 9, 9])],
    };
    const by = async (options: Parameters<typeof call>[2]) =>
      (await call(folder, models, { force: true, ...options })).summary.maps
        .map(({ map, chain, atoms }) => `${map.slice(folder.length + 5)} ${chain} ${atoms}`);
    assert.deepStrictEqual(await by({ chains: ["C", "B"] }), [
      "m_chainb.mrc B 1",
      "m_chainc.mrc C 1",
      "n_chainb.mrc B 1",
    ]);
    assert.deepStrictEqual(await by({ options: { by: "all" }, chains: ["A", "C"] }), [
      "m.mrc null 2",
    ]);
    assert.deepStrictEqual(await by({ options: { by: "all" } }), ["m.mrc null 3", "n.mrc null 1"]);
  }));

Deno.test("molmap says what it leaves out, and keeps water if asked to", () =>
  withFolder(async (folder) => {
    const models = {
      "m.pdb": [
        atom("A", [9, 9, 9]),
        atom("A", [9, 9, -90]),
        atom("B", [99, 9, 9]),
        atom("A", [9, 9, 12], "HOH"),
      ],
    };
    const { summary, words } = await call(folder, models);
    assert.deepStrictEqual(words, [
      "note: 1 atom of water is left out; --water keeps it",
      "warning: 1 of 2 atoms of m_chaina lie outside the box",
      "warning: m_chainb lies outside the box (1 atom): it has no map",
    ]);
    assert.deepStrictEqual([summary.maps.length, summary.water], [1, 1]);
    const wet = await call(folder, models, { force: true, options: { water: true } });
    assert.deepStrictEqual([wet.summary.maps[0]!.atoms, wet.summary.water], [3, 0]);
  }));

Deno.test("molmap refuses what makes no map", async (t) => {
  const model = { "m.pdb": [atom("A", [9, 9, 9]), atom("B", [9, 9, 9])] };
  const cases: [string, Parameters<typeof call>[1], Parameters<typeof call>[2], unknown, RegExp][] =
    [
      [
        "a chain that is not there",
        model,
        { chains: ["b"] },
        InputError,
        /^Cannot take chain b: .*\(A, B\)$/,
      ],
      [
        "all atoms outside",
        { "m.pdb": [atom("A", [99, 9, 9])] },
        {},
        InputError,
        /all 1 lie outside the box of 12 voxels of 3 Å$/,
      ],
      [
        "a resolution far too fine",
        { "m.pdb": [atom("A", [10, 10, 10])] },
        { options: { res: 0.1, sampling: "direct" } },
        InputError,
        /no voxel is near enough/,
      ],
      ["no grid", model, { grid: { box: 12 } }, UsageError, /neither --map nor --box and --apix/],
      ["two grids", model, { grid: { box: 12, map: "a.mrc" } }, UsageError, /exclude each other/],
      ["a map that is not there", model, { grid: { map: "no.mrc" } }, InputError, /no\.mrc/],
      [
        "models of one name",
        { "m.pdb": model["m.pdb"], "M.cif": model["m.pdb"] },
        {},
        UsageError,
        /would have the same names \(M\)$/,
      ],
    ];
  for (const [name, models, options, kind, message] of cases) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        await assert.rejects(call(folder, models, options), (error) => {
          assert.ok(error instanceof (kind as typeof InputError));
          assert.match(error.message, message);
          return true;
        });
      }));
  }
  await t.step("nothing is left behind", () =>
    withFolder(async (folder) => {
      await assert.rejects(call(folder, { "m.pdb": [atom("A", [99, 9, 9])] }));
      assert.deepStrictEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["m.pdb"]);
    }));
  await t.step("maps that are there", () =>
    withFolder(async (folder) => {
      await call(folder, model);
      await assert.rejects(
        call(folder, model),
        /^UsageError: Cannot write the densities: there are others already/,
      );
    }));
  await t.step("a map without a voxel size, but for --apix", () =>
    withFolder(async (folder) => {
      const map = `${folder}/map.mrc`;
      await writeMap(map, new Float32Array(8 ** 3), {
        box: 8,
        apix: undefined,
        origin: zero,
        nstart: zero,
      });
      await assert.rejects(call(folder, model, { grid: { map } }), /its voxel size is not known/);
      assert.strictEqual((await call(folder, model, { grid: { map, apix: 3 } })).summary.apix, 3);
      const origin = { x: -9, y: 3, z: 0 };
      const { summary } = await call(folder, model, {
        grid: { map, apix: 3, origin },
        force: true,
      });
      assert.deepStrictEqual((await readMap(summary.maps[0]!.map)).grid.origin, origin);
    }));
});

const { folder: reference, missing } = referenceData("real/ribosome_occupancy");

/** Correlation of two maps where one of them is above a level. */
function correlation(a: Float32Array, b: Float32Array, level: number): number {
  let n = 0, sumA = 0, sumB = 0, aa = 0, bb = 0, ab = 0;
  b.forEach((y, i) => {
    if (y <= level) return;
    const x = a[i]!;
    n++;
    sumA += x;
    sumB += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  });
  return (n * ab - sumA * sumB) / Math.sqrt((n * aa - sumA ** 2) * (n * bb - sumB ** 2));
}

Deno.test({
  name: "chains of a ribosome have ChimeraX's densities [../shared]",
  ignore: missing,
  fn: () =>
    withFolder(async (folder) => {
      const signal = new AbortController().signal;
      for (
        const [options, least, most] of [
          [{ water: true }, 0.9999999, 1e-5], // ChimeraX's selection of a chain holds its water
          [{}, 0.998, 0.06],
          [{ res: 12, sampling: "direct" }, 0.996, 0.06],
        ] as const
      ) {
        const { maps } = await molmap({
          models: [`${reference}/00_aligned/prots1.pdb`],
          options: MolmapOptionsSchema.parse({ res: 10, ...options }),
          grid: { map: `${reference}/00_aligned/vol_018.mrc` },
          outdir: folder,
          force: true,
        }, { signal, tell: () => {} });
        assert.strictEqual(maps.length, 26);
        for (const { map } of maps) {
          const { data: own } = await readMap(map);
          const name = map.slice(folder.length);
          const { data } = await readMap(`${reference}/01_PDB_mrc/00_expected${name}`);
          const inside = correlation(own, data, 0.01);
          assert.ok(inside > least, `${name}: ${inside}`);
          const difference = data.reduce((d, y, i) => Math.max(d, Math.abs(y - own[i]!)), 0);
          assert.ok(difference < most, `${name}: ${difference}`);
        }
      }
    }),
});
