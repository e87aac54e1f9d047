import assert from "node:assert";
import { InputError, UsageError } from "../core/errors.ts";
import { type Grid, readMap, writeMap } from "../core/mrc/mod.ts";
import { referenceData, withFolder } from "../core/mrc/testing.ts";
import { MaskOptionsSchema } from "./mask_options.ts";
import type { MaskSource } from "./mask_sources.ts";
import { makeMasks } from "./masks.ts";
import { MolmapOptionsSchema } from "./molmap_options.ts";
import type { News } from "./progress.ts";

const zero = { x: 0, y: 0, z: 0 };
const grid: Grid = { box: 16, apix: 4, origin: zero, nstart: { x: -8, y: 0, z: 3 } };

async function call(
  folder: string,
  source: MaskSource,
  options: Record<string, unknown> = {},
  force = true,
) {
  const told: News[] = [];
  const summary = await makeMasks(
    { source, options: MaskOptionsSchema.parse(options), outdir: `${folder}/out`, force },
    { signal: new AbortController().signal, tell: (news) => told.push(news) },
  );
  const words = told.flatMap((news) =>
    news.kind === "progress" ? [] : [`${news.kind}: ${news.text}`]
  );
  return { summary, words };
}

/** A map of a cube of so many voxels in the middle of the box. */
function cube(box: number, edge: number, height = 1): Float32Array {
  const first = Math.floor((box - edge) / 2);
  const isIn = (i: number) => i >= first && i < first + edge;
  return Float32Array.from(
    { length: box ** 3 },
    (_, v) =>
      isIn(v % box) && isIn(Math.floor(v / box) % box) && isIn(Math.floor(v / box ** 2))
        ? height
        : 0,
  );
}

async function write(
  folder: string,
  name: string,
  data: Float32Array,
  own = grid,
): Promise<string> {
  await writeMap(`${folder}/${name}`, data, own);
  return `${folder}/${name}`;
}

const sum = (data: Iterable<number>) => [...data].reduce((a, b) => a + b, 0);

Deno.test("a mask of a map has its threshold, its width and its place", () =>
  withFolder(async (folder) => {
    const path = await write(folder, "part.mrc", cube(16, 4, 0.3));
    const { summary, words } = await call(folder, { kind: "maps", paths: [path] }, {
      threshold: 0.2,
      extend: 4,
      soft: 8,
    });
    assert.deepStrictEqual(words, []);
    const [line] = summary.masks;
    assert.strictEqual(line!.mask, `${folder}/out/Mask_part.mrc`);
    const { data, grid: written } = await readMap(line!.mask);
    assert.deepStrictEqual(written, grid);
    const row = [...data.subarray((8 * 16 + 8) * 16, (8 * 16 + 9) * 16)].map((x) =>
      Math.round(100 * x) / 100
    );
    assert.deepStrictEqual(row, [0, 0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1, 0.5, 0, 0, 0, 0]);
    assert.strictEqual(line!.voxels, data.filter((weight) => weight > 0.5).length);
    assert.strictEqual(line!.volume, line!.voxels * 64);
  }));

Deno.test("masks and blocks are in at one half; other maps need a threshold", () =>
  withFolder(async (folder) => {
    const hard = { extend: 0, soft: 0 };
    const soft = cube(16, 6, 0.4);
    cube(16, 4).forEach((is, v) => soft[v] = Math.max(soft[v]!, is));
    await Deno.mkdir(`${folder}/maps`);
    await write(folder, "maps/soft.mrc", soft);
    await write(folder, "maps/consensus.mrc", cube(16, 9));
    const { summary } = await call(folder, { kind: "maps", paths: [`${folder}/maps`] }, hard);
    assert.deepStrictEqual(summary.masks.map(({ voxels, threshold }) => [voxels, threshold]), [[
      64,
      0.5,
    ]]);
    for (const data of [cube(16, 4, 0.4), cube(16, 4, 5), cube(16, 4).map((x) => x - 0.5)]) {
      const path = await write(folder, "map.mrc", data);
      await assert.rejects(
        call(folder, { kind: "maps", paths: [path] }, hard),
        /^UsageError: Cannot make a mask of .*map\.mrc: it needs --threshold, .* densities from/,
      );
    }
  }));

