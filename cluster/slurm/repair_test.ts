import assert from "node:assert";
import type { Batch, Outcome } from "./files.ts";
import { badNodes, type EndedTask, repair, type RepairLimits } from "./repair.ts";

const limits: RepairLimits = { memory_MiB: 1024, mayAskMemory: true, mayAskTime: true };

/** A batch of tasks that ended as given. */
function batch(
  number: number,
  tasks: number[][],
  ends: (Outcome | undefined)[],
  more: Partial<Batch> = {},
  progress = false,
): Batch {
  return {
    format: 1,
    stage: "sketch",
    key: "key",
    number,
    resources: { cpus: 4, memory_MiB: 2000, minutes: 10, exclude: [] },
    tasks,
    chunks: [{ name: `siren-0-sketch-${number}-1`, first: 0, size: tasks.length, job: "7" }],
    ended: ends.flatMap((outcome, task) =>
      outcome === undefined
        ? []
        : [{ task, outcome, node: "n1", ...(progress ? { progress } : {}) }]
    ),
    ...more,
  };
}

const ended = (
  own: Batch,
  task: number,
  outcome: Outcome,
  missing?: number[],
  reason = "why",
): EndedTask => ({
  batch: own,
  task,
  missing: missing ?? own.tasks[task] ?? [],
  end: { outcome, reason, node: "n1" },
});

Deno.test("only shards that are missing are submitted again", () => {
  const first = batch(1, [[0, 1, 2], [3, 4, 5]], ["failed", undefined]);
  const next = repair([first], [ended(first, 0, "failed", [2])], limits);
  assert.deepStrictEqual(next, {
    kind: "submit",
    batches: [{
      tasks: [[2]],
      resources: first.resources,
      why: "1 task failed: submitted again",
    }],
  });
});

Deno.test("a task out of memory gets twice as much, up to the profile's most", () => {
  const first = batch(1, [[0], [1]], ["memory", "memory"]);
  const tasks = [ended(first, 0, "memory"), ended(first, 1, "memory")];
  const next = repair([first], tasks, limits);
  assert.deepStrictEqual(next, {
    kind: "submit",
    batches: [{
      tasks: [[0], [1]],
      resources: { ...first.resources, memory_MiB: 4000 },
      why: "2 tasks ran out of memory: submitted again (now 4000 MiB)",
    }],
  });
  const capped = repair([first], tasks, { ...limits, maxMemory_MiB: 3000 });
  assert.strictEqual(capped.kind === "submit" && capped.batches[0]?.resources.memory_MiB, 3000);
  const stopped = repair([first], tasks, { ...limits, maxMemory_MiB: 2000 });
  assert.strictEqual(stopped.kind, "stop");
  const { memory_MiB: _memory, ...rest } = first.resources;
  const unset = batch(1, [[0]], ["memory"], { resources: rest });
  const own = repair([unset], [ended(unset, 0, "memory")], limits);
  assert.strictEqual(own.kind === "submit" && own.batches[0]?.resources.memory_MiB, 2048);
  const silent = repair([unset], [ended(unset, 0, "memory")], { ...limits, mayAskMemory: false });
  assert.strictEqual(
    silent.kind === "submit" && silent.batches[0]?.resources.memory_MiB,
    undefined,
  );
});

Deno.test("what a task out of time has left is split; one shard gets more time", () => {
  const first = batch(1, [[0, 1, 2, 3, 4]], ["time"], {}, true);
  const next = repair([first], [ended(first, 0, "time", [2, 3, 4])], limits);
  assert.deepStrictEqual(next.kind === "submit" && next.batches.map(({ tasks }) => tasks), [[
    [2, 3],
    [4],
  ]]);
  const stuck = repair([first], [ended(first, 0, "time")], limits);
  assert.deepStrictEqual(
    stuck.kind === "submit" &&
      stuck.batches.map(({ tasks, resources }) => [tasks, resources.minutes]),
    [[[[0, 1, 2], [3, 4]], 20]],
  );
  const last = repair([first], [ended(first, 0, "time", [4])], limits);
  assert.strictEqual(last.kind === "submit" && last.batches[0]?.resources.minutes, 20);
  const whyOf = (next: typeof last) => next.kind === "submit" && next.batches[0]?.why;
  assert.match(
    whyOf(next) || "",
    /ran out of time: submitted again \(in halves, 10 minutes each\)/,
  );
  assert.match(whyOf(last) || "", /submitted again \(now 20 minutes\)/);
});

