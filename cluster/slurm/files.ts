/**
 * The files by which a run and its array tasks speak to each other. All lie in `slurm/` of the site's
 * folder, which on a shared disk is the run folder itself:
 *
 * - `slurm/site.json`: where the run is computed (run folder only)
 * - `slurm/work/STAGE-KEY.arrow`: what a stage's shards are computed from
 * - `slurm/STAGE-N/tasks.json`: which shards each task of the stage's N-th batch computes
 * - `slurm/cancel`: that `siren cancel` was called while a process was at work (run folder only)
 * - `slurm/STAGE-N/batch.json`: its jobs, and how its tasks ended (run folder only)
 * - `slurm/STAGE-N/script-C.sh`, `logs/`, `reports/`: batch script of its C-th array job; what tasks say
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { isThere, readIfThere, writeWhole } from "../../core/files.ts";

const IndexSchema = z.number().int().gte(0);
const StageSchema = z.string().regex(/^\w+$/);

/** What a worker is told. */
export const TasksSchema = z.strictObject({
  format: z.literal(1),
  /** Version of siren that wrote it; a worker of another computes nothing. */
  siren: z.string(),
  stage: StageSchema,
  key: z.string(),
  /** Name of the work file in `slurm/work`. */
  work: z.string().regex(/^[\w-]+\.arrow$/),
  /** Name of the engine, or "auto". */
  engine: z.string(),
  /** Time limit of a task, where siren set it: a worker leaves before it is over. */
  minutes: z.number().gt(0).exactOptional(),
  /** Indices of the shards of each task. */
  tasks: z.array(z.array(IndexSchema).min(1)),
});
/** See {@linkcode TasksSchema}. */
export type Tasks = z.infer<typeof TasksSchema>;

/** What a task says of itself; written anew after every shard. */
export const ReportSchema = z.strictObject({
  format: z.literal(1),
  /** Place of the task in its batch. */
  task: IndexSchema,
  /** Job id of the task, and how often Slurm had requeued it. */
  job: z.string(),
  restart: IndexSchema,
  host: z.string(),
  /** What computes: "cpu", or "gpu" and its name. */
  device: z.string(),
  engine: z.string(),
  cpus: IndexSchema,
  gpus: IndexSchema,
  /** Why the task computes on the CPU although it was granted a GPU. */
  fallback: z.string().exactOptional(),
  started: z.iso.datetime(),
  updated: z.iso.datetime(),
  /** `left`: it went before its time was over, with shards left to do. */
  state: z.enum(["running", "done", "left", "failed"]),
  message: z.string().exactOptional(),
  shards: z.array(z.strictObject({ index: IndexSchema, pairs: z.number(), seconds: z.number() })),
});
/** See {@linkcode ReportSchema}. */
export type Report = z.infer<typeof ReportSchema>;

/** How a task ended that left shards undone, or "done". */
export const OutcomeSchema = z.enum([
  "done",
  /** Slurm ended it for its memory. */
  "memory",
  /** Its time was over, or it left before that. */
  "time",
  /** Its node failed. */
  "node",
  /** Slurm took its place for another job. */
  "preempted",
  /** It failed by itself. */
  "failed",
  /** Somebody cancelled it. */
  "cancelled",
  /** Neither the scheduler nor its own report knows how it ended. */
  "lost",
]);
/** See {@linkcode OutcomeSchema}. */
export type Outcome = z.infer<typeof OutcomeSchema>;

/** What array tasks of a batch are given. */
export const ResourcesSchema = z.strictObject({
  cpus: z.number().int().gte(1),
  /** Absent where the site shall decide. */
  memory_MiB: z.number().int().gte(1).exactOptional(),
  minutes: z.number().gt(0).exactOptional(),
  /** Nodes on which tasks failed. */
  exclude: z.array(z.string()),
});
/** See {@linkcode ResourcesSchema}. */
export type Resources = z.infer<typeof ResourcesSchema>;

/** Array tasks that were submitted together. */
export const BatchSchema = z.strictObject({
  format: z.literal(1),
  stage: StageSchema,
  key: z.string(),
  /** Number among the stage's batches, from 1. */
  number: z.number().int().gte(1),
  /** Why it was needed, in words, if it is not the first. */
  why: z.string().exactOptional(),
  /** Whether a run that was stopped has gone on since: what went wrong before does not count any more. */
  forgiven: z.boolean().exactOptional(),
  resources: ResourcesSchema,
  tasks: z.array(z.array(IndexSchema).min(1)),
  /** Array jobs: tasks `first` to `first + size - 1` are the job's 0 to size - 1. */
  chunks: z.array(z.strictObject({
    /** Job name, unique: what finds a job whose id was not written down. */
    name: z.string().regex(/^[\w-]+$/),
    first: IndexSchema,
    size: z.number().int().gte(1),
    /** When it was given to sbatch; with no job id, whether Slurm has it must be asked. */
    tried: z.iso.datetime().exactOptional(),
    job: z.string().regex(/^\d+$/).exactOptional(),
  })),
  /** How tasks ended that have ended. */
  ended: z.array(z.strictObject({
    task: IndexSchema,
    outcome: OutcomeSchema,
    /** Whether it finished a shard at least. */
    progress: z.boolean().exactOptional(),
    node: z.string().exactOptional(),
    /** When that was found; tasks that a node takes along with it are found at the same look. */
    at: z.iso.datetime().exactOptional(),
    /** Seconds it ran, as the scheduler counts them. */
    seconds: z.number().exactOptional(),
    /** What the scheduler or the task says, in words. */
    reason: z.string().exactOptional(),
  })),
});
/** See {@linkcode BatchSchema}. */
export type Batch = z.infer<typeof BatchSchema>;

