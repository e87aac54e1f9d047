import assert from "node:assert";
import fc from "fast-check";
import { InputError } from "../errors.ts";
import { totalClasses } from "./cutoffs.ts";
import { formatCutoffsCsv, parseCutoffsCsv } from "./cutoffs_csv.ts";

const HEADER = "freq_min,freq_max,pos_cutoff,neg_cutoff\n";
const REMEDY =
  "The file must have the columns freq_min,freq_max,pos_cutoff,neg_cutoff, one row for each pair of totals.";

Deno.test("parseCutoffsCsv() fills both orders of a pair and passes over what is not asked for", () => {
  const text = HEADER + "2,2,1.0,97\n2,5,2.5,96.25\n5,5,3,90\n2,9,7,8\n";
  const { totals, positive, negative } = parseCutoffsCsv(text, "cutoffs.csv", [2, 5]);
  assert.deepStrictEqual([...totals], [2, 5]);
  assert.deepStrictEqual([...positive], [1, 2.5, 2.5, 3]);
  assert.deepStrictEqual([...negative], [97, 96.25, 96.25, 90]);
});

Deno.test("parseCutoffsCsv() takes a byte order mark, CRLF, quotes, spaces, and columns in any order", () => {
  const text =
    '\ufeff"neg_cutoff",,freq_max, freq_min,pos_cutoff\r\n"9e1",0,5,5 ,1e-3\r\n\r\n9,1,7,5,2\r\n';
  const { positive, negative } = parseCutoffsCsv(text, "cutoffs.csv", [5]);
  assert.deepStrictEqual([positive[0], negative[0]], [0.001, 90]);
});

Deno.test("formatCutoffsCsv() is read back to the last bit", () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 65534 }),
    fc.double({ min: 0, max: 65534, noNaN: true }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 65534 }), { maxLength: 6 }).chain((totals) =>
        fc.tuple(
          fc.constant(Uint32Array.from(totals).sort()),
          fc.array(fc.tuple(value, value), { minLength: 21, maxLength: 21 }),
        )
      ),
      ([totals, values]) => {
        const count = totals.length;
        const positive = new Float64Array(count * count);
        const negative = new Float64Array(count * count);
        for (let i = 0, k = 0; i < count; i++) {
          for (let j = i; j < count; j++, k++) {
            // A cutoff of -0 is written, and read, as 0.
            positive[i * count + j] = positive[j * count + i] = values[k]![0] + 0;
            negative[i * count + j] = negative[j * count + i] = values[k]![1] + 0;
          }
        }
        const cutoffs = { totals, positive, negative };
        const text = formatCutoffsCsv(cutoffs);
        assert.deepStrictEqual(parseCutoffsCsv(text, "cutoffs.csv", totals), cutoffs);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("parseCutoffsCsv() names the file, the line and the value", () => {
  const cases: [string, string, string][] = [
    [
      HEADER + "2,2,1.0,97\n2,x,1.0,97\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 3: freq_max is not a number (x)",
      REMEDY,
    ],
    [
      HEADER + "2,2.5,1,97\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: freq_max is not an integer (2.5)",
      REMEDY,
    ],
    [
      HEADER + "-2,2,1,97\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: freq_min is negative (-2)",
      REMEDY,
    ],
    [
      HEADER + "2,2,nan,97\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: pos_cutoff is not a number (nan)",
      REMEDY,
    ],
    [
      HEADER + "2,2,1,1e999\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: neg_cutoff is not finite (1e999)",
      REMEDY,
    ],
    [
      HEADER + "2,2,1,\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: neg_cutoff is not a number ()",
      REMEDY,
    ],
    [
      HEADER + "5,2,1,9\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: freq_min is above freq_max (5)",
      REMEDY,
    ],
    [
      HEADER + "2,2,1,9\n\n2,2,1,9\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 4: the pair of totals stands on line 2 already (2, 2)",
      REMEDY,
    ],
    [
      "freq_min,freq_max,pos\n2,2,1\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 1: columns are missing (pos_cutoff,neg_cutoff)",
      REMEDY,
    ],
    [
      "",
      "Cannot read cutoffs from run/cutoffs.csv: line 1: columns are missing (freq_min,freq_max,pos_cutoff,neg_cutoff)",
      REMEDY,
    ],
    [
      HEADER + "2,2,1\n",
      "Cannot read cutoffs from run/cutoffs.csv: line 2: it is not a table (CSV_RECORD_INCONSISTENT_COLUMNS)",
      REMEDY,
    ],
    [
      HEADER + "2,2,1,97\n5,5,1,97\n",
      "Cannot use the cutoffs of run/cutoffs.csv: a pair of totals that occurs is missing (2, 5)",
      "Compute the cutoffs from the same volumes and thresholds, or leave the file away.",
    ],
  ];
  for (const [text, message, remedy] of cases) {
    assert.throws(
      () => parseCutoffsCsv(text, "run/cutoffs.csv", [2, 5]),
      (error) => {
        assert(error instanceof InputError);
        assert.strictEqual(error.message, message);
        assert.strictEqual(error.remedy, remedy);
        return true;
      },
    );
  }
});

const GOLDEN = new URL("../../../shared/golden/", import.meta.url);
const hasGolden = await Deno.stat(GOLDEN).then(() => true, () => false);

for (const phantom of ["phantom24", "phantom20"]) {
  Deno.test({
    name: `the tables of ../shared/golden/${phantom} are read and written back to the byte`,
    ignore: !hasGolden,
    async fn() {
      for (const stage of ["sketch", "expand"]) {
        const file = new URL(`${phantom}/siren/cutoffs_${stage}.csv`, GOLDEN);
        const text = await Deno.readTextFile(file);
        const { totals } = totalClasses(text.match(/^\d+/gm)!.map(Number));
        assert.strictEqual(formatCutoffsCsv(parseCutoffsCsv(text, file.pathname, totals)), text);
      }
    },
  });
}
