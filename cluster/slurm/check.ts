/**
 * Whether runs can go to a cluster: all the way that they would go, through a tiny job of its own.
 *
 * @module
 */
import { ConnectionError, InterruptedError, SirenError } from "../../core/errors.ts";
import type { News } from "../progress.ts";
import { expandHome } from "../transport/expand_home.ts";
import type { Transport } from "../transport/transport.ts";
import type { Client } from "./choice.ts";
import type { ArrayTask, Limits } from "./client.ts";
import { type Batch, batchFolder } from "./files.ts";
import { findInstalled, requireInstalled, workerCommand } from "./install.ts";
import { isLive } from "./judge.ts";
import { judgeAnswer, type NodeAnswer, parseAnswer, PROBE, PROBE_FILES } from "./probe.ts";
import type { Profile } from "./profile.ts";
import { type ChunkScript, chunkScript } from "./script.ts";
import type { Cluster, Site } from "./site.ts";
import { readTemplate } from "./template.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `slow` things siren can do without; without `missing` ones it cannot work. */
  readonly state: "ok" | "slow" | "missing" | "unknown";
  readonly finding: string;
  /** What to do about it, as one sentence. */
  readonly remedy?: string;
}

/** What was found by looking; `ok` if it says no state. */
export type Finding = Omit<Check, "name" | "state"> & Partial<Pick<Check, "state">>;

/** What a check needs. */
export interface CheckOptions {
  readonly profile: Profile;
  readonly client: Client;
  /** Reaches the cluster; what cannot be reached is a finding. */
  open(): Promise<Cluster>;
  /** A folder that nodes see too, for profiles without a scratch folder. */
  readonly folder: string;
  /** Aborted when the user wants to stop; the job is cancelled then. */
  readonly signal: AbortSignal;
  /** Seconds to wait for the job; default 600. */
  readonly patience?: number;
  tell(news: News): void;
}

/** Most of a task's time limit, in minutes: it takes a second. */
const MINUTES = 5;
/** Memory of the job where the profile leaves it to siren, in MiB. */
const MEMORY = 1024;
/** Seconds to wait for the job. */
const PATIENCE = 600;
/** Shortest and longest pause between two looks at the job, in milliseconds. */
const FIRST_PAUSE = 500, LAST_PAUSE = 10_000;
/** A job that the queue does not know is believed in for so many seconds. */
const SETTLING = 15;
/** Bytes of a log that are told. */
const TAIL = 600;

/**
 * Looks at one thing after the other, and stops where the next makes no sense. Whatever was made on the
 * cluster is removed in the end, also when nobody asks for the next finding any more.
 *
 * @throws {InterruptedError} The signal was aborted.
 */
export async function* checkCluster(options: CheckOptions): AsyncGenerator<Check, void> {
  let cluster: Cluster;
  try {
    cluster = await options.open();
  } catch (error) {
    yield finding("connection", error);
    return;
  }
  try {
    yield* checkOpened(cluster, options);
  } finally {
    cluster.transport.close();
  }
}

async function* checkOpened(cluster: Cluster, options: CheckOptions): AsyncGenerator<Check, void> {
  const { profile, client } = options;
  const connection = await looking("connection", () => checkConnection(cluster, client));
  yield connection;
  if (connection.state === "missing") return;
  const sbatch = await looking("sbatch", () => checkSbatch(cluster));
  yield sbatch;
  if (sbatch.state === "missing") return;
  const controller = await looking("controller", () => checkController(cluster));
  yield controller;
  if (!("limits" in controller)) return;
  yield { name: "accounting", state: "ok", ...judgeAccounting(controller.limits) };
  yield await looking("job limits", () => checkLimits(cluster));

  const id = crypto.randomUUID().slice(0, 8);
  const folder = `${await baseFolder(cluster, options)}/siren-check-${id}`;
  try {
    const disk = await looking("folder for runs", () => checkFolder(cluster, folder, profile));
    yield disk;
    if (disk.state === "missing") return;
    const worker = await workerOf(cluster, client);
    const installed = await looking("siren", () => checkInstalled(cluster, client));
    yield installed;
    const job = await looking("request", async () => {
      const job = await makeJob(cluster, { id, folder, worker, client });
      await cluster.slurm.tryOut({ script: job.script.path, options: job.script.options });
      return { job, finding: describeRequest(profile) };
    });
    yield job;
    if (job.state === "missing" || installed.state === "missing" || !("job" in job)) return;
    yield* checkJob(cluster, job.job, options);
  } finally {
    await cleanUp(options, folder, () => cluster.transport.remove(folder));
  }
}

