import assert from "node:assert";
import {
  bitMatrix,
  candidates,
  type OneEngine,
  onProcessor,
  type Tried,
} from "../core/cooccupancy/mod.ts";
import { chooseEngine } from "./engine_choice.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** Threads that answer with what is given, and note what they were asked. */
function fakeThreads(answers: Partial<Record<OneEngine, number>>) {
  const asked: string[] = [];
  const pool = {
    threads: 2,
    signal: new AbortController().signal,
    run(_job: string, { name, milliseconds }: { name: OneEngine; milliseconds: number }) {
      asked.push(`${name} ${milliseconds}`);
      const pairsPerSecond = answers[name];
      const on = onProcessor.includes(name) ? "cpu" : "gpu";
      const tried: Tried = pairsPerSecond === undefined
        ? { name, works: false, reason: "broken" }
        : { name, works: true, what: `the ${name}`, on, devices: 1, pairsPerSecond };
      return Promise.resolve(tried);
    },
  };
  return { asked, threads: pool as unknown as ThreadPool }; // as much of it as is needed
}

const matrix = bitMatrix(10, 100);
const devices = candidates.filter((name) => !onProcessor.includes(name));
const much = 1e13;

Deno.test("every candidate is tried on much work, and the fastest is taken", async () => {
  const { asked, threads } = fakeThreads({ wasm: 1e9, cuda: 1e11 });
  const choice = await chooseEngine({ threads, asked: "auto", matrix, pairs: much });
  assert.strictEqual(choice.name, "cuda");
  assert.deepStrictEqual(asked, candidates.map((name) => `${name} 100`));
});

Deno.test("devices are left alone for little work, and where none may be used", async () => {
  for (
    const [pairs, noDevice, reason] of [
      [1e6, undefined, "not tried, the work takes a second"],
      [much, "no GPU was granted", "no GPU was granted"],
    ] as const
  ) {
    const { asked, threads } = fakeThreads({ wasm: 1e9, cuda: 1e11 });
    const choice = await chooseEngine({
      threads,
      asked: "auto",
      matrix,
      pairs,
      ...(noDevice === undefined ? {} : { noDevice }),
    });
    assert.strictEqual(choice.name, "wasm");
    for (const name of devices) {
      assert.ok(!asked.some((line) => line.startsWith(name)));
      assert.strictEqual(choice.others[name], reason);
    }
  }
});

Deno.test("where nothing else works the reference computes", async () => {
  const { threads } = fakeThreads({ reference: 2e7 });
  const choice = await chooseEngine({ threads, asked: "auto", matrix, pairs: much });
  assert.strictEqual(choice.name, "reference");
  await assert.rejects(
    chooseEngine({ threads: fakeThreads({}).threads, asked: "auto", matrix, pairs: much }),
    { message: "Cannot compare voxels: no engine works here" },
  );
});

Deno.test("the engine that was asked for is taken as it is, or refused with the reason", async () => {
  const { asked, threads } = fakeThreads({ wasm: 1e9 });
  const choice = await chooseEngine({ threads, asked: "wasm", matrix, pairs: 1 });
  assert.deepStrictEqual([choice.why, asked], ["wasm (the wasm), as asked", ["wasm 0"]]);
  await assert.rejects(chooseEngine({ threads, asked: "cuda", matrix, pairs: 1 }), {
    name: "UsageError",
    message: "Cannot use engine cuda: broken",
  });
});

Deno.test("a device that was asked for is not taken where none was granted", async () => {
  const { asked, threads } = fakeThreads({ wasm: 1e9, cuda: 1e11 });
  const noDevice = "no GPU was granted";
  await assert.rejects(chooseEngine({ threads, asked: "cuda", matrix, pairs: much, noDevice }), {
    message: "Cannot use engine cuda: no GPU was granted",
  });
  assert.deepStrictEqual(asked, []);
});

Deno.test("who wants to stop does not wait until all engines were tried", async () => {
  const { asked, threads } = fakeThreads({ wasm: 1e9 });
  const stopped = { ...threads, signal: AbortSignal.abort() };
  await assert.rejects(chooseEngine({ threads: stopped, asked: "auto", matrix, pairs: much }), {
    name: "InterruptedError",
  });
  assert.deepStrictEqual(asked, []);
});
