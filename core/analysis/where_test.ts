import assert from "node:assert";
import fc from "fast-check";
import { UsageError } from "../errors.ts";
import { chooseVolumes } from "./choose_volumes.ts";
import type { Analysis } from "./analysis.ts";
import { type Selectable, selectVolumes } from "./where.ts";

const names = ["b0", "b3", "b12", "mask L2", "Tür", "1qz.a", 'a"b', "cluster"];
const volumes = Array.from({ length: 12 }, (_, v) => `vol_${v}.mrc`);
const value = (v: number, k: number) => ((v * 7 + k * 3) % 11) / 10;
const table = {
  volumes,
  regions: names.map((name) => ({ name, voxels: 9 })),
  values: Float64Array.from(volumes.flatMap((_, v) => names.map((_, k) => value(v, k)))),
};
const plain = {
  ...table,
  regions: names.map((name) => ({ name: name.replace("cluster", "b9"), voxels: 9 })),
};
const from: Selectable = {
  table: plain,
  clusters: volumes.map((_, v) => 1 + v % 3),
  presence: Uint8Array.from(table.values, (x) => x >= 0.5 ? 1 : 0),
  junk: [{ volume: 4, kind: "empty", reason: "" }],
  components: [{
    of: "regions",
    shares: [0.7],
    scores: Float64Array.from(volumes, (_, v) => v - 5),
  }],
};
const where = (test: (v: number) => boolean) => volumes.map((_, v) => v).filter(test);

Deno.test("conditions select what they say", () => {
  const b0 = (v: number) => value(v, 0), b3 = (v: number) => value(v, 1);
  const cases: [string, (v: number) => boolean][] = [
    ["b0 > 0.5", (v) => b0(v) > 0.5],
    ["b0>.5&&b3<=5e-1", (v) => b0(v) > 0.5 && b3(v) <= 0.5],
    ["b0 > 0.5 || b3 < 0.2 && b12 >= 0.3", (v) => b0(v) > 0.5 || b3(v) < 0.2 && value(v, 2) >= 0.3],
    [
      "(b0 > 0.5 || b3 < 0.2) && b12 >= 0.3",
      (v) => (b0(v) > 0.5 || b3(v) < 0.2) && value(v, 2) >= 0.3,
    ],
    ["!b0 > 0.5", (v) => !(b0(v) > 0.5)],
    ["!!(b0 == 0.7)", (v) => b0(v) === 0.7],
    ["b0 != b3", (v) => b0(v) !== b3(v)],
    ["0.5 < b0", (v) => 0.5 < b0(v)],
    ["b0 > -1 && b0 < +2", () => true],
    ['"mask L2" > 0.5', (v) => value(v, 3) > 0.5],
    ["'a\"b' > 0.5", (v) => value(v, 6) > 0.5],
    ["Tür < 0.4", (v) => value(v, 4) < 0.4],
    ["1qz.a < 0.4", (v) => value(v, 5) < 0.4],
    ["cluster == 2", (v) => v % 3 === 1],
    ["cluster != 2 && !junk", (v) => v % 3 !== 1 && v !== 4],
    ["junk", (v) => v === 4],
    ["present(b0) && absent('mask L2')", (v) => b0(v) >= 0.5 && value(v, 3) < 0.5],
    ["pc1 > 2", (v) => v - 5 > 2],
    ["  b0\t>\n0.5 ", (v) => b0(v) > 0.5],
  ];
  for (const [text, test] of cases) {
    assert.deepStrictEqual(selectVolumes(from, text), where(test), text);
  }
});

Deno.test("a region comes before a word of the same name; quoted names are regions alone", () => {
  const odd = { ...from, table };
  assert.deepStrictEqual(selectVolumes(odd, "cluster > 0.5"), where((v) => value(v, 7) > 0.5));
  assert.deepStrictEqual(selectVolumes(odd, '"cluster" > 0.5'), where((v) => value(v, 7) > 0.5));
  assert.throws(() => selectVolumes(from, '"cluster" == 1'), /no region of this name \(cluster\)/);
});

