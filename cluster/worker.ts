/**
 * The worker: what an array task runs. It computes the shards of its task and nothing else; what it did
 * it says in its log and its report.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { type Choice, type EngineName, engineNames, onDevice } from "../core/cooccupancy/mod.ts";
import { InputError, InterruptedError, RunError, UsageError } from "../core/errors.ts";
import { readInput, writeWhole } from "../core/files.ts";
import { VERSION } from "../core/version.ts";
import { shareStage } from "./executor.ts";
import { readShard, type ShardedStage, writeShard } from "./shards.ts";
import { parseJson, type Report, type Tasks, TasksSchema } from "./slurm/files.ts";
import { type ThreadPool, threadPool } from "./threads/pool.ts";
import type { ShardJob } from "./work.ts";
import { decodeWork } from "./work_file.ts";

/** Exit codes of a worker beside those of its errors. */
const EXIT = { done: 0, left: 75 } as const;

/** A worker leaves so many seconds before its time is over. */
const MARGIN = 45;

/** Least time between two writings of a running task's report, in milliseconds. */
const REPORT_PAUSE = 5_000;

/** Environment of an array task, as far as a worker looks at it. */
export const workerEnvironment = [
  "SLURM_ARRAY_TASK_ID",
  "SLURM_JOB_ID",
  "SLURM_RESTART_COUNT",
  "SLURMD_NODENAME",
  "SLURM_PROCID",
  "SLURM_CPUS_PER_TASK",
  "SLURM_CPUS_ON_NODE",
  "SLURM_JOB_GPUS",
  "SLURM_GPUS_ON_NODE",
  "CUDA_VISIBLE_DEVICES",
  // Set for graphics drivers, which complain without it.
  "XDG_RUNTIME_DIR",
] as const;

const NumberSchema = z.string().regex(/^\d+$/).transform(Number);

const EnvironmentSchema = z.object({
  SLURM_ARRAY_TASK_ID: NumberSchema,
  SLURM_JOB_ID: z.string().regex(/^\d+$/),
  SLURM_RESTART_COUNT: NumberSchema.default(0),
  SLURMD_NODENAME: z.string().optional(),
  SLURM_PROCID: NumberSchema.default(0),
  SLURM_CPUS_PER_TASK: NumberSchema.optional(),
  SLURM_CPUS_ON_NODE: NumberSchema.optional(),
  SLURM_JOB_GPUS: z.string().optional(),
  CUDA_VISIBLE_DEVICES: z.string().optional(),
});

/** What a worker is started with. */
export interface WorkerOptions {
  /** The batch's tasks.json. */
  readonly tasksFile: string;
  /** Place in the batch of the array job's task 0. */
  readonly first: number;
  /** Threads if Slurm does not say how many CPUs the task has. */
  readonly threads: number;
  /** See {@linkcode workerEnvironment}. */
  readonly environment: Readonly<Partial<Record<string, string>>>;
  readonly host: string;
  /** Aborted when the task shall end soon: shards under way are finished, no other is begun. */
  readonly leave: AbortSignal;
  /** Writes a line to the log. */
  log(line: string): void;
  now(): Date;
}

/**
 * Computes the shards of an array task.
 *
 * @returns Exit code: 0 if all of them are in the shards' folder, whole; 75 if it left before its time was
 *   over, with shards left to do.
 * @throws {SirenError} The task makes no sense, or a shard cannot be computed or written.
 */
