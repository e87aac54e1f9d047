import assert from "node:assert";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import { type Cluster, eventually, loginNode, slurmTest } from "../../tests/slurm/cluster.ts";
import type { Answer, Transport } from "../transport/transport.ts";
import { type ArrayTask, slurmClient, SlurmRefusal, SlurmUnreachable } from "./client.ts";

/** A machine whose programs answer what they are told to; every call is kept. */
function pretend(answers: Readonly<Record<string, Partial<Answer> | ConnectionError>>) {
  const calls: { command: readonly string[]; environment: Readonly<Record<string, string>> }[] = [];
  const transport: Pick<Transport, "where" | "exec"> = {
    where: "me@head",
    exec: (command, { environment = {} } = {}) => {
      calls.push({ command, environment });
      const [program] = command;
      const answer = program === "id"
        ? { stdout: command[1] === "-u" ? "1000\n" : "me\n" }
        : answers[program];
      if (answer instanceof ConnectionError) return Promise.reject(answer);
      return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
    },
  };
  // The client uses no more of it than this.
  return { transport: transport as Transport, calls };
}

Deno.test("sbatch gets its options and its environment as they are", async () => {
  const { transport, calls } = pretend({ "/opt/slurm/bin/sbatch": { stdout: "77;big\n" } });
  const client = slurmClient(transport, { bin: "/opt/slurm/bin" });
  const job = { script: "/s/it's $(x).sh", options: ["--job-name=a"], environment: { A: "b c" } };
  assert.strictEqual(await client.submit(job), "77");
  assert.deepStrictEqual(calls, [{
    command: ["/opt/slurm/bin/sbatch", "--parsable", "--job-name=a", "/s/it's $(x).sh"],
    environment: { A: "b c", SLURM_BITSTR_LEN: "0" },
  }]);
});

Deno.test("a job that Slurm may have is told from one that it has not", async () => {
  const cases = [
    [{
      code: 1,
      stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    }, true],
    [{
      code: 1,
      stderr:
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
    }, false],
    [{ stdout: "welcome\n" }, true],
    [{ code: 137, stderr: "" }, true],
    [{ code: 143, stderr: "sbatch: error: Invalid qos specification\n" }, true],
    [{ code: 1, stderr: " \n" }, true],
    [new ConnectionError("Cannot run sbatch on me@head: there was no answer within 120 s"), true],
  ] as const;
  for (const [sbatch, maybe] of cases) {
    const { submit } = slurmClient(pretend({ sbatch }).transport);
    await assert.rejects(submit({ script: "/s", options: [] }), (error) => {
      assert.ok(error instanceof SlurmUnreachable && error instanceof ConnectionError);
      assert.strictEqual(error.maybeAccepted, maybe);
      assert.match(error.message, /^Cannot .* on me@head: /);
      return true;
    });
  }
});

Deno.test("a machine without Slurm is no machine that is silent", async () => {
  const missing = { code: 127, stderr: "bash: squeue: command not found" };
  const client = slurmClient(
    pretend({
      sbatch: missing,
      squeue: missing,
      scontrol: missing,
      scancel: missing,
      sacct: missing,
    }).transport,
  );
  const asked = {
    sbatch: () => client.submit({ script: "/s", options: [] }),
    squeue: () => client.tasks(["a"]),
    scontrol: () => client.limits(),
    scancel: () => client.cancel(["1"]),
  };
  for (const [program, ask] of Object.entries(asked)) {
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof ClusterError && !(error instanceof ConnectionError));
      assert.strictEqual(
        error.message,
        `Cannot find ${program} on me@head: there is no such program`,
      );
      return true;
    });
  }
  assert.strictEqual(await client.accounting(["1"], new Date()), "off");
});