/** Where a run is computed. */
export const SiteFileSchema = z.strictObject({
  format: z.literal(1),
  /** Tells this run's jobs from all others. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** The run folder, to tell a copy from it. */
  run: z.string(),
  profile: z.strictObject({ file: z.string(), name: z.string() }),
  /** How the machine is called from which jobs are submitted. */
  where: z.string(),
  /** The run's folder there; on a shared disk the run folder itself. */
  folder: z.string(),
  /** Whether that is the run folder. */
  shared: z.boolean(),
  /** Whether the folder there was removed, as all is in the run folder. */
  cleared: z.boolean().exactOptional(),
});
/** See {@linkcode SiteFileSchema}. */
export type SiteFile = z.infer<typeof SiteFileSchema>;

const cancelMark = (folder: string) => `${folder}/slurm/cancel`;

/** Tells whoever works on a run that its jobs were cancelled: squeue forgets those that had not begun. */
export async function leaveCancelMark(folder: string): Promise<void> {
  await writeWhole(cancelMark(folder), "");
}

/** Whether there is a mark of {@linkcode leaveCancelMark}. */
export async function hasCancelMark(folder: string): Promise<boolean> {
  return await isThere(cancelMark(folder));
}

/** Removes the mark of {@linkcode leaveCancelMark}, if there is one. */
export async function removeCancelMark(folder: string): Promise<void> {
  if (await hasCancelMark(folder)) await Deno.remove(cancelMark(folder));
}

/** Name of a batch, and of its folder in `slurm/`. */
export const batchName = ({ stage, number }: Pick<Batch, "stage" | "number">) =>
  `${stage}-${number}`;

/** Folder of a batch below the run's or the site's folder. */
export const batchFolder = (folder: string, batch: Pick<Batch, "stage" | "number">) =>
  `${folder}/slurm/${batchName(batch)}`;

/** Writes batch.json, whole. */
export async function writeBatch(folder: string, batch: Batch): Promise<void> {
  await writeJson(`${batchFolder(folder, batch)}/batch.json`, BatchSchema, batch);
}

/** The stages that go to a cluster, in their order. */
const STAGES = ["count", "sketch", "expand"];

/** The batches of a run, in the order of stages and by number. */
export async function readBatches(folder: string): Promise<Batch[]> {
  const own = `${folder}/slurm`;
  if (!await isThere(own)) return [];
  const batches: Batch[] = [];
  for await (const { name, isDirectory } of Deno.readDir(own)) {
    if (!isDirectory || !/^\w+-\d+$/.test(name)) continue;
    const batch = await readJson(`${own}/${name}/batch.json`, BatchSchema);
    if (batch !== undefined) batches.push(batch);
  }
  const place = (stage: string) => STAGES.indexOf(stage);
  return batches.sort((a, b) => place(a.stage) - place(b.stage) || a.number - b.number);
}

const siteFile = (folder: string) => `${folder}/slurm/site.json`;

/** Writes site.json, whole. */
export async function writeSiteFile(folder: string, site: SiteFile): Promise<void> {
  await Deno.mkdir(`${folder}/slurm`, { recursive: true });
  await writeJson(siteFile(folder), SiteFileSchema, site);
}

/** Reads site.json; undefined for a run that was never on a cluster. */
export async function readSiteFile(folder: string): Promise<SiteFile | undefined> {
  return await readJson(siteFile(folder), SiteFileSchema);
}

async function writeJson<T>(path: string, schema: z.ZodType<T>, value: T): Promise<void> {
  await writeWhole(path, JSON.stringify(schema.parse(value), undefined, 1) + "\n");
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await readIfThere(path);
  return bytes === undefined ? undefined : parseJson(bytes, path, schema);
}

/**
 * Reads JSON of a schema.
 *
 * @throws {InputError} It is damaged, or of another version of siren.
 */
export function parseJson<T>(bytes: Uint8Array, path: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new InputError(
      `Cannot read ${path}: ${reason.replaceAll("\n", " ")}`,
      "Was it edited, or written by another version of siren?",
      { cause },
    );
  }
}
