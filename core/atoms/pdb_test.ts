import assert from "node:assert";
import { InputError } from "../errors.ts";
import type { ModelOptions } from "./chains.ts";
import { parsePdb } from "./pdb.ts";

/** An ATOM record with the given fields in their columns. */
function record(fields: {
  name?: string;
  alternative?: string;
  residueName?: string;
  chain?: string;
  residue?: string;
  coordinates?: string;
  element?: string;
  kind?: string;
  serial?: string;
}): string {
  const {
    kind = "ATOM",
    serial = "1",
    name = " CA ",
    alternative = " ",
    residueName = "ALA",
    chain = "A",
    residue = "   1 ",
    coordinates = "   1.000   2.000   3.000",
    element = " C",
  } = fields;
  return kind.padEnd(6) + serial.padStart(5) + " " + name + alternative + residueName + " " +
    chain +
    residue + "   " + coordinates + "  1.00 20.00          " + element;
}

Deno.test("parsePdb groups atoms by chain in order of appearance", () => {
  const text = [
    record({ chain: "B", residue: "   7A" }),
    record({ chain: "A" }),
    "TER",
    record({ chain: "B", kind: "HETATM", residue: "   8 ", element: "MG", name: "MG  " }),
  ].join("\r\n");
  const { chains } = parsePdb(text, "two.pdb");
  assert.deepStrictEqual(chains.map(({ file, id, atoms }) => [file, id, atoms.length]), [
    ["two.pdb", "B", 2],
    ["two.pdb", "A", 1],
  ]);
  assert.deepStrictEqual(chains[0]!.atoms.map((atom) => atom.residue), ["7A", "8"]);
  assert.deepStrictEqual(chains[0]!.atoms[1], {
    x: 1,
    y: 2,
    z: 3,
    atomicNumber: 12,
    residue: "8",
  });
});

Deno.test("parsePdb reads the element, else the atom's name", async (t) => {
  const cases: [name: string, element: string, atomicNumber: number][] = [
    [" CA ", " C", 6],
    ["CA  ", "CA", 20],
    [" P  ", " p", 15],
    [" N  ", "  ", 7],
    [" CA ", "", 6],
    ["CA  ", "", 20],
    ["ZN  ", "", 30],
    ["FE  ", "", 26],
    ["1HB ", "", 1],
    ["HG21", "", 1],
    ["HG  ", "", 80],
    [" OP1", "", 8],
    [" D  ", " D", 1],
    [" C1'", "QA", 6],
  ];
  for (const [name, element, atomicNumber] of cases) {
    await t.step(`${JSON.stringify(name)} ${JSON.stringify(element)}`, () => {
      const { chains: [chain] } = parsePdb(record({ name, element }), "a.pdb");
      assert.strictEqual(chain!.atoms[0]!.atomicNumber, atomicNumber);
    });
  }
});

Deno.test("parsePdb reads fields that run together, and serial numbers past 99,999", () => {
  const text = record({
    kind: "HETATM",
    serial: "A0000",
    coordinates: "-100.125-200.250-300.500",
  });
  const { chains: [chain] } = parsePdb(text, "a.pdb");
  const { x, y, z } = chain!.atoms[0]!;
  assert.deepStrictEqual([x, y, z], [-100.125, -200.25, -300.5]);
});

Deno.test("parsePdb keeps the first alternative of each atom", () => {
  const text = [
    record({ alternative: "B", coordinates: "   1.000   0.000   0.000" }),
    record({ alternative: "A", coordinates: "   2.000   0.000   0.000" }),
    record({ alternative: "A", name: " CB ", coordinates: "   3.000   0.000   0.000" }),
    record({ alternative: "A", residue: "   2 ", coordinates: "   4.000   0.000   0.000" }),
  ].join("\n");
  const { chains: [chain] } = parsePdb(text, "a.pdb");
  assert.deepStrictEqual(chain!.atoms.map((atom) => atom.x), [1, 3, 4]);
});

Deno.test("parsePdb reads the first model, without water and other records", () => {
  const model = (x: string) => [
    "MODEL        1",
    record({ coordinates: `${x}   0.000   0.000` }),
    record({ residueName: "HOH", kind: "HETATM", element: " O" }),
    "ANISOU    1  CA  ALA A   1     2406   1892   1614    198    519   -328       C",
  ];
  for (const end of [["ENDMDL"], []]) {
    const text = ["HEADER", "", ...model("   1.000"), ...end, ...model("   2.000"), "END"].join(
      "\n",
    );
    const { chains } = parsePdb(text, "a.pdb");
    assert.strictEqual(chains.length, 1);
    assert.deepStrictEqual(chains[0]!.atoms.map((atom) => atom.x), [1]);
  }
});

