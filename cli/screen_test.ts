import assert from "node:assert";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main([...args], io);
  return { code, out: io.out(), err: io.err() };
}

/** A folder with an ensemble in `maps`. */
async function withMaps(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "siren screen " });
  try {
    const simulated = ["--volumes", "60", "--box", "20", "--apix", "9", "--blocks", "3"];
    await call("simulate", "--outdir", `${folder}/maps`, "--quiet", ...simulated);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The words of a command line as a shell takes them apart. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

Deno.test("the command that a screen tells finds the blocks that it found, and stability goes on from it", () =>
  withMaps(async (folder) => {
    const machine = ["--threads", "1", "--engine", "wasm"];
    const grid = ["--bins", "0.3,0.2", "--join", "0.4,0.6", "--halvings", "1"];
    const line = ["screen", "--voldir", `${folder}/maps`, ...grid, "--outdir", `${folder}/screen`];
    const json = await call(...line, ...machine, "--json");
    assert.strictEqual(json.code, 0, json.err);
    const { rows, recommended } = JSON.parse(json.out);
    assert.deepStrictEqual(rows.map((row: { values: unknown }) => row.values), [
      { join: 0.4 },
      { join: 0.6 },
      { join: 0.4 },
      { join: 0.6 },
    ]);
    const told = await call(...line, ...machine);
    assert.match(
      told.out,
      /^4 settings of rule phi, 60 volumes\n\n {3}threshold {2}join {2}blocks /,
    );
    assert.match(told.out, /\n\* +0\.\d+ +0\.\d +\d/);
    assert.ok(told.out.includes(`\nRecommended is setting ${recommended.setting}:  siren run `));
    assert.ok(told.out.endsWith(`\nScreen: '${folder}/screen'\n`), told.out.slice(-200));

    const words = wordsOf(recommended.command).slice(1);
    assert.deepStrictEqual(words.slice(-2), ["--outdir", "out"]);
    const run = await call(...words.slice(0, -1), `${folder}/run`, ...machine, "--json");
    assert.strictEqual(run.code, 0, run.err);
    const { expand } = JSON.parse(run.out);
    const sizes = expand.blocks.map(({ voxels }: { voxels: number }) => voxels);
    assert.deepStrictEqual(sizes, recommended.sizes);

    const few = ["stability", `${folder}/run`, "--bootstraps", "3", ...machine];
    const stability = await call(...few);
    assert.strictEqual(stability.code, 0, stability.err);
    assert.match(
      stability.out,
      /^3 replicates over volumes and samples, by rule phi: \d+ voxels sampled, \d+ .*\n\nblock {2}voxels {3,}back {2}merged {2}split {2}lost {2}Jaccard /,
    );
    const again = await call(...few, "--json");
    assert.deepStrictEqual(JSON.parse(again.out).engine, undefined, "nothing was left to compute");
  }));

Deno.test("lists are read strictly", async () => {
  const refused = async (flags: string[], message: string) => {
    const { code, err } = await call("screen", "--voldir", "m", "--outdir", "o", ...flags);
    assert.deepStrictEqual([code, err.split("\n")[0]], [2, `Error: ${message}`]);
  };
  await refused(["--bins", "0.5,,0.6"], "Cannot use --bins: it is not a number ()");
  await refused(["--bins", "0.5,x"], "Cannot use --bins: it is not a number (x)");
  await refused(["--bins", ""], "Cannot use --bins: its value is empty");
  await refused(
    ["--bins", "1", "--negp", "distance"],
    "Cannot use --negp: it is not a number (distance)",
  );
  await refused(
    ["--bins", "1", "--join", "0.5,2"],
    "Cannot use --join: it must be at most 1 (0.5,2)",
  );
  await refused(
    ["--binfile", "a.csv,"],
    "Cannot use --binfile: the name of a file is empty (a.csv,)",
  );
});
