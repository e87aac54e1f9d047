/** Submitting to a real Slurm: no job lost, none doubled, limits kept, refusals told. */
import assert from "node:assert";
import { exists } from "../surroundings.ts";
import { readBatches } from "../../cluster/slurm/files.ts";
import { type Cluster, eventually, slurmTest } from "./cluster.ts";
import {
  begin,
  type Begun,
  ended,
  endsWell,
  fdr,
  hashRun,
  isSame,
  makeUser,
  submitted,
  tasksIn,
  tasksOf,
  type User,
} from "./runs.ts";

/** Ids of the array jobs with a stage in their name. */
async function jobsOf(cluster: Cluster, stage: string): Promise<string[]> {
  const all = await cluster.slurm("squeue", "-h", "-r", "-t", "all", "-o", "%F %j");
  const own = all.split("\n").filter((line) => line.includes(`-${stage}-`));
  return [...new Set(own.map((line) => line.split(" ")[0] ?? ""))].sort();
}

/** A run whose counts are under way and held, so that the next sbatch is the sketch's. */
async function atCounts(cluster: Cluster, user: User, name: string): Promise<Begun> {
  await user.hold();
  const run = begin(user, name);
  await submitted(run.folder, "count");
  await tasksIn(cluster, "RUNNING", 4);
  return run;
}

/** Waits until there is a job of the stage, and gives its id. */
const jobOf = (cluster: Cluster, stage: string) =>
  eventually(`a job of ${stage}`, async () => (await jobsOf(cluster, stage))[0]);

slurmTest(
  "killed between sbatch and its answer: the job is found by its name",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting");
    const run = await atCounts(cluster, user, "run");
    await cluster.break("sbatch", { stderr: "", code: 0, after: true, seconds: 20 });
    await user.release();
    const job = await jobOf(cluster, "sketch");
    Deno.kill(run.child.pid, "SIGKILL");
    await run.said;
    await cluster.mend("sbatch");
    const [, sketch] = await readBatches(run.folder);
    assert.ok(sketch?.chunks[0]?.tried !== undefined && sketch.chunks[0].job === undefined);
    const { stderr } = await user.well("resume", run.folder);
    // It may have ended by then, and nobody needs to ask for it.
    if (/Slurm had taken/.test(stderr)) assert.match(stderr, new RegExp(`it is ${job}$`, "m"));
    assert.deepStrictEqual(await jobsOf(cluster, "sketch"), [job]);
    await isSame(user, run.folder);
  },
);

slurmTest(
  "sbatch times out although Slurm has the job: it is submitted once",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting");
    const run = await atCounts(cluster, user, "run");
    await cluster.break("sbatch", {
      stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
      after: true,
    });
    await user.release();
    const job = await jobOf(cluster, "sketch");
    await user.hold();
    await submitted(run.folder, "sketch");
    await cluster.mend("sbatch");
    await user.release();
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /Socket timed out.*: asking again, nothing is lost/);
    assert.deepStrictEqual(await jobsOf(cluster, "sketch"), [job]);
  },
);

slurmTest(
  "sbatch does not reach the controller: it is tried again until it does",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting");
    const run = await atCounts(cluster, user, "run");
    await cluster.break("sbatch", {
      stderr:
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
    });
    const calls = (await cluster.calls("sbatch")).length;
    await user.release();
    await eventually(
      "three more calls",
      async () => (await cluster.calls("sbatch")).length >= calls + 3 ? true : undefined,
    );
    await cluster.mend("sbatch");
    await endsWell(user, run);
    assert.strictEqual((await jobsOf(cluster, "sketch")).length, 1);
  },
);

