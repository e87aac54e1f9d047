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
  const folder = await Deno.makeTempDir();
  try {
    await call(
      ...["simulate", "--outdir", `${folder}/maps`, "--volumes", "200", "--quiet"],
      ...["--box", "20", "--apix", "9", "--blocks", "3"],
    );
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const small = ["--threads", "1", "--rule", "siren", "--bin", "0.22"];

Deno.test("siren run, status, resume and score go together", () =>
  withMaps(async (folder) => {
    const out = `${folder}/out`;
    const line = ["run", "--voldir", `${folder}/maps`, "--outdir", out, ...small];
    const run = await call(...line, "--seed=3");
    assert.strictEqual(run.code, 0, run.err);
    assert.match(run.out, /^200 maps; \d+ voxels in the union, \d+ sampled\n[\d,]+ pairs tested/);
    assert.match(run.out, /\nblock {2}voxels {2}volume \(A\^3\) {2}mean occupancy {2}cohesion\n/);
    assert.ok(run.out.endsWith(
      `Sketch:  ${out}/00_sketch\nBlocks:  ${out}/02_expand\n` +
        `To see the blocks, open ${out}/02_expand/open_blocks.cxc in ChimeraX.\n` +
        `Next:    siren view ${out}\n`,
    ));

    const status = await call("status", out);
    assert.deepStrictEqual([status.code, status.err], [0, ""]);
    assert.ok(status.out.startsWith(`The run is done: ${out}\n200 maps, rule siren\n`));
    assert.strictEqual(JSON.parse((await call("status", out, "--json")).out).state, "done");

    const resumed = await call("resume", out, "--threads", "1", "--json");
    assert.strictEqual(resumed.code, 0);
    const { volumes, sketch, expand } = JSON.parse(resumed.out);
    assert.deepStrictEqual([volumes, expand.folder], [200, `${out}/02_expand`]);
    const told = /\n(\d+) blocks? in the sketch\n/.exec(run.out)?.[1];
    assert.strictEqual(told, String(sketch.blocks.length));

    const score = await call("score", `${folder}/maps`, out, "--json");
    assert.strictEqual(JSON.parse(score.out).found, `${out}/02_expand/blocks.json`);

    const again = await call(...line);
    assert.deepStrictEqual([again.code, again.out], [4, ""]);
    const forced = await call(...line, "--force", "--quiet");
    assert.deepStrictEqual([forced.code, forced.out], [0, ""]);
  }));

Deno.test("siren sketch_communities, then expand_communities", () =>
  withMaps(async (folder) => {
    const out = `${folder}/out`;
    const sketch = ["sketch-communities", "--voldir", `${folder}/maps`, "--outdir", out, ...small];
    const sketched = await call(...sketch, "--json");
    assert.strictEqual(sketched.code, 0, sketched.err);
    assert.strictEqual(JSON.parse(sketched.out).expand, undefined);

    // The config file, its folder, and the run folder are the same.
    for (const config of [out, `${out}/00_sketch`, `${out}/00_sketch/config.json`]) {
      const line = ["expand_communities", "--config", config, "--blockdir", `${out}/00_sketch`];
      const contradicted = await call(...line, "--bin", "0.3");
      assert.strictEqual(contradicted.code, 2);
      assert.match(contradicted.err, /^Error: Cannot expand with --bin 0\.3: .*0\.22/);
    }
    const expanded = await call(
      ...["expand_communities", "--config", out, "--blockdir", `${out}/00_sketch`],
      ...["--bin=0.22", "--exp-frac", "0.3", "--json"],
    );
    assert.strictEqual(expanded.code, 0, expanded.err);
    assert.strictEqual(JSON.parse(expanded.out).expand.folder, `${out}/02_expand`);
  }));

Deno.test("siren run takes rule phi, sketch_communities the reference's", () =>
  withMaps(async (folder) => {
    const maps = ["--voldir", `${folder}/maps`, "--bin", "0.22", "--threads", "1", "--json"];
    for (const [command, rule] of [["run", "phi"], ["sketch_communities", "siren"]] as const) {
      const { code, out, err } = await call(command, ...maps, "--outdir", `${folder}/${command}`);
      assert.strictEqual(code, 0, err);
      assert.strictEqual(JSON.parse(out).rule, rule);
    }
  }));

Deno.test("siren run takes --posp for the sketch under every rule, the expansion where it tests by it", () =>
  withMaps(async (folder) => {
    for (const [rule, expected] of [["fdr", 0.01], ["phi", 0.05], ["siren", 0.05]] as const) {
      const out = `${folder}/${rule}`;
      const { code, err } = await call(
        ...["run", "--voldir", `${folder}/maps`, "--outdir", out, "--quiet", "--threads", "1"],
        ...["--bin", "0.22", "--rule", rule, "--posp", "0.05"],
      );
      assert.deepStrictEqual([code, err], [0, ""]);
      const { sketch, expand } = JSON.parse(await Deno.readTextFile(`${out}/run.json`));
      assert.deepStrictEqual([sketch.posp, expand.posp], [0.05, expected]);
    }
    const config = `${folder}/fdr/00_sketch`;
    const again = await call(
      ...["expand_communities", "--config", config, "--blockdir", config, "--force", "--posp=0.05"],
    );
    assert.deepStrictEqual([again.code, again.err], [
      2,
      "Error: Cannot use the options: --posp goes with --rule siren or phi, not with fdr\n" +
      "See siren expand_communities --help.\n",
    ]);
  }));

Deno.test("--weights goes with no other thresholds, nor with a dry run; --box goes with it alone", async () => {
  const line = ["run", "--voldir", "maps", "--outdir", "out"];
  const refused: [string[], string][] = [
    [["--weights", "w.pth", "--bin", "1"], "Cannot use --bin with --weights: "],
    [["--weights", "w.pth", "--binfile", "b.csv"], "Cannot use --binfile with --weights: "],
    [["--weights", "w.pth", "--dry-run"], "Cannot use --dry-run with --weights: "],
    [["--bin", "1", "--box", "32"], "Cannot use --box: it goes with --weights (32)"],
    [["--weights", "w.pth", "--box", "7"], "Cannot use --box: it must be at least 8 (7)"],
  ];
  for (const [flags, message] of refused) {
    const { code, err } = await call(...line, ...flags);
    assert.deepStrictEqual([code, err.includes(message)], [2, true], err);
  }
  const missing = await call(...line, "--weights", "no_such.pth");
  assert.strictEqual(missing.code, 3);
  assert.match(missing.err, /Cannot read .*no_such\.pth: /);
});
