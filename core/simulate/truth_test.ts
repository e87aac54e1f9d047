import assert from "node:assert";
import { InputError } from "../errors.ts";
import { formatTruth, parseTruth, readTruth, type Truth } from "./truth.ts";

const truth: Truth = {
  format: "siren truth",
  version: 1,
  box: 4,
  apix: 6.55,
  origin: { x: 0, y: -1, z: 2.5 },
  seed: 7,
  options: { noise: 0.04, tree: "chain" },
  maps: ["vol_000.mrc", "vol_001.mrc", "vol_002.mrc"],
  thresholds: [0.2, 0.2, 0.2],
  resolutions: [10, 12, 14],
  parents: [-1, 0],
  probabilities: [0.5, 0.25],
  presence: [[1, 0], [0, 0], [1, 1]],
  unionVoxels: 6,
  core: [0, 1],
  blocks: [[5, 6], [63]],
};

Deno.test("a truth comes back as it was written", () => {
  const text = formatTruth(truth);
  assert.deepStrictEqual(parseTruth(text, "truth.json"), truth);
  assert.strictEqual(text.split("\n").length, Object.keys(truth).length + 3);
  const withChains = { ...truth, chains: [["a.pdb A 1-9"], []] };
  assert.deepStrictEqual(parseTruth(formatTruth(withChains), "truth.json"), withChains);
  const withExclusive: Truth = { ...truth, exclusive: [[0, 1]] };
  assert.deepStrictEqual(parseTruth(formatTruth(withExclusive), "truth.json"), withExclusive);
});

Deno.test("a damaged truth is refused with its file and reason", async (t) => {
  const cases: [string, string, string | RegExp][] = [
    ["cut off", formatTruth(truth).slice(0, 90), "it is no JSON file"],
    ["another file", `{"parent": [-1]}`, /^format: /],
    ["a list", "[]", /^the file: /],
    ["thresholds", formatTruth({ ...truth, thresholds: [1] }), "thresholds: must have 3 entries"],
    ["resolutions", formatTruth({ ...truth, resolutions: [] }), "resolutions: must have 3 entries"],
    ["parents", formatTruth({ ...truth, parents: [-1] }), "parents: must have 2 entries"],
    [
      "probabilities",
      formatTruth({ ...truth, probabilities: [1] }),
      "probabilities: must have 2 entries",
    ],
    [
      "presence",
      formatTruth({ ...truth, presence: [[1, 0], [0], [1, 1]] }),
      "presence: must have 3 rows of 2 entries",
    ],
    [
      "exclusive",
      formatTruth({ ...truth, exclusive: [[0, 2]] }),
      "exclusive: must name blocks below 2",
    ],
    [
      "twice",
      formatTruth({ ...truth, blocks: [[5, 6], [1]] }),
      "blocks: must not name a voxel twice",
    ],
    [
      "outside",
      formatTruth({ ...truth, blocks: [[5], [64]] }),
      "blocks: must name voxels below 64",
    ],
  ];
  for (const [name, text, reason] of cases) {
    await t.step(name, () => {
      assert.throws(() => parseTruth(text, "t.json"), (error) => {
        assert.ok(error instanceof InputError);
        const start = "Cannot read t.json: ";
        assert.ok(error.message.startsWith(start), error.message);
        const rest = error.message.slice(start.length);
        if (typeof reason === "string") assert.strictEqual(rest, reason);
        else assert.match(rest, reason);
        return true;
      });
    });
  }
});

Deno.test("readTruth takes the file or its folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(readTruth(folder), {
      name: "InputError",
      message: `Cannot read the truth at ${folder}: there is no such file or folder`,
    });
    await Deno.writeTextFile(`${folder}/truth.json`, formatTruth(truth));
    for (const path of [folder, `${folder}/truth.json`]) {
      const file = `${folder}/truth.json`;
      assert.deepStrictEqual(await readTruth(path), { truth, path: file, folder });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
