import assert from "node:assert";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Surroundings } from "../cluster/progress.ts";
import { JobsUnderWay, Planned, type StagePlan, type Submission } from "../cluster/slurm/choice.ts";
import type { RunSummary } from "../cluster/summary.ts";
import { ConnectionError, InterruptedError, RunError } from "../core/errors.ts";
import type { Target } from "./choose_cluster.ts";
import { Stop } from "./io.ts";
import { addJobFlags, doJob } from "./job.ts";
import {
  clusterRun,
  fakeCluster,
  fakeContext,
  type FakeIo,
  fakeIo,
  fakeProfile,
  home,
} from "./testing.ts";

const summary: RunSummary = {
  folder: "out",
  rule: "siren",
  volumes: 3,
  kept: 3,
  union: 10,
  sampled: 5,
  engine: "wasm",
  sketch: { folder: "out/00_sketch", blocks: [], changed: [] },
};

/** Does a job as `siren work ...flags` would. */
async function work(
  io: FakeIo,
  flags: string[],
  job: (surroundings: Surroundings) => Promise<RunSummary>,
  folder?: string,
  target?: Target,
) {
  const command: CommandUnknownOpts = new Command("work");
  addJobFlags(command, io);
  command.parse(flags, { from: "user" });
  const cluster = fakeCluster({ readProfile: (_, name) => Promise.resolve(fakeProfile(name)) });
  const context = fakeContext(io, ["work", ...flags, "my maps"], cluster);
  await doJob(context, command, folder, job, target);
}

Deno.test("doJob gives the work its surroundings and prints the summary", async () => {
  const io = fakeIo();
  let given: Surroundings | undefined;
  await work(io, [], (surroundings) => {
    given = surroundings;
    surroundings.tell({ kind: "note", text: "Engine wasm" });
    return Promise.resolve(summary);
  });
  const { threads, engine, host, command, signal } = given!;
  assert.deepStrictEqual(
    { threads, engine, host, command, signal },
    {
      threads: 8,
      engine: "auto",
      host: "here",
      command: "siren work 'my maps'",
      signal: io.signal,
    },
  );
  assert.strictEqual(io.err(), "Engine wasm\n");
  assert.match(io.out(), /^3 maps; 10 voxels/);
});

Deno.test("doJob takes threads and engine from the flags; --json prints JSON, --quiet nothing", async () => {
  const io = fakeIo();
  const flags = ["--threads", "3", "--engine", "reference", "--json"];
  await work(io, flags, ({ threads, engine }) => {
    assert.deepStrictEqual([threads, engine], [3, "reference"]);
    return Promise.resolve(summary);
  });
  assert.deepStrictEqual(JSON.parse(io.out()), summary);

  const quiet = fakeIo();
  await work(quiet, ["--quiet"], ({ tell }) => {
    tell({ kind: "note", text: "Engine wasm" });
    return Promise.resolve(summary);
  });
  assert.deepStrictEqual([quiet.out(), quiet.err()], ["", ""]);
});