export async function work(options: WorkerOptions): Promise<number> {
  const { first, log } = options;
  const tasksFile = resolve(options.tasksFile);
  const batch = dirname(tasksFile), slurm = dirname(batch), folder = dirname(slurm);
  const environment = readEnvironment(options.environment);
  const host = environment.SLURMD_NODENAME ?? options.host; // the node as Slurm calls it
  if (environment.SLURM_PROCID > 0) {
    log("srun started this task more than once: its first process computes, this one ends");
    return EXIT.done;
  }
  const tasks = await readTasks(tasksFile);
  const task = first + environment.SLURM_ARRAY_TASK_ID;
  const own = tasks.tasks[task];
  if (own === undefined) {
    throw new UsageError(`Cannot work on task ${task}: ${tasksFile} has ${tasks.tasks.length}`);
  }
  const asked = engineAsked(tasks.engine);
  const granted = environment.SLURM_JOB_GPUS ?? environment.CUDA_VISIBLE_DEVICES;
  const gpus = gpusOf(granted);
  const cpus = environment.SLURM_CPUS_PER_TASK ?? environment.SLURM_CPUS_ON_NODE ??
    options.threads;
  const report = reporter(`${batch}/reports`, options.now, {
    task,
    job: environment.SLURM_JOB_ID,
    restart: environment.SLURM_RESTART_COUNT,
    host,
    device: "cpu",
    engine: asked,
    cpus,
    gpus,
  });
  await report.write("running");
  const leave = leaving(options.leave, tasks.minutes);
  try {
    const workFile = `${slurm}/work/${tasks.work}`;
    const stage = decodeWork(await readInput(workFile), workFile);
    if (stage.name !== tasks.stage || stage.key !== tasks.key) {
      throw new InputError(`Cannot work on ${tasksFile}: ${tasks.work} belongs to another stage`);
    }
    const missing = await missingShards(folder, stage, own);
    log(
      `task ${basename(batch)}/${task}: ${missing.length} of ${own.length} shards to compute on ` +
        `${host}, ${cpus} threads, siren ${VERSION}`,
    );
    if (missing.length > 0) {
      const fellBack = (text: string) => {
        report.fellBack(text);
        log(`warning: ${text}`);
      };
      using threads = threadPool(Math.min(cpus, missing.length), leave.signal, fellBack);
      const choice = await shareWithFallback(threads, stage, asked, gpus, fellBack);
      report.computesOn(deviceOf(choice, granted), choice?.name ?? engineless(stage.job));
      log(choice === undefined ? "no engine is needed" : `engine ${choice.why}`);
      await compute({ folder, stage, missing, threads, report, host, log });
      await threads.release();
    }
    const undone = await missingShards(folder, stage, own);
    if (undone.length > 0) {
      throw new RunError(
        `Cannot finish task ${task}: shards are not there after they were written (${
          undone[0]
        }, ...)`,
        "Does the disk lose files? siren tries again.",
      );
    }
    await report.write("done");
    log(`task ${basename(batch)}/${task}: all ${own.length} shards are whole`);
    return EXIT.done;
  } catch (error) {
    if (error instanceof InterruptedError) {
      const reason = "it left before its time was over";
      log(`task ${basename(batch)}/${task}: ${reason}; siren submits the rest again`);
      await report.write("left", reason);
      return EXIT.left;
    }
    const message = error instanceof Error ? error.message : String(error);
    // What went wrong is in the log too; a disk that takes no report must not hide it.
    await report.write("failed", message).catch((cause: Error) =>
      log(`no report: ${cause.message}`)
    );
    throw error;
  } finally {
    leave.stop();
  }
}

/** What computes where no engine does, for the user to read. */
const engineless = (job: ShardJob) => job === "preprocessMaps" ? "preprocess" : "phi";

type Reporter = ReturnType<typeof reporter>;

/** Keeps a task's report up to date. */
function reporter(
  folder: string,
  now: () => Date,
  given: Omit<
    Report,
    "format" | "started" | "updated" | "state" | "message" | "shards" | "fallback"
  >,
) {
  let head: typeof given & Pick<Report, "fallback"> = given;
  const started = now().toISOString();
  const shards: Report["shards"] = [];
  let lastShard = now().getTime(), lastWritten = 0;
  const attempt = `${head.job}-${head.restart}`;
  const path = `${folder}/${head.task}-${attempt}.json`;
  const write = async (state: Report["state"], message?: string) => {
    lastWritten = now().getTime();
    const updated = now().toISOString();
    const report: Report = {
      format: 1,
      ...head,
      started,
      updated,
      state,
      ...(message === undefined ? {} : { message }),
      shards,
    };
    await writeWhole(path, JSON.stringify(report) + "\n", attempt);
  };
  return {
    attempt,
    write,
    /** Notes what computes. */
    computesOn(device: string, engine: string) {
      head = { ...head, device, engine };
    },
    /** Notes that it is not what was asked for or granted. */
    fellBack(fallback: string) {
      head = { ...head, fallback };
    },
    /** What computes, for the log. */
    place: () => `${head.device} (${head.engine})`,
    /** Notes a shard, and gives the seconds since the last. */
    add(index: number, pairs: number): number {
      const moment = now().getTime();
      const seconds = (moment - lastShard) / 1000;
      lastShard = moment;
      shards.push({ index, pairs, seconds });
      return seconds;
    },
    async writeIfDue() {
      if (now().getTime() - lastWritten >= REPORT_PAUSE) await write("running");
    },
  };
}

interface Computing extends Pick<WorkerOptions, "host" | "log"> {
  readonly folder: string;
  readonly stage: ShardedStage;
  readonly missing: readonly number[];
  readonly threads: ThreadPool;
  readonly report: Reporter;
}

