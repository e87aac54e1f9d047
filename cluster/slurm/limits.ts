/**
 * What a site allows: of scontrol's and sacctmgr's answers.
 *
 * @module
 */
import { z } from "zod";
import { ClusterError } from "../../core/errors.ts";

/** Limits of a cluster. */
export interface Limits {
  /** Slurm's version, such as "22.05.8". */
  readonly version: string;
  /** The cluster's name in accounting. */
  readonly cluster: string;
  /** One more than the largest index of an array; also the most tasks of one. */
  readonly maxArraySize: number;
  /** Most tasks that the cluster keeps, all users' together. */
  readonly maxJobCount: number;
  /** Seconds for which squeue remembers a task that has ended. */
  readonly minJobAge: number;
  /** Whether sacct can answer. */
  readonly accounting: boolean;
  /** Whether limits of accounts and qos hold. */
  readonly enforced: boolean;
}

const number = z.string().regex(/^\d{1,10}$/).transform(Number);

const ConfigSchema = z.object({
  SLURM_VERSION: z.string().min(1),
  ClusterName: z.string().min(1),
  MaxArraySize: number,
  MaxJobCount: number,
  MinJobAge: z.string().regex(/^\d{1,10} sec$/).transform((text) => parseInt(text)),
  AccountingStorageType: z.string(),
  AccountingStorageEnforce: z.string().default("none"),
}).transform((config): Limits => ({
  version: config.SLURM_VERSION,
  cluster: config.ClusterName,
  maxArraySize: config.MaxArraySize,
  maxJobCount: config.MaxJobCount,
  minJobAge: config.MinJobAge,
  accounting: config.AccountingStorageType.endsWith("/slurmdbd"),
  enforced: config.AccountingStorageEnforce.split(",").some((word) =>
    ["limits", "safe", "all"].includes(word)
  ),
}));

/**
 * Reads what `scontrol show config` prints.
 *
 * @throws {ClusterError} It is not what Slurm prints.
 */
export function parseConfig(text: string): Limits {
  const lines = text.split("\n").flatMap((line) => {
    const match = /^(\w+)\s*= (.*)$/.exec(line);
    return match === null ? [] : [[match[1], match[2]?.trim()]];
  });
  return understood("scontrol show config", ConfigSchema, Object.fromEntries(lines));
}

/** The least number of tasks that a user may have in the queue. */
export interface SubmitLimit {
  /** So many at one time. */
  readonly most: number;
  /** What sets it, in words. */
  readonly by: string;
  /** So many more now. */
  readonly room: number;
}

/** What a job will be charged to, as far as the profile says. */
export interface Charge {
  readonly account?: string | undefined;
  readonly qos?: string | undefined;
}

const limit = z.union([z.literal("").transform(() => undefined), number]);
const AssociationSchema = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  limit,
  z.string(),
  z.string(),
]).transform(([defaultAccount, account, partition, most, qos, defaultQos]) => ({
  defaultAccount,
  account,
  partition,
  most,
  qos: qos.split(","),
  defaultQos,
}));

/** A user's association, as sacctmgr knows it. */
export type Association = z.infer<typeof AssociationSchema>;

/** Fields that {@linkcode parseAssociations} reads. */
export const ASSOCIATION_FIELDS = "DefaultAccount,Account,Partition,MaxSubmitJobs,QOS,DefaultQOS";

/**
 * Reads associations as `sacctmgr -nP show user ... withassoc` prints them.
 *
 * @throws {ClusterError} It is not what Slurm prints.
 */
export function parseAssociations(text: string): Association[] {
  return rows(text).map((row) => understood("sacctmgr show user", AssociationSchema, row));
}

const QosSchema = z.tuple([z.string(), limit, limit, limit]).transform((
  [name, perUser, perAccount, all],
) => ({ name, perUser, perAccount, all }));

/** A QOS and its limits on the tasks in the queue. */
export type Qos = z.infer<typeof QosSchema>;

/** Fields that {@linkcode parseQos} reads. */
export const QOS_FIELDS = "Name,MaxSubmitJobsPU,MaxSubmitJobsPA,GrpSubmitJobs";

/**
 * Reads what `sacctmgr -nP show qos` prints.
 *
 * @throws {ClusterError} It is not what Slurm prints.
 */
export function parseQos(text: string): Qos[] {
  return rows(text).map((row) => understood("sacctmgr show qos", QosSchema, row));
}

/** Tasks of the user's in the queue, and what they are charged to. */
export interface Queued {
  readonly account: string;
  readonly qos: string;
  /** How many. */
  readonly tasks: number;
}

/**
 * The limit that leaves the least room. Others' jobs, which count for some limits, are not known.
 *
 * @param charge What the jobs are charged to.
 * @param partition Their partition, and the QOS that it has of its own.
 * @param queued The user's tasks in the queue.
 * @returns Undefined where nothing limits them.
 */
export function leastLimit(
  charge: Charge,
  partition: { readonly name?: string | undefined; readonly qos?: string | undefined },
  associations: readonly Association[],
  qos: readonly Qos[],
  queued: readonly Queued[],
): SubmitLimit | undefined {
  const own = associations.filter(({ account, defaultAccount }) =>
    account === (charge.account ?? defaultAccount)
  );
  // Slurm takes the association of the partition, if there is one.
  const association = own.find((one) => one.partition !== "" && one.partition === partition.name) ??
    own.find((one) => one.partition === "");
  const used = charge.qos ?? (association?.defaultQos || onlyOf(association?.qos) || "normal");
  const limits: SubmitLimit[] = [];
  const count = (which: readonly Queued[]) => which.reduce((sum, { tasks }) => sum + tasks, 0);
  const add = (most: number | undefined, by: string, there: number) => {
    if (most !== undefined) limits.push({ most, by, room: Math.max(0, most - there) });
  };
  if (association !== undefined) {
    const { account, most } = association;
    add(most, `account ${account}`, count(queued.filter((one) => one.account === account)));
  }
  for (const name of new Set([used, partition.qos])) {
    const one = qos.find((other) => other.name === name);
    if (one === undefined) continue;
    // A partition's own QOS counts all jobs in it, whatever theirs is.
    const there = count(name === used ? queued.filter((job) => job.qos === name) : queued);
    for (const most of [one.perUser, one.perAccount, one.all]) add(most, `qos ${name}`, there);
  }
  return limits.sort((a, b) => a.room - b.room || a.most - b.most)[0];
}

function onlyOf(names: readonly string[] | undefined): string | undefined {
  return names?.length === 1 ? names[0] : undefined;
}

function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line !== "").map((line) => line.split("|"));
}

/** Checks an answer; what does not fit is shown. */
function understood<T>(program: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  throw new ClusterError(`Cannot understand what ${program} says: ${at}`);
}