Deno.test("doJob tells on Ctrl-C how to go on, if there is anything to go on with", async () => {
  const folder = await Deno.makeTempDir({ prefix: "my run " });
  try {
    for (
      const [error, stopped] of [
        [new InterruptedError("Stopped"), true],
        [new Error("a thread went away"), true],
        [new RunError("Cannot write"), false],
      ] as const
    ) {
      const io = fakeIo();
      const job = () => {
        io.stop(new Stop("SIGINT"));
        return Promise.reject(error);
      };
      await Deno.writeTextFile(`${folder}/run.json`, "{}");
      await assert.rejects(
        work(io, [], job, folder),
        stopped
          ? {
            name: "Stop",
            exitCode: 130,
            remedy: `What is done is kept. Go on with: siren resume '${folder}'`,
          }
          : error,
      );
      await Deno.remove(`${folder}/run.json`);
      await assert.rejects(
        work(io, [], job, folder),
        stopped ? { name: "Stop", remedy: undefined } : error,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("doJob leaves errors alone where nobody stopped it", async () => {
  const error = new InterruptedError("Stopped");
  await assert.rejects(work(fakeIo(), [], () => Promise.reject(error)), error);
});

const target = { name: "big", file: "clusters.toml", mode: "wait" } as const;

Deno.test("doJob on a cluster gives the work its choice; here it gives up all that leads away", async () => {
  const io = fakeIo({}, home);
  await work(
    io,
    ["--quiet"],
    ({ cluster }) => {
      assert.deepStrictEqual([cluster?.profile.name, cluster?.mode], ["big", "wait"]);
      return Promise.resolve(summary);
    },
    "out",
    target,
  );
  assert.deepStrictEqual(io.dropped(), ["net"]);
  const here = fakeIo();
  await work(here, ["--quiet"], (surroundings) => {
    assert.deepStrictEqual(["cluster" in surroundings, here.dropped()], [
      false,
      ["net", "run", "env"],
    ]);
    return Promise.resolve(summary);
  });
});

Deno.test("doJob prints jobs that nobody waits for, and plans also where it shall be quiet", async () => {
  const submission: Submission = {
    folder: "out",
    profile: "big",
    where: "login",
    stage: "sketch",
    jobs: ["7"],
    tasks: 1,
    waiting: 0,
    done: 0,
    total: 1,
    next: "siren gather out",
  };
  const plan: StagePlan = {
    profile: "big",
    where: "login",
    stage: "sketch",
    shards: 1,
    tasks: 1,
    jobs: 1,
    pairsPerTask: [1, 1],
    cpus: 1,
    gpus: 0,
    memory_MiB: 1,
    minutes: 1,
    seconds: 1,
    bytes: 1,
    script: "#!/bin/sh",
    command: ["sbatch"],
    notes: [],
  };
  const ended = async (flags: string[], error: Error) => {
    const io = fakeIo({}, home);
    await work(io, flags, () => Promise.reject(error), "out", target);
    return io.out();
  };
  const jobs = new JobsUnderWay(submission), planned = new Planned(plan);
  assert.match(await ended([], jobs), /^On the cluster big \(login\): stage sketch/);
  assert.strictEqual(await ended(["--quiet"], jobs), "");
  assert.deepStrictEqual(JSON.parse(await ended(["--json"], jobs)), submission);
  assert.match(await ended(["--quiet"], planned), /^Nothing was submitted\./);
  assert.deepStrictEqual(JSON.parse(await ended(["--json"], planned)), plan);
});

Deno.test("doJob tells on Ctrl-C that jobs go on, even if the connection broke over it", async () => {
  await using run = await clusterRun();
  await Deno.writeTextFile(`${run.folder}/run.json`, "{}");
  for (const error of [new InterruptedError("Stopped"), new ConnectionError("Cannot reach it")]) {
    const io = fakeIo({}, home);
    const job = () => {
      io.stop(new Stop("SIGINT"));
      return Promise.reject(error);
    };
    await assert.rejects(work(io, [], job, run.folder, target), {
      name: "Stop",
      remedy:
        `What is done is kept, and jobs on the cluster go on. \`siren resume ${run.folder}\` ` +
        `goes on with them; \`siren cancel ${run.folder}\` stops them.`,
    });
  }
});

Deno.test("news is kept back while the user is asked", async () => {
  const { resolve, promise } = Promise.withResolvers<string>();
  const io = fakeIo({}, home);
  const asking = { ...io, ask: () => promise };
  await work(
    asking,
    ["--quiet"],
    async ({ cluster, tell }) => {
      const answer = cluster!.client.ask!({ text: "Password: ", secret: true }); // both were given
      tell({ kind: "warning", text: "odd" });
      assert.strictEqual(io.err(), "");
      resolve("secret");
      assert.strictEqual(await answer, "secret");
      assert.strictEqual(io.err(), "Warning: odd\n");
      return summary;
    },
    "out",
    target,
  );
});