Deno.test("masks are made in the refinement's box, at its voxel size", () =>
  withFolder(async (folder) => {
    const path = await write(folder, "part.mrc", cube(16, 6));
    for (const options of [{ box: 48 }, { apix: 4 / 3 }, { box: 48, apix: 1.33 }]) {
      const { summary } = await call(folder, { kind: "maps", paths: [path] }, {
        ...options,
        extend: 4,
        soft: 8,
      });
      const { data, grid: written } = await readMap(summary.masks[0]!.mask);
      assert.strictEqual(written.box, 48);
      assert.ok(Math.abs(written.apix! - 4 / 3) < 0.01);
      assert.ok(Math.abs(written.origin.x - (-8 * 4)) < 0.3, "the centre voxel stays in place");
      // The cube is 24 Å wide, its edge reaches one half 8 Å farther.
      const row = data.subarray((24 * 48 + 24) * 48, (24 * 48 + 25) * 48);
      const width = row.filter((weight) => weight > 0.5).length * 4 / 3;
      assert.ok(Math.abs(width - 40) <= 2.7, String(width));
    }
    await assert.rejects(
      call(folder, { kind: "maps", paths: [path] }, { box: 48, apix: 2 }),
      /^InputError: Cannot bring .*part\.mrc into a box of 48 voxels of 2 Å: that is a cube of 96 Å/,
    );
    const { summary } = await call(folder, { kind: "maps", paths: [path] }, {
      ...{ box: 48, apix: 2, centre: true, extend: 0, soft: 0 },
    });
    assert.ok(Math.abs(summary.masks[0]!.volume / 24 ** 3 - 1) < 0.3);
  }));