Deno.test("parsePdb refuses what it cannot read, naming file and line", async (t) => {
  const coordinate = (field: string) => `line 2 has a coordinate that is no number ("${field}")`;
  const cases: [string, string, string][] = [
    ["letters", record({ coordinates: "   1.000   abc     3.000" }), coordinate("   abc  ")],
    ["stars", record({ coordinates: "********   2.000   3.000" }), coordinate("********")],
    ["nothing", record({ coordinates: "   1.000           3.000" }), coordinate("        ")],
    ["shifted", record({ coordinates: "  1.000 2.000 3.000     " }), coordinate("2.000 3.")],
    ["NaN", record({ coordinates: "     NaN   2.000   3.000" }), coordinate("     NaN")],
    ["infinite", record({ coordinates: "   1.000   2.000Infinity" }), coordinate("Infinity")],
    ["hexadecimal", record({ coordinates: "    0x10   2.000   3.000" }), coordinate("    0x10")],
    ["cut off", record({}).slice(0, 52), coordinate("   3.0")],
    ["bare", "ATOM", coordinate("")],
    ["no element", record({ element: "", name: " ?? " }), 'line 2 has an unknown element ("??")'],
    [
      "odd element",
      record({ element: "Q1", name: " QQ " }),
      'line 2 has an unknown element ("Q1")',
    ],
  ];
  for (const [name, line, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => parsePdb(`HEADER\n${line}`, "bad.pdb"), (error) => {
        assert.ok(error instanceof InputError);
        assert.strictEqual(error.message, `Cannot read bad.pdb: ${reason}`);
        return true;
      });
    });
  }
});

Deno.test("parsePdb counts the water that it leaves out, and keeps it if asked to", () => {
  const text = [record({}), record({ residueName: "HOH", chain: "W", element: " O" })].join("\n");
  const names = (options: ModelOptions) => {
    const { chains, water } = parsePdb(text, "a.pdb", options);
    return [chains.map(({ id }) => id), water];
  };
  assert.deepStrictEqual(names({}), [["A"], 1]);
  assert.deepStrictEqual(names({ water: true }), [["A", "W"], 0]);
});

Deno.test("parsePdb keeps one kind of residue where a place has several", () => {
  const text = [
    record({ name: " N  ", alternative: "A", residueName: "SER" }),
    record({ name: " OG ", alternative: "A", residueName: "SER" }),
    record({ name: " N  ", alternative: "B", residueName: "THR" }),
    record({ name: " CG2", alternative: "B", residueName: "THR" }),
  ].join("\n");
  assert.strictEqual(parsePdb(text, "a.pdb").chains[0]!.atoms.length, 2);
});

Deno.test("parsePdb names chains by one column, by two, or by the segment", async (t) => {
  const cases: [string, string[], string[]][] = [
    ["digits and small letters", [record({ chain: "a" }), record({ chain: "7" })], ["a", "7"]],
    ["blank", [record({ chain: " " })], [" "]],
    [
      "two letters, on a ligand too",
      [record({ chain: "AB" }), record({ residueName: "ATP", chain: "AB" }), record({ chain: "B" })]
        .map(twoColumns),
      ["AB", "B"],
    ],
    ["the fourth letter of a residue", [twoColumns(record({ residueName: "POP", chain: "CM" }))], [
      "M",
    ]],
    ["segment", [
      `${record({ chain: " " }).slice(0, 72)}PROA C`,
      `${record({ chain: " " }).slice(0, 72)}PROB C`,
    ], ["PROA", "PROB"]],
    ["a segment beside a chain", [`${record({ chain: "A" }).slice(0, 72)}PROA C`], ["A"]],
  ];
  for (const [name, lines, chains] of cases) {
    await t.step(name, () => {
      assert.deepStrictEqual(
        parsePdb(lines.join("\n"), "a.pdb").chains.map(({ id }) => id),
        chains,
      );
    });
  }
});

/** A record whose chain of two letters, which shifted the rest, begins a column earlier. */
function twoColumns(line: string): string {
  return line.slice(0, 20) + (line[22] === " " ? line.slice(20) : line.slice(21));
}

Deno.test("parsePdb refuses a file without atoms", () => {
  for (const text of ["", "HEADER\nEND\n", record({ residueName: "WAT" })]) {
    assert.throws(() => parsePdb(text, "none.pdb"), {
      name: "InputError",
      message: "Cannot read none.pdb: it holds no atoms",
    });
  }
});