async function compute(computing: Computing): Promise<void> {
  const { folder, stage, missing, threads, report, host, log } = computing;
  const inputs = missing.map((index) => stage.inputs[index]!); // as missingShards saw to
  await threads.map<ShardJob>(stage.job, inputs, async (output, i) => {
    const index = missing[i]!;
    await writeShard(folder, stage, index, output, report.attempt);
    const pairs = stage.pairs[index] ?? 0;
    const seconds = report.add(index, pairs);
    const unit = stage.job === "preprocessMaps" ? "voxels" : "pairs";
    const rate = seconds > 0 ? `, ${(pairs / seconds).toExponential(1)} ${unit}/s` : "";
    log(`shard ${index}: ${pairs} ${unit}${rate}, ${host}, ${report.place()}`);
    await report.writeIfDue();
  });
}

/** Those of the shards that are not there and whole. */
async function missingShards(
  folder: string,
  stage: ShardedStage,
  shards: readonly number[],
): Promise<number[]> {
  const missing: number[] = [];
  for (const index of shards) {
    if (stage.inputs[index] === undefined) {
      throw new UsageError(
        `Cannot compute shard ${index}: stage ${stage.name} has ${stage.inputs.length}`,
      );
    }
    const shard = await readShard(folder, stage, index);
    if (shard === undefined || shard === "damaged") missing.push(index);
  }
  return missing;
}

async function readTasks(path: string): Promise<Tasks> {
  const tasks = parseJson(await readInput(path), path, TasksSchema);
  if (tasks.siren !== VERSION) {
    throw new RunError(
      `Cannot work on ${path}: siren ${tasks.siren} wrote it, and this is siren ${VERSION}`,
      "Run siren cluster install again.",
    );
  }
  return tasks;
}

function readEnvironment(environment: WorkerOptions["environment"]) {
  const result = EnvironmentSchema.safeParse(environment);
  if (result.success) return result.data;
  const name = String(result.error.issues[0]?.path[0]);
  throw new UsageError(
    `Cannot work as a task of Slurm: ${name} is not set as Slurm sets it (${environment[name]})`,
    "siren worker is started by Slurm, in jobs that siren submits.",
  );
}

function engineAsked(name: string): EngineName {
  const known = engineNames.find((known) => known === name);
  if (known === undefined) {
    throw new UsageError(`Cannot use engine ${name}: there is no such engine`);
  }
  return known;
}

/**
 * Gives the threads a stage, and chooses its engine. One that does not work on this node, or a GPU that is
 * granted and not used, is no reason to fail, but is told.
 */
async function shareWithFallback(
  threads: ThreadPool,
  stage: ShardedStage,
  asked: EngineName,
  gpus: number,
  fellBack: (text: string) => void,
): Promise<Choice | undefined> {
  // A device that was not granted may be another task's. One that was granted is always tried.
  const question = {
    pairs: Infinity,
    ...(gpus === 0 ? { noDevice: "no GPU was granted" } : {}),
  };
  const { choice, refusal } = await shareStage(threads, stage, { asked, ...question });
  const unused = gpus > 0 && choice?.on !== "gpu";
  if (choice === undefined) {
    if (unused) fellBack("this stage computes on the CPU, though a GPU was granted");
    return undefined;
  }
  if (unused) {
    const reasons = refusal === undefined
      ? onDevice.flatMap((name) => choice.others[name] ? [`${name}: ${choice.others[name]}`] : [])
      : [refusal];
    const why = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
    fellBack(`engine ${choice.name} computes on the CPU, though a GPU was granted${why}`);
  } else if (refusal !== undefined) {
    fellBack(`${refusal}: ${choice.name} computes in its place`);
  }
  return choice;
}

/** What computes: "cpu", or the GPUs that Slurm granted and their name. */
function deviceOf(choice: Choice | undefined, granted: string | undefined): string {
  if (choice?.on !== "gpu") return "cpu";
  return granted === undefined || granted === ""
    ? `gpu ${choice.what}`
    : `gpu ${granted}: ${choice.what}`;
}

function gpusOf(granted: string | undefined): number {
  if (granted === undefined || granted === "" || granted === "NoDevFiles") return 0;
  return granted.split(",").length;
}

/** A signal that is aborted with `asked`, or shortly before `minutes` are over. */
function leaving(asked: AbortSignal, minutes: number | undefined) {
  const own = new AbortController();
  const seconds = minutes === undefined ? Infinity : Math.max(minutes * 60 - MARGIN, minutes * 30);
  const timer = seconds < 2 ** 31 / 1000
    ? setTimeout(() => own.abort(), seconds * 1000)
    : undefined;
  return { signal: AbortSignal.any([asked, own.signal]), stop: () => clearTimeout(timer) };
}