Deno.test("a poll is one call, and who the user is is asked once", async () => {
  const { transport, calls } = pretend({});
  const client = slurmClient(transport);
  assert.deepStrictEqual(await client.tasks([]), []);
  await client.tasks(["a-1", "b.2"]);
  await client.tasks(["a-1"]);
  assert.deepStrictEqual(calls.map(({ command }) => command), [
    ["id", "-u"],
    [
      "squeue",
      "--noheader",
      "--user=1000",
      "--states=all",
      "--name=a-1,b.2",
      "--Format=ArrayJobID:12,State:24,TimeUsed:16,exit_code:12,Reason:40,NodeList:64,Name:4,ArrayTaskID:0|",
    ],
    [
      "squeue",
      "--noheader",
      "--user=1000",
      "--states=all",
      "--name=a-1",
      "--Format=ArrayJobID:12,State:24,TimeUsed:16,exit_code:12,Reason:40,NodeList:64,Name:4,ArrayTaskID:0|",
    ],
  ]);
});

Deno.test("accounting is asked in UTC from a day before, and its database's silence says nothing", async () => {
  const since = new Date("2024-03-01T12:00:00Z");
  const { transport, calls } = pretend({ sacct: { stdout: "7_0|COMPLETED|0:0|5|n1|None|a\n" } });
  const [task] = await slurmClient(transport).accounting(["7", "8"], since) as ArrayTask[];
  assert.strictEqual(task?.state, "done");
  assert.deepStrictEqual(calls, [{
    command: [
      "sacct",
      "--allocations",
      "--noheader",
      "--parsable2",
      "--starttime=2024-02-29T12:00:00",
      "--jobs=7,8",
      "--format=JobID,State,ExitCode,ElapsedRaw,NodeList,Reason,JobName",
    ],
    environment: { TZ: "UTC", SLURM_BITSTR_LEN: "0" },
  }]);
  for (
    const [sacct, expected] of [
      [
        { code: 1, stderr: "sacct: error: Problem talking to the database: Connection refused" },
        [],
      ],
      [new ConnectionError("no answer"), []],
      [{ code: 1, stderr: "Slurm accounting storage is disabled" }, "off"],
    ] as const
  ) {
    const client = slurmClient(pretend({ sacct }).transport);
    assert.deepStrictEqual(await client.accounting(["7"], since), expected);
  }
});

Deno.test("what squeue cannot say is no answer, whatever its reason", async () => {
  for (
    const stderr of [
      "slurm_load_jobs error: Unspecified error",
      "",
      "squeue: error: Invalid user: 1000",
    ]
  ) {
    const { tasks, find } = slurmClient(pretend({ squeue: { code: 1, stderr } }).transport);
    await assert.rejects(tasks(["a"]), SlurmUnreachable);
    await assert.rejects(find("a", new Date()), SlurmUnreachable);
  }
  const old = { code: 1, stderr: "squeue: error: Invalid job format specification: exit_code" };
  await assert.rejects(slurmClient(pretend({ squeue: old }).transport).tasks(["a"]), {
    name: "ClusterError",
  });
});

Deno.test("tasks are cancelled by the array, and those that are gone do not mind", async () => {
  const { transport, calls } = pretend({
    scancel: {
      code: 1,
      stderr: "scancel: error: Kill job error on job id 9: Invalid job id specified",
    },
  });
  await slurmClient(transport).cancel(["9_3", "9_1", "9_2", "12"]);
  await slurmClient(transport).cancel([]);
  assert.deepStrictEqual(calls.map(({ command }) => command), [["scancel", "9_[1-3]", "12"]]);
  const denied = pretend({
    scancel: {
      code: 1,
      stderr: "scancel: error: Kill job error on job id 9: Access/permission denied",
    },
  });
  await assert.rejects(slurmClient(denied.transport).cancel(["9"]), {
    name: "SlurmRefusal",
    kind: "permission",
  });
});

Deno.test("a controller that is down cancels nothing, and that is said", async () => {
  const stderr =
    "scancel: error: Kill job error on job id 1: Unable to contact slurm controller (connect failure)";
  const { cancel } = slurmClient(pretend({ scancel: { code: 8, stderr } }).transport);
  await assert.rejects(cancel(["1"]), SlurmUnreachable);
});

