import assert from "node:assert";
import type { Submission } from "../cluster/slurm/choice.ts";
import { SirenError, UsageError } from "../core/errors.ts";
import { encodeMap } from "../core/mrc/mod.ts";
import { random } from "../core/random.ts";
import { temporaryFolder } from "../tests/surroundings.ts";
import { checkNeeded } from "./options.ts";
import { formatUnderWay, preprocess } from "./preprocess.ts";
import { fakeContext, fakeIo } from "./testing.ts";

/** Calls the command as the program does. */
async function call(...args: string[]) {
  const io = fakeIo();
  const command = preprocess(fakeContext(io, ["preprocess", ...args]));
  command.hook("preAction", (_, action) => checkNeeded(action));
  await command.exitOverride().parseAsync(args, { from: "user" });
  return { out: io.out(), err: io.err() };
}

Deno.test("siren preprocess says what it wrote, and what is next", async () => {
  await using folder = await temporaryFolder();
  const maps = `${folder.path}/my maps`, out = `${folder.path}/out`;
  await Deno.mkdir(maps);
  const zero = { x: 0, y: 0, z: 0 };
  const rng = random(1);
  for (const i of [1, 2]) {
    const data = Float32Array.from({ length: 1000 }, () => rng.uniform() - 0.1);
    const grid = { box: 10, apix: 3, origin: zero, nstart: zero };
    await Deno.writeFile(`${maps}/vol_${i}.mrc`, encodeMap(data, grid));
  }
  const labels = `${folder.path}/labels.csv`;
  await Deno.writeTextFile(labels, "vol_id,contour_level\n2,0.5\n");
  const given = ["--voldir", maps, "--outdir", out, "--threads", "1"];
  const first = await call(...given, "--labels", labels);
  assert.strictEqual(
    first.out,
    `Normalised:   ${out}/normalized (2 maps of 64^3)\n` +
      `Downsampled:  ${out}/normalized/downsampled (2 maps of 64^3)\n` +
      `Statistics:   ${out}/normalized/map_stats_downsampled.csv\n` +
      `              ${out}/normalized/map_stats_raw.csv\n` +
      `Labels:       ${out}/normalized/normalized_labels.csv (1 label)\n` +
      `Next:         siren eval_model --voldir ${out}/normalized --normalize_csv ` +
      `${out}/normalized/map_stats_downsampled.csv --weights_file weights.pth --outdir ${out}\n` +
      `              siren run --voldir ${out}/normalized/downsampled --binfile ` +
      `${out}/predictions.csv --outdir blocks\n`,
  );
  assert.match(first.err, /preprocess: 2 of 2 maps \(100 %\)/);
  const enlarged =
    "Warning: Maps are smaller than 64^3, and enlarged to it, which adds no detail: " +
    "vol_1.mrc, vol_2.mrc\n";

  const small = `${folder.path}/same`;
  const same = await call("--voldir", maps, "--outdir", small, "--box", "10", "--threads", "1");
  assert.match(same.out, /^To sketch: {3}.*\/my maps, as the maps are of 10\^3 already$/m);
  assert.match(same.out, /^ {13}siren run --voldir '.*\/my maps' --binfile /m);

  const json = await call(...given, "--json", "--quiet");
  const { maps: count, box, network_box, statistics } = JSON.parse(json.out);
  assert.deepStrictEqual([count, box, network_box], [2, 64, 64]);
  assert.strictEqual(statistics, `${out}/normalized/map_stats_downsampled.csv`);
  assert.deepStrictEqual(await call(...given, "--quiet"), { out: "", err: enlarged });
});

Deno.test("siren preprocess refuses what makes no sense", async () => {
  const refused = async (args: string[], message: RegExp) =>
    await assert.rejects(
      call(...args),
      (error) => error instanceof SirenError && message.test(error.message),
    );
  await refused(["--outdir", "o"], /an option is missing \(--voldir\)/);
  await refused(
    ["--voldir", "v", "--outdir", "o", "--box", "4"],
    /--box: it must be at least 8 \(4\)/,
  );
  await refused(["--voldir", "v", "--outdir", "o", "--box", "9.5"], /--box: it must be a whole/);
  await refused(["--voldir", "v", "--outdir", "o", "--threads", "0"], /--threads/);
  await assert.rejects(call("--voldir", "v", "--outdir", "o", "--detach"), UsageError);
});

Deno.test("jobs that are not waited for are told, with the way on", () => {
  const submission: Submission = {
    folder: "my out/preprocess",
    profile: "big",
    where: "this machine",
    stage: "preprocess",
    jobs: ["17"],
    tasks: 3,
    waiting: 1,
    done: 0,
    total: 30,
    next: "siren preprocess --voldir maps --outdir out --on big --detach",
  };
  assert.strictEqual(
    formatUnderWay(submission),
    "On the cluster big (this machine): 3 tasks in 1 job (17); 1 of them could not be submitted yet\n\n" +
      "To look:  siren logs 'my out/preprocess'\n" +
      "To stop:  siren cancel 'my out/preprocess'\n" +
      "Next:     siren preprocess --voldir maps --outdir out --on big --detach\n",
  );
});
