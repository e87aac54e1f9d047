/**
 * Slurm by its own programs, on any machine that a transport reaches. Nothing is kept between calls but
 * who the user is.
 *
 * @module
 */
import { z } from "zod";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import type { Answer, Transport } from "../transport/transport.ts";
import {
  ASSOCIATION_FIELDS,
  type Charge,
  leastLimit,
  type Limits,
  parseAssociations,
  parseConfig,
  parseQos,
  QOS_FIELDS,
  type SubmitLimit,
} from "./limits.ts";
import { classify, SlurmRefusal, SlurmUnreachable } from "./refusals.ts";
import {
  type ArrayTask,
  type Columns,
  countTasks,
  groupTasks,
  parseJobId,
  parseSacct,
  parseSqueue,
  parseTable,
  squeueColumns,
  squeueFormat,
} from "./tables.ts";
import { formatMoment } from "./time.ts";

export type { Limits, SubmitLimit } from "./limits.ts";
export { type RefusalKind, SlurmRefusal, SlurmUnreachable } from "./refusals.ts";
export type { ArrayTask } from "./tables.ts";

/** A batch script to submit. */
export interface Job {
  /** Path of the script on the machine that submits; absolute. */
  readonly script: string;
  /** Options of sbatch, such as "--array=0-9%5". */
  readonly options: readonly string[];
  /** What sbatch's environment has besides; tasks inherit it unless `--export` says otherwise. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Slurm as one user of one machine sees it. Every method throws {@linkcode ConnectionError} where it does not answer. */
export interface SlurmClient {
  /**
   * Submits a job.
   *
   * @returns Its id.
   * @throws {SlurmRefusal} Slurm does not take it.
   * @throws {SlurmUnreachable} Slurm has not answered; `maybeAccepted` says whether it may have the job
   *   all the same. {@linkcode SlurmClient.find} it by its name before it is submitted again.
   */
  submit(job: Job): Promise<string>;

  /**
   * Asks whether Slurm would take a job.
   *
   * @throws {SlurmRefusal} It would not.
   */
  tryOut(job: Job): Promise<void>;

  /**
   * The user's tasks of jobs with these names, in one call. Of a task that is not among them nothing is
   * known: it waits to be seen, has been cancelled while it waited, or ended longer ago than squeue remembers.
   */
  tasks(names: readonly string[]): Promise<ArrayTask[]>;

  /**
   * What accounting knows of jobs, in one call. It lags behind by seconds, and says nothing (an empty
   * list) while its database is away.
   *
   * @param since A moment before the first of them was submitted.
   * @returns "off" where the cluster keeps no accounts.
   */
  accounting(jobs: readonly string[], since: Date): Promise<ArrayTask[] | "off">;

  /**
   * The id of the job with a name that no other job has, or undefined where Slurm knows none.
   *
   * @param since A moment before it was submitted.
   */
  find(name: string, since: Date): Promise<string | undefined>;

  /**
   * Cancels jobs ("12") or array tasks ("12_3"). Those that have ended, or that nobody knows, do not mind.
   *
   * @throws {SlurmRefusal} They are somebody else's.
   */
  cancel(ids: readonly string[]): Promise<void>;

  /** Limits of the cluster. */
  limits(): Promise<Limits>;

