import assert from "node:assert";
import { withFolder } from "../core/mrc/testing.ts";
import { random } from "../core/random.ts";
import { initialWeights, thresholdNetwork } from "../core/threshold_cnn/network.ts";
import { writeCheckpoint } from "../core/threshold_cnn/weights_file/mod.ts";
import { smallNetwork, testCheckpoint } from "../core/threshold_cnn/weights_file/testing.ts";
import { needlessPermissions } from "./permissions.ts";
import { fakeContext, fakeIo } from "./testing.ts";
import { weights } from "./weights.ts";

/** Runs a command below `siren weights` and gives what it prints. */
async function call(...args: string[]): Promise<string> {
  const io = fakeIo();
  await weights(fakeContext(io)).parseAsync(args, { from: "user" });
  assert.strictEqual(io.err(), "");
  return io.out();
}

Deno.test("siren weights inspect tells how a file differs from SIREn's network", () =>
  withFolder(async (folder) => {
    const path = `${folder}/small.pth`;
    await writeCheckpoint(path, testCheckpoint(smallNetwork), smallNetwork);
    const lines = (await call("inspect", path)).split("\n");
    const told = new Map(lines.map((line) => line.split(/  +/, 2) as [string, string]));
    assert.match(told.get("file") ?? "", /small\.pth \([\d,]+ bytes\)$/);
    assert.match(told.get("SHA-256") ?? "", /^[0-9a-f]{64}$/);
    assert.deepStrictEqual(
      ["kind", "parameters", "epoch", "loss", "optimizer", "fits"].map((key) => told.get(key)),
      [
        ...["PyTorch", "62", "4", "0.1", "Adam, 7 steps, learning rate 0.000003"],
        "no, for these reasons:",
      ],
    );
    assert.ok(lines.includes("  conv.0.weight is 3 x 1 x 2 x 2 x 2, not 32 x 1 x 7 x 7 x 7"));
    assert.ok(lines.includes("  conv.3.weight is missing"));
    assert.ok(
      lines.some((line) => /^conv\.1\.num_batches_tracked +a single number +int64$/.test(line)),
    );

    const described = JSON.parse(await call("inspect", path, "--json"));
    assert.deepStrictEqual([described.file, described.fits, described.steps], [path, false, 7]);
    await assert.rejects(call("convert", path, `${folder}/b.safetensors`), {
      name: "InputError",
      message:
        /^Cannot use .*small\.pth: its tensors are not those of the network: conv\.0\.weight is/,
    });
  }));

Deno.test("siren weights convert goes from one kind to the other and back", () =>
  withFolder(async (folder) => {
    const [first, second, third] = ["a.pth", "b.safetensors", "c.pth"].map((name) =>
      `${folder}/${name}`
    ) as [
      string,
      string,
      string,
    ];
    const checkpoint = {
      weights: initialWeights(thresholdNetwork, random(1)),
      epoch: 2,
      loss: 0.5,
    };
    await writeCheckpoint(first, checkpoint);
    assert.match(
      await call("inspect", first),
      /\nfits +yes, they are of SIREn's network\n\ntensor/,
    );
    const wrote = `Wrote ${second} (without the state of the optimizer)\n`;
    assert.strictEqual(await call("convert", first, second), wrote);
    await call("convert", second, third);
    assert.deepStrictEqual(await Deno.readFile(third), await Deno.readFile(first));

    await assert.rejects(call("convert", first, second), {
      name: "UsageError",
      message: `Cannot write ${second}: it is there already`,
      remedy: "Give another name, or --force to write over it.",
    });
    assert.strictEqual(await call("convert", first, second, "--force"), wrote);
    await assert.rejects(call("convert", first, `${folder}/d.h5`), { name: "UsageError" });
  }));

Deno.test("siren weights needs neither network nor other programs nor native code", () => {
  const command = weights(fakeContext(fakeIo()));
  for (const one of command.commands) {
    assert.deepStrictEqual(needlessPermissions(one), ["net", "run", "env", "ffi"]);
  }
});
