import assert from "node:assert";
import { quietly, temporaryFolder } from "../tests/surroundings.ts";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { encodeArrow, expectColumns } from "./arrow_file.ts";
import { threadsExecutor } from "./executor.ts";
import { readPlan } from "./plan_file.ts";
import { completeShards, readShard, type ShardedStage, shardPath } from "./shards.ts";
import type { ThreadPool } from "./threads/pool.ts";

const SHARDS = 4;

/** A stage of four shards whose rows tell the shard. */
const stage: ShardedStage<"expandPhi"> = {
  name: "expand",
  key: "key",
  job: "expandPhi",
  work: () => ({
    matrix: bitMatrix(40, 3),
    profiles: [{ words: Uint32Array.of(1), total: 1 }],
    options: { level: 0.01 },
  }),
  inputs: Array.from({ length: SHARDS }, (_, i) => ({ start: 10 * i, end: 10 * i + 10 })),
  pairs: Array.from({ length: SHARDS }, () => 10),
};

/** Stands for the threads: does the jobs, last first, and notes them. */
function fakePool(asked: number[] = []): ThreadPool {
  return {
    threads: 1,
    signal: new AbortController().signal,
    share: () => {},
    release: () => Promise.resolve(),
    run: () => assert.fail("shards are mapped"),
    async map(_name, inputs, handle) {
      for (let i = inputs.length - 1; i >= 0; i--) {
        const { start } = inputs[i] as { start: number };
        asked.push(start / 10);
        const output = {
          rows: Uint32Array.of(start, start + 1),
          blocks: new Uint32Array(2),
          scores: new Float64Array(2),
        };
        await handle(output as never, i);
      }
    },
    [Symbol.dispose]() {},
  };
}

async function complete(folder: string, own = stage) {
  const asked: number[] = [];
  const surroundings = quietly();
  const contents = await completeShards(
    folder,
    own,
    threadsExecutor(() => fakePool(asked), "auto"),
    surroundings,
  );
  const rows = contents.map((content) => [...expectColumns(content, { rows: "uint32" }, "").rows]);
  return { asked: asked.sort(), rows, news: surroundings.news };
}

const whole = [[0, 1], [10, 11], [20, 21], [30, 31]];

Deno.test("shards are computed, kept and handed over in order; whole ones are not computed again", async () => {
  await using folder = await temporaryFolder();
  const first = await complete(folder.path);
  assert.deepStrictEqual([first.asked, first.rows], [[0, 1, 2, 3], whole]);
  assert.deepStrictEqual(
    first.news.map((news) => news.kind === "progress" ? [news.done, news.total] : news),
    [[0, 4], [1, 4], [2, 4], [3, 4], [4, 4]],
  );
  const plan = { name: "expand", key: "key", shards: SHARDS };
  assert.deepStrictEqual(await readPlan(folder.path, "expand"), plan);

  const nobody = threadsExecutor(() => assert.fail("no threads are needed"), "auto");
  const again = await completeShards(folder.path, stage, nobody, quietly());
  assert.strictEqual(again.length, SHARDS);
});

Deno.test("a stage without shards is done", async () => {
  await using folder = await temporaryFolder();
  const { asked, rows } = await complete(folder.path, { ...stage, inputs: [] });
  assert.deepStrictEqual([asked, rows], [[], []]);
});

const path = (folder: string, index: number) => shardPath(folder, "expand", index);
const foreign = (metadata: Record<string, string>) =>
  encodeArrow({ columns: { rows: Uint32Array.of(7) }, metadata });

const ours = {
  "siren.stage": "expand",
  "siren.key": "key",
  "siren.shard": "2",
  "siren.rows": "1",
};

const meddling: [
  what: string,
  act: (folder: string) => Promise<void>,
  found: "damaged" | undefined,
][] = [
  ["missing", (folder) => Deno.remove(path(folder, 2)), undefined],
  ["empty", (folder) => Deno.truncate(path(folder, 2)), "damaged"],
  ["truncated", (folder) => Deno.truncate(path(folder, 2), 400), "damaged"],
  ["no Arrow file", (folder) => Deno.writeTextFile(path(folder, 2), "rows\n1\n"), "damaged"],
  ["altered", async (folder) => {
    const bytes = await Deno.readFile(path(folder, 2));
    bytes[bytes.length >> 1]! ^= 4;
    await Deno.writeFile(path(folder, 2), bytes);
  }, "damaged"],
  [
    "another's by its place",
    (folder) => Deno.copyFile(path(folder, 1), path(folder, 2)),
    "damaged",
  ],
  [
    "another's by its key",
    (folder) => Deno.writeFile(path(folder, 2), foreign({ ...ours, "siren.key": "old" })),
    "damaged",
  ],
  [
    "another's by its stage",
    (folder) => Deno.writeFile(path(folder, 2), foreign({ ...ours, "siren.stage": "sketch" })),
    "damaged",
  ],
  [
    "short of a row",
    (folder) => Deno.writeFile(path(folder, 2), foreign({ ...ours, "siren.rows": "2" })),
    "damaged",
  ],
  ["without a key", (folder) => Deno.writeFile(path(folder, 2), foreign({})), "damaged"],
];

for (const [what, act, found] of meddling) {
  Deno.test(`a shard that is ${what} is computed again, and only that one`, async () => {
    await using folder = await temporaryFolder();
    await complete(folder.path);
    const before = await Deno.readFile(path(folder.path, 2));
    await act(folder.path);
    assert.strictEqual(await readShard(folder.path, stage, 2), found);
    const { asked, rows, news } = await complete(folder.path);
    assert.deepStrictEqual([asked, rows], [[2], whole]);
    assert.deepStrictEqual(await Deno.readFile(path(folder.path, 2)), before);
    const warnings = news.filter(({ kind }) => kind === "warning");
    assert.deepStrictEqual(
      warnings,
      found === undefined ? [] : [{
        kind: "warning",
        text: "1 expand shard is damaged or of another run: computing it again",
      }],
    );
  });
}

Deno.test("shards of another key are all computed again", async () => {
  await using folder = await temporaryFolder();
  await complete(folder.path);
  const { asked, news } = await complete(folder.path, { ...stage, key: "other" });
  assert.deepStrictEqual(asked, [0, 1, 2, 3]);
  assert.deepStrictEqual(news[0], {
    kind: "warning",
    text: "4 expand shards are damaged or of another run: computing them again",
  });
});

Deno.test("a shard that cannot be read for another reason is not passed over", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(path(folder.path, 0), { recursive: true });
  await assert.rejects(readShard(folder.path, stage, 0), /Is a directory/);
});

Deno.test("shards that were written before a failure are kept", async () => {
  await using folder = await temporaryFolder();
  const failing: ThreadPool = {
    ...fakePool(),
    async map(name, inputs, handle) {
      await fakePool().map(name, inputs.slice(2), (output, i) => handle(output, i + 2));
      throw new Error("out of memory");
    },
  };
  await assert.rejects(
    completeShards(folder.path, stage, threadsExecutor(() => failing, "auto"), quietly()),
    /out of memory/,
  );
  assert.deepStrictEqual((await complete(folder.path)).asked, [0, 1]);
});
