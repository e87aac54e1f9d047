import assert from "node:assert";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Surroundings } from "../cluster/progress.ts";
import type { RunSummary } from "../cluster/summary.ts";
import { InterruptedError, RunError } from "../core/errors.ts";
import { Stop } from "./io.ts";
import { addJobFlags, doJob } from "./job.ts";
import { type FakeIo, fakeIo } from "./testing.ts";

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
) {
  const command: CommandUnknownOpts = new Command("work");
  addJobFlags(command, io);
  command.parse(flags, { from: "user" });
  await doJob({ io, args: ["work", ...flags, "my maps"] }, command, folder, job);
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
