import assert from "node:assert";
import { ExpandOptionsSchema, SketchOptionsSchema, strangersToExpansion } from "./options.ts";

Deno.test("the sketch's defaults are the reference's", () => {
  assert.deepStrictEqual(SketchOptionsSchema.parse({ voldir: "maps", bin: 0 }), {
    voldir: "maps",
    bin: 0,
    filter: false,
    posp: 0.01,
    negp: 0.05,
    negp_factor: 1,
    subsample: "auto",
    seed: 0,
    cutoff_method: "quantile",
    trials: 1000,
    rule: "siren",
    communities: "labels",
    min_block_size: 6, // "more than 5 voxels"
  });
});

Deno.test("the expansion's defaults are the reference's", () => {
  assert.deepStrictEqual(ExpandOptionsSchema.parse({}), {
    exp_frac: 0.25,
    posp: 0.01,
    negp: 0.05,
    negp_factor: 1,
  });
});

const maps = { voldir: "maps", bin: 0.5 };
const refused: [options: Record<string, unknown>, path: string, message: string][] = [
  [{ voldir: "maps" }, "", "one of --bin and --binfile is needed"],
  [{ ...maps, binfile: "t.csv" }, "", "--bin and --binfile exclude each other"],
  [{ ...maps, filter: true }, "", "--filter needs --binfile"],
  [
    { ...maps, cutoffs: "c.csv", rule: "fdr" },
    "",
    "--cutoffs goes with --rule siren, not with fdr",
  ],
  [{ ...maps, join: 0.4 }, "", "--join goes with --rule phi, not with siren"],
  [{ ...maps, rule: "phi", join: 0 }, "join", "Too small: expected number to be >0"],
  [{ ...maps, rule: "phi", join: 1.1 }, "join", "Too big: expected number to be <=1"],
  [{ ...maps, voldir: "" }, "voldir", "Too small: expected string to have >=1 characters"],
  [{ ...maps, bin: NaN }, "bin", "Invalid input: expected number, received NaN"],
  [{ ...maps, bin: "0.5" }, "bin", "Invalid input: expected number, received string"],
  [{ ...maps, bin: Infinity }, "bin", "Invalid input: expected number, received Infinity"],
  [{ ...maps, apix: 0 }, "apix", "Too small: expected number to be >0"],
  [{ ...maps, posp: 0 }, "posp", "Too small: expected number to be >0"],
  [{ ...maps, posp: 2 }, "posp", "Too big: expected number to be <=1"],
  [{ ...maps, negp: 1.01 }, "negp", "Too big: expected number to be <=1"],
  [{ ...maps, subsample: 0 }, "subsample", "Too small: expected number to be >=1"],
  [{ ...maps, seed: -1 }, "seed", "Too small: expected number to be >=0"],
  [{ ...maps, seed: 0.5 }, "seed", "Invalid input: expected int, received number"],
  [{ ...maps, trials: 1 }, "trials", "Too small: expected number to be >=2"],
  [{ ...maps, min_block_size: 0 }, "min_block_size", "Too small: expected number to be >=1"],
  [
    { ...maps, rule: "phy" },
    "rule",
    'Invalid option: expected one of "siren"|"phi"|"fdr"',
  ],
  [{ ...maps, exp_frac: 0.5 }, "", 'Unrecognized key: "exp_frac"'],
];

for (const [options, path, message] of refused) {
  Deno.test(`sketch options ${Deno.inspect(options)} are refused`, () => {
    const { error } = SketchOptionsSchema.safeParse(options);
    assert.deepStrictEqual(error?.issues.map((issue) => [issue.path.join("."), issue.message]), [
      [path, message],
    ]);
  });
}

Deno.test("a share to expand at is above 0 and at most 1", () => {
  for (const exp_frac of [0, -0.1, 1.01, NaN]) {
    assert.ok(!ExpandOptionsSchema.safeParse({ exp_frac }).success);
  }
  assert.strictEqual(ExpandOptionsSchema.parse({ exp_frac: 1 }).exp_frac, 1);
});

Deno.test("options of the expansion that a rule does not look at are named", () => {
  const given = ExpandOptionsSchema.parse({ exp_frac: 0.3, posp: 0.05, negp: 0.01 });
  assert.deepStrictEqual(strangersToExpansion("siren", given), []);
  assert.deepStrictEqual(strangersToExpansion("fdr", given).toSorted(), [
    "--negp goes with --rule siren, not with fdr",
    "--posp goes with --rule siren or phi, not with fdr",
  ]);
  assert.deepStrictEqual(strangersToExpansion("phi", given).toSorted(), [
    "--exp_frac goes with --rule siren or fdr, not with phi",
    "--negp goes with --rule siren, not with phi",
  ]);
  assert.deepStrictEqual(strangersToExpansion("phi", ExpandOptionsSchema.parse({})), []);
});
