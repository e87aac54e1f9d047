import assert from "node:assert";
import { makeBatch, openTasks } from "./batches.ts";
import type { ArrayTask, SlurmClient } from "./client.ts";
import { isStuck, makeScheduler } from "./scheduler.ts";

/** A scheduler whose Slurm says what it is told to, and a batch of two tasks in job 7. */
function prepare(said: { squeue: ArrayTask[]; sacct: ArrayTask[] | "off" }) {
  const batch = makeBatch({
    stage: "count",
    key: "key",
    tasks: [[0], [1]],
    resources: { cpus: 1, exclude: [] },
    most: 10,
    id: "0123abcd",
  }, []);
  const [chunk] = batch.chunks;
  assert.ok(chunk);
  chunk.job = "7";
  chunk.tried = new Date(0).toISOString();
  const cancelled: string[][] = [];
  let time = 0, accounts = 0;
  const slurm: Pick<SlurmClient, "tasks" | "accounting" | "cancel"> = {
    tasks: () => Promise.resolve(said.squeue),
    accounting: () => {
      accounts++;
      return Promise.resolve(said.sacct);
    },
    cancel: (ids) => Promise.resolve(void cancelled.push([...ids])),
  };
  const site = { slurm: slurm as SlurmClient, profile: { poll: 30 } } as Parameters<
    typeof makeScheduler
  >[0];
  const scheduler = makeScheduler(site, { now: () => new Date(time) }, true);
  const tasks = openTasks([batch]);
  return {
    scheduler,
    tasks,
    cancelled,
    accounts: () => accounts,
    wait: (seconds: number) => time += seconds * 1000,
    states: () => tasks.map((task) => scheduler.sighting(task)?.state),
    name: chunk.name,
  };
}

const NAME = "siren-0123abcd-count-1-1";
const task = (index: number, state: ArrayTask["state"], job = "7", name = NAME): ArrayTask => ({
  name,
  job,
  index,
  state,
});

Deno.test("a record of a refused job with the same name is not taken for the job", async () => {
  const { scheduler, tasks, states, cancelled, name } = prepare({
    squeue: [
      task(0, "running"),
      task(1, "pending"),
      task(0, "failed", "6"),
      task(1, "failed", "6"),
    ],
    sacct: "off",
  });
  assert.strictEqual(name, NAME);
  await scheduler.look(tasks);
  assert.deepStrictEqual(states(), ["running", "pending"]);
  assert.deepStrictEqual(cancelled, []);
});

Deno.test("a job that Slurm took late, beside the one submitted in its place, is cancelled once", async () => {
  const { scheduler, tasks, states, cancelled } = prepare({
    squeue: [
      task(0, "running"),
      task(1, "pending"),
      task(0, "pending", "9"),
      task(1, "running", "9"),
    ],
    sacct: "off",
  });
  await scheduler.look(tasks);
  await scheduler.look(tasks);
  assert.deepStrictEqual(states(), ["running", "pending"]);
  assert.deepStrictEqual(cancelled, [["9"]]);
});

Deno.test("accounts that never heard of a task's end do not keep it alive", async () => {
  const { scheduler, tasks, states, wait } = prepare({
    squeue: [task(0, "running")],
    sacct: [task(0, "running"), task(1, "running")],
  });
  await scheduler.look(tasks);
  assert.deepStrictEqual(states(), ["running", undefined]);
  wait(10);
  assert.strictEqual(scheduler.quietFor(tasks[1]!, new Date(10_000)), 10);
  assert.strictEqual(scheduler.quietFor(tasks[0]!, new Date(10_000)), 0);
});

Deno.test("accounts that are off are asked once", async () => {
  const { scheduler, tasks, accounts } = prepare({ squeue: [], sacct: "off" });
  await scheduler.look(tasks);
  await scheduler.look(tasks);
  assert.strictEqual(accounts(), 1);
});

Deno.test("looks are due less often while nothing changes", async () => {
  const said = { squeue: [task(0, "pending"), task(1, "pending")], sacct: "off" as const };
  const { scheduler, tasks, wait } = prepare(said);
  const pauses: number[] = [];
  for (let looks = 0; looks < 8; looks++) {
    if (looks === 7) said.squeue = [task(0, "running"), task(1, "pending")];
    await scheduler.look(tasks);
    let pause = 0;
    for (; !scheduler.isDue(); pause++) wait(1);
    pauses.push(pause);
  }
  assert.deepStrictEqual(pauses, [4, 6, 9, 14, 21, 30, 30, 4]);
});

Deno.test("reasons to wait that do not pass by themselves are known", () => {
  const stuck = [
    "PartitionTimeLimit",
    "PartitionNodeLimit",
    "BadConstraints",
    "JobHeldUser",
    "launch failed requeued held",
    "job requeued in held state",
    "AssocMaxWallDurationPerJobLimit",
    "QOSMaxCpuPerJobLimit",
  ];
  const passing = [
    "Resources",
    "Priority",
    "BeginTime",
    "JobArrayTaskLimit",
    "QOSMaxJobsPerUserLimit",
    "AssocGrpCpuLimit",
    "ReqNodeNotAvail, UnavailableNodes:n2",
    "None",
  ];
  assert.deepStrictEqual(stuck.filter((reason) => !isStuck(reason)), []);
  assert.deepStrictEqual(passing.filter(isStuck), []);
});
