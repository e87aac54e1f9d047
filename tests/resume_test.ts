/** Runs that are killed, damaged or meddled with end as undisturbed runs do. */
import assert from "node:assert";
import { InputError, InterruptedError, RunError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { resumeRun, runAll, runStatus } from "../cluster/mod.ts";
import { simulatePhantoms } from "./phantoms.ts";
import { killAfter, siren } from "./processes.ts";
import { hashFolder, quietly, temporaryFolder } from "./surroundings.ts";

/** Everything a run leaves, but for the lock, which names its last process. */
const hashRun = (run: string) => hashFolder(run, (name) => name === "run.lock");

/** Kills for each rule. */
const KILLS = 8;

for (const rule of ["siren", "phi", "fdr"] as const) {
  Deno.test(`runs of rule ${rule} killed at ${KILLS} random moments end as an undisturbed one, to the byte`, async () => {
    await using folder = await temporaryFolder();
    const options = { ...await simulatePhantoms(`${folder.path}/maps`), rule };
    const run = `${folder.path}/run`;
    const start = (outdir: string) =>
      siren(
        "run",
        ...Object.entries({ ...options, outdir }).flatMap(([k, v]) => [`--${k}`, `${v}`]),
      );

    const began = performance.now();
    await start(run).output();
    const took = performance.now() - began;
    const expected = await hashRun(run);
    assert.ok(expected.size > 20);

    const rng = random(11);
    let kills = 0;
    while (kills < KILLS) {
      await Deno.remove(run, { recursive: true });
      for (let ended = false; !ended;) {
        // Without run.json there is nothing to resume yet: the same command starts it.
        const begun = await Deno.stat(`${run}/run.json`).then(() => true, () => false);
        const child = begun ? siren("resume", run) : start(run);
        using _killing = killAfter(child, rng.uniform() * took);
        const { signal, code, stderr } = await child.output();
        ended = signal !== "SIGKILL";
        if (ended) assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
        else kills++;
      }
      assert.deepStrictEqual(await hashRun(run), expected);
    }
  });
}

Deno.test("a truncated, an altered and a missing shard are noticed and computed again", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  await runAll(await simulatePhantoms(`${folder.path}/maps`), {}, run, quietly());
  const expected = await hashRun(run);
  const sketch = `${run}/shards/sketch/000000.arrow`, expand = `${run}/shards/expand/000000.arrow`;
  const meddle: (() => Promise<void>)[] = [
    () => Deno.truncate(sketch, 1000),
    () => Deno.truncate(sketch, 0),
    () => Deno.remove(expand),
    async () => {
      const bytes = await Deno.readFile(expand);
      bytes[bytes.length >> 1]! ^= 1;
      await Deno.writeFile(expand, bytes);
    },
    async () => {
      const bytes = await Deno.readFile(`${run}/volumes.arrow`);
      bytes[bytes.length - 100]! ^= 64;
      await Deno.writeFile(`${run}/volumes.arrow`, bytes);
    },
    () => Deno.remove(`${run}/02_expand/blocks.json`),
    () => Deno.remove(`${run}/00_sketch`, { recursive: true }),
  ];
  for (const act of meddle) {
    await act();
    assert.notDeepStrictEqual(await hashRun(run), expected);
    await resumeRun(run, quietly());
    assert.deepStrictEqual(await hashRun(run), expected);
  }
  assert.strictEqual((await runStatus(run)).state, "done");
});

Deno.test("a map that changed since the run began is noticed on resume", async () => {
  await using folder = await temporaryFolder();
  const maps = `${folder.path}/maps`, run = `${folder.path}/run`;
  await runAll(await simulatePhantoms(maps), {}, run, quietly());
  const map = `${maps}/vol_003.mrc`;
  const bytes = await Deno.readFile(map);
  bytes[5000]! ^= 1;
  await Deno.writeFile(map, bytes);
  await assert.rejects(resumeRun(run, quietly()), (error) => {
    assert.ok(error instanceof InputError);
    assert.strictEqual(
      error.message,
      `Cannot go on with this run: ${map} has changed since it began (its content is another)`,
    );
    return true;
  });
});

Deno.test("a second process on a run folder is refused and told who holds it", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = await simulatePhantoms(`${folder.path}/maps`);
  let second: Promise<unknown> | undefined;
  const first = runAll(
    options,
    {},
    run,
    quietly({
      host: "node7",
      command: "siren run",
      tell: (news) => {
        if (news.kind === "progress" && news.stage === "sketch") {
          second ??= resumeRun(run, quietly()).catch((error) => error);
        }
      },
    }),
  );
  await first;
  const error = await second;
  assert.ok(error instanceof RunError);
  assert.strictEqual(
    error.message,
    `Cannot use ${run}: process ${Deno.pid} on node7 (siren run) is working on it`,
  );
});

Deno.test("a run that is asked to stop keeps what is done and says so", async () => {
  await using folder = await temporaryFolder();
  const run = `${folder.path}/run`;
  const options = await simulatePhantoms(`${folder.path}/maps`);
  const stop = new AbortController();
  const stopped = runAll(
    options,
    {},
    run,
    quietly({
      signal: stop.signal,
      tell: (news) => {
        if (news.kind === "progress" && news.stage === "volumes" && news.done > 3) stop.abort();
      },
    }),
  );
  await assert.rejects(stopped, InterruptedError);
  assert.strictEqual((await runStatus(run)).state, "interrupted");
  await resumeRun(run, quietly());
  const again = `${folder.path}/again`;
  await runAll(options, {}, again, quietly());
  assert.deepStrictEqual(await hashRun(run), await hashRun(again));
});

Deno.test("threads and engines do not change a byte", async () => {
  await using folder = await temporaryFolder();
  const options = await simulatePhantoms(`${folder.path}/maps`);
  const hashes = [];
  for (const [threads, engine] of [[1, "wasm"], [2, "wasm"], [5, "reference"]] as const) {
    const run = `${folder.path}/${threads}`;
    await runAll(options, {}, run, quietly({ threads, engine }));
    hashes.push(await hashRun(run));
  }
  assert.deepStrictEqual(hashes[1], hashes[0]);
  assert.deepStrictEqual(hashes[2], hashes[0]);
});
