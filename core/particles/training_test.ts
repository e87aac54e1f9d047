import assert from "node:assert";
import { InputError } from "../errors.ts";
import { withFolder } from "../mrc/testing.ts";
import { pickleIndices } from "../pickle/mod.ts";
import { readTraining, stackIndices, type TrainingSubset } from "./training.ts";

/** What a configuration says. */
async function trainingOf(folder: string, text: string, name = "config.yaml") {
  await Deno.writeFile(
    `${folder}/${name}`,
    Uint8Array.from(text, (character) => character.charCodeAt(0)),
  );
  return await readTraining(folder);
}

const yamls: readonly (readonly [text: string, subset: TrainingSubset, isTiltSeries: boolean])[] = [
  ["dataset_args:\n  ind: null\nmodel_args: {encode_mode: resid}\n", { kind: "all" }, false],
  ["dataset_args:\n  particles: a.star\n", { kind: "all" }, false],
  ["dataset_args:\n  ind: 5000\n", { kind: "first", count: 5000 }, false],
  ["dataset_args:\n  ind: /a/ind.pkl\n", { kind: "listed", path: "/a/ind.pkl" }, false],
  [
    // As Python's writer folds a long name with blanks, beside values that only Python has.
    "dataset_args:\n  ind: '/data/a long name/that goes on and on: and on, and is folded at\n" +
    "    eighty columns/ind.pkl'\n  norm: !!python/tuple\n  - 0.0\n  - !!python/object/apply:numpy.core." +
    "multiarray.scalar\n    - !!binary |\n      AAAA\n  ntilts: 10\nversion: 3.5.1\n",
    {
      kind: "listed",
      path:
        "/data/a long name/that goes on and on: and on, and is folded at eighty columns/ind.pkl",
    },
    true,
  ],
  [
    "dataset_args:\n  ind:\nmodel_args:\n  encode_mode: tilt\n",
    { kind: "all" },
    true,
  ],
];

Deno.test("cryoDRGN's config.yaml tells the training's subset", () =>
  withFolder(async (folder) => {
    assert.strictEqual(await readTraining(folder), undefined);
    for (const [text, subset, isTiltSeries] of yamls) {
      assert.deepStrictEqual(await trainingOf(folder, text), {
        path: `${folder}/config.yaml`,
        subset,
        isTiltSeries,
      });
    }
  }));

/** A pickled dict of dicts; values are opcodes. */
const dict = (entries: Readonly<Record<string, string>>) =>
  `}(${
    Object.entries(entries).map(([key, value]) =>
      `\x8c${String.fromCharCode(key.length)}${key}${value}`
    ).join("")
  }u`;
