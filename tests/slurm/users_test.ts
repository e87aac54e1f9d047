/** What users do with runs on a real Slurm: submit, look, cancel, go on; templates, GPUs and odd names. */
import assert from "node:assert";
import { z } from "zod";
import { readBatches } from "../../cluster/slurm/files.ts";
import { type Cluster, eventually, slurmTest } from "./cluster.ts";
import {
  begin,
  ended,
  endsWell,
  fdr,
  isSame,
  makeUser,
  submitted,
  tasksIn,
  tasksOf,
  type User,
} from "./runs.ts";
import { exists } from "../surroundings.ts";

const SubmissionSchema = z.object({
  stage: z.string(),
  jobs: z.array(z.string()),
  tasks: z.number(),
  done: z.number(),
  total: z.number(),
  next: z.string(),
});

const StatusSchema = z.object({
  state: z.string(),
  next: z.string().optional(),
  cluster: z.object({
    stages: z.array(z.object({
      stage: z.string(),
      tasks: z.record(z.string(), z.number()),
      retries: z.array(z.string()),
      cpuHours: z.number(),
      gpuHours: z.number(),
      fallbacks: z.array(z.string()),
    })),
  }),
});

const TasksSchema = z.array(z.object({ task: z.string(), job: z.string(), state: z.string() }));

async function json<T>(user: User, schema: z.ZodType<T>, ...args: string[]): Promise<T> {
  return schema.parse(JSON.parse((await user.well(...args, "--json")).stdout));
}

/** Nothing of siren's waits or runs. */
async function isIdle(cluster: Cluster): Promise<void> {
  await eventually(
    "no task is left",
    async () =>
      (await tasksOf(cluster)).some((line) => /PENDING|RUNNING|COMPLETING/.test(line))
        ? undefined
        : true,
  );
}

slurmTest("submit, status, watch, logs, gather, until it is done", {}, async (cluster, t) => {
  const user = await makeUser(cluster, "waiting");
  const run = `${user.work}/run`;
  await t.step("submit returns at once", async () => {
    await user.hold();
    const submission = await json(
      user,
      SubmissionSchema,
      "submit",
      ...fdr(user).slice(1),
      "--on",
      "test",
      "--outdir",
      run,
    );
    assert.deepStrictEqual(
      [submission.stage, submission.tasks, submission.done, submission.total],
      ["count", 4, 0, 4],
    );
    assert.strictEqual(submission.next, `siren gather ${run}`);
    await tasksIn(cluster, "RUNNING", 4);
  });
  await t.step("status and gather while it runs", async () => {
    const status = await json(user, StatusSchema, "status", run);
    assert.strictEqual(status.state, "on the cluster");
    assert.strictEqual(status.next, `siren watch ${run}`);
    assert.strictEqual(status.cluster.stages[0]?.tasks["running"], 4);
    const again = await json(user, SubmissionSchema, "gather", run);
    assert.strictEqual(again.tasks, 4);
    assert.strictEqual((await readBatches(run)).length, 1);
  });
  await t.step("watch ends with the stage", async () => {
    const watching = user.start("watch", run);
    await user.release();
    const { code, stdout } = await ended(watching);
    assert.strictEqual(code, 0);
    assert.match(stdout, /All shards of stage count are there\.\nNext: siren gather /);
  });
  await t.step("logs lists tasks and shows what they wrote", async () => {
    const tasks = await json(user, TasksSchema, "logs", run);
    assert.deepStrictEqual(
      tasks.map(({ task, state }) => [task, state]),
      [0, 1, 2, 3].map((i) => [`count-1/${i}`, "done"]),
    );
    for (const name of ["count-1/2", tasks[2]?.job ?? ""]) {
      const { stdout } = await user.well("logs", run, name);
      assert.match(
        stdout,
        /^task count-1\/2: 1 of 1 shards to compute on n\d, 1 threads/m,
      );
    }
    const { code, stderr } = await user.siren("logs", run, "count-1/9");
    assert.strictEqual(code, 2, stderr);
  });
  await t.step("gather goes on, stage by stage", async () => {
    const stages: string[] = [];
    for (let summary = ""; summary === "";) {
      const { stdout } = await user.well("gather", run, "--json");
      const submission = SubmissionSchema.safeParse(JSON.parse(stdout));
      if (submission.success) {
        stages.push(submission.data.stage);
        await user.well("watch", run, "--quiet");
      } else summary = stdout;
    }
    assert.deepStrictEqual([...new Set(stages)], ["sketch", "expand"]);
    await isSame(user, run);
  });
  await t.step("status tells what it took", async () => {
    const status = await json(user, StatusSchema, "status", run);
    assert.strictEqual(status.state, "done");
    assert.deepStrictEqual(status.cluster.stages.map(({ stage }) => stage), [
      "count",
      "sketch",
      "expand",
    ]);
    assert.ok(
      status.cluster.stages.every(({ cpuHours, retries }) => cpuHours > 0 && retries.length === 0),
    );
    const { stdout } = await user.well("status", run);
    assert.match(stdout, /Slowest tasks:/);
  });
  await t.step(
    "no task is left open: watch sees none, and the run may be thrown away",
    async () => {
      for (const { tasks, ended } of await readBatches(run)) {
        assert.strictEqual(ended.length, tasks.length);
      }
      assert.doesNotMatch((await user.well("watch", run)).stdout, /gather/);
      await user.well(...fdr(user), "--outdir", run, "--force");
      await isSame(user, run);
    },
  );
});