slurmTest(
  "killed before Slurm has the job; when it turns up later, it is ended",
  {},
  async (cluster) => {
    const user = await makeUser(cluster, "waiting");
    const run = await atCounts(cluster, user, "run");
    await cluster.break("sbatch", { stderr: "sbatch: error: never", seconds: 600 });
    await user.release();
    const sketch = await eventually(
      "sbatch is tried",
      async () =>
        (await readBatches(run.folder)).find(({ stage, chunks }) =>
          stage === "sketch" && chunks[0]?.tried !== undefined
        ),
    );
    await user.hold();
    Deno.kill(run.child.pid, "SIGKILL");
    await run.said;
    await cluster.mend("sbatch");
    const resumed = ended(user.start("resume", run.folder));
    const job = await jobOf(cluster, "sketch");
    await submitted(run.folder, "sketch");
    const name = `--job-name=${sketch.chunks[0]?.name}`;
    const late = await cluster.slurm(
      "sbatch",
      "--parsable",
      name,
      "--array=0-0",
      "-o/dev/null",
      "--wrap=sleep 600",
    );
    await eventually(
      "the late one is cancelled",
      async () =>
        (await tasksOf(cluster, "CANCELLED")).includes(`${late.trim()}_0 CANCELLED`)
          ? true
          : undefined,
    );
    await user.release();
    await endsWell(user, { folder: run.folder, said: resumed });
    assert.deepStrictEqual(await jobsOf(cluster, "sketch"), [job, late.trim()]);
  },
);

slurmTest("killed at any moment, and resumed each time", {}, async (cluster) => {
  const user = await makeUser(cluster);
  const folder = `${user.work}/run`;
  let child = user.start(...fdr(user), "--on", "test", "--outdir", folder);
  for (let kills = 0; kills < 5; kills++) {
    const pause = 400 + Math.random() * 2000;
    const said = ended(child);
    const isOver = await Promise.race([
      said.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, pause, false)),
    ]);
    if (!isOver) Deno.kill(child.pid, "SIGKILL");
    const { code, stderr } = await said;
    assert.ok(isOver ? code === 0 : code !== 0 || stderr !== "", stderr);
    // Killed before it wrote down what it is, there is no run yet.
    child = exists(`${folder}/run.json`)
      ? user.start("resume", folder)
      : user.start(...fdr(user), "--on", "test", "--outdir", folder);
  }
  await endsWell(user, { folder, said: ended(child) });
  // Each shard was counted by one task.
  const tasks = (await readBatches(folder)).filter(({ stage }) => stage === "count")
    .flatMap(({ tasks }) => tasks.flat());
  assert.deepStrictEqual(tasks.toSorted(), [0, 1, 2, 3]);
});

slurmTest(
  "an array larger than the cluster takes goes in parts",
  { maxArraySize: 5 },
  async (cluster) => {
    const user = await makeUser(cluster, "", 80);
    const folder = `${user.work}/run`;
    await user.well(...fdr(user), "--on", "test", "--outdir", folder);
    const [batch] = await readBatches(folder);
    assert.deepStrictEqual(batch?.chunks.map(({ first, size }) => [first, size]), [
      [0, 5],
      [5, 5],
      [10, 5],
      [15, 5],
      [20, 3],
    ]);
    assert.ok((await cluster.calls("sbatch")).every((call) => !/--array=0-[5-9]/.test(call)));
    assert.deepStrictEqual(await hashRun(folder), await user.expected("here", ...fdr(user)));
  },
);

const ENFORCED = {
  accounting: true,
  conf: ["AccountingStorageEnforce=associations,limits,qos", "EnforcePartLimits=ALL"],
} as const;

