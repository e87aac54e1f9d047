/**
 * Whole runs by every engine: the same bytes, whatever computes. Each run is a process of its own, for
 * the driver that stands in for a card is found by the environment. Reads the reference data in ../shared
 * where it is.
 */
import assert from "node:assert";
import { fileURLToPath } from "node:url";
import { allEngines, findEngine, type OneEngine } from "../core/cooccupancy/mod.ts";
import { simulate, simulateOptions, writeEnsemble } from "../core/simulate/mod.ts";
import { buildDriverWithoutCard, whyNoDriver } from "./cuda/driver_without_card.ts";
import { sirenBy, sirenIn } from "./processes.ts";
import { exists, hashFolder, temporaryFolder } from "./surroundings.ts";

const golden = fileURLToPath(new URL("../../shared/golden/", import.meta.url));

/** A CUDA driver without a card, once for all tests. */
let driver: Promise<string> | undefined;
function driverFolder(): Promise<string> {
  return driver ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "siren_driver_" });
    await buildDriverWithoutCard(folder);
    return folder;
  })();
}

/** Why an engine cannot be tried here, if so; where CI runs, all can. */
async function whyNot(engine: OneEngine): Promise<string | undefined> {
  if (engine === "cuda") return whyNoDriver();
  if (engine === "tfjs") return undefined; // it is downloaded
  const found = await findEngine(engine, true);
  return found.works ? undefined : found.reason;
}

/**
 * How a process ends whose heap is corrupt. Mesa's driver in software does that once in a while, as the
 * process ends and all is written: tried again, which says as much of the engine.
 */
const DRIVER_ABORTED = 134;

/** Runs siren and gives the hashes of the run folder. */
async function run(engine: OneEngine, folder: string, ...args: string[]) {
  const cuda = engine === "cuda" ? await driverFolder() : "";
  const env = { LD_LIBRARY_PATH: cuda, SIREN_TEST_GPUS: "2" };
  const line = ["run", ...args, "--engine", engine, "--outdir", folder, "--json"];
  // What tfjs downloads stays out of deno.lock, or everyone would download it.
  const more = engine === "tfjs" ? ["--no-lock"] : [];
  const start = () => sirenBy(more, env, ...line, "--threads", "2").output();
  let { code, stdout, stderr } = await start();
  if (code === DRIVER_ABORTED && engine === "webgpu") {
    await Deno.remove(folder, { recursive: true });
    ({ code, stdout, stderr } = await start());
  }
  const said = new TextDecoder().decode(stderr);
  assert.strictEqual(code, 0, said);
  assert.doesNotMatch(said, /Warning/);
  assert.strictEqual(JSON.parse(new TextDecoder().decode(stdout)).engine, engine);
  return await hashFolder(folder, (name) => name === "run.lock");
}

/** Ensembles and the options of their runs: each rule asks the engines for something else. */
const ensembles = {
  "a phantom under rule siren [../shared]": {
    ignore: !exists(golden),
    maps: () => Promise.resolve(["--voldir", `${golden}phantom24`, "--bin", "0.5", "--apix", "8"]),
    options: ["--rule", "siren"],
  },
  "a phantom under rule fdr [../shared]": {
    ignore: !exists(golden),
    maps: () => Promise.resolve(["--voldir", `${golden}phantom20`, "--bin", "0.5", "--apix", "9"]),
    options: ["--rule", "fdr", "--subsample", "3"],
  },
  "box 128 under rule phi": {
    ignore: false,
    async maps(folder: string) {
      const options = simulateOptions.parse({ box: 128, volumes: 20, blocks: 4, seed: 2 });
      const { truth } = await writeEnsemble(simulate(options, []), folder);
      return ["--voldir", folder, "--bin", `${truth.thresholds[0]}`];
    },
    options: ["--rule", "phi", "--subsample", "90"],
  },
};

for (const [name, { ignore, maps, options }] of Object.entries(ensembles)) {
  Deno.test({
    name: `${name}: every engine writes the same bytes`,
    ignore,
    async fn(t) {
      await using folder = await temporaryFolder();
      const input = await maps(`${folder.path}/maps`);
      const expected = await run("reference", `${folder.path}/reference`, ...input, ...options);
      for (const engine of allEngines) {
        if (engine === "reference") continue;
        const reason = await whyNot(engine);
        if (reason !== undefined && Deno.env.get("CI") === "true") assert.fail(reason);
        await t.step({
          name: reason === undefined ? engine : `${engine} (skipped: ${reason})`,
          ignore: reason !== undefined,
          async fn() {
            const found = await run(engine, `${folder.path}/${engine}`, ...input, ...options);
            assert.deepStrictEqual(found, expected);
          },
        });
      }
    },
  });
}

Deno.test({
  name: "a card that fails while it works is replaced by the processor, loudly, to the same bytes",
  ignore: whyNoDriver() !== undefined,
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const simulated = simulateOptions.parse({ box: 24, apix: 8, volumes: 60, blocks: 4, seed: 3 });
    const { truth } = await writeEnsemble(simulate(simulated, []), `${path}/maps`);
    const maps = ["--voldir", `${path}/maps`, "--bin", `${truth.thresholds[0]}`, "--rule", "siren"];
    const expected = await run("wasm", `${path}/wasm`, ...maps);
    // It fails from some launch on: while it is tried or, how much later that is seen, in the sketch.
    const told = new Set<string>();
    for (let launch = 3; told.size < 2; launch += 4) {
      assert.ok(launch < 120, "it never failed in the sketch");
      const env = {
        LD_LIBRARY_PATH: await driverFolder(),
        SIREN_TEST_GPUS: "1",
        SIREN_TEST_CUDA_FAIL: `cuLaunchKernel:${launch}`,
      };
      const line = ["run", ...maps, "--engine", "cuda", "--outdir", `${path}/cuda`, "--force"];
      const { code, stderr } = await sirenIn(env, ...line, "--threads", "2").output();
      const said = new TextDecoder().decode(stderr);
      assert.strictEqual(code, 0, said);
      const warning =
        /Warning: (engine cuda failed, and \w+ goes on|Cannot use engine cuda).*cuLaunchKernel/;
      told.add(warning.exec(said)?.[1] ?? assert.fail(said));
      const found = await hashFolder(`${path}/cuda`, (name) => name === "run.lock");
      assert.deepStrictEqual(found, expected);
    }
  },
});

Deno.test("an engine that does not work here is refused before anything is written", async () => {
  await using folder = await temporaryFolder();
  const env = { LD_LIBRARY_PATH: "/nowhere" };
  const out = `${folder.path}/out`;
  const line = ["run", "--voldir", folder.path, "--bin", "1", "--engine", "cuda", "--outdir", out];
  const { code, stderr } = await sirenIn(env, ...line).output();
  const said = new TextDecoder().decode(stderr);
  if (!said.includes("no NVIDIA driver")) return; // a machine with a card
  assert.strictEqual(code, 2, said);
  assert.match(said, /^Error: Cannot use engine cuda: no NVIDIA driver \(libcuda\.so\.1\)/);
  assert.deepStrictEqual([...Deno.readDirSync(folder.path)], []);
});