slurmTest("what failed while nobody looked is seen by gather, whatever Slurm has forgotten", {
  minJobAge: 10,
}, async (cluster) => {
  const user = await makeUser(cluster, 'setup = ["exit 3"]\ngrace = 1');
  const run = `${user.work}/run`;
  const submission = ["submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run];
  await user.well(...submission);
  await tasksIn(cluster, "FAILED", 1);
  const failed = await json(user, StatusSchema, "status", run);
  assert.ok((failed.cluster.stages[0]?.tasks["ended badly"] ?? 0) > 0);
  await eventually(
    "squeue forgets",
    async () => (await tasksOf(cluster)).length === 0 ? true : undefined,
  );
  await user.profile("grace = 1");
  await json(user, SubmissionSchema, "gather", run);
  const [, again] = await readBatches(run);
  assert.match(again?.why ?? "", /^4 tasks were lost: submitted again/);
  await user.well("resume", run);
  await isSame(user, run);
});

slurmTest("jobs are cancelled", {}, async (cluster, t) => {
  const user = await makeUser(cluster, "waiting\ncpus = 4");
  await t.step("by siren cancel, of a run that nobody waits for", async () => {
    const run = `${user.work}/alone`;
    await user.hold();
    await user.well("submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run);
    await tasksIn(cluster, "RUNNING", 2);
    const { stdout } = await user.well("cancel", run);
    assert.match(stdout, /^Cancelled 1 job \(\d+\)\. What is done is kept\.$/m);
    await isIdle(cluster);
    assert.strictEqual((await json(user, StatusSchema, "status", run)).state, "interrupted");
    await user.release();
    await user.well("resume", run);
    await isSame(user, run);
  });
  await t.step("by siren cancel, while siren run waits", async () => {
    await user.hold();
    const run = begin(user, "attached");
    await submitted(run.folder, "count");
    // Both those that run and those that have not begun.
    await user.well("cancel", run.folder);
    const { code, stderr } = await run.said;
    assert.strictEqual(code, 5, stderr);
    assert.match(stderr, /its jobs were cancelled \(siren cancel\)/);
    assert.match(stderr, new RegExp(`Go on with: siren resume ${run.folder}$`, "m"));
    await isIdle(cluster);
    await user.release();
    await user.well("resume", run.folder);
    await isSame(user, run.folder);
  });
  await t.step("by scancel, the whole job", async () => {
    await user.hold();
    const run = begin(user, "whole");
    const batch = await submitted(run.folder, "count");
    await cluster.slurm("scancel", batch.chunks[0]?.job ?? "");
    const { code, stderr } = await run.said;
    assert.strictEqual(code, 5, stderr);
    assert.match(stderr, /task count-1\/\d was cancelled \(job \d+_\d\)/);
    assert.match(stderr, /What is done is kept\. Go on with: siren resume /);
    await user.release();
    await user.well("resume", run.folder);
    await isSame(user, run.folder);
  });
  await t.step("by scancel, one task that runs: the others go on", async () => {
    await user.hold();
    const run = begin(user, "one");
    await submitted(run.folder, "count");
    await tasksIn(cluster, "RUNNING", 2);
    const [task = ""] = (await tasksOf(cluster, "RUNNING")).map((line) => line.split(" ")[0] ?? "");
    await cluster.slurm("scancel", task);
    const { code, stderr } = await run.said;
    assert.strictEqual(code, 5, stderr);
    assert.match(
      stderr,
      /What is done is kept, and 3 other tasks go on\. Go on with: siren resume /,
    );
    await user.release();
    await user.well("resume", run.folder);
    await isSame(user, run.folder);
  });
  await t.step("by resume --here, which does the rest on this machine", async () => {
    const run = `${user.work}/home`;
    await user.hold();
    await user.well("submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run);
    await tasksIn(cluster, "RUNNING", 2);
    const { stderr } = await user.well("resume", run, "--here");
    assert.match(stderr, /Cancelled what was left on this machine/);
    await isIdle(cluster);
    await isSame(user, run);
    await user.release();
  });
  await t.step("by scancel, while nobody looks", async () => {
    await user.hold();
    const run = `${user.work}/unseen`;
    await user.well("submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run);
    await cluster.slurm("scancel", (await readBatches(run))[0]?.chunks[0]?.job ?? "");
    await user.release();
    await user.well("resume", run);
    await isSame(user, run);
  });
  await t.step("by scancel, a single task that had not begun: it vanishes everywhere", async () => {
    await user.hold();
    const run = begin(user, "single");
    const batch = await submitted(run.folder, "count");
    await tasksIn(cluster, "RUNNING", 2);
    const [task = ""] = (await tasksOf(cluster, "PENDING")).map((line) => line.split(" ")[0] ?? "")
      .filter((task) => task.startsWith(`${batch.chunks[0]?.job}_`));
    await cluster.slurm("scancel", task);
    await submitted(run.folder, "count", 2);
    await user.release();
    const { stderr } = await endsWell(user, run);
    assert.match(stderr, /Warning: count-2: 1 task was lost: submitted again/);
  });
});

slurmTest("Ctrl-C leaves the jobs to the cluster", {}, async (cluster) => {
  const user = await makeUser(cluster, "waiting");
  await user.hold();
  const run = begin(user);
  await tasksIn(cluster, "RUNNING", 4);
  await submitted(run.folder, "count");
  Deno.kill(run.child.pid, "SIGINT");
  const { code, stderr } = await run.said;
  assert.strictEqual(code, 130, stderr);
  assert.match(stderr, /What is done is kept, and jobs on the cluster go on\. `siren resume /);
  assert.strictEqual((await tasksOf(cluster, "RUNNING")).length, 4);
  // They would write into whatever came in its place.
  const over = await begin(user, "run", "--force").said;
  assert.strictEqual(over.code, 4);
  assert.match(
    over.stderr,
    /jobs of the run there may be under way \(4 tasks\)\nEnd them first: siren cancel/,
  );
  await user.release();
  await user.well("resume", run.folder);
  await isSame(user, run.folder);
  assert.strictEqual(
    (await readBatches(run.folder)).filter(({ stage }) => stage === "count").length,
    1,
  );
});

slurmTest("a dry run submits nothing and leaves nothing", {}, async (cluster) => {
  const user = await makeUser(cluster);
  const run = `${user.work}/run`;
  const PlanSchema = z.object({
    tasks: z.number(),
    script: z.string(),
    command: z.array(z.string()),
  });
  const before = await listTree(user.work);
  const plan = await json(
    user,
    PlanSchema,
    ...fdr(user),
    "--on",
    "test",
    "--outdir",
    run,
    "--dry-run",
  );
  assert.strictEqual(plan.tasks, 4);
  assert.match(plan.script, /^#!\/bin\/bash\n#SBATCH --time=00:10:00\n/);
  assert.deepStrictEqual(plan.command.slice(0, 2), ["sbatch", "--parsable"]);
  assert.deepStrictEqual(await cluster.calls("sbatch"), []);
  assert.deepStrictEqual(await tasksOf(cluster), []);
  assert.deepStrictEqual(await listTree(user.work), before);
  await user.well("submit", ...fdr(user).slice(1), "--on", "test", "--outdir", run, "--dry-run");
  assert.deepStrictEqual(await listTree(user.work), before);
});

async function listTree(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(name);
    if (isDirectory) {
      found.push(...(await listTree(`${folder}/${name}`)).map((own) => `${name}/${own}`));
    }
  }
  return found.sort();
}

slurmTest(
  "tasks that were granted a GPU and use the CPU say so loudly",
  { gpus: 1 },
  async (cluster) => {
    const user = await makeUser(cluster, 'gres = "gpu:1"');
    const run = begin(user);
    const { stderr } = await endsWell(user, run);
    assert.match(
      stderr,
      /Warning: 4 tasks on n1, n2: engine \w+ computes on the CPU, though a GPU was granted \(cuda: no NVIDIA driver \(libcuda\.so\.1\); webgpu: /,
    );
    const { stdout } = await user.well("status", run.folder);
    assert.match(
      stdout,
      /^Warning: stage count: 4 tasks on n1, n2: engine \w+ computes on the CPU/m,
    );
    const status = await json(user, StatusSchema, "status", run.folder);
    assert.ok(status.cluster.stages.every(({ gpuHours }) => gpuHours > 0));
  },
);

slurmTest(
  "a site's own cryoSPARC template, and a run folder with an odd name",
  {},
  async (cluster, t) => {
    const user = await makeUser(cluster);
    const odd = ["a b", "it's", '"q"', "$(touch X)", "`touch X`", "50%j", "é雪", "x;touch X"].join(
      " ",
    );
    await t.step("siren's template", async () => {
      const run = begin(user, odd);
      await endsWell(user, run);
      const { stdout } = await user.well("logs", run.folder, "count-1/0");
      assert.match(stdout, /all 1 shards are whole/);
    });
    await t.step("the site's template, whose srun hides how the command ended", async () => {
      const site = await Deno.readTextFile(
        new URL("../../cluster/slurm/testdata/cryosparc_lanes.sh", import.meta.url),
      );
      const template = `${user.work}/cluster_script.sh`;
      await Deno.writeTextFile(template, site.replace("--partition=cpu", "--partition=main"));
      await user.profile(`template = ${JSON.stringify(template)}`);
      const run = begin(user, `template ${odd}`);
      await endsWell(user, run);
      const { stdout } = await user.well("logs", run.folder, "count-1/0");
      assert.match(stdout, /all 1 shards are whole/);
      assert.match(stdout, /^exit code: 0$/m);
    });
    const traces = (await listTree(cluster.root)).filter((name) => /(^|\/)X$/.test(name));
    assert.deepStrictEqual(traces, []);
    assert.ok(!exists("X"));
  },
);
