/**
 * What sbatch and its kin mean when they fail. The texts are those of Slurm's own table of errors, which
 * have hardly changed in ten years.
 *
 * @module
 */
import { ClusterError, ConnectionError } from "../../core/errors.ts";

/** What a job was refused for. */
export type RefusalKind =
  | "partition"
  | "account"
  | "qos"
  | "constraint"
  | "node"
  | "resources"
  | "time"
  | "array"
  | "submit-limit"
  | "script"
  | "permission"
  | "other";

/** Slurm refuses what is asked of it. */
export class SlurmRefusal extends ClusterError {
  /** @param kind What it was refused for. */
  constructor(
    readonly kind: RefusalKind,
    message: string,
    remedy?: string,
    options?: ErrorOptions,
  ) {
    super(message, remedy, options);
  }
}

/** Slurm does not answer now; it may later. */
export class SlurmUnreachable extends ConnectionError {
  /** @param maybeAccepted Whether a job that was being submitted may be in the queue all the same. */
  constructor(
    readonly maybeAccepted: boolean,
    message: string,
    remedy?: string,
    options?: ErrorOptions,
  ) {
    super(message, remedy, options);
  }
}

/** Why a program of Slurm has failed. */
export type Verdict =
  | {
    readonly kind: "refused";
    readonly refusal: RefusalKind;
    /** In plain words. */
    readonly reason: string;
    readonly remedy: string;
    /** Slurm's own words, cleaned of what it puts before them. */
    readonly said: string;
  }
  | {
    readonly kind: "unreachable";
    /** Whether what was asked may have been done. */
    readonly maybeAccepted: boolean;
    readonly said: string;
  }
  /** The program is not there. */
  | { readonly kind: "missing" };

/** Nothing was sent, or nobody listened. */
const NOT_REACHED = new RegExp(
  [
    "\\(connect failure\\)",
    "Communication connection failure",
    "Connection refused",
    "No route to host",
    "Network is unreachable",
    "in standby mode",
    "Protocol authentication error",
    "Invalid authentication credential",
    "Authentication credential invalid",
    "Failed to (?:connect to|open) authentication",
    "Could not establish a configuration source",
    "cannot stat file .*, retrying",
    "Temporary failure in name resolution",
    "Unable to resolve",
  ].join("|"),
  "i",
);

/** Something was sent, and no answer came. */
const NO_ANSWER = new RegExp(
  [
    "Unable to contact slurm controller",
    "Socket timed out",
    "Zero Bytes were transmitted or received",
    "Message (?:send|receive) failure",
    "Communication shutdown failure",
    "Unexpected message received",
    "Unexpected missing socket error",
    "Insane message length",
    "Received (?:zero length message|message length < 0)",
    "Failed to send entire message",
    "Header lengths are longer than data received",
    "Connection (?:timed out|reset by peer)",
    "Broken pipe",
    "Transport endpoint is not connected",
  ].join("|"),
  "i",
);

type Row = readonly [text: RegExp, kind: RefusalKind, reason: string, remedy: string];