slurmTest(
  "limits of an account are kept, and what Slurm refuses is told and leaves nothing",
  ENFORCED,
  async (cluster, t) => {
    for (
      const words of [
        "add account lab cluster=test",
        "add user root account=lab cluster=test",
        "modify user root set MaxSubmitJobs=3",
      ]
    ) {
      await cluster.slurm("sacctmgr", "-i", ...words.split(" "));
    }
    const user = await makeUser(cluster, "waiting");
    await t.step("refusals", async () => {
      const cases: [lines: string, ...words: RegExp[]][] = [
        ['partition = "nope"', /no such partition/, /Set partition in the profile/],
        ['account = "nope"', /does not know the account/, /Set account in the profile/],
        ['qos = "nope"', /may not use the qos/, /Set qos in the profile/],
        ['gres = "gpu:9"', /no node has what a task asks for|gres/, /gres in the profile/],
        ['constraint = "nope"', /no node has such a feature/, /Set constraint in the profile/],
        ['memory = "900G"', /no node has what a task asks for/, /memory or gres in the profile/],
        ['partition = "short"\ntime = 60', /no such time limit/, /Set time in the profile/],
      ];
      const tries = () =>
        [...Deno.readDirSync("/tmp")].map(({ name }) => name).filter((name) =>
          name.startsWith("siren-try-")
        );
      const before = new Set(tries());
      for (const [lines, ...words] of cases) {
        await user.profile(lines);
        const { code, stderr } = await user.siren(
          ...fdr(user),
          "--on",
          "test",
          "--outdir",
          `${user.work}/no`,
        );
        assert.strictEqual(code, 5, stderr);
        for (const word of words) assert.match(stderr, word);
        assert.ok(!exists(`${user.work}/no`), lines);
      }
      assert.deepStrictEqual(await tasksOf(cluster), []);
      const left = new Set(tries().filter((name) => !before.has(name)));
      // Other tests' files come and go there.
      await eventually(
        "no file is left",
        () => Promise.resolve(tries().some((name) => left.has(name)) ? undefined : true),
      );
    });
    await t.step("a batch is packed into as many tasks as may be submitted", async () => {
      await user.profile("");
      const run = begin(user, "packed");
      await endsWell(user, run);
      const [batch] = await readBatches(run.folder);
      assert.strictEqual(batch?.tasks.length, 3);
    });
    await t.step("jobs wait for room that others take", async () => {
      const other = await cluster.slurm(
        "sbatch",
        "--parsable",
        "-o/dev/null",
        "--array=0-1",
        "--wrap=sleep 600",
      );
      const run = begin(user, "waits");
      await eventually(
        "a task is in the queue",
        async () => (await tasksOf(cluster)).length > 0 ? true : undefined,
      );
      const { stderr } = await endsWell(user, run);
      assert.match(stderr, /The site takes no more jobs for now/);
      const [batch] = await readBatches(run.folder);
      assert.deepStrictEqual(batch?.chunks.map(({ size }) => size), [1, 1, 1]);
      await cluster.slurm("scancel", other.trim());
    });
    await t.step("with no room at all, a run waits", async () => {
      const other = await cluster.slurm(
        "sbatch",
        "--parsable",
        "-o/dev/null",
        "--array=0-2",
        "--wrap=sleep 600",
      );
      const run = begin(user, "full");
      await eventually("it was refused", async () => {
        const file = `${run.folder}/slurm/count-1/batch.json`;
        const said = (await cluster.calls("sbatch")).filter((call) => call.includes("-count-1-"));
        return exists(file) && said.length >= 2 ? true : undefined;
      });
      await cluster.slurm("scancel", other.trim());
      await endsWell(user, run);
    });
  },
);

slurmTest("tasks that wait for what never comes are told of", {}, async (cluster) => {
  const user = await makeUser(cluster, 'partition = "short"\ntime = 60');
  const run = begin(user);
  await tasksIn(cluster, "PENDING");
  await eventually("a reason", async () => {
    const said = await cluster.slurm("squeue", "-h", "-o", "%r");
    return said.includes("PartitionTimeLimit") ? true : undefined;
  });
  const calls = (await cluster.calls("squeue")).length;
  await eventually(
    "two more looks",
    async () => (await cluster.calls("squeue")).length >= calls + 2 ? true : undefined,
  );
  await user.well("cancel", run.folder);
  const { code, stderr } = await run.said;
  assert.strictEqual(code, 5, stderr);
  assert.match(
    stderr,
    /Warning: Tasks of stage count wait for what may never come \(PartitionTimeLimit\)/,
  );
  await user.profile("");
  await user.well("resume", run.folder);
  await isSame(user, run.folder);
});
