/** Array tasks that end badly, on a real Slurm: the run goes on and is, to the byte, one computed here. */
import assert from "node:assert";
import { readBatches } from "../../cluster/slurm/files.ts";
import { type ClusterOptions, eventually, slurmTest } from "./cluster.ts";
import {
  begin,
  endsWell,
  isSame,
  makeUser,
  processOf,
  submitted,
  tasksIn,
  tasksOf,
} from "./runs.ts";

/** How the tasks of a stage ended, batch by batch. */
async function outcomes(folder: string, stage = "count"): Promise<string[][]> {
  return (await readBatches(folder)).filter((batch) => batch.stage === stage)
    .map(({ ended }) => ended.toSorted((a, b) => a.task - b.task).map(({ outcome }) => outcome));
}

slurmTest("a task killed by kill -9 is submitted again, alone", {}, async (cluster) => {
  const user = await makeUser(cluster);
  const run = begin(user);
  Deno.kill(await processOf(`worker --tasks ${run.folder}/slurm/count-1/`), "SIGKILL");
  const { stderr } = await endsWell(user, run);
  assert.match(stderr, /Warning: count-2: 1 task failed: submitted again/);
  const [first, second] = await outcomes(run.folder);
  assert.deepStrictEqual(first?.toSorted(), ["done", "done", "done", "failed"]);
  assert.deepStrictEqual(second, ["done"]);
});

slurmTest(
  "a node dies with its tasks: Slurm requeues them, and the run waits for that",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\ncpus = 2");
    await user.hold();
    const run = begin(user);
    await tasksIn(cluster, "RUNNING", 4);
    await cluster.node("kill", "n2");
    await cluster.slurm("scontrol", "update", "nodename=n2", "state=down", "reason=test");
    await user.release();
    await endsWell(user, run);
    const [batch] = await readBatches(run.folder);
    // The same jobs, on the other node.
    assert.deepStrictEqual(await outcomes(run.folder), [["done", "done", "done", "done"]]);
    assert.ok(batch?.ended.every(({ node }) => node === "n1"));
  },
);

slurmTest(
  "nodes die and jobs are not requeued: siren submits them again, at last without the node",
  {
    conf: ["JobRequeue=0"],
  },
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\ncpus = 4");
    await user.hold();
    const run = begin(user);
    for (const number of [1, 2]) {
      await submitted(run.folder, "count", number);
      await eventually("a task on n2", async () => {
        const running = await cluster.slurm("squeue", "-h", "-w", "n2", "-t", "R", "-o", "%j");
        return running.includes(`-count-`) ? true : undefined;
      });
      await cluster.slurm("scontrol", "update", "nodename=n2", "state=down", "reason=test");
      await submitted(run.folder, "count", number + 1);
      // The node is up again as soon as it says so: its daemon lives.
    }
    await user.release();
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /count-3: 1 task lost its node: submitted again \(without n2\)/);
    const script = (await cluster.calls("sbatch")).filter((call) => call.includes("-count-3-"));
    assert.match(script.join("\n"), /--exclude=n2/);
  },
);

slurmTest("tasks that are preempted are submitted again", {}, async (cluster) => {
  const user = await makeUser(cluster, 'waiting\npartition = "lowcancel"');
  await user.hold();
  const run = begin(user);
  await tasksIn(cluster, "RUNNING", 4);
  await submitted(run.folder, "count");
  const other = ["--parsable", "-N2", "--exclusive", "-o/dev/null", "--wrap=sleep 600"];
  const job = (await cluster.slurm("sbatch", ...other)).trim();
  await submitted(run.folder, "count", 2);
  await cluster.slurm("scancel", job);
  await user.release();
  const { stderr } = await endsWell(user, run);
  assert.match(stderr, /Warning: count-2: \d tasks? (?:was|were) preempted: submitted again/);
});

slurmTest(
  "a task that Slurm requeues and one that siren submits write the same shard",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting");
    await user.hold();
    const run = begin(user);
    const [task = ""] = await tasksIn(cluster, "RUNNING", 4);
    // siren is stopped, so that it does not see the task in the queue again before it is written off.
    Deno.kill(run.child.pid, "SIGSTOP");
    const batch = await submitted(run.folder, "count");
    const index = Number(task.split("_")[1]);
    batch.ended.push({ task: index, outcome: "node", node: "n1" });
    await Deno.writeTextFile(`${run.folder}/slurm/count-1/batch.json`, JSON.stringify(batch));
    Deno.kill(run.child.pid, "SIGKILL");
    await run.said;
    const child = user.start("resume", run.folder);
    await submitted(run.folder, "count", 2);
    await cluster.slurm("scontrol", "requeue", task);
    await user.release();
    const said = child.output();
    const { code } = await said;
    assert.strictEqual(code, 0);
    await isSame(user, run.folder);
    // The requeued one is not needed any more.
    assert.deepStrictEqual(await tasksOf(cluster, "PENDING"), []);
  },
);

