/** A scheduler, accounts and a disk that fail while runs are on them: the runs wait and lose nothing. */
import assert from "node:assert";
import { readBatches } from "../../cluster/slurm/files.ts";
import { shardPath } from "../../cluster/shards.ts";
import { type Cluster, eventually, type Program, slurmTest } from "./cluster.ts";
import { begin, ended, endsWell, fdr, makeUser, submitted, tasksIn, tasksOf } from "./runs.ts";
import { exists } from "../surroundings.ts";

/** Waits until a program has been called so many more times. */
async function callsMore(cluster: Cluster, program: Program, more: number): Promise<void> {
  const before = (await cluster.calls(program)).length;
  await eventually(
    `${more} more calls of ${program}`,
    async () => (await cluster.calls(program)).length >= before + more ? true : undefined,
  );
}

/** Waits until all tasks of the first batch have ended, however that was. */
async function allEnded(cluster: Cluster): Promise<void> {
  await eventually("all tasks have ended", async () => {
    const live = (await tasksOf(cluster)).filter((line) => /PENDING|RUNNING|COMPLETING/.test(line));
    return live.length === 0 ? true : undefined;
  });
}

slurmTest("the controller restarts, then is away for a while", {}, async (cluster) => {
  const user = await makeUser(cluster, "waiting");
  await user.hold();
  const run = begin(user);
  await tasksIn(cluster, "RUNNING", 4);
  await cluster.restartController();
  await callsMore(cluster, "squeue", 1);
  await cluster.stopController();
  await callsMore(cluster, "squeue", 2);
  // Tasks end while nobody notes it; the next stage cannot be submitted.
  await user.release();
  const shards = `${run.folder}/shards/count`;
  await eventually(
    "the shards",
    () =>
      Promise.resolve(
        [...Deno.readDirSync(shards)].filter(({ name }) => name.endsWith(".arrow")).length === 4
          ? true
          : undefined,
      ),
  );
  await callsMore(cluster, "scontrol", 1);
  await cluster.startController();
  const { stderr } = await endsWell(user, run);
  assert.match(stderr, /Warning: Cannot ask Slurm .*: asking again, nothing is lost/);
  assert.deepStrictEqual((await readBatches(run.folder)).map(({ number }) => number), [1, 1, 1]);
});

slurmTest("squeue fails for a while", {}, async (cluster) => {
  const user = await makeUser(cluster, "waiting");
  await user.hold();
  const run = begin(user);
  await submitted(run.folder, "count");
  const answer = "slurm_load_jobs error: Socket timed out on send/recv operation";
  await cluster.break("squeue", { stderr: answer });
  await callsMore(cluster, "squeue", 2);
  await cluster.mend("squeue");
  await callsMore(cluster, "squeue", 2);
  await user.release();
  const { stderr } = await endsWell(user, run);
  // Each once, however often it was asked in between.
  assert.strictEqual(stderr.match(/Socket timed out.*: asking again, nothing is lost/g)?.length, 1);
  assert.strictEqual(stderr.match(/this machine answers again/g)?.length, 1);
});

slurmTest("squeue never answers, and scontrol at first neither", {}, async (cluster) => {
  const user = await makeUser(cluster);
  const stderr = "slurm_load_jobs error: Socket timed out on send/recv operation";
  await cluster.break("squeue", { stderr });
  await cluster.break("scontrol", { stderr });
  const run = begin(user);
  await callsMore(cluster, "scontrol", 2);
  await cluster.mend("scontrol");
  const said = await endsWell(user, run);
  assert.match(said.stderr, /Socket timed out/);
});

slurmTest("without accounts, a task that squeue has forgotten is submitted again", {
  minJobAge: 2,
}, async (cluster) => {
  const user = await makeUser(cluster, "waiting\ngrace = 1");
  const { run } = await forgetTask(cluster, user);
  const { stderr } = await endsWell(user, run);
  assert.match(stderr, /Warning: count-2: 1 task was lost: submitted again/);
  // Once while the stage is watched, and once when it is left.
  assert.ok((await cluster.calls("sacct")).length <= 2, "off is not asked for again and again");
});

slurmTest(
  "with accounts, that fail at first, it is known how a task ended that squeue has forgotten",
  {
    minJobAge: 2,
    accounting: true,
  },
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\ngrace = 300");
    await cluster.break("sacct", {
      stderr: "sacct: error: Problem talking to the database: Connection refused",
    });
    const { run, task } = await forgetTask(cluster, user);
    await callsMore(cluster, "sacct", 2);
    await eventually("accounts know of the task", async () => {
      const said = await cluster.slurm("sacct", "-X", "-n", "-P", "-o", "State", "-j", task);
      return said.trim() === "FAILED" ? true : undefined;
    });
    await cluster.mend("sacct");
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /Warning: count-2: 1 task failed: submitted again/);
  },
);