Deno.test("a task that gets on may run out of time as often as it likes", () => {
  const history = [1, 2, 3, 4, 5].map((number) => batch(number, [[0, 1]], ["time"], {}, true));
  const next = repair(history, [ended(history[4]!, 0, "time", [1])], limits);
  assert.strictEqual(next.kind, "submit");
});

Deno.test("a node is left out after its second failure", () => {
  const first = batch(1, [[0]], ["node"]);
  const second = batch(2, [[0]], ["node"]);
  assert.deepStrictEqual(badNodes([first]), []);
  const many = batch(1, [[0], [1], [2]], ["node", "node", "node"]);
  assert.deepStrictEqual(badNodes([many]), []); // one failure that took three tasks along
  const next = repair([first, second], [ended(second, 0, "node")], limits);
  assert.deepStrictEqual(next.kind === "submit" && next.batches[0]?.resources.exclude, ["n1"]);
});

Deno.test("a task that fails by itself three times stops the run; a stop forgives", () => {
  const [one, two, three] = [1, 2, 3].map((number) => batch(number, [[0, 1]], ["failed"])) as [
    Batch,
    Batch,
    Batch,
  ];
  assert.strictEqual(repair([one, two], [ended(two, 0, "failed")], limits).kind, "submit");
  const own = ended(three, 0, "failed");
  assert.deepStrictEqual(repair([one, two, three], [own], limits), {
    kind: "stop",
    ended: own,
    times: 3,
  });
  const forgiven = [{ ...one, forgiven: true }, { ...two, forgiven: true }, three];
  assert.strictEqual(repair(forgiven, [own], limits).kind, "submit");
});

Deno.test("failures of other shards do not count", () => {
  const history = [batch(1, [[0], [1], [2]], ["failed", "failed", "failed"])];
  assert.strictEqual(repair(history, [ended(history[0]!, 2, "failed")], limits).kind, "submit");
});

Deno.test("a cancelled task stops the run", () => {
  const first = batch(1, [[0], [1]], ["cancelled"]);
  assert.strictEqual(repair([first], [ended(first, 0, "cancelled")], limits).kind, "stop");
});

Deno.test("a second kill may have been for memory", () => {
  const first = batch(1, [[0]], ["failed"]), second = batch(2, [[0]], ["failed"]);
  const killed = (own: Batch) => ended(own, 0, "failed", [0], "it was killed (signal 9)");
  const once = repair([first], [killed(first)], limits);
  assert.strictEqual(once.kind === "submit" && once.batches[0]?.resources.memory_MiB, 2000);
  const twice = repair([first, second], [killed(second)], limits);
  assert.strictEqual(twice.kind === "submit" && twice.batches[0]?.resources.memory_MiB, 4000);
});

Deno.test("tasks that ended in different ways come in batches of their own", () => {
  const first = batch(1, [[0], [1], [2]], ["memory", "failed", "preempted"]);
  const next = repair(
    [first],
    [ended(first, 0, "memory"), ended(first, 1, "failed"), ended(first, 2, "preempted")],
    limits,
  );
  assert.deepStrictEqual(next.kind === "submit" && next.batches.map(({ why }) => why), [
    "1 task ran out of memory: submitted again (now 4000 MiB)",
    "1 task failed: submitted again",
    "1 task was preempted: submitted again",
  ]);
});
