import assert from "node:assert";
import { bitMatrix } from "../core/cooccupancy/mod.ts";
import { InputError, RunError, UsageError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { hashFolder, quietly, temporaryFolder } from "../tests/surroundings.ts";
import { threadsExecutor } from "./executor.ts";
import { completeShards, type ShardedStage } from "./shards.ts";
import { type Report, ReportSchema, type Tasks } from "./slurm/files.ts";
import { threadPool } from "./threads/pool.ts";
import { VERSION } from "../core/version.ts";
import { encodeWork } from "./work_file.ts";
import { work, type WorkerOptions } from "./worker.ts";

const SHARDS = 6;

const rng = random(5);
const matrix = bitMatrix(SHARDS * 64, 40, true);
matrix.words.forEach((_, i) => matrix.words[i] = rng.integer(2 ** 32));

/** A small stage of the expansion. */
const stage: ShardedStage<"expandPhi"> = {
  name: "expand",
  key: "key",
  job: "expandPhi",
  work: () => ({
    matrix,
    profiles: [0, 70].map((row) => ({
      words: matrix.words.slice(2 * row, 2 * row + 2),
      total: 20,
    })),
    options: { level: 0.5 },
  }),
  inputs: Array.from({ length: SHARDS }, (_, i) => ({ start: 64 * i, end: 64 * i + 64 })),
  pairs: new Array<number>(SHARDS).fill(128),
};

/** A site's folder with a batch of two tasks. */
async function prepare(folder: string, changes: Partial<Tasks> = {}): Promise<string> {
  const batch = `${folder}/slurm/expand-1`;
  for (const part of ["slurm/work", "slurm/expand-1/reports", "shards/expand"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
  }
  await Deno.writeFile(`${folder}/slurm/work/expand-key.arrow`, encodeWork(stage));
  const tasks: Tasks = {
    format: 1,
    siren: VERSION,
    stage: "expand",
    key: "key",
    work: "expand-key.arrow",
    engine: "auto",
    tasks: [[9], [0, 1, 2, 3], [4, 5]],
    ...changes,
  };
  await Deno.writeTextFile(`${batch}/tasks.json`, JSON.stringify(tasks));
  return `${batch}/tasks.json`;
}

function options(
  tasksFile: string,
  changes: Partial<WorkerOptions> = {},
): WorkerOptions & { lines: string[] } {
  const lines: string[] = [];
  return {
    tasksFile,
    first: 1,
    threads: 2,
    environment: { SLURM_ARRAY_TASK_ID: "0", SLURM_JOB_ID: "17" },
    host: "n1",
    leave: new AbortController().signal,
    log: (line) => void lines.push(line),
    now: () => new Date(),
    ...changes,
    lines,
  };
}

async function readReport(folder: string, name: string): Promise<Report> {
  const text = await Deno.readTextFile(`${folder}/slurm/expand-1/reports/${name}.json`);
  return ReportSchema.parse(JSON.parse(text));
}

Deno.test("tasks write the shards that this process would have written, to the byte", async () => {
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  const signal = new AbortController().signal;
  using pool = threadPool(1, signal);
  await completeShards(here.path, stage, threadsExecutor(() => pool, "reference"), quietly());

  const tasksFile = await prepare(there.path);
  const own = options(tasksFile);
  assert.strictEqual(await work(own), 0);
  const other = { SLURM_ARRAY_TASK_ID: "1", SLURM_JOB_ID: "18", SLURM_RESTART_COUNT: "2" };
  assert.strictEqual(await work(options(tasksFile, { environment: other })), 0);
  const isPlan = (name: string) => name === "plan.json";
  const expected = await hashFolder(`${here.path}/shards/expand`, isPlan);
  assert.strictEqual(expected.size, SHARDS);
  assert.deepStrictEqual(await hashFolder(`${there.path}/shards/expand`), expected);

  assert.match(
    own.lines[0] ?? "",
    /^task expand-1\/1: 4 of 4 shards to compute on n1, 2 threads/,
  );
  assert.strictEqual(own.lines[1], "no engine is needed");
  assert.match(own.lines[2] ?? "", /^shard \d: 128 pairs.*, n1, cpu \(phi\)$/);
  assert.strictEqual(own.lines.at(-1), "task expand-1/1: all 4 shards are whole");
  const report = await readReport(there.path, "1-17-0");
  assert.strictEqual(report.state, "done");
  assert.deepStrictEqual(report.shards.map(({ index }) => index).sort(), [0, 1, 2, 3]);
  assert.strictEqual((await readReport(there.path, "2-18-2")).restart, 2);
});

Deno.test("shards that are there and whole are not computed again; damaged ones are", async () => {
  await using folder = await temporaryFolder();
  const tasksFile = await prepare(folder.path);
  await work(options(tasksFile));
  const path = `${folder.path}/shards/expand/000002.arrow`;
  const before = await Deno.readFile(path);
  await Deno.truncate(path, 100);
  const again = options(tasksFile);
  assert.strictEqual(await work(again), 0);
  assert.match(again.lines[0] ?? "", /1 of 4 shards to compute/);
  assert.deepStrictEqual(await Deno.readFile(path), before);
});

Deno.test("a task that is told to leave does so with code 75, and says it", async () => {
  await using folder = await temporaryFolder();
  const tasksFile = await prepare(folder.path);
  const own = options(tasksFile, { leave: AbortSignal.abort() });
  assert.strictEqual(await work(own), 75);
  assert.strictEqual((await readReport(folder.path, "1-17-0")).state, "left");
  assert.match(own.lines.at(-1) ?? "", /left before its time was over/);
});

Deno.test("of the processes that srun starts for a task, the first computes", async () => {
  await using folder = await temporaryFolder();
  const tasksFile = await prepare(folder.path);
  const environment = { SLURM_ARRAY_TASK_ID: "0", SLURM_JOB_ID: "17", SLURM_PROCID: "1" };
  assert.strictEqual(await work(options(tasksFile, { environment })), 0);
  assert.strictEqual((await hashFolder(`${folder.path}/shards/expand`)).size, 0);
});

Deno.test("a GPU that is granted and not used is told", async () => {
  await using folder = await temporaryFolder();
  const tasksFile = await prepare(folder.path);
  const environment = {
    SLURM_ARRAY_TASK_ID: "1",
    SLURM_JOB_ID: "17",
    SLURM_JOB_GPUS: "0,3",
  };
  const own = options(tasksFile, { environment });
  await work(own);
  const report = await readReport(folder.path, "2-17-0");
  assert.strictEqual(report.gpus, 2);
  assert.strictEqual(report.fallback, "this stage computes on the CPU, though a GPU was granted");
  assert.ok(own.lines.includes(`warning: ${report.fallback}`));
});

Deno.test("work that makes no sense is refused", async () => {
  await using folder = await temporaryFolder();
  const refuses = async (
    changes: Partial<Tasks>,
    own: Partial<WorkerOptions>,
    kind: new () => Error,
    message: RegExp,
  ) => {
    const tasksFile = await prepare(folder.path, changes);
    await assert.rejects(work(options(tasksFile, own)), (error: Error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, message);
      return true;
    });
  };
  await refuses({}, { first: 3 }, UsageError as never, /has 3$/);
  await refuses({}, { first: 0 }, UsageError as never, /Cannot compute shard 9/);
  await refuses({}, { environment: {} }, UsageError as never, /SLURM_ARRAY_TASK_ID is not set/);
  await refuses({ siren: "0.0.0" }, {}, RunError as never, /siren 0.0.0 wrote it/);
  await refuses({ key: "other" }, {}, InputError as never, /belongs to another stage/);
  await refuses({ work: "none.arrow" }, {}, InputError as never, /no such file/);
  await refuses({ engine: "abacus" }, {}, UsageError as never, /no such engine/);
  assert.strictEqual((await readReport(folder.path, "1-17-0")).state, "failed");
});
