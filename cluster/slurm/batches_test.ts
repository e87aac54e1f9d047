import assert from "node:assert";
import { givenUp, lastEnds, makeBatch, openTasks, stageBatches } from "./batches.ts";
import type { Batch } from "./files.ts";
import { temporaryFolder } from "../../tests/surroundings.ts";

const batch = (
  number: number,
  tasks: number[][],
  ended: Batch["ended"] = [],
  more: Partial<Batch> = {},
): Batch => ({
  ...makeBatch({
    stage: "count",
    key: "key",
    tasks,
    resources: { cpus: 1, exclude: [] },
    most: 2,
    id: "0123abcd",
  }, []),
  number,
  ended,
  ...more,
});

const names = (tasks: readonly { batch: Batch; task: number }[]) =>
  tasks.map(({ batch, task }) => `${batch.number}/${task}`);

Deno.test("a batch is cut into array jobs with names of their own", () => {
  const { chunks, number } = makeBatch({
    stage: "count",
    key: "key",
    tasks: [[0], [1], [2]],
    resources: { cpus: 1, exclude: [] },
    most: 2,
    id: "0123abcd",
  }, [batch(4, [[0]])]);
  assert.strictEqual(number, 5);
  assert.deepStrictEqual(chunks, [
    { name: "siren-0123abcd-count-5-1", first: 0, size: 2 },
    { name: "siren-0123abcd-count-5-2", first: 2, size: 1 },
  ]);
});

Deno.test("tasks are open, done or given up", () => {
  const one = batch(1, [[0], [1], [2]], [
    { task: 0, outcome: "done" },
    { task: 2, outcome: "node", node: "n1" },
  ]);
  assert.deepStrictEqual(names(openTasks([one])), ["1/1"]);
  assert.deepStrictEqual(names(givenUp([one])), ["1/2"]);
});

Deno.test("what follows from a bad end is found in the last batch that held the shards", () => {
  const failed = { outcome: "failed", reason: "exit code 1" } as const;
  const batches = [
    batch(1, [[0, 1], [2, 3], [4]], [
      { task: 0, ...failed },
      { task: 1, outcome: "memory" },
      { task: 2, outcome: "done" },
    ]),
    batch(2, [[0, 1]], [{ task: 0, outcome: "node", node: "n2", seconds: 3 }]),
  ];
  const found = lastEnds(batches, [0, 2, 4]).map(({ batch, task, missing, end }) => [
    batch.number,
    task,
    missing,
    end,
  ]);
  assert.deepStrictEqual(found, [
    [2, 0, [0], { outcome: "node", reason: "", node: "n2", seconds: 3 }],
    [1, 1, [2], { outcome: "memory", reason: "" }],
    // A shard that was there and is damaged now is nobody's fault.
  ]);
});

Deno.test("ends that are forgiven do not count, nor do those before them", () => {
  const failed = [{ task: 0, outcome: "failed", reason: "" }] as const;
  const batches = [
    batch(1, [[0]], [...failed]),
    batch(2, [[0]], [...failed], { forgiven: true }),
  ];
  assert.deepStrictEqual(lastEnds(batches, [0]), []);
});

Deno.test("batches of another key are stale, and their numbers are not used again", async () => {
  await using folder = await temporaryFolder();
  const plan = { tasks: [[0]], resources: { cpus: 1, exclude: [] }, most: 10 };
  const before = await stageBatches(folder.path, { name: "count", key: "old" }, "0123abcd");
  await before.add(plan);
  const after = await stageBatches(folder.path, { name: "count", key: "new" }, "0123abcd");
  assert.deepStrictEqual([after.own.length, after.stale.length], [0, 1]);
  assert.strictEqual((await after.add(plan)).number, 2);
  const again = await stageBatches(folder.path, { name: "count", key: "new" }, "0123abcd");
  assert.deepStrictEqual(again.own.map(({ number }) => number), [2]);
});
