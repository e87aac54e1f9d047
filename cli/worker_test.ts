import assert from "node:assert";
import type { WorkerOptions } from "../cluster/worker.ts";
import { main } from "./main.ts";
import { Stop } from "./io.ts";
import { fakeCluster, fakeIo } from "./testing.ts";

async function work(doIt: (options: WorkerOptions) => Promise<number>) {
  const io = fakeIo({}, { SLURM_JOB_ID: "4711", SLURM_ARRAY_TASK_ID: "3", SECRET: "s" });
  const args = ["worker", "--tasks", "tasks.json", "--first", "1000"];
  const code = await main(args, io, fakeCluster({ work: doIt }));
  return { io, code };
}

Deno.test("siren worker works, with what it needs of the environment; its result is the exit code", async () => {
  let given: WorkerOptions | undefined;
  const { io, code } = await work((options) => {
    given = options;
    options.log("shard 7");
    return Promise.resolve(75);
  });
  const { leave: _, log: __, now: ___, ...rest } = given!; // it was called, as the exit code shows
  assert.deepStrictEqual(rest, {
    tasksFile: "tasks.json",
    first: 1000,
    threads: 8,
    environment: { SLURM_JOB_ID: "4711", SLURM_ARRAY_TASK_ID: "3" },
    host: "here",
  });
  assert.deepStrictEqual([code, io.out(), io.err()], [75, "shard 7\n", ""]);
  assert.deepStrictEqual(io.dropped(), ["net", "run"]);
});

Deno.test("siren worker is told to leave by SIGUSR2", async () => {
  await work(async ({ leave }) => {
    assert.strictEqual(leave.aborted, false);
    Deno.kill(Deno.pid, "SIGUSR2");
    // The signal takes a moment, and does not keep the process going by itself.
    while (!leave.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    return 75;
  });
});

Deno.test("siren worker is told to leave by SIGTERM", async () => {
  const io = fakeIo();
  const cluster = fakeCluster({
    work: ({ leave }) => {
      io.stop(new Stop("SIGTERM"));
      return Promise.resolve(leave.aborted ? 75 : 0);
    },
  });
  assert.strictEqual(await main(["worker", "--tasks", "t"], io, cluster), 75);
});