Deno.test("names and ids that Slurm would take apart are not passed on", async () => {
  const { transport, calls } = pretend({});
  const client = slurmClient(transport);
  await assert.rejects(client.tasks(["a,b"]), /No name for a job/);
  await assert.rejects(client.find("a b", new Date()), /No name for a job/);
  await assert.rejects(client.cancel(["--state=PENDING"]), /No id of a job/);
  await assert.rejects(client.accounting(["1,2"], new Date()), /No id of a job/);
  assert.deepStrictEqual(calls, []);
});

Deno.test("limits that the site does not tell are no limits", async () => {
  const config = await Deno.readTextFile(new URL("testdata/config.txt", import.meta.url));
  const told = { scontrol: { stdout: config } };
  for (const sacctmgr of [{ code: 1, stderr: "access denied" }, { code: 127 }]) {
    const client = slurmClient(pretend({ ...told, sacctmgr }).transport);
    assert.strictEqual(await client.submitLimit({}), undefined);
  }
});

/** A job script in the cluster's folder. */
async function makeScript({ work }: Cluster, body: string): Promise<string> {
  const path = `${work}/${crypto.randomUUID()}.sh`;
  await Deno.writeTextFile(path, `#!/bin/bash\n#SBATCH --output=/dev/null --mem=10\n${body}\n`);
  return path;
}

/** Jobs that say nothing and live until they are cancelled, 0 to 3 apart. */
const BODY = `
case $SLURM_ARRAY_TASK_ID in
  0) exit 0 ;;
  1) exit 3 ;;
  2) kill -9 $$ ;;
  *) sleep 600 ;;
esac`;

