import assert from "node:assert";
import { InputError, RunError } from "../core/errors.ts";
import { temporaryFolder } from "../tests/surroundings.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";
import { readRun, type Run, versions, writeRun } from "./run_file.ts";

const run: Run = {
  format: 1,
  versions: versions(),
  grid: {
    box: 24,
    apix: 0.1 + 0.2,
    origin: { x: -1.5, y: 0, z: 1e-7 },
    nstart: { x: -12, y: 0, z: 3 },
  },
  sketch: SketchOptionsSchema.parse({ voldir: "/maps", bin: 0 }),
  files: { "/cutoffs.csv": "b".repeat(64) },
  volumes: [
    { file: "vol_000.mrc", bytes: 10, sha256: "a".repeat(64), threshold: 0, kept: true },
    { file: "vol 'ä'.mrc", bytes: 11, threshold: -1e-3, kept: false },
  ],
};

Deno.test("run.json comes back as it was written, with and without an expansion", async () => {
  await using folder = await temporaryFolder();
  for (const whole of [run, { ...run, expand: ExpandOptionsSchema.parse({ exp_frac: 0.3 }) }]) {
    await writeRun(folder.path, whole);
    assert.deepStrictEqual(await readRun(folder.path), whole);
  }
});

Deno.test("equal runs are equal to the byte, whatever the order of their fields", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/run.json`;
  await writeRun(folder.path, run);
  const before = await Deno.readTextFile(path);
  const { grid, ...others } = run;
  const { threshold, kept, ...rest } = run.volumes[0]!;
  const volumes = [{ kept, threshold, ...rest }, run.volumes[1]!];
  await writeRun(folder.path, { ...others, volumes, grid });
  assert.strictEqual(await Deno.readTextFile(path), before);
});

Deno.test("a folder without run.json holds no run", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(readRun(folder.path), (error) => {
    assert.ok(error instanceof RunError);
    assert.deepStrictEqual([error.message, error.remedy], [
      `Cannot open the run in ${folder.path}: there is no run.json`,
      "Give the folder that --outdir named; if it was stopped before run.json appeared, start again.",
    ]);
    return true;
  });
});

const json = JSON.stringify(run);
const damages: [what: string, text: string, reason: string][] = [
  ["empty", "", "it is not JSON"],
  ["truncated", json.slice(0, -20), "it is not JSON"],
  ["an array", "[]", "✖ Invalid input: expected object, received array"],
  [
    "with a key that is not known",
    JSON.stringify({ ...run, extra: 1 }),
    '✖ Unrecognized key: "extra"',
  ],
  [
    "with an option that is not known",
    JSON.stringify({ ...run, sketch: { ...run.sketch, colour: "red" } }),
    '✖ Unrecognized key: "colour"   → at sketch',
  ],
  [
    "of another version",
    JSON.stringify({ ...run, format: 2 }),
    "✖ Invalid input: expected 1   → at format",
  ],
  [
    "with an option out of range",
    JSON.stringify({ ...run, sketch: { ...run.sketch, posp: 2 } }),
    "✖ Too big: expected number to be <=1   → at sketch.posp",
  ],
  [
    "with options that do not fit each other",
    JSON.stringify({ ...run, sketch: { ...run.sketch, binfile: "/t.csv" } }),
    "✖ --bin and --binfile exclude each other   → at sketch",
  ],
  [
    "with a threshold that is no number",
    JSON.stringify({ ...run, volumes: [{ ...run.volumes[0], threshold: null }] }),
    "✖ Invalid input: expected number, received null   → at volumes[0].threshold",
  ],
];

for (const [what, text, reason] of damages) {
  Deno.test(`a run.json that is ${what} is refused`, async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/run.json`, text);
    await assert.rejects(readRun(folder.path), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepStrictEqual([error.message, error.remedy], [
        `Cannot read ${folder.path}/run.json: ${reason}`,
        "Was it edited, or written by another version of siren? Start a new run.",
      ]);
      return true;
    });
  });
}