const pickled = (entries: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  `\x80\x04${
    dict(Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, dict(value)])))
  }.`;
const MINUS_ONE = "J\xff\xff\xff\xff";
const star = {
  ind_imgs: "N",
  ind_ptcls: "N",
  use_first_ntilts: MINUS_ONE,
  use_first_nptcls: MINUS_ONE,
  sourcefile_filtered: "\x8c\x06b.star",
  type: "ctomodrgn.starfile\nTiltSeriesStarfile\n",
};

const pickles: readonly (readonly [text: string, subset: TrainingSubset])[] = [
  [pickled({ dataset_args: { ind: "N" } }), { kind: "all" }],
  [pickled({ dataset_args: { ind: "\x8c\x05a.pkl" } }), { kind: "listed", path: "a.pkl" }],
  [pickled({ starfile_args: star, meta: { time: "cdatetime\ndatetime\nC\x01a\x85R" } }), {
    kind: "all",
  }],
  [pickled({ starfile_args: { ...star, ind_ptcls: "\x8c\x05a.pkl" } }), {
    kind: "listed",
    path: "a.pkl",
  }],
  [pickled({ starfile_args: { ...star, use_first_nptcls: "K\x09" } }), { kind: "first", count: 9 }],
  [pickled({ starfile_args: { ...star, use_first_ntilts: "K\x0a" } }), {
    kind: "untold",
    why: "particles with fewer than 10 tilts were left out",
    star: "b.star",
  }],
  [pickled({ starfile_args: { ...star, ind_imgs: "\x8c\x05a.pkl" } }), {
    kind: "untold",
    why: "images were chosen by --ind-imgs",
    star: "b.star",
  }],
  [
    pickled({ starfile_args: { ...star, ind_ptcls: "\x8c\x05a.pkl", use_first_nptcls: "K\x09" } }),
    { kind: "untold", why: "only the first 9 of its --ind-ptcls were used" },
  ],
];

Deno.test("config.pkl tells the same, and what it names of its programs is not run", () =>
  withFolder(async (folder) => {
    for (const [text, subset] of pickles) {
      const training = await trainingOf(folder, text, "config.pkl");
      assert.deepStrictEqual(training?.subset, subset);
      assert.strictEqual(
        training.stars?.used,
        text.includes("starfile_args") ? "b.star" : undefined,
      );
      assert.strictEqual(training.isTiltSeries, text.includes("starfile_args"));
    }
    const array = "cnumpy.core.numeric\n_frombuffer\n(C\x03\x05\x02\x07cnumpy\ndtype\n" +
      "\x8c\x02u1\x85RK\x03\x85\x8c\x01CtR";
    assert.deepStrictEqual(
      (await trainingOf(folder, pickled({ dataset_args: { ind: array } }), "config.pkl"))?.subset,
      { kind: "listed", path: `${folder}/config.pkl`, indices: Int32Array.of(5, 2, 7) },
    );
    const listed = pickled({ dataset_args: { ind: "](K\x05K\x02e" } });
    assert.deepStrictEqual((await trainingOf(folder, listed, "config.pkl"))?.subset, {
      kind: "listed",
      path: `${folder}/config.pkl`,
      indices: Int32Array.of(5, 2),
    });
  }));

Deno.test("configurations that cannot be read, or that call anything else, are refused", () =>
  withFolder(async (folder) => {
    const bomb = Array.from(
      { length: 40 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? "1" : `*a${i - 1}, *a${i - 1}`}]`,
    ).join("\n") + "\ndataset_args:\n  ind:\n";
    assert.deepStrictEqual((await trainingOf(folder, bomb))?.subset, { kind: "all" });
    for (
      const [text, said] of [
        ["a: [\n", /it is no YAML/],
        ["\xff\xfe", /it is no YAML/],
        ["hello\n", /it is no configuration of cryoDRGN or tomoDRGN/],
        ["", /it is no (YAML|configuration)/],
        ["dataset_args: 5\n", /it is no configuration/],
        ["dataset_args:\n  ind: {a: 1}\n", /does not tell which particles the training used/],
        ["dataset_args:\n  ind: -7\n", /does not tell which particles/],
        ["dataset_args:\n  ind: ''\n", /does not tell which particles/],
        // Cut short.
        ["dataset_args:\n  ctf: /a/ctf.pkl\n", /does not tell which particles/],
        ["cmd: [a]\n", /does not tell which particles/],
        [
          "dataset_args:\n  ind: [1, 2.5]\n",
          /indices that are no whole numbers \(2\.5, at place 1\)/,
        ],
      ] as const
    ) await assert.rejects(trainingOf(folder, text), said, text);
    await Deno.remove(`${folder}/config.yaml`);
    await assert.rejects(
      trainingOf(folder, "\x80\x04cposix\nsystem\n\x8c\x02ls\x85R.", "config.pkl"),
      /calls posix\.system, which siren does not know/,
    );
  }));

Deno.test("particles of the training are found in the stack, or not at all", () =>
  withFolder(async (folder) => {
    const path = `${folder}/ind.pkl`;
    const of = (subset: TrainingSubset, particles: number) => stackIndices(subset, particles);
    const listed = async (...indices: number[]) => {
      await Deno.writeFile(path, pickleIndices(Int32Array.from(indices)));
      return await of({ kind: "listed", path }, 3);
    };
    assert.deepStrictEqual(await listed(7, 3, 9), Int32Array.of(7, 3, 9));
    assert.deepStrictEqual(
      await stackIndices({ kind: "listed", path }, 3, true),
      Int32Array.of(3, 7, 9),
    );
    assert.strictEqual(await of({ kind: "all" }, 3), undefined);
    assert.strictEqual(await of({ kind: "first", count: 3 }, 3), undefined);
    for (
      const [made, said, remedy] of [
        [() => listed(7, 3), /lists 2 particles, and there are labels for 3/, /by --ind/],
        [() => listed(7, 3, 7), /it lists particle 7 twice/, /train again/],
        [
          () => of({ kind: "first", count: 4 }, 3),
          /used the first 4, and .* labels for 3/,
          /--ind/,
        ],
        [
          () => of({ kind: "listed", path: `${folder}/none.pkl` }, 3),
          /used a subset, and its list is not there \(.*none\.pkl\)/,
          /--ind, or give --relative_to training/,
        ],
        [
          () => of({ kind: "untold", why: "of this", star: "b.star" }, 3),
          /of this/,
          /--relative_to training; the star file for it is b\.star/,
        ],
      ] as const
    ) {
      await assert.rejects(made, (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, said);
        assert.match(error.remedy ?? "", remedy);
        return true;
      });
    }
  }));