slurmTest("Slurm without accounting", {
  nodes: 2,
  maxArraySize: 300,
  conf: ["EnforcePartLimits=ALL"],
}, async (cluster, t) => {
  const client = slurmClient(loginNode(cluster));
  const script = await makeScript(cluster, BODY);
  const began = new Date();
  const queue = () => cluster.slurm("squeue", "-h", "-t", "all", "-o", "%j");

  await t.step("its limits", async () => {
    const { version, ...limits } = await client.limits();
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.deepStrictEqual(limits, {
      cluster: "test",
      maxArraySize: 300,
      maxJobCount: 20000,
      minJobAge: 300,
      accounting: false,
      enforced: false,
    });
    assert.strictEqual(await client.submitLimit({ account: "any" }), undefined);
    assert.strictEqual(await client.accounting(["1"], began), "off");
  });

  await t.step("what it refuses, leaving nothing behind", async () => {
    for (
      const [option, kind] of [
        ["--partition=nope", "partition"],
        ["--array=0-300", "array"],
        ["--mem=100G", "resources"],
        ["--gres=gpu:1", "resources"],
        ["--constraint=gold", "constraint"],
        ["--nodelist=n77", "node"],
        ["--partition=short --time=99", "time"],
        ["--nonsense", "other"],
      ] as const
    ) {
      const job = { script, options: ["--job-name=siren-no", ...option.split(" ")] };
      const isRefused = (error: unknown) => {
        assert.ok(error instanceof SlurmRefusal);
        assert.strictEqual(error.kind, kind);
        assert.match(error.message, /^Cannot submit to Slurm on this machine: .+ \(.+\)$/);
        return true;
      };
      await assert.rejects(client.submit(job), isRefused);
      await assert.rejects(client.tryOut(job), isRefused);
    }
    await assert.rejects(client.submit({ script: `${cluster.work}/none.sh`, options: [] }), {
      name: "SlurmRefusal",
      kind: "script",
    });
    await client.tryOut({ script, options: ["--array=0-9"] });
    const left = await cluster.slurm("squeue", "-h", "-t", "all", "-o", "%j %r");
    assert.match(left, /^(?:siren-no BadConstraints\n)*$/, "no more than a note of its own");
    assert.strictEqual(await client.find("siren-no", began), undefined);
  });

  await t.step("tasks as they run and end", async () => {
    const job = await client.submit({ script, options: ["--job-name=siren-a", "--array=0-4%3"] });
    assert.strictEqual(await client.find("siren-a", began), job);
    assert.strictEqual(await client.find("siren-b", began), undefined);
    const tasks = await eventually("four tasks past their start", async () => {
      const all = await client.tasks(["siren-a", "siren-b"]);
      assert.strictEqual(all.length, 5);
      const isThere = all.filter(({ state }) => state === "running").length === 2 &&
        all.every(({ state }) => state !== "pending" && state !== "completing");
      return isThere ? all : undefined;
    });
    const brief = tasks.sort((a, b) => a.index! - b.index!) // an array's all have one
      .map(({ index, state, reason, exit }) => ({ index, state, reason, exit }));
    assert.deepStrictEqual(brief.slice(0, 3), [
      { index: 0, state: "done", reason: undefined, exit: { code: 0, signal: 0 } },
      { index: 1, state: "failed", reason: "NonZeroExitCode", exit: { code: 3, signal: 0 } },
      { index: 2, state: "failed", reason: "JobLaunchFailure", exit: { code: 0, signal: 9 } },
    ]);
    for (const { name, job: id, node, seconds } of tasks) {
      assert.deepStrictEqual([name, id], ["siren-a", job]);
      assert.match(node ?? "", /^n[12]$/);
      assert.strictEqual(typeof seconds, "number");
    }
    await client.cancel([`${job}_3`, `${job}_4`, `${job}_0`, "4000000", "4000001_7"]);
    await eventually("two cancelled", async () => {
      const states = (await client.tasks(["siren-a"])).map(({ state }) => state);
      return states.filter((state) => state === "cancelled").length === 2 ? true : undefined;
    });
    await client.cancel([job]);
  });

  await t.step("a hundred tasks that wait are seen one by one, in one call", async () => {
    const options = ["--job-name=siren-many", "--array=0-299:3", "--hold"];
    const job = await client.submit({ script, options });
    const before = (await cluster.calls("squeue")).length;
    const tasks = await client.tasks(["siren-many"]);
    assert.strictEqual((await cluster.calls("squeue")).length, before + 1);
    assert.deepStrictEqual(
      tasks.map(({ index = -1 }) => index).sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => 3 * i),
    );
    assert.deepStrictEqual(new Set(tasks.map(({ state }) => state)), new Set(["pending"]));
    await client.cancel(tasks.slice(10).map(({ index }) => `${job}_${index}`));
    assert.strictEqual((await client.tasks(["siren-many"])).length, 10, "the others have vanished");
    await client.cancel([job]);
  });

  await t.step("a job whose id was lost is found by its name", async () => {
    const stderr =
      "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation";
    await cluster.break("sbatch", { stderr, after: true });
    const lost = client.submit({ script, options: ["--job-name=siren-lost", "--hold"] });
    await assert.rejects(lost, (error) => error instanceof SlurmUnreachable && error.maybeAccepted);
    await cluster.mend("sbatch");
    const job = await client.find("siren-lost", began);
    assert.match(job ?? "", /^\d+$/);
    const [task] = await client.tasks(["siren-lost"]);
    assert.deepStrictEqual(
      { ...task, seconds: 0 },
      { name: "siren-lost", job, state: "pending", reason: "JobHeldUser", seconds: 0 },
    );
    await client.cancel([job!]); // matched above
  });

  await t.step("its silence is said, and over when it is over", async () => {
    await cluster.break("squeue", { stderr: "slurm_load_jobs error: Unexpected message received" });
    await assert.rejects(client.tasks(["siren-a"]), SlurmUnreachable);
    await cluster.mend("squeue");
    await cluster.stopController();
    const submit = client.submit({ script, options: ["--job-name=siren-c"] });
    await assert.rejects(
      submit,
      (error) => error instanceof SlurmUnreachable && !error.maybeAccepted,
    );
    await cluster.startController();
    assert.strictEqual((await client.tasks(["siren-a"])).length, 5, "it has forgotten nothing");
    assert.ok(!(await queue()).includes("siren-c"));
  });
});

