import assert from "node:assert";
import fc from "fast-check";
import {
  chunksOf,
  expectedMemory,
  expectedMinutes,
  expectedSeconds,
  packShards,
} from "./packing.ts";

const lists = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 3 }),
    seconds: fc.constantFrom(0, 0.1, 1, 60),
  }),
  { minLength: 1, maxLength: 200 },
).map((list) => {
  const shards: number[] = [];
  const seconds: number[] = [];
  for (const { gap, seconds: own } of list) {
    const index = (shards.at(-1) ?? -1) + gap;
    shards.push(index);
    seconds[index] = own;
  }
  return { shards, seconds };
});

Deno.test("every shard is in one task, in order, and no task is empty", () => {
  const options = fc.record({
    aim: fc.constantFrom(1, 60, 300),
    shardsPerTask: fc.integer({ min: 1, max: 300 }),
    most: fc.integer({ min: 1, max: 50 }),
  }, { requiredKeys: ["aim"] });
  fc.assert(fc.property(lists, options, ({ shards, seconds }, options) => {
    const tasks = packShards(shards, { seconds, ...options });
    assert.deepStrictEqual(tasks.flat(), shards);
    assert.ok(tasks.every((task) => task.length > 0));
    assert.ok(tasks.length <= (options.most ?? Infinity));
    if (options.shardsPerTask !== undefined && options.most === undefined) {
      assert.strictEqual(tasks.length, Math.ceil(shards.length / options.shardsPerTask));
    }
  }));
});

Deno.test("tasks last about as long as is aimed at, and equally long", () => {
  const seconds = new Array<number>(1000).fill(2);
  const tasks = packShards([...seconds.keys()], { seconds, aim: 300 });
  assert.deepStrictEqual(
    tasks.map((task) => task.length),
    [143, 143, 143, 143, 143, 143, 142],
  );
});

Deno.test("shards that take no time are one task", () => {
  assert.deepStrictEqual(packShards([3, 4], { seconds: [], aim: 300 }), [[3, 4]]);
});

Deno.test("chunks cover all tasks, none larger than the limit", () => {
  const number = fc.integer({ min: 1, max: 5000 });
  fc.assert(fc.property(number, number, (tasks, most) => {
    const chunks = chunksOf(tasks, most);
    let next = 0;
    for (const { first, size } of chunks) {
      assert.strictEqual(first, next);
      assert.ok(size >= 1 && size <= most);
      next += size;
    }
    assert.strictEqual(next, tasks);
  }));
});

Deno.test("a site without array jobs is refused in words", () => {
  assert.throws(() => chunksOf(3, 0), /takes none \(MaxArraySize 0\)/);
});

Deno.test("what is expected grows with the work", () => {
  assert.strictEqual(expectedSeconds(1e9, 500, 1), 5);
  assert.strictEqual(expectedSeconds(1e9, 500, 5), 1);
  assert.strictEqual(expectedMemory(0, 1), 1024);
  assert.ok(expectedMemory(2 ** 30, 4) > 7 * 1024);
  assert.strictEqual(expectedMinutes(1), 10);
  assert.strictEqual(expectedMinutes(3600), 241);
});