/** The first that fits holds: what is particular comes before what is general. */
const REFUSALS: readonly Row[] = [
  [
    /(?:Assoc|QOS)\w*SubmitJobs?\w*Limit|MaxSubmitJobsPerAccount/,
    "submit-limit",
    "you may have no more jobs in the queue",
    "Wait until some have ended, or set another qos in the profile.",
  ],
  [
    /temporarily unable to accept job|Resource temporarily unavailable|Unable to create job record/,
    "submit-limit",
    "the queue is full",
    "Wait until jobs have ended.",
  ],
  [
    /Requested time limit is invalid|Invalid (?:--)?time(?:-min)? spec|Time limit specification required|(?:Assoc|QOS)\w*WallDuration\w*Limit|(?:Assoc|QOS)MaxWall\w*|PartitionTimeLimit|Invalid time specified/,
    "time",
    "it allows no such time limit",
    "Set time in the profile to no more than the partition and the qos allow.",
  ],
  [
    /(?:Assoc|QOS)\w*(?:Cpu|CPU|Mem|GRES|Node|Billing|Energy|BB|License|Unknown)\w*|Max\w+PerAccount|MaxMemPerLimit/,
    "resources",
    "a limit of the account or qos is less than what a task asks for",
    "Lower cpus, memory or gres in the profile, or set another qos.",
  ],
  [
    // Older versions say no more than this; the submit limit is what most meet.
    /Job violates accounting\/QOS policy/,
    "submit-limit",
    "it is against a limit of the account or qos",
    "Wait until some of your jobs have ended, or set another qos in the profile.",
  ],
  [
    /Invalid partition|No partition specified|group not permitted to use this partition|Requested nodes not in this partition|Required partition not available|Requested partition configuration not available|Partition in DOWN state|partition specified/,
    "partition",
    "it has no such partition for you",
    "Set partition in the profile to one that sinfo lists and you may use.",
  ],
  [
    /Invalid account|Invalid parent account|InvalidAccount/,
    "account",
    "it does not know the account, or not with this partition",
    "Set account in the profile to one of yours; `sacctmgr show assoc user=$USER` lists them.",
  ],
  [
    /Invalid qos|InvalidQOS|QOS usage threshold/,
    "qos",
    "you may not use the qos",
    "Set qos in the profile to one of yours; `sacctmgr show assoc user=$USER` lists them.",
  ],
  [
    /Invalid (?:cluster |preferred )?feature specification|Active features not subset/,
    "constraint",
    "no node has such a feature",
    "Set constraint in the profile to a feature that `sinfo -o %f` lists.",
  ],
  [
    /Invalid node name|Required node not available|Requested nodes are busy/,
    "node",
    "it has no such node",
    "Mend the nodes that directives in the profile name.",
  ],
  [
    /Invalid job array specification/,
    "array",
    "it takes no array of such indices",
    "See MaxArraySize in `scontrol show config`; 0 or 1 means that it takes no arrays.",
  ],
  [
    /node configuration is not available|Memory (?:specification can not be satisfied|required by task)|\(gres\) specification|GRES|More processors requested|(?:CPU|Core|Node) count|Requested more tasks than|Trackable RESource|Invalid -?-?(?:mem|memory|cpus-per-task|gres|gpus)\b|Invalid numeric value/,
    "resources",
    "no node has what a task asks for",
    "Lower cpus, memory or gres in the profile; `sinfo -o '%P %c %m %G'` says what there is.",
  ],
  [
    /batch script|Unable to open file|Job script not specified|Pathname .* too long|I\/O error writing script/i,
    "script",
    "it cannot use the batch script",
    "See that the template begins with #! and has the line breaks of Unix, and that the disk has room.",
  ],
  [
    /permission denied|Invalid user id|Access denied|submissions disabled|Only batch jobs|operation is presently disabled/i,
    "permission",
    "it does not let you",
    "Ask those who run the cluster.",
  ],
  [
    /unrecognized option|option requires an argument|Invalid -?-\w[\w-]*|Invalid (?:license|reservation)|reservation/i,
    "other",
    "it does not take an option of the job",
    "Mend directives in the profile, or name the option in skip.",
  ],
];

/**
 * Finds out what a failed program of Slurm meant. One that a signal ended, or that says nothing, has not
 * refused: what was asked of it may have been done.
 *
 * @param stderr What it printed as its error.
 * @param code Its exit code, other than 0.
 * @example
 * ```ts
 * import { classify } from "./refusals.ts";
 * import assert from "node:assert";
 *
 * const stderr = "sbatch: error: Batch job submission failed: Invalid qos specification\n";
 * const verdict = classify(stderr, 1);
 * assert.ok(verdict.kind === "refused");
 * assert.deepStrictEqual([verdict.refusal, verdict.said], ["qos", "Invalid qos specification"]);
 * ```
 */
export function classify(stderr: string, code: number): Verdict {
  if (code === 127) return { kind: "missing" };
  const lines = wordsOf(stderr);
  const ending = `exit code ${code}`;
  if (code >= SIGNALLED && code <= SIGNALLED + MOST_SIGNALS) {
    const said = shorten([ending, ...lines].join("; "));
    return { kind: "unreachable", maybeAccepted: true, said };
  }
  if (lines.length === 0) return { kind: "unreachable", maybeAccepted: true, said: ending };
  const said = shorten(lines.join("; "));
  // What sbatch has overcome by trying again stands above its last word.
  const last = lines.at(-1) ?? "";
  if (NOT_REACHED.test(last)) return { kind: "unreachable", maybeAccepted: false, said };
  if (NO_ANSWER.test(last)) return { kind: "unreachable", maybeAccepted: true, said };
  const text = lines.join("\n");
  const [, refusal, reason, remedy] = REFUSALS.find(([pattern]) => pattern.test(text)) ??
    [/$/, "other", "it refuses the job", "Mend the profile, or ask those who run the cluster."];
  return { kind: "refused", refusal, reason, remedy, said };
}

/** The lines of an error without what Slurm's programs put before them, each once. */
function wordsOf(stderr: string): string[] {
  const lines = stderr.split("\n").map((line) =>
    line.replace(/\p{Cc}/gu, " ").trim()
      .replace(/^(?:sbatch|squeue|sacct|sacctmgr|scancel|scontrol|sinfo): /, "")
      .replace(/^(?:error|fatal): /, "")
      .replace(/^(?:Batch job submission failed|allocation failure|slurm_load_\w+ error): /, "")
      .trim()
  );
  return [...new Set(lines)].filter((line) => line !== "" && !/^Try "\w+ --help"/.test(line));
}

/** Exit codes from here on, one for each signal, are of programs that a signal ended; sbatch itself uses 255. */
const SIGNALLED = 128, MOST_SIGNALS = 64;

/** Characters of Slurm's words that a message holds. */
const MOST = 300;

function shorten(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 3)}...` : text;
}
