import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { parseMmcif } from "./mmcif.ts";

const NAMES = [
  ..."group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id".split(" "),
  ..."label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy auth_seq_id".split(" "),
  ..."auth_asym_id pdbx_PDB_model_num".split(" "),
];
const head = ["data_1ABC", "loop_", ...NAMES.map((name) => `_atom_site.${name}`)].join("\n");

/** A row of `atom_site`. */
function row(fields: Record<string, string> = {}): string {
  const values: Record<string, string> = {
    ...{ group_PDB: "ATOM", id: "1", type_symbol: "C", label_atom_id: "CA", label_alt_id: "." },
    ...{ label_comp_id: "ALA", label_asym_id: "A", label_seq_id: "1", pdbx_PDB_ins_code: "?" },
    ...{ Cartn_x: "1.000", Cartn_y: "-2.5", Cartn_z: "3", occupancy: "1.00", auth_seq_id: "7" },
    ...{ auth_asym_id: "AA", pdbx_PDB_model_num: "1" },
    ...fields,
  };
  return NAMES.map((name) => values[name]).join(" ");
}

const parse = (...rows: string[]) => parseMmcif([head, ...rows].join("\n"), "a.cif");
const ids = (text: string, options = {}) =>
  parseMmcif(text, "a.cif", options).chains.map(({ id }) => id);

Deno.test("parseMmcif reads an atom by the names of its columns, in any order and case", () => {
  const order = NAMES.toReversed();
  const values = row({ pdbx_PDB_ins_code: "B" }).split(" ").toReversed();
  const text = ["DATA_x", "LOOP_", ...order.map((name) => `_ATOM_SITE.${name.toUpperCase()}`)];
  const atom = { x: 1, y: -2.5, z: 3, atomicNumber: 6, residue: "7B" };
  assert.deepStrictEqual(
    parseMmcif([...text, values.join("\r\n")].join("\r\n"), "a.cif"),
    { chains: [{ file: "a.cif", id: "AA", atoms: [atom] }], water: 0 },
  );
});

Deno.test("parseMmcif names chains as the authors did, or as the archive did", () => {
  const text = [head, row(), row({ auth_asym_id: "?", label_asym_id: "Long-1" })].join("\n");
  assert.deepStrictEqual(ids(text), ["AA", "Long-1"]);
  assert.deepStrictEqual(ids(text, { chainNames: "label" }), ["A", "Long-1"]);
});

Deno.test("parseMmcif reads quotes, texts over several lines, comments, and values that look like words", () => {
  const text = [
    "\uFEFF# a comment 'with quotes",
    "data_1ABC",
    "_struct.title",
    ";A title; of 'two'",
    "loop_ lines",
    ";",
    "_struct.note 'it isn't one' # another",
    'loop_ _x.a _x.b "loop_" data',
    "_y.z '_atom_site.id'",
    head.split("\n").slice(1).join("\n"),
    row({ label_atom_id: `"C1'"`, auth_asym_id: "'A B'" }),
    row({ auth_asym_id: "\n;a\nb\n;\n" }),
    row({ auth_asym_id: "'?'" }),
    "#",
  ].join("\n");
  for (const ending of ["\n", "\r\n", "\r"]) {
    const own = ids(text.replaceAll("\n", ending));
    assert.deepStrictEqual(own, ["A B", `a${ending}b`, "?"]);
  }
});

Deno.test("parseMmcif reads the first model, one location of each atom, and no water", () => {
  const { chains, water } = parse(
    row({ pdbx_PDB_model_num: "2", label_alt_id: "B" }),
    row({ pdbx_PDB_model_num: "2", label_alt_id: "A", Cartn_x: "9" }),
    row({ pdbx_PDB_model_num: "2", label_comp_id: "HOH", type_symbol: "O" }),
    row({ pdbx_PDB_model_num: "1" }),
  );
  assert.deepStrictEqual([chains.length, chains[0]!.atoms.map(({ x }) => x), water], [1, [1], 1]);
});

Deno.test("parseMmcif reads a single atom that stands in no loop", () => {
  const values = row().split(" ");
  const text = ["data_a", ...NAMES.map((name, i) => `_atom_site.${name} ${values[i]}`)].join("\n");
  assert.deepStrictEqual(ids(text), ["AA"]);
  assert.deepStrictEqual(ids(`${text}\ndata_b\n_x.y 1`), ["AA"]);
});

Deno.test("parseMmcif reads charged elements, deuterium, uncertainties and exponents", () => {
  const { chains } = parse(
    row({ type_symbol: "Fe3+", Cartn_x: "1.5(2)" }),
    row({ type_symbol: "d", Cartn_x: "-.25e1" }),
  );
  assert.deepStrictEqual(
    chains[0]!.atoms.map(({ x, atomicNumber }) => [x, atomicNumber]),
    [[1.5, 26], [-2.5, 1]],
  );
});