slurmTest("Slurm with accounting", {
  nodes: 1,
  accounting: true,
  minJobAge: 2,
  conf: ["AccountingStorageEnforce=associations,limits,qos"],
}, async (cluster, t) => {
  const client = slurmClient(loginNode(cluster));
  const script = await makeScript(cluster, BODY);
  const began = new Date();
  await cluster.slurm("sacctmgr", "-i", "add", "account", "cryo");
  await cluster.slurm("sacctmgr", "-i", "add", "user", "root", "account=cryo", "MaxSubmitJobs=12");
  await cluster.slurm("sacctmgr", "-i", "add", "qos", "tight", "MaxSubmitJobsPerUser=5");
  await cluster.slurm("sacctmgr", "-i", "modify", "user", "root", "set", "qos+=tight");
  // The controller hears of it a moment later.
  const submit = (name: string, ...options: string[]) =>
    eventually(`${name} is taken`, async () => {
      try {
        return await client.submit({
          script,
          options: ["--account=cryo", `--job-name=${name}`, ...options],
        });
      } catch (error) {
        if (error instanceof SlurmRefusal && ["account", "qos"].includes(error.kind)) {
          return undefined;
        }
        throw error;
      }
    });

  let job = "";
  await t.step("limits on the number of jobs", async () => {
    job = await submit("siren-a", "--array=0-4%4");
    await client.cancel([await submit("siren-q", "--qos=tight", "--hold")]);
    await eventually("the tasks that end have ended", async () => {
      const limit = await client.submitLimit({ account: "cryo" });
      assert.deepStrictEqual([limit?.most, limit?.by], [12, "account cryo"]);
      return limit?.room === 10 ? true : undefined;
    });
    assert.deepStrictEqual(
      await client.submitLimit({ account: "cryo", qos: "tight", partition: "main" }),
      {
        most: 5,
        by: "qos tight",
        room: 5,
      },
    );
    const refused = { name: "SlurmRefusal", kind: "submit-limit" };
    await assert.rejects(submit("siren-b", "--array=0-11"), refused);
    await assert.rejects(submit("siren-b", "--array=0-5", "--qos=tight"), refused);
    for (const [option, kind] of [["--account=nobody", "account"], ["--qos=none", "qos"]]) {
      const options = ["--account=cryo", option!]; // of pairs
      await assert.rejects(client.submit({ script, options }), { name: "SlurmRefusal", kind });
    }
  });

  await t.step("tasks that squeue has forgotten", async () => {
    await client.cancel([`${job}_3`]);
    const known = await eventually("all five in sacct", async () => {
      const tasks = await client.accounting([job, "4000000"], began);
      assert.ok(tasks !== "off");
      const states = tasks.map(({ state }) => state);
      return tasks.length === 5 && states.filter((state) => state === "running").length === 1
        ? tasks
        : undefined;
    });
    assert.deepStrictEqual(
      known.sort((a, b) => a.index! - b.index!).map(({ index, state, exit, by, node }) => // an array's all have one
      ({ index, state, exit, by, node })),
      [
        { index: 0, state: "done", exit: { code: 0, signal: 0 }, by: undefined, node: "n1" },
        { index: 1, state: "failed", exit: { code: 3, signal: 0 }, by: undefined, node: "n1" },
        { index: 2, state: "failed", exit: { code: 0, signal: 9 }, by: undefined, node: "n1" },
        { index: 3, state: "cancelled", exit: { code: 0, signal: 0 }, by: 0, node: "n1" },
        { index: 4, state: "running", exit: undefined, by: undefined, node: "n1" },
      ],
    );
    await client.cancel([job]);
    await eventually(
      "squeue knows the job no more",
      async () => (await client.tasks(["siren-a"])).length === 0 ? true : undefined,
    );
    assert.strictEqual(await client.find("siren-a", began), job);
    assert.strictEqual(await client.find("siren-z", began), undefined);
  });

  await t.step("a database that is away says nothing", async () => {
    Deno.kill(Number(await Deno.readTextFile(`${cluster.root}/run/slurmdbd.pid`)), "SIGTERM");
    assert.deepStrictEqual(
      await eventually("sacct fails", async () => {
        const tasks = await client.accounting([job], began);
        return tasks.length === 0 ? tasks : undefined;
      }),
      [],
    );
    assert.strictEqual(await client.find("siren-a", began), undefined);
    assert.strictEqual(await client.submitLimit({ account: "cryo" }), undefined);
  });
});