  /** How many tasks the user may have in the queue, or undefined where nothing limits them or it is not told. */
  submitLimit(
    charge: Charge & { readonly partition?: string | undefined },
  ): Promise<SubmitLimit | undefined>;
}

/** Ids are always grouped, but a command line has its limits. */
const IDS_PER_CALL = 500;
/** Seconds that sacct may take: what it says is of second rank, and a hung database must not stop the rest. */
const SACCT_SECONDS = 30;
/** The machines' clocks may differ; accounting is asked this much further back, in milliseconds. */
const CLOCKS_DIFFER = 24 * 3600_000;

const UidSchema = z.string().regex(/^\d{1,10}\n$/).transform((text) => text.trim());
const UserSchema = z.string().regex(/^[^\s,-][^\s,]*\n$/).transform((text) => text.trim());

/**
 * Slurm on a machine.
 *
 * @param options `bin` is the folder of its programs, if they are not on the PATH there.
 */
export function slurmClient(
  transport: Transport,
  { bin }: { readonly bin?: string } = {},
): SlurmClient {
  const { where } = transport;
  let uid: Promise<string> | undefined;

  const run = (
    [program, ...args]: readonly [string, ...string[]],
    options: Parameters<Transport["exec"]>[1] = {},
  ): Promise<Answer> =>
    transport.exec([bin === undefined ? program : `${bin}/${program}`, ...args], {
      ...options,
      // Indices in full, and times that mean the same everywhere.
      environment: {
        ...options.environment,
        SLURM_BITSTR_LEN: "0",
      },
    });

  /** Asks a question, which harms nobody and can be asked again. */
  const ask = async (
    command: readonly [string, ...string[]],
    options: Parameters<Transport["exec"]>[1] = {},
  ): Promise<string> => {
    const answer = await run(command, options);
    if (answer.code === 0) return answer.stdout;
    throw silence(command[0], answer);
  };

  const silence = (program: string, { code, stderr }: Answer): ClusterError => {
    const verdict = classify(stderr, code);
    if (verdict.kind === "missing") return missing(program);
    // Whatever else keeps Slurm from answering may pass; an option that it does not know does not.
    if (/unrecognized option|Invalid job format/.test(verdict.said)) {
      return new ClusterError(
        `Cannot ask Slurm on ${where}: ${program} does not know an option (${verdict.said})`,
        "siren needs Slurm 20.11 or newer.",
      );
    }
    return new SlurmUnreachable(
      false,
      `Cannot ask Slurm on ${where}: ${program} fails (${verdict.said})`,
      "Try again later.",
    );
  };

  const missing = (program: string) =>
    new ClusterError(
      `Cannot find ${program} on ${where}: there is no such program`,
      bin === undefined
        ? "Use a login node of the cluster. Where a login does not find Slurm's programs, put their folder on the PATH or, over SSH, set slurm_bin in the profile to it."
        : `Set slurm_bin in the profile to the folder of Slurm's programs; it is ${bin}.`,
    );

  const sbatch = async ({ script, options, environment = {} }: Job, mode: string) => {
    let answer: Answer;
    try {
      answer = await run(["sbatch", mode, ...options, script], { environment });
    } catch (cause) {
      if (!(cause instanceof ConnectionError)) throw cause;
      throw new SlurmUnreachable(true, cause.message, cause.remedy, { cause });
    }
    if (answer.code === 0) return answer.stdout;
    const verdict = classify(answer.stderr, answer.code);
    if (verdict.kind === "missing") throw missing("sbatch");
    if (verdict.kind === "unreachable") {
      throw new SlurmUnreachable(
        verdict.maybeAccepted,
        `Cannot submit to Slurm on ${where}: it does not answer (${verdict.said})`,
        "Try again later.",
      );
    }
    throw new SlurmRefusal(
      verdict.refusal,
      `Cannot submit to Slurm on ${where}: ${verdict.reason} (${verdict.said})`,
      verdict.remedy,
    );
  };

  /** By number, as names may hold anything. Asked once; a failure is not kept. */
  const ownUid = async (): Promise<string> => {
    uid ??= identify("-u", UidSchema);
    try {
      return await uid;
    } catch (error) {
      uid = undefined;
      throw error;
    }
  };

  const identify = async (option: string, schema: z.ZodType<string>): Promise<string> => {
    const { stdout } = await transport.exec(["id", option === "-u" ? "-u" : "-un"]);
    const result = schema.safeParse(stdout);
    if (result.success) return result.data;
    throw new ClusterError(`Cannot find out who you are on ${where}: id says nothing of use`);
  };

  /** The user's jobs in squeue: those in the queue, or, by name, those that ended lately too. */
  const squeue = async (columns: Columns, names?: readonly string[]) => {
    const which = names === undefined ? [] : ["--states=all", `--name=${names.join(",")}`];
    const args = ["--noheader", `--user=${await ownUid()}`, ...which];
    return await ask(["squeue", ...args, `--Format=${squeueFormat(columns)}`]);
  };

  /** What sacct prints, "off" where there is no accounting, undefined where its database is away. */
  const sacct = async (args: readonly string[], since: Date) => {
    const from = formatMoment(new Date(since.getTime() - CLOCKS_DIFFER));
    let answer: Answer;
    try {
      answer = await run(
        ["sacct", "--allocations", "--noheader", "--parsable2", `--starttime=${from}`, ...args],
        { environment: { TZ: "UTC" }, seconds: SACCT_SECONDS },
      );
    } catch (error) {
      if (error instanceof ConnectionError) return undefined; // squeue will tell if it is more than this
      throw error;
    }
    if (answer.code === 0) return answer.stdout;
    // Some sites do not even install it where they have no accounting.
    if (answer.code === 127 || /accounting storage is disabled/.test(answer.stderr)) return "off";
    return undefined;
  };

  const limits = async () => parseConfig(await ask(["scontrol", "show", "config"]));

  return {
    async submit(job) {
      const said = await sbatch(job, "--parsable");
      const id = parseJobId(said);
      if (id !== undefined) return id;
      throw new SlurmUnreachable(
        true,
        `Cannot learn the job's id from Slurm on ${where}: sbatch prints none (${
          JSON.stringify(said.slice(0, 200))
        })`,
        "Try again later.",
      );
    },

    tryOut: async (job) => void await sbatch(job, "--test-only"),

    async tasks(names) {
      if (names.length === 0) return [];
      const columns = squeueColumns(checkNames(names));
      return parseSqueue(await squeue(columns, names), columns);
    },

    async accounting(jobs, since) {
      if (jobs.length === 0) return [];
      const ids = checkIds(jobs).join(",");
      const fields = "JobID,State,ExitCode,ElapsedRaw,NodeList,Reason,JobName";
      const said = await sacct([`--jobs=${ids}`, `--format=${fields}`], since);
      return said === undefined || said === "off" ? said ?? [] : parseSacct(said);
    },

    async find(name, since) {
      const columns = { ArrayJobID: 12, Reason: 40 };
      const seen = await squeue(columns, checkNames([name]));
      // A job that Slurm has refused may leave a record, with this reason.
      const jobs = parseTable(seen, columns).filter((row) => row.Reason !== "BadConstraints")
        .map((row) => row.ArrayJobID);
      if (jobs.length === 0) {
        const args = [`--name=${name}`, `--user=${await ownUid()}`, "--format=JobID,JobName"];
        const said = await sacct(args, since);
        if (said !== undefined && said !== "off") {
          jobs.push(...said.split("\n").filter((line) => line.endsWith(`|${name}`)));
        }
      }
      const ids = jobs.flatMap((job) => /^\d+/.exec(job)?.[0] ?? []);
      return ids.sort((a, b) => Number(a) - Number(b))[0];
    },

    async cancel(ids) {
      const groups = groupTasks(checkIds(ids));
      for (let at = 0; at < groups.length; at += IDS_PER_CALL) {
        const answer = await run(["scancel", ...groups.slice(at, at + IDS_PER_CALL)]);
        if (answer.code === 0) continue;
        if (/Invalid job id specified|already completing or completed/.test(answer.stderr)) {
          continue;
        }
        if (/permission denied/i.test(answer.stderr)) {
          const { said } = { said: "", ...classify(answer.stderr, answer.code) };
          throw new SlurmRefusal(
            "permission",
            `Cannot cancel jobs on ${where}: they are not yours (${said})`,
          );
        }
        throw silence("scancel", answer);
      }
    },

    limits,

    async submitLimit({ partition, ...charge }) {
      const { accounting, enforced, cluster } = await limits();
      if (!accounting || !enforced) return undefined;
      const user = await identify("-un", UserSchema);
      const own = ["user", user, "withassoc", "where", `cluster=${cluster}`];
      const answers = [];
      for (
        const command of [
          ["sacctmgr", "-nP", "show", ...own, `format=${ASSOCIATION_FIELDS}`],
          ["sacctmgr", "-nP", "show", "qos", `format=${QOS_FIELDS}`],
          [
            "scontrol",
            "--oneliner",
            "show",
            "partition",
            ...partition === undefined ? [] : [partition],
          ],
        ] as const
      ) {
        const { code, stdout } = await run(command);
        // Some sites do not tell their users; sbatch will.
        if (code !== 0) return undefined;
        answers.push(stdout);
      }
      const [associations = "", qos = "", partitions = ""] = answers;
      const columns = { Account: 64, QOS: 64, ArrayTaskID: 0 };
      return leastLimit(
        charge,
        partitionOf(partitions, partition),
        parseAssociations(associations),
        parseQos(qos),
        parseTable(await squeue(columns), columns)
          .map((row) => ({
            account: row.Account,
            qos: row.QOS,
            tasks: countTasks(row.ArrayTaskID),
          })),
      );
    },
  };
}

/** Name and QOS of a partition, or of the default one. */
function partitionOf(text: string, name: string | undefined): { name?: string; qos?: string } {
  for (const line of text.split("\n")) {
    const found = /^PartitionName=(\S+)/.exec(line)?.[1];
    const qos = / QoS=(\S+)/.exec(line)?.[1];
    const isIt = name === undefined ? line.includes(" Default=YES ") : found === name;
    if (!isIt || found === undefined) continue;
    return { name: found, ...(qos === undefined || qos === "N/A" ? {} : { qos }) };
  }
  return {};
}

/** Names of jobs are ours; others would be taken apart by squeue and sacct. */
function checkNames(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !/^[\w.-]+$/.test(name));
  if (wrong !== undefined) throw new Error(`No name for a job: ${JSON.stringify(wrong)}`);
  return names;
}

function checkIds(ids: readonly string[]): readonly string[] {
  const wrong = ids.find((id) => !/^\d+(?:_\d+)?$/.test(id));
  if (wrong !== undefined) throw new Error(`No id of a job: ${JSON.stringify(wrong)}`);
  return ids;
}
