import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { helices } from "../core/simulate/for_cnn_testing.ts";
import { Stop } from "./io.ts";
import { main } from "./main.ts";
import { fakeIo } from "./testing.ts";

async function call(...args: string[]) {
  const io = fakeIo();
  const code = await main(["simulate", ...args], io);
  return { code, out: io.out(), err: io.err() };
}

const small = ["--for-cnn", "--volumes", "3", "--box", "16"];

Deno.test("siren simulate --for_cnn writes maps and labels, and says how to go on", () =>
  withFolder(async (folder) => {
    const pdb = `${folder}/model.pdb`, outdir = `${folder}/sim`;
    await Deno.writeTextFile(pdb, helices(5));
    const made = await call(pdb, ...small, "--outdir", outdir, "--fill", "0.5,0.6");
    assert.strictEqual(made.code, 0, made.err);
    assert.ok(made.out.startsWith(`3 maps of 16^3 voxels with known thresholds in ${outdir}\n`));
    assert.ok(
      made.out.includes(
        `siren preprocess --voldir ${outdir} --labels ${outdir}/labels.csv --outdir prepared\n`,
      ),
    );
    assert.match(made.err, /Simulating: 3 of 3 maps \(100 %\)/);
    const record = JSON.parse(await Deno.readTextFile(`${outdir}/for_cnn.json`));
    assert.deepStrictEqual([record.options.fill, record.options.volumes], [[0.5, 0.6], 3]);

    const again = await call(pdb, ...small, "--outdir", outdir, "--quiet");
    assert.strictEqual(again.code, 2);
    assert.match(again.err, /the folder is not empty/);
    const json = await call(
      pdb,
      ...small,
      "--outdir",
      outdir,
      "--force",
      "--json",
      "--models",
      "each",
    );
    assert.deepStrictEqual(JSON.parse(json.out), {
      folder: outdir,
      volumes: 3,
      box: 16,
      labels: `${outdir}/labels.csv`,
      drawn: `${outdir}/for_cnn.json`,
    });
  }));

Deno.test("flags of the one kind are refused by the other", async (t) => {
  const cases: [string[], string][] = [
    [["--for_cnn", "--blocks", "3"], "Cannot use --blocks: it does not go with --for_cnn"],
    [["--for_cnn", "--noise", "0.1"], "Cannot use --noise: it does not go with --for_cnn"],
    [["--fill", "0.3,0.4"], "Cannot use --fill: it goes with --for_cnn"],
    [["--models", "each"], "Cannot use --models: it goes with --for_cnn"],
    [["--for_cnn", "--fill", "0.3,1.4"], "Cannot use --fill: it must be at most 0.95 (0.3,1.4)"],
    [["--for_cnn", "--box", "31"], "Cannot use --box: it must be even (31)"],
    [["--for_cnn"], "Cannot simulate maps for the network: there is no model"],
  ];
  for (const [flags, message] of cases) {
    await t.step(flags.join(" "), async () => {
      const { code, err } = await call("--outdir", "unused", ...flags);
      assert.strictEqual(code, 2, err);
      assert.ok(err.startsWith(`Error: ${message}\n`), err);
    });
  }
});

Deno.test("siren simulate --for_cnn ends on Ctrl-C", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/model.pdb`, helices(3));
    const io = fakeIo();
    io.stop(new Stop("SIGINT"));
    const line = ["simulate", `${folder}/model.pdb`, ...small, "--outdir", `${folder}/sim`];
    assert.strictEqual(await main(line, io), 130);
  }));