/** A run one of whose tasks is killed, and forgotten by squeue while siren is stopped. */
async function forgetTask(cluster: Cluster, user: Awaited<ReturnType<typeof makeUser>>) {
  await user.hold();
  const run = begin(user);
  await tasksIn(cluster, "RUNNING", 4);
  await submitted(run.folder, "count");
  Deno.kill(run.child.pid, "SIGSTOP");
  const [task = ""] = await tasksIn(cluster, "RUNNING", 4);
  await cluster.slurm("scancel", "--signal=KILL", "--batch", task);
  // It may be forgotten before it is seen to have failed.
  await eventually(
    "the task has ended",
    async () =>
      (await tasksOf(cluster)).some((line) =>
          line.startsWith(`${task} `) && /RUNNING|COMPLETING/.test(line)
        )
        ? undefined
        : true,
  );
  await user.release();
  await eventually(
    "squeue forgets it",
    async () => (await tasksOf(cluster)).length === 0 ? true : undefined,
  );
  Deno.kill(run.child.pid, "SIGCONT");
  return { run, task };
}

slurmTest("a shard that is seen late is waited for", {}, async (cluster) => {
  const user = await makeUser(cluster, "waiting\ngrace = 300");
  const { run, shard, aside } = await hideShard(cluster, user);
  await callsMore(cluster, "squeue", 3);
  await Deno.rename(aside, shard);
  await endsWell(user, run);
  assert.ok(!exists(`${run.folder}/slurm/count-2`));
});

slurmTest(
  "a shard that is not seen within the grace period is computed again",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\ngrace = 1");
    const { run, aside } = await hideShard(cluster, user);
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /Warning: count-2: 1 task failed: submitted again/);
    const [batch] = await readBatches(run.folder);
    assert.match(
      batch?.ended.find(({ outcome }) => outcome === "failed")?.reason ?? "",
      /^it ended well, but its shards were not seen within 1 s$/,
    );
    await Deno.remove(aside);
  },
);

/** A run one of whose shards is not where its task has put it. */
async function hideShard(cluster: Cluster, user: Awaited<ReturnType<typeof makeUser>>) {
  await user.hold();
  const run = begin(user);
  await tasksIn(cluster, "RUNNING", 4);
  await submitted(run.folder, "count");
  Deno.kill(run.child.pid, "SIGSTOP");
  await user.release();
  await allEnded(cluster);
  const shard = shardPath(run.folder, "count", 2), aside = `${user.work}/aside`;
  await Deno.rename(shard, aside);
  Deno.kill(run.child.pid, "SIGCONT");
  return { run, shard, aside };
}

slurmTest(
  "a look at 23 tasks takes no more calls than one at a single task",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\nmax_tasks = 3", 80);
    const calls: Record<string, number>[] = [];
    for (const lines of ["shards_per_task = 23", "shards_per_task = 1"]) {
      await user.profile(`${user.waiting}\nmax_tasks = 3\n${lines}`);
      await user.hold();
      const before = await countCalls(cluster);
      const folder = `${user.work}/run-${calls.length}`;
      const child = user.start(...fdr(user), "--on", "test", "--outdir", folder);
      const batch = await submitted(folder, "count");
      assert.strictEqual(batch.tasks.length, calls.length === 0 ? 1 : 23);
      await callsMore(cluster, "squeue", 3);
      const after = await countCalls(cluster);
      // Of squeue there may be more, as time passes.
      calls.push(Object.fromEntries(
        Object.entries(after).filter(([name]) => name !== "squeue")
          .map(([name, count]) => [name, count - (before[name] ?? 0)]),
      ));
      Deno.kill(child.pid, "SIGKILL");
      await ended(child);
      await user.well("cancel", folder);
      await user.release();
    }
    assert.deepStrictEqual(calls[1], calls[0]);
    // One call is for all tasks: none of them is named.
    const asked = await cluster.calls("squeue");
    assert.ok(asked.every((call) => !/--job/.test(call)), asked.join("\n"));
    assert.ok(asked.every((call) => (call.match(/siren-/g) ?? []).length <= 1), asked.join("\n"));
  },
);

async function countCalls(cluster: Cluster): Promise<Record<string, number>> {
  const programs = ["sbatch", "squeue", "sacct", "scancel", "scontrol", "sacctmgr"] as const;
  const counts = programs.map(async (name) => [name, (await cluster.calls(name)).length] as const);
  return Object.fromEntries(await Promise.all(counts));
}