slurmTest(
  "a task that is told that its time is over leaves what it has not done to others",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting\nshards_per_task = 4\nmemory = 500");
    await user.hold();
    const run = begin(user);
    await tasksIn(cluster, "RUNNING");
    await user.release();
    const report = await eventually("a report", () => {
      const folder = `${run.folder}/slurm/count-1/reports`;
      return Promise.resolve(
        [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".json")),
      );
    });
    assert.ok(report);
    await cluster.slurm(
      "scancel",
      "--signal=USR2",
      "--batch",
      String((await submitted(run.folder, "count")).chunks[0]?.job),
    );
    const { stderr } = await endsWell(user, run);
    assert.match(
      stderr,
      /count-2: 1 task ran out of time: submitted again/,
    );
    const [first, second] = await readBatches(run.folder);
    assert.strictEqual(first?.ended[0]?.outcome, "time");
    assert.ok((second?.tasks.length ?? 0) > 1 || second?.tasks[0]?.length === 1);
  },
);

slurmTest("a task over its time limit is split", {}, async (cluster) => {
  const user = await makeUser(cluster, "waiting\nshards_per_task = 4");
  await user.hold();
  const run = begin(user);
  const [task = ""] = await tasksIn(cluster, "RUNNING");
  await cluster.slurm("scontrol", "update", `jobid=${task}`, "EndTime=now");
  await submitted(run.folder, "count", 2);
  await user.release();
  const { stderr } = await endsWell(user, run);
  assert.match(
    stderr,
    /count-2: 1 task ran out of time: submitted again \(in halves, 20 minutes each\)/,
  );
  const batches = await readBatches(run.folder);
  assert.deepStrictEqual(
    batches.filter(({ stage }) => stage === "count").map(({ tasks }) => tasks),
    [
      [[0, 1, 2, 3]],
      [[0, 1], [2, 3]],
    ],
  );
});

/** A first batch that takes 150 MB, and as long as Slurm needs to see that. */
const GREEDY = `set -eo pipefail
case $SLURM_JOB_NAME in *-count-1-1) { head -c 150000000 /dev/zero; sleep 3; } | tail -n 1 | wc -c;; esac`;

const overMemory = (name: string, options: ClusterOptions) =>
  slurmTest(name, options, async (cluster) => {
    const setup = `setup = ${JSON.stringify(GREEDY.split("\n"))}`;
    const user = await makeUser(cluster, `memory = 110\nshards_per_task = 4\n${setup}`);
    const run = begin(user);
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /count-2: 1 task ran out of memory: submitted again \(now 220 MiB\)/);
  });

overMemory("a task over its memory, as Slurm's accountant sees it, gets more", {
  conf: ["JobAcctGatherParams=OverMemoryKill"],
});

if (mayLimitMemory()) {
  overMemory("a task over its memory, killed by the kernel, gets more", { oom: true });
} else {
  Deno.test.ignore(
    "a task over its memory, killed by the kernel, gets more (needs Slurm; cannot write to cgroup v1)",
    () => {},
  );
}

/** Whether Slurm can make groups whose memory the kernel limits. */
function mayLimitMemory(): boolean {
  const folder = `/sys/fs/cgroup/memory/siren_${Deno.pid}`;
  const script = 'test -e /sys/fs/cgroup/memory/cgroup.procs && mkdir "$0" && rmdir "$0"';
  return new Deno.Command("sh", { args: ["-c", script, folder], stderr: "null" }).outputSync()
    .success;
}

slurmTest("a task that fails three times stops the run with its log", {}, async (cluster) => {
  const user = await makeUser(
    cluster,
    'setup = ["echo The disk of $SLURMD_NODENAME is full.", "exit 3"]\nshards_per_task = 4',
  );
  const run = begin(user);
  const { code, stderr } = await run.said;
  assert.strictEqual(code, 5, stderr);
  assert.match(
    stderr,
    /task count-3\/0 ended 3 times with shards undone, last on n\d: exit code 3/,
  );
  assert.match(
    stderr,
    /The end of its log, .*count-3\/logs\/\d+_0\.log:\n {2}The disk of n\d is full\./,
  );
  assert.match(stderr, /Mend the cause, then: siren resume /);
  assert.deepStrictEqual(await tasksOf(cluster, "PENDING"), []);
  await user.profile("");
  await user.well("resume", run.folder);
  await isSame(user, run.folder);
});