Deno.test("a mask never replaces the map that it is made of", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/out`);
    await Deno.symlink(`${folder}/out`, `${folder}/link`);
    const path = await write(folder, "out/Mask_a.mrc", cube(16, 4));
    const before = await Deno.readFile(path);
    for (const source of [path, `${folder}/link/Mask_a.mrc`, `${folder}/out`]) {
      for (const options of [{}, { union: true }]) {
        const made = call(folder, { kind: "maps", paths: [source] }, options);
        if ("union" in options) await made; // Mask_union.mrc is another file
        else {
          await assert.rejects(
            made,
            /^UsageError: Cannot write the masks: they would replace what they are made of \(.*out\/Mask_a\.mrc\)$/,
          );
        }
      }
      assert.deepStrictEqual(await Deno.readFile(path), before);
      await Deno.remove(`${folder}/out/Mask_union.mrc`);
    }
  }));

Deno.test("masks can be of all together, or of what is outside", () =>
  withFolder(async (folder) => {
    const shifted = cube(16, 4).map((_, v, all) => all[v + 2] ?? 0);
    const paths = [
      await write(folder, "a.mrc", cube(16, 4)),
      await write(folder, "b.mrc", shifted),
    ];
    const hard = { extend: 0, soft: 0 };
    const { summary } = await call(folder, { kind: "maps", paths }, { ...hard, union: true });
    assert.deepStrictEqual(
      summary.masks.map(({ mask, voxels }) => [mask, voxels]),
      [[`${folder}/out/Mask_union.mrc`, 64 + 32]],
    );
    const outside = await call(folder, { kind: "maps", paths: [paths[0]!] }, {
      ...hard,
      invert: true,
    });
    const { data } = await readMap(outside.summary.masks[0]!.mask);
    assert.strictEqual(sum(data), 16 ** 3 - 64);
    assert.match(outside.words.join("\n"), /fills 98 % of the box/);
    const other = await write(folder, "c.mrc", cube(16, 4), { ...grid, nstart: zero });
    await assert.rejects(
      call(folder, { kind: "maps", paths: [paths[0]!, other] }, { ...hard, union: true }),
      /^InputError: Cannot make one mask of all: .*c\.mrc lies on another grid/,
    );
  }));

Deno.test("masks of blocks, from their file and a map beside it or given", () =>
  withFolder(async (folder) => {
    const path = `${folder}/blocks.json`;
    await Deno.writeTextFile(path, JSON.stringify({ 0: [2184, 2185], 12: [2002], x: [9] }));
    const source = { kind: "blocks", path } as const;
    const hard = { extend: 0, soft: 0 };
    await assert.rejects(
      call(folder, source, hard),
      /^UsageError: Cannot tell the grid of the blocks/,
    );
    await write(folder, "consensus.mrc", cube(16, 4));
    const { summary, words } = await call(folder, source, hard);
    assert.deepStrictEqual(
      summary.masks.map(({ mask, voxels }) => [mask.slice(folder.length), voxels]),
      [["/out/Mask_b0.mrc", 2], ["/out/Mask_b12.mrc", 1], ["/out/Mask_bx.mrc", 1]],
    );
    assert.match(words.join("\n"), /^warning: .*Mask_bx\.mrc reaches a face of the box/);
    const { data } = await readMap(summary.masks[0]!.mask);
    assert.deepStrictEqual([data[2184], data[2185], sum(data)], [1, 1, 2]);

    for (const which of [["b12"], ["12", "b12"]]) {
      const { summary } = await call(folder, { ...source, which }, hard);
      assert.deepStrictEqual(summary.masks.map(({ voxels }) => voxels), [1]);
    }
    await assert.rejects(
      call(folder, { ...source, which: ["b1"] }, hard),
      /^InputError: Cannot make a mask of block b1: there is none in .* \(b0, b12, bx\)/,
    );
    const small = await write(folder, "small.mrc", cube(8, 4), { ...grid, box: 8 });
    await assert.rejects(
      call(folder, { ...source, map: small }, hard),
      /^InputError: Cannot make a mask of block 0 of .*: a box of 8 voxels has no voxel 2184/,
    );
  }));

Deno.test("a block keeps its volume in a larger box, and a lone voxel is not lost in a smaller one", () =>
  withFolder(async (folder) => {
    const path = `${folder}/blocks.json`;
    const ball = [...cube(16, 5).entries()].filter(([, is]) => is === 1).map(([v]) => v);
    await Deno.writeTextFile(path, JSON.stringify({ 0: ball, 1: [2184] }));
    await write(folder, "consensus.mrc", cube(16, 4));
    for (const box of [40, 64, 13]) {
      const { summary } = await call(folder, { kind: "blocks", path }, { box, extend: 0, soft: 0 });
      const [large, lone] = summary.masks.map(({ volume }) => volume / 4 ** 3);
      assert.ok(Math.abs(large! / 125 - 1) < 0.03, `${box}: ${large}`);
      assert.ok(lone! > 0 && lone! < 9, `${box}: ${lone}`);
    }
  }));

Deno.test("masks of models lie where the models' maps lie", () =>
  withFolder(async (folder) => {
    const model = `${folder}/m.pdb`;
    await Deno.writeTextFile(
      model,
      [["A", 0], ["B", 20]].map(([chain, x]) =>
        `ATOM      1  CA  ALA ${chain}   1    ${
          Number(x).toFixed(3).padStart(8)
        }  30.000  40.000  1.00  0.00           C`
      ).join("\n"),
    );
    const map = await write(folder, "map.mrc", cube(16, 4));
    const options = MolmapOptionsSchema.parse({ res: 10 });
    const source = { kind: "models", models: [model], options } as const;
    const hard = { extend: 0, soft: 0 };
    for (const [own, box] of [[{}, 16], [{ box: 64 }, 64]] as const) {
      const { summary } = await call(folder, { ...source, grid: { map } }, { ...own, ...hard });
      assert.deepStrictEqual(summary.masks.map(({ box }) => box), [box, box]);
      const { data, grid: on } = await readMap(summary.masks[1]!.mask);
      const v = data.indexOf(1);
      const x = (on.box === 16 ? -32 : on.origin.x) + on.apix! * (v % on.box);
      assert.ok(Math.abs(x - 20) < 9, String(x));
    }
    const alone = await call(folder, { ...source, grid: { origin: { x: -32, y: 0, z: 12 } } }, {
      ...{ box: 16, apix: 4 },
      ...hard,
    });
    const placed = await call(folder, { ...source, grid: { map } }, hard);
    assert.deepStrictEqual(
      alone.summary.masks.map(({ voxels }) => voxels),
      placed.summary.masks.map(({ voxels }) => voxels),
    );
    await assert.rejects(call(folder, { ...source, grid: {} }, hard), UsageError);

    // One chain of a single hydrogen, which is above no threshold that the other reaches.
    const text = await Deno.readTextFile(model);
    await Deno.writeTextFile(model, text.replace(/C$/, "H"));
    const thin = await call(folder, { ...source, grid: { map } }, hard);
    assert.deepStrictEqual([thin.summary.masks.length, thin.words.length], [1, 1]);
    assert.match(
      thin.words[0]!,
      /^warning: m_chainb has no mask: no voxel is above 0\.01 \(the greatest/,
    );
    await assert.rejects(
      call(folder, { ...source, grid: { map } }, { ...hard, threshold: 9 }),
      /^InputError: Cannot make a mask of m_chainb of .*: no voxel is above 9/,
    );
  }));

Deno.test("masks that would be empty, or would replace others, are refused; doubtful ones are warned of", async (t) => {
  await t.step("empty", () =>
    withFolder(async (folder) => {
      const path = await write(folder, "a.mrc", cube(16, 4, 0.3));
      await assert.rejects(
        call(folder, { kind: "maps", paths: [path] }, { threshold: 0.5 }),
        /^InputError: Cannot make a mask of .*a\.mrc: no voxel is above 0\.5 \(the greatest is 0\.3/,
      );
    }));
  await t.step("not finite", () =>
    withFolder(async (folder) => {
      const path = await write(folder, "a.mrc", cube(16, 4).fill(NaN, 7, 8));
      await assert.rejects(
        call(folder, { kind: "maps", paths: [path] }, { threshold: 0.5 }),
        /^InputError: .* voxel 7 is not a finite number \(NaN\)/,
      );
    }));
  await t.step("there already, or twice", () =>
    withFolder(async (folder) => {
      const path = await write(folder, "a.mrc", cube(16, 4));
      await call(folder, { kind: "maps", paths: [path] });
      await assert.rejects(
        call(folder, { kind: "maps", paths: [path] }, {}, false),
        /^UsageError: Cannot write the masks: there are others already/,
      );
      await Deno.mkdir(`${folder}/b`);
      const twin = await write(folder, "b/A.mrc", cube(16, 4));
      await assert.rejects(
        call(folder, { kind: "maps", paths: [path, twin] }),
        /^UsageError: Cannot make masks of .*a\.mrc and .*A\.mrc: they would be one file/,
      );
    }));
  await t.step("a run's folder", () =>
    withFolder(async (folder) => {
      const path = await write(folder, "a.mrc", cube(16, 4));
      await Deno.mkdir(`${folder}/out`);
      await Deno.writeTextFile(`${folder}/out/run.json`, "{}");
      await assert.rejects(call(folder, { kind: "maps", paths: [path] }), UsageError);
    }));
  await t.step("at a face, full, or no wider", () =>
    withFolder(async (folder) => {
      const paths = [await write(folder, "a.mrc", cube(16, 15))];
      const { words } = await call(folder, { kind: "maps", paths }, { extend: 4, soft: 0 });
      assert.match(words[0]!, /reaches a face of the box/);
      assert.match(words[1]!, /fills 99 % of the box/);
      const narrow = await call(folder, { kind: "maps", paths }, { extend: 1, soft: 2 });
      assert.match(narrow.words[0]!, /is not wider for 1 \+ 2 Å: its voxels are of 4 Å/);
    }));
  await t.step("without a voxel size", () =>
    withFolder(async (folder) => {
      const paths = [`${folder}/a.mrc`];
      await writeMap(paths[0]!, cube(16, 4), { ...grid, apix: undefined });
      await assert.rejects(call(folder, { kind: "maps", paths }), InputError);
      const sizes = [[{ from_apix: 3 }, 3], [{ apix: 5 }, 5], [{ box: 32, apix: 2 }, 2]] as const;
      for (const [options, apix] of sizes) {
        const { summary } = await call(folder, { kind: "maps", paths }, options);
        assert.strictEqual(summary.masks[0]!.apix, apix);
      }
    }));
});

const { folder: reference, missing } = referenceData("real/ribosome_occupancy");

Deno.test({
  name: "masks of a ribosome's chains are those of MAVEn [../shared]",
  ignore: missing,
  fn: () =>
    withFolder(async (folder) => {
      const maven = { threshold: 0.01, extend: 0, soft: 0 };
      const models = (water: boolean): MaskSource => ({
        kind: "models",
        models: [`${reference}/00_aligned/prots1.pdb`],
        options: MolmapOptionsSchema.parse({ res: 10, water }),
        grid: { map: `${reference}/00_aligned/vol_018.mrc` },
      });
      for (
        const [source, least] of [
          [{ kind: "maps", paths: [`${reference}/01_PDB_mrc/00_expected`] }, 1],
          [models(true), 1], // ChimeraX's selection of a chain holds its water
          [models(false), 0.97],
        ] as const
      ) {
        const { summary, words } = await call(folder, source, maven);
        assert.deepStrictEqual(words.filter((word) => word.startsWith("warning")), []);
        assert.strictEqual(summary.masks.length, 26);
        for (const { mask } of summary.masks) {
          const name = mask.slice(`${folder}/out/`.length);
          const { data: own } = await readMap(mask);
          const { data } = await readMap(`${reference}/02_masks/00_expected/${name}`);
          let both = 0, either = 0;
          data.forEach((weight, v) => {
            both += Math.min(weight, own[v]!);
            either += Math.max(weight, own[v]!);
          });
          assert.ok(both / either >= least, `${name}: ${both / either}`);
        }
      }
    }),
});