Deno.test("parseMmcif refuses what it cannot read, naming file and line", async (t) => {
  const first = 19; // the line of the first row
  const cases: [string, string, string][] = [
    ["no CIF", "HEADER", "line 1 begins no data block: it is no mmCIF file"],
    [
      "a value too few",
      [head, row(), row().split(" ").slice(1).join(" ")].join("\n"),
      `line ${first + 1} ends a loop in the middle of a row (15 of 16 values)`,
    ],
    [
      "an open quote",
      [head, row({ label_atom_id: "'C1" })].join("\n"),
      `line ${first} has a quote that is never closed`,
    ],
    ["an open text", `${head}\n;text\n`, `line ${first} begins a text that is never closed`],
    [
      "letters",
      [head, row({ Cartn_y: "abc" })].join("\n"),
      `line ${first} ends an atom whose Cartn_y is no number ("abc")`,
    ],
    [
      "nothing",
      [head, row({ Cartn_z: "?" })].join("\n"),
      `line ${first} ends an atom whose Cartn_z is no number ("?")`,
    ],
    [
      "too large",
      [head, row({ Cartn_x: "1e999" })].join("\n"),
      `line ${first} ends an atom whose Cartn_x is no number ("1e999")`,
    ],
    [
      "hexadecimal",
      [head, row({ Cartn_x: "0x10" })].join("\n"),
      `line ${first} ends an atom whose Cartn_x is no number ("0x10")`,
    ],
    [
      "no element",
      [head, row({ type_symbol: "." })].join("\n"),
      `line ${first} has an unknown element ("?")`,
    ],
    [
      "odd element",
      [head, row({ type_symbol: "Xx" })].join("\n"),
      `line ${first} has an unknown element ("Xx")`,
    ],
    [
      "a missing column",
      `data_a\nloop_\n_atom_site.type_symbol\nC`,
      "line 4 begins atoms without _atom_site.Cartn_x",
    ],
    [
      "a column twice",
      `${head}\n_atom_site.ID\n${row()} 1`,
      `line ${first + 1} has a table with a name twice (_atom_site.id)`,
    ],
    [
      "two entries",
      `${head}\n${row()}\n${head}\n${row()}`,
      `line ${first + 19} begins the atoms of another entry`,
    ],
    ["a stray value", "data_a\n_x.y 1 2", "line 2 has a value without a name (2)"],
    ["a name without a value", "data_a\n_x.y\n_x.z 1", "line 3 should have the value of _x.y"],
    ["a loop without names", "data_a\nloop_ 1 2", "line 2 has a loop without names"],
    ["a reserved word", "data_a\nstop_", "line 2 has a word that CIF reserves (stop_)"],
    ["a bracket", "data_a\n_x.y [1]", "line 2 has a value without quotes that needs them ([1])"],
    ["no atoms", "data_a\n_x.y 1", "it holds no atoms"],
    [
      "fractional coordinates",
      "data_a\nloop_ _atom_site_label _atom_site_fract_x C 0.5",
      "it holds no atoms",
    ],
    ["no rows", head, "it holds no atoms"],
    ["water alone", [head, row({ label_comp_id: "HOH" })].join("\n"), "it holds no atoms"],
  ];
  for (const [name, text, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => parseMmcif(text, "bad.cif"), (error) => {
        assert.ok(error instanceof InputError);
        assert.strictEqual(error.message, `Cannot read bad.cif: ${reason}`);
        return true;
      });
    });
  }
});

/** A value as a CIF writer would write it. */
function written(value: string): string {
  if (
    /^[A-Za-z0-9+*,:/-][^\s'"]*$/.test(value) && !/^(data_|save_|loop_|stop_|global_)/i.test(value)
  ) {
    return value;
  }
  if (!/["\r\n]/.test(value)) return `"${value}"`;
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  return `\n;${value}\n;\n`;
}

Deno.test("parseMmcif gives back what was written", () => {
  const id = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !/\r|\n;|[?.]/.test(text));
  const place = fc.integer({ min: -999_999, max: 999_999 }).map((n) => n / 1000);
  fc.assert(
    fc.property(fc.array(fc.tuple(id, place, place, place), { minLength: 1 }), (atoms) => {
      const { chains } = parse(
        ...atoms.map(([chain, x, y, z], i) =>
          row({
            auth_asym_id: written(chain),
            auth_seq_id: String(i),
            ...{ Cartn_x: x.toFixed(3), Cartn_y: y.toFixed(3), Cartn_z: z.toFixed(3) },
          })
        ),
      );
      const read = chains.flatMap(({ id, atoms }) =>
        atoms.map(({ x, y, z, residue }) => [Number(residue), id, x, y, z] as const)
      ).sort((a, b) => a[0] - b[0]);
      assert.deepStrictEqual(read.map(([, ...rest]) => rest), atoms.map(([...atom]) => atom));
    }),
  );
});
