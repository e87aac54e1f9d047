import assert from "node:assert";
import type { TaskLine } from "../cluster/slurm/status.ts";
import { ConnectionError } from "../core/errors.ts";
import { formatTasks, lastLines } from "./logs.ts";
import { main } from "./main.ts";
import { clusterRun, fakeCluster, fakeIo, fakeProfile, home } from "./testing.ts";

const tasks: TaskLine[] = [
  { task: "sketch-1/0", state: "waiting", shards: 4, shardsDone: 0 },
  {
    task: "sketch-1/1",
    job: "4711_1",
    state: "ended badly",
    node: "n1",
    device: "cpu (wasm)",
    seconds: 75,
    shards: 4,
    shardsDone: 1,
    reason: "out of\nmemory\x1b[0m",
  },
];

Deno.test("formatTasks is a table with a line for each task", () => {
  assert.strictEqual(
    formatTasks(tasks),
    `task        job     state        node  device      time  shards  why
sketch-1/0  -       waiting      -     -              -  0 of 4
sketch-1/1  4711_1  ended badly  n1    cpu (wasm)  75 s  1 of 4  out of memory[0m
`,
  );
  assert.strictEqual(formatTasks([]), "No task was submitted yet.\n");
});

Deno.test("lastLines gives whole lines, and all where there are fewer", () => {
  assert.strictEqual(lastLines("a\nb\nc\n", 2), "b\nc\n");
  assert.strictEqual(lastLines("a\nb\nc", 2), "b\nc");
  assert.strictEqual(lastLines("a\n", 5), "a\n");
  assert.strictEqual(lastLines("", 5), "");
});

const readProfile = () => Promise.resolve(fakeProfile());

Deno.test("siren logs lists tasks, also where the cluster cannot be asked", async () => {
  await using run = await clusterRun();
  const io = fakeIo({}, home);
  const cluster = fakeCluster({
    readProfile,
    refreshRun: () => Promise.reject(new ConnectionError("Cannot reach login: it is down")),
    runTasks: () => Promise.resolve(tasks),
  });
  assert.strictEqual(await main(["logs", run.folder, "--json"], io, cluster), 0);
  assert.deepStrictEqual(JSON.parse(io.out()), tasks);
  assert.strictEqual(
    io.err(),
    "The cluster was not asked, so this is what is known here: Cannot reach login: it is down\n",
  );
});

Deno.test("siren logs prints the log of a task, as it is into a file, tame on a terminal", async () => {
  await using run = await clusterRun();
  const cluster = fakeCluster({
    readProfile,
    taskLog: (_, __, task) => Promise.resolve({ path: `/${task}`, text: "one\ntwo\x1b[2J\n" }),
  });
  const plain = fakeIo({}, home);
  const call = ["logs", run.folder, "sketch-1/1", "--tail", "1"];
  assert.strictEqual(await main(call, plain, cluster), 0);
  assert.deepStrictEqual([plain.out(), plain.err()], ["two\x1b[2J\n", ""]);
  const io = fakeIo({}, home);
  const terminal = { ...io, stdout: { ...io.stdout, isTerminal: true } };
  assert.strictEqual(await main(call, terminal, cluster), 0);
  assert.strictEqual(io.out(), "two[2J\n");
});
