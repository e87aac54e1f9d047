import assert from "node:assert";
import fc from "fast-check";
import type { Report } from "./files.ts";
import { type Evidence, judge, type Sighting } from "./judge.ts";

const GRACE = 60;

const report = (state: Report["state"], message?: string): Report => ({
  format: 1,
  task: 0,
  job: "7",
  restart: 0,
  host: "n2",
  device: "cpu",
  engine: "wasm",
  cpus: 4,
  gpus: 0,
  started: "2026-01-01T00:00:00.000Z",
  updated: "2026-01-01T00:00:00.000Z",
  state,
  ...(message === undefined ? {} : { message }),
  shards: [],
});

const outcomeOf = (evidence: Partial<Evidence>) =>
  judge({ asked: true, quiet: 0, ...evidence }, GRACE)?.outcome ?? "wait";

const at = (state: Sighting["state"], more: Partial<Sighting> = {}): Sighting => ({
  state,
  node: "n1",
  ...more,
});

Deno.test("while the scheduler does not answer, nothing is judged", () => {
  const states = fc.constantFrom<Sighting["state"] | undefined>(
    "failed",
    "done",
    "unknown",
    undefined,
  );
  fc.assert(fc.property(states, fc.nat(1e6), (state, quiet) => {
    const evidence = {
      asked: false,
      quiet,
      ...(state === undefined ? {} : { sighting: at(state) }),
    };
    assert.strictEqual(judge(evidence, GRACE), undefined);
  }));
});

Deno.test("tasks that wait, run or end are waited for, however long", () => {
  for (const state of ["pending", "running", "suspended", "completing"] as const) {
    assert.strictEqual(outcomeOf({ sighting: at(state), quiet: 1e9 }), "wait");
  }
});

Deno.test("what the scheduler says of an end decides", () => {
  const table: [Sighting, string][] = [
    [at("out_of_memory"), "memory"],
    [at("timeout"), "time"],
    [at("node_fail"), "node"],
    [at("preempted"), "preempted"],
    [at("cancelled"), "cancelled"],
    [at("failed", { exit: { code: 3, signal: 0 } }), "failed"],
    [at("failed", { exit: { code: 75, signal: 0 } }), "time"],
    [at("failed", { exit: { code: 0, signal: 12 } }), "time"],
    [at("failed", { exit: { code: 140, signal: 0 } }), "time"],
    [at("failed", { exit: { code: 0, signal: 9 } }), "failed"],
    [at("failed"), "failed"],
  ];
  for (const [sighting, outcome] of table) assert.strictEqual(outcomeOf({ sighting }), outcome);
});

Deno.test("a task that failed says why itself, if it could", () => {
  const sighting = at("failed", { exit: { code: 1, signal: 0 }, reason: "NonZeroExitCode" });
  const evidence = { sighting, asked: true, quiet: 0 };
  assert.deepStrictEqual(judge({ ...evidence, report: report("failed", "no room") }, GRACE), {
    outcome: "failed",
    node: "n1",
    reason: "no room",
  });
  assert.strictEqual(outcomeOf({ sighting, report: report("left") }), "time");
  assert.strictEqual(judge(evidence, GRACE)?.reason, "exit code 1, NonZeroExitCode");
});

Deno.test("a task that ended well has time for its files to be seen", () => {
  const sighting = at("done", { seconds: 12 });
  assert.strictEqual(outcomeOf({ sighting, quiet: 59 }), "wait");
  assert.deepStrictEqual(judge({ sighting, asked: true, quiet: 60 }, GRACE), {
    outcome: "failed",
    node: "n1",
    seconds: 12,
    reason: "it ended well, but its shards were not seen within 60 s",
  });
});

Deno.test("a task that the scheduler does not know is neither done nor failed until the grace is over", () => {
  for (const sighting of [undefined, at("unknown")]) {
    const own = sighting === undefined ? {} : { sighting };
    assert.strictEqual(outcomeOf({ ...own, quiet: 59 }), "wait");
    assert.strictEqual(outcomeOf({ ...own, quiet: 60 }), "lost");
    assert.strictEqual(outcomeOf({ ...own, quiet: 60, report: report("running") }), "lost");
    assert.strictEqual(outcomeOf({ ...own, quiet: 60, report: report("left") }), "time");
    assert.strictEqual(outcomeOf({ ...own, quiet: 60, report: report("failed", "x") }), "failed");
    assert.strictEqual(outcomeOf({ ...own, quiet: 60, report: report("done") }), "failed");
  }
});

Deno.test("the node is the scheduler's, else the task's own", () => {
  const end = judge({ asked: true, quiet: 60, report: report("running") }, GRACE);
  assert.strictEqual(end?.node, "n2");
});

Deno.test("a task that was killed for its memory is known by what Slurm wrote into its log", () => {
  const log = (line: string) =>
    `shard 3: 2097152 pairs\n${line}\nslurmstepd-n1: error: last words\n`;
  const outcomes = (line: string) =>
    [9, 15].map((signal) =>
      outcomeOf({
        sighting: at("failed", { exit: { code: 0, signal } }),
        log: log(line),
      })
    );
  for (
    const line of [
      "slurmstepd-n1: error: StepId=1.batch exceeded memory limit (184602624 > 104857600), being killed",
      "slurmstepd-n1: error: Exceeded job memory limit",
      "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=3.batch. Some of your processes may have been killed",
      "slurmstepd: error: Detected 1 oom_kill event in StepId=3.batch.",
    ]
  ) assert.deepStrictEqual(outcomes(line), ["memory", "failed"], line);
  // The task's own words prove nothing.
  assert.deepStrictEqual(outcomes("echo: Exceeded job memory limit"), ["failed", "failed"]);
});