/** What was found, or what went wrong as a finding. */
async function looking<T extends Finding>(
  name: string,
  look: () => Promise<T>,
): Promise<Check | (T & Check)> {
  try {
    return { name, state: "ok", ...await look() };
  } catch (error) {
    return finding(name, error);
  }
}

/** An error as a finding; defects and interruptions are none. */
function finding(name: string, error: unknown): Check {
  if (!(error instanceof SirenError) || error instanceof InterruptedError) throw error;
  const { message, remedy } = error;
  return {
    name,
    state: "missing",
    finding: message,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

async function checkConnection({ transport }: Cluster, client: Client) {
  const start = client.now().getTime();
  const { code, stdout, stderr } = await transport.exec(["id", "-un"]);
  const milliseconds = client.now().getTime() - start;
  if (code !== 0) {
    return { state: "missing" as const, finding: `programs do not run (${lastLine(stderr)})` };
  }
  return {
    finding: `${transport.where} answers in ${milliseconds} ms; you are ${stdout.trim()} there`,
  };
}

async function checkSbatch({ transport, profile }: Cluster): Promise<Finding> {
  const program = profile.slurm_bin === undefined ? "sbatch" : `${profile.slurm_bin}/sbatch`;
  const { code, stdout, stderr } = await transport.exec([program, "--version"]);
  if (code === 0) return { finding: stdout.trim() };
  const said = lastLine(stderr) || `exit code ${code}`;
  if (code !== 127) {
    return {
      state: "missing",
      finding: `${program} is there but fails (${said})`,
      remedy: "Is this a machine of the cluster? Use its login node.",
    };
  }
  if (profile.ssh === undefined) {
    // Here siren may start no program but Slurm's, and those by their names only.
    return {
      state: "missing",
      finding: `there is no ${program} (${said})`,
      remedy:
        "Use a login node of the cluster, or put the folder that holds sbatch on the PATH and start siren again.",
    };
  }
  const place = await findSbatch(transport);
  return {
    state: "missing",
    finding: `there is no ${program} (${said})`,
    remedy: place === undefined
      ? `Use a login node of the cluster, or give the folder that holds sbatch as slurm_bin in ${profile.file}.`
      : `It is in ${place}: write slurm_bin = ${JSON.stringify(place)} in ${profile.file}.`,
  };
}

/** The folder in which a login shell finds sbatch. */
async function findSbatch(transport: Transport): Promise<string | undefined> {
  const { stdout } = await transport.exec(["bash", "-lc", "command -v sbatch"]);
  // What the shell's start prints comes first.
  return /(?:^|\n)(\/[^\n]*)\/sbatch\n?$/.exec(stdout)?.[1];
}

async function checkController({ slurm }: Cluster) {
  const limits = await slurm.limits();
  const { version, maxArraySize } = limits;
  return { limits, finding: `Slurm ${version} answers; arrays of up to ${maxArraySize} tasks` };
}

async function checkLimits({ slurm, profile }: Cluster) {
  const limit = await slurm.submitLimit(profile);
  if (limit === undefined) return { finding: "none known" };
  const { room } = limit;
  if (room > 0) return { finding: `room for ${room} tasks; siren submits the rest as others end` };
  return {
    state: "slow" as const,
    finding: "no room for a task now",
    remedy: "siren waits until others of yours have ended.",
  };
}

function judgeAccounting({ accounting, enforced }: Limits): Finding {
  if (accounting) return { finding: enforced ? "on, and its limits hold" : "on, without limits" };
  return {
    state: "slow",
    finding: "off: how tasks ended is known from the queue and from what they say themselves",
  };
}

/** Where the check's folder is made. */
async function baseFolder({ transport }: Cluster, { profile, folder }: CheckOptions) {
  return profile.scratch === undefined ? folder : await expandHome(profile.scratch, transport);
}

async function checkFolder({ transport }: Cluster, folder: string, profile: Profile) {
  await transport.makeFolder(folder);
  const path = `${folder}/try`;
  await transport.write(path, folder);
  const names = (await transport.list(folder) ?? []).map(({ name }) => name);
  const content = new TextDecoder().decode(await transport.read(path));
  const base = folder.slice(0, folder.lastIndexOf("/"));
  if (names.includes("try") && content === folder) {
    return { finding: `files can be written and read in ${base}` };
  }
  return {
    state: "missing" as const,
    finding: `a file written to ${base} does not come back`,
    remedy: `Name another folder as scratch in ${profile.file}.`,
  };
}

async function checkInstalled({ transport, profile }: Cluster, client: Client) {
  if (profile.install === undefined) {
    return { finding: `tasks start the siren of this machine (${client.siren.at(-1)})` };
  }
  const { folder, version, denoVersion } = await requireInstalled(transport, profile);
  return { finding: `${version}, this one, with Deno ${denoVersion} in ${folder}` };
}

/** How tasks start siren; where none is installed, what would start it if it were. */
async function workerOf({ transport, profile }: Cluster, client: Client): Promise<Site["worker"]> {
  const own = { command: client.siren, environment: client.environment };
  const installed = await findInstalled(transport, profile);
  return installed === undefined ? own : workerCommand(installed);
}

/** A job, ready for sbatch. */
interface Job {
  readonly name: string;
  /** Where it answers. */
  readonly folder: string;
  readonly question: string;
  readonly script: ChunkScript;
}

/** Makes a job as a run would, with another program in it. */
async function makeJob(
  { transport, profile }: Cluster,
  { id, folder, worker, client }: {
    readonly id: string;
    readonly folder: string;
    readonly worker: Site["worker"];
    readonly client: Client;
  },
): Promise<Job> {
  const name = `siren-${id}-check-1-1`;
  const chunk = { name, first: 0, size: 1 };
  const batch: Batch = {
    format: 1,
    stage: "check",
    key: "",
    number: 1,
    resources: {
      cpus: profile.cpus,
      ...(profile.skip.includes("mem") ? {} : { memory_MiB: profile.memory ?? MEMORY }),
      ...(profile.skip.includes("time")
        ? {}
        : { minutes: Math.min(profile.time ?? MINUTES, MINUTES) }),
      exclude: [],
    },
    tasks: [[0]],
    chunks: [chunk],
    ended: [],
  };
  const own = batchFolder(folder, batch);
  const probe = `${own}/${PROBE_FILES.program}`;
  const site: Pick<Site, "profile" | "file" | "worker"> = {
    profile,
    file: {
      format: 1,
      run: folder,
      id,
      profile: { file: profile.file, name: profile.name },
      where: transport.where,
      folder,
      shared: false,
    },
    worker: {
      command: ["/bin/sh", probe, String(worker.command.length), ...worker.command],
      environment: worker.environment,
    },
  };
  const script = chunkScript(site, batch, chunk, await readTemplate(profile), client.user);
  const question = crypto.randomUUID();
  await transport.makeFolder(`${own}/logs`);
  await transport.write(probe, PROBE);
  await transport.write(`${own}/${PROBE_FILES.question}`, question);
  // It holds the profile's environment, which is nobody else's business.
  await transport.write(script.path, script.script, 0o700);
  return { name, folder: own, question, script };
}

/** What the profile asks for, as sbatch accepted it. */
function describeRequest({ partition, account, qos, constraint, gres, cpus }: Profile): string {
  const asked = { partition, account, qos, constraint, gres };
  const words = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`]
  );
  return `sbatch accepts ${[...words, `${cpus} CPUs`].join(", ")}`;
}

async function* checkJob(
  cluster: Cluster,
  job: Job,
  options: CheckOptions,
): AsyncGenerator<Check, void> {
  const { slurm, profile } = cluster;
  const { client, signal } = options;
  let id: string | undefined, ended = false;
  const tried = client.now();
  try {
    throwIfAborted(signal);
    const submitted = await looking("job", async () => {
      const own = await slurm.submit({ script: job.script.path, options: job.script.options });
      id = own;
      const seen = await waitFor(cluster, job, own, options);
      ended = seen.ended;
      return { seen, ...describeJob(seen, profile) };
    });
    yield submitted;
    if (!("seen" in submitted) || submitted.seen.answer === undefined) return;
    const { answer, lag } = submitted.seen;
    const { disk, siren, gpu } = judgeAnswer(answer, job.question, lag, profile);
    yield { name: "shared disk", state: "ok", ...disk };
    yield { name: "siren on the node", state: "ok", ...siren };
    if (gpu !== undefined) yield { name: "GPU", state: "ok", ...gpu };
  } finally {
    if (!ended) {
      await cleanUp(options, `job ${id ?? job.name}`, async () => {
        // sbatch may have been interrupted after Slurm took the job.
        const own = id ?? await slurm.find(job.name, tried);
        if (own !== undefined) await slurm.cancel([own]);
      });
    }
  }
}

/** What was seen of a job. */
interface Seen {
  readonly id: string;
  readonly answer: NodeAnswer | undefined;
  readonly ended: boolean;
  /** Seconds it was waited for, and of them before it was seen to run; whole seconds. */
  readonly waited: number;
  readonly queued: number;
  /** Seconds between the job's end and its file, as seen from here. */
  readonly lag: number;
  /** The last that the scheduler said of it. */
  readonly task: ArrayTask | undefined;
  readonly log: string;
}

/** Waits until the job's answer is there, or will not come. */
async function waitFor(
  { transport, slurm, profile }: Cluster,
  job: Job,
  id: string,
  { client, signal, patience = PATIENCE, tell }: CheckOptions,
): Promise<Seen> {
  const start = client.now().getTime();
  const seconds = () => (client.now().getTime() - start) / 1000;
  let queued = 0, wasSeen = false;
  let endedAt: number | undefined, answeredAt: number | undefined;
  let task: ArrayTask | undefined, answer: NodeAnswer | undefined;
  for (let pause = FIRST_PAUSE;; pause = Math.min(pause * 1.5, LAST_PAUSE)) {
    await client.sleep(pause, signal);
    throwIfAborted(signal);
    try {
      const [found] = (await slurm.tasks([job.name])).filter(({ name }) => name === job.name);
      if (found !== undefined) task = found;
      wasSeen ||= found !== undefined;
      if (found?.state === "pending") queued = seconds();
      // A job that the queue does not know yet may still come.
      const isOver = found === undefined ? wasSeen || seconds() > SETTLING : !isLive(found);
      endedAt = isOver ? endedAt ?? seconds() : undefined;
      answer ??= await readAnswer(transport, job);
      if (answer !== undefined) answeredAt ??= seconds();
    } catch (error) {
      // A busy scheduler is asked again.
      if (!(error instanceof ConnectionError)) throw error;
    }
    const is = task === undefined ? "submitted" : describeTask(task);
    tell({
      kind: "progress",
      stage: "check job",
      done: answer === undefined ? 0 : 1,
      total: 1,
      unit: "jobs",
      detail: `job ${id} ${is}`,
    });
    if (endedAt === undefined) {
      // An answer is the job's last word; it is as good as over.
      if (seconds() > (answeredAt === undefined ? patience : answeredAt + SETTLING)) break;
    } else if (answer !== undefined || seconds() - endedAt > profile.grace) break;
  }
  const log = await transport.tail(`${job.folder}/logs/${id}_0.log`, TAIL) ?? "";
  return {
    id,
    answer,
    ended: endedAt !== undefined,
    waited: Math.round(seconds()),
    queued: Math.round(queued),
    lag: Math.max(0, Math.round((answeredAt ?? 0) - (endedAt ?? Infinity))),
    task,
    log,
  };
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new InterruptedError("Stopped as asked; what the check made on the cluster is removed");
}

async function readAnswer(transport: Transport, job: Job): Promise<NodeAnswer | undefined> {
  const names = (await transport.list(job.folder) ?? []).map(({ name }) => name);
  if (!names.includes(PROBE_FILES.answer)) return undefined;
  const bytes = await transport.read(`${job.folder}/${PROBE_FILES.answer}`);
  return bytes === undefined ? undefined : parseAnswer(new TextDecoder().decode(bytes));
}

function describeTask({ state, reason }: ArrayTask): string {
  return reason === undefined || reason === "None" ? state : `${state} (${reason})`;
}

/** How the job went. */
function describeJob(seen: Seen, profile: Profile): Finding {
  const { id, answer, ended, waited, queued, task, log } = seen;
  if (answer !== undefined) {
    return { finding: `job ${id} ran on ${answer.host}, after about ${queued} s in the queue` };
  }
  const is = task === undefined ? "unknown to Slurm" : describeTask(task);
  if (!ended) {
    return {
      state: "unknown",
      finding: `job ${id} is ${is} after ${waited} s; it was cancelled`,
      remedy: `Try again later, or ask for less in ${profile.file}.`,
    };
  }
  const said = lastLine(log);
  const finding = `job ${id} ended (${is}) without its answer${said === "" ? "" : `: ${said}`}`;
  return {
    state: "missing",
    finding,
    remedy: said === ""
      ? "It left no log: see that nodes can write to the folder for runs, or name another as scratch."
      : `See what its log says; set-up lines belong in ${profile.file}.`,
  };
}

/** Removes something that the check made; where that fails, the user is told what stays. */
async function cleanUp({ tell }: CheckOptions, what: string, remove: () => Promise<void>) {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof SirenError)) throw error;
    tell({ kind: "warning", text: `${error.message}; ${what} stays` });
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim().slice(0, 300) ?? "";
}
