import assert from "node:assert";
import { parseTruth } from "../core/simulate/truth.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const small = ["--volumes", "12", "--box", "16", "--apix", "9.5", "--blocks", "3"];

async function readTruth(folder: string) {
  return parseTruth(await Deno.readTextFile(`${folder}/truth.json`), "truth.json");
}

Deno.test("siren simulate and siren score: the truth scores itself as perfect", () =>
  withFolder(async (folder) => {
    const made = await call("simulate", "--outdir", `${folder}/sim`, ...small, "--seed", "4");
    assert.strictEqual(made.code, 0);
    assert.match(
      made.out,
      /^12 maps of 16\^3 voxels in .*\n\nblock {2}needs {2}in maps {2}voxels\n/,
    );
    assert.ok(made.out.endsWith(
      `Truth: ${folder}/sim/truth.json\n` +
        `Next:  siren run --voldir ${folder}/sim --bin 0.22 --outdir out\n` +
        `       siren score ${folder}/sim out\n`,
    ));
    assert.match(made.err, /Simulating: 12 of 12 maps \(100 %\)/);

    const truth = await readTruth(`${folder}/sim`);
    const blocks = Object.fromEntries(truth.blocks.map((voxels, block) => [block, voxels]));
    await Deno.writeTextFile(`${folder}/blocks.json`, JSON.stringify(blocks));
    const score = await call("score", `${folder}/sim`, `${folder}/blocks.json`);
    assert.deepStrictEqual([score.code, score.err], [0, ""]);
    assert.match(score.out, /\n {21}found {2}ceiling {2}ratio\nadjusted Rand index {2}/);
    assert.match(score.out, /\nmean best Jaccard {4}1\.000 {4}0\.\d{3} {2}1\.\d{3}\n/);
    assert.match(score.out, /\nblock {2}voxels {2}found as {2}Jaccard {2}ceiling\n/);
    const json = await call("score", `${folder}/sim/truth.json`, folder, "--json");
    const { truth: path, found, meanJaccard, ceiling } = JSON.parse(json.out);
    assert.deepStrictEqual([path, found, meanJaccard], [
      `${folder}/sim/truth.json`,
      `${folder}/blocks.json`,
      1,
    ]);
    assert.ok(ceiling.ratio > 1);

    await Deno.remove(`${folder}/sim/${truth.maps[0]}`);
    const bare = await call("score", `${folder}/sim`, folder);
    assert.strictEqual(bare.code, 0);
    assert.strictEqual(
      bare.err,
      `Without the ceiling: the truth's maps are not beside it (${folder}/sim).\n`,
    );
    assert.doesNotMatch(bare.out, /ceiling/);
  }));

Deno.test("siren simulate: the same seed makes the same maps; --force replaces them", () =>
  withFolder(async (folder) => {
    const line = ["simulate", "--outdir", folder, ...small, "--quiet"];
    assert.deepStrictEqual(await call(...line), { code: 0, out: "", err: "" });
    const first = await Deno.readFile(`${folder}/vol_003.mrc`);
    assert.deepStrictEqual(await call(...line), {
      code: 2,
      out: "",
      err: `Error: Cannot write the ensemble: the folder is not empty (${folder})\n` +
        "Give another folder, or --force to replace the ensemble in it. See siren simulate --help.\n",
    });
    assert.strictEqual((await call(...line, "--force")).code, 0);
    assert.deepStrictEqual(await Deno.readFile(`${folder}/vol_003.mrc`), first);
    await call(...line, "--force", "--seed", "1");
    assert.notDeepStrictEqual(await Deno.readFile(`${folder}/vol_003.mrc`), first);
  }));

Deno.test("siren simulate takes every flag, a tree from a file, and prints JSON", () =>
  withFolder(async (folder) => {
    const tree = { parents: [-1, 0, 0], probabilities: [0.9, 0.5, 0.5] };
    await Deno.writeTextFile(`${folder}/tree.json`, JSON.stringify(tree));
    const { code, out } = await call(
      ...["simulate", "--outdir", `${folder}/sim`, ...small, "--tree", `${folder}/tree.json`],
      ...["--resolution", "14,20", "--resolution-steps", "2", "--noise=0.02", "--amplitude", "0.1"],
      ...["--noise-resolution", "0", "--threshold", "0.25", "--frequencies", "0.2,0.8"],
      ...["--size_ratio", "2", "--core_share", "0.3", "--json"],
    );
    const { blocks, volumes, thresholds } = JSON.parse(out);
    assert.deepStrictEqual(
      [code, volumes, blocks.map(({ needs }: { needs: number }) => needs), thresholds],
      [0, 12, tree.parents, `${folder}/sim/predictions.csv`],
    );
    const { options } = await readTruth(`${folder}/sim`);
    const { resolution, resolutionSteps, noise, amplitude, coreShare, sizeRatio } = options;
    assert.deepStrictEqual(
      { resolution, resolutionSteps, noise, amplitude, coreShare, sizeRatio },
      {
        resolution: [14, 20],
        resolutionSteps: 2,
        noise: 0.02,
        amplitude: 0.1,
        coreShare: 0.3,
        sizeRatio: 2,
      },
    );
  }));

Deno.test("siren simulate draws exclusive pairs, and takes them from a file", () =>
  withFolder(async (folder) => {
    const { code, out } = await call(
      ...[
        "simulate",
        "--outdir",
        `${folder}/drawn`,
        ...small,
        "--tree",
        "star",
        "--exclusive",
        "1",
      ],
    );
    assert.strictEqual(code, 0);
    assert.match(out, /\nblock {2}needs {2}excludes {2}in maps {2}voxels\n/);
    const { exclusive, presence } = await readTruth(`${folder}/drawn`);
    const [[a, b]] = exclusive as [[number, number]];
    assert.ok(presence.every((row) => row[a]! + row[b]! < 2));

    const tree = { parents: [-1, -1, 0], probabilities: [0.5, 0.5, 0.5], exclusive: [[0, 1]] };
    const file = `${folder}/tree.json`;
    await Deno.writeTextFile(file, JSON.stringify(tree));
    const given = ["simulate", "--outdir", `${folder}/given`, ...small, "--tree", file];
    const { out: json } = await call(...given, "--json");
    const excludes = JSON.parse(json).blocks.map((block: { excludes: unknown }) => block.excludes);
    assert.deepStrictEqual(excludes, [1, 0, null]);
    const { code: refused, err } = await call(...given, "--force", "--exclusive", "1");
    assert.strictEqual(refused, 2);
    assert.match(err, /^Error: Cannot draw exclusive pairs: the assembly tree is given\n/);
  }));

Deno.test("siren simulate says what a file of a tree should look like", () =>
  withFolder(async (folder) => {
    const path = `${folder}/tree.json`;
    const line = ["simulate", "--outdir", `${folder}/sim`, ...small, "--tree", path];
    const remedy = 'It looks like {"parents": [-1, 0], "probabilities": [0.9, 0.5]}. ' +
      "See siren simulate --help.\n";
    await Deno.writeTextFile(path, "core");
    assert.strictEqual(
      (await call(...line)).err,
      `Error: Cannot use --tree: it is no JSON file (${path})\n${remedy}`,
    );
    await Deno.writeTextFile(path, '{"parents": "core"}');
    const { code, err } = await call(...line);
    assert.strictEqual(code, 2);
    assert.ok(err.startsWith("Error: Cannot use --tree: ") && err.endsWith(`(${path})\n${remedy}`));
  }));
