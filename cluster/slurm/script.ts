/**
 * The batch script of a chunk, and sbatch's options that go with it.
 *
 * @module
 */
import { VERSION } from "../../core/version.ts";
import { type Batch, batchFolder } from "./files.ts";
import { gpusOf, type Profile, type Skippable } from "./profile.ts";
import type { Site } from "./site.ts";
import { renderScript, sbatchOptions, type Template } from "./template.ts";

/** Seconds before its time limit at which a task is told to leave. */
const NOTICE = 60;

/** A chunk, ready for sbatch. */
export interface ChunkScript {
  readonly script: string;
  /** sbatch's options. */
  readonly options: readonly string[];
  /** Where the script shall lie. */
  readonly path: string;
}

/**
 * Makes the batch script of a chunk.
 *
 * @param template The profile's, or siren's own.
 */
export function chunkScript(
  { profile, file, worker }: Pick<Site, "profile" | "file" | "worker">,
  batch: Batch,
  chunk: Batch["chunks"][number],
  template: Template,
  user: string,
): ChunkScript {
  const { resources: { cpus, memory_MiB, minutes, exclude } } = batch;
  const folder = batchFolder(file.folder, batch);
  const logPath = `${folder.replaceAll("%", "%%")}/logs/%A_%a.log`; // % begins a name of Slurm's own
  const path = scriptPath(file.folder, batch, chunk);
  const { script, execs } = renderScript({
    template,
    profile: { ...profile, environment: { ...worker.environment, ...profile.environment } },
    job: {
      command: [
        ...worker.command,
        "worker",
        "--tasks",
        `${folder}/tasks.json`,
        "--first",
        String(chunk.first),
      ],
      cpus,
      memory: memory_MiB,
      minutes,
      gpus: gpusOf(profile.gres),
      runFolder: file.folder,
      batchFolder: folder,
      logPath,
      scriptPath: path,
      jobName: chunk.name,
      user,
      version: VERSION,
    },
  });
  const most = profile.max_tasks === undefined ? "" : `%${profile.max_tasks}`;
  const skips = (name: Skippable) => profile.skip.includes(name);
  const options = [
    `--job-name=${chunk.name}`,
    `--array=0-${chunk.size - 1}${most}`,
    `--chdir=${folder}`,
    `--output=${logPath}`,
    `--error=${logPath}`,
    ...(skips("open-mode") ? [] : ["--open-mode=append"]),
    ...(execs && !skips("signal") ? [`--signal=B:USR2@${NOTICE}`] : []),
    ...(exclude.length > 0 && !skips("exclude") ? [`--exclude=${exclude.join(",")}`] : []),
    // A template of the user's own may fix what a repair has raised.
    ...(profile.template !== undefined && batch.why !== undefined
      ? raised(profile, batch.resources)
      : []),
  ];
  return { script, options, path };
}

/** Where the script of a chunk lies. */
function scriptPath(folder: string, batch: Batch, { name }: Batch["chunks"][number]): string {
  return `${batchFolder(folder, batch)}/script-${name.split("-").at(-1)}.sh`;
}

/** The options that ask for memory and time, which a repair may have raised. */
function raised(
  profile: Profile,
  { cpus, memory_MiB: memory, minutes }: Batch["resources"],
): string[] {
  return sbatchOptions(profile, { cpus, memory, minutes })
    .filter(([name]) => name === "mem" || name === "time")
    .map(([name, value]) => `--${name}=${value}`);
}