Deno.test("what is no condition is refused, with its place and a way out", () => {
  const cases: [string, string, string][] = [
    ["", "it is empty (at character 1 of '')", "Write it as in"],
    ["   ", "it is empty (at character 1 of '   ')", "Write it as in"],
    ["b0", "a comparison is missing after b0 (at character 3 of 'b0')", "Write it as in"],
    [
      "b0 = 1",
      "a comparison is missing after b0 (at character 4 of 'b0 = 1')",
      "Write == for equal.",
    ],
    [
      "b0 > ",
      "a region's name or a number is missing (at character 5 of 'b0 > ')",
      "Write it as in",
    ],
    [
      "b0 > 1 b3 < 1",
      "there is something that nothing joins to what is before (at character 8 of 'b0 > 1 b3 < 1')",
      "Join conditions by && or ||.",
    ],
    [
      "b0 > 1 and b3 < 1",
      "there is something that nothing joins to what is before (at character 8 of 'b0 > 1 and b3 < 1')",
      "Write &&.",
    ],
    [
      "b0 > 1 & b3 < 1",
      "there is a sign that means nothing (&) (at character 8 of 'b0 > 1 & b3 < 1')",
      "Write &&.",
    ],
    [
      "b0 > 1 ; 1",
      "there is a sign that means nothing (;) (at character 8 of 'b0 > 1 ; 1')",
      "Write it as in",
    ],
    ["(b0 > 1", "a bracket is not closed (at character 8 of '(b0 > 1')", "Write it as in"],
    [
      "b0 > 1)",
      "there is something that nothing joins to what is before (at character 7 of 'b0 > 1)')",
      "Join conditions",
    ],
    [
      "0.2 < b0 < 0.8",
      "comparisons cannot be chained (at character 10 of '0.2 < b0 < 0.8')",
      "Write 0.2 < b3 && b3 < 0.8.",
    ],
    [
      "b1 > 0.5",
      "there is no region of this name (b1) (at character 1 of 'b1 > 0.5')",
      "Did you mean b0?",
    ],
    [
      "B12 > 0.5",
      "there is no region of this name (B12) (at character 1 of 'B12 > 0.5')",
      "Did you mean b12?",
    ],
    [
      "xyz > 0.5",
      "there is no region of this name (xyz) (at character 1 of 'xyz > 0.5')",
      "Regions are b0, b3, b12, mask L2",
    ],
    [
      "clusters == 1",
      "there is no region of this name (clusters) (at character 1 of 'clusters == 1')",
      "Did you mean cluster?",
    ],
    [
      "present b0",
      "a bracket is missing after present (at character 9 of 'present b0')",
      "Write it as in",
    ],
    [
      "present(0.5)",
      "a region's name is missing (at character 9 of 'present(0.5)')",
      "Write it as in",
    ],
    ["'b0 > 1", "a quotation mark is not closed (at character 1 of ''b0 > 1')", "Write it as in"],
    ["pc2 > 0", "there are 1 components (pc2) (at character 1 of 'pc2 > 0')", "Write it as in"],
    [
      "b0 > 1,5",
      "there is a sign that means nothing (,) (at character 7 of 'b0 > 1,5')",
      "Write it as in",
    ],
    [
      "b0 > 0x10",
      "there is no region of this name (0x10) (at character 6 of 'b0 > 0x10')",
      "Regions are",
    ],
  ];
  for (const [text, reason, remedy] of cases) {
    assert.throws(() => selectVolumes(from, text), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.strictEqual(error.message, `Cannot understand the condition: ${reason}`);
      assert.ok(error.remedy?.startsWith(remedy), `${text}: ${error.remedy}`);
      return true;
    });
  }
});

Deno.test("a table alone knows neither clusters nor presence", () => {
  for (const text of ["cluster == 1", "junk", "present(b0)", "pc1 > 0"]) {
    assert.throws(() => selectVolumes({ table: plain }, text), /only an analysis knows it/);
  }
  assert.strictEqual(selectVolumes({ table: plain }, "b0 >= 0").length, 12);
});

Deno.test("any text is a condition or is refused with a usage error, however deep", () => {
  const piece = fc.constantFrom(
    "b0",
    "b3",
    "0.5",
    ">",
    "<=",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "junk",
    "present",
    "cluster",
    '"',
    "'",
    " ",
    "constructor",
    "__proto__",
    "==",
    "💥",
    "-",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      try {
        const selected = selectVolumes(from, pieces.join(""));
        assert.deepStrictEqual(selected, selected.toSorted((a, b) => a - b));
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
  for (const deep of ["(".repeat(5000), "!".repeat(5000) + "junk", "!(".repeat(199) + "junk"]) {
    assert.throws(() => selectVolumes(from, deep), UsageError);
  }
  assert.ok(selectVolumes(from, `${"(".repeat(150)}junk${")".repeat(150)}`).length === 1);
});

Deno.test("chooseVolumes: all that is given must be met, or not", () => {
  const analysis = { ...from, clusters: from.clusters! } as Analysis;
  assert.deepStrictEqual(chooseVolumes(analysis, {}), where(() => true));
  assert.deepStrictEqual(chooseVolumes(analysis, { cluster: 2 }), where((v) => v % 3 === 1));
  assert.deepStrictEqual(chooseVolumes(analysis, { junk: true }), [4]);
  const choice = { where: "b0 > 0.5 || b3 > 0.5", cluster: 2, junk: false };
  const met = (v: number) => (value(v, 0) > 0.5 || value(v, 1) > 0.5) && v % 3 === 1 && v !== 4;
  assert.deepStrictEqual(chooseVolumes(analysis, choice), where(met));
  assert.deepStrictEqual(chooseVolumes(analysis, { ...choice, not: true }), where((v) => !met(v)));
  assert.deepStrictEqual(chooseVolumes(analysis, { not: true }), []);
  for (const cluster of [0, 4, 1.5]) {
    assert.throws(() => chooseVolumes(analysis, { cluster }), /there is none of this number$/);
  }
});

Deno.test("where: two numbers are no condition, a region that is named like one stands in quotes", () => {
  const table = {
    volumes: ["a.mrc", "b.mrc"],
    regions: [{ name: "1", voxels: 9 }],
    values: Float64Array.of(0.2, 0.9),
  };
  assert.deepStrictEqual(selectVolumes({ table }, '"1" > 0.5'), [1]);
  assert.throws(
    () => selectVolumes({ table }, "!(1 > 0.5)"),
    (error) =>
      error instanceof UsageError &&
      /two numbers are compared \(1 and 0\.5\)/.test(error.message) &&
      error.remedy === 'A region of that name stands in quotes: "1" > 0.5.',
  );
});
