/**
 * Which cluster a run goes to, and how.
 *
 * @module
 */
import type { Profile } from "./profile.ts";

/** What siren needs to know of the machine it is started on to reach a cluster from there. */
export interface Client {
  /** Home folder and name of the user. */
  readonly home: string;
  readonly user: string;
  /** SSH_AUTH_SOCK. */
  readonly agent: string | undefined;
  /** Words that start this very siren here, as a worker does: Deno, its flags, the program. */
  readonly siren: readonly [string, ...string[]];
  /** Environment that these words need, such as DENO_DIR. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks the user; absent where there is no terminal. Undefined: no answer. */
  readonly ask?: (question: { text: string; secret: boolean }) => Promise<string | undefined>;
  /** The time, and a pause that ends early when the signal is aborted. */
  now(): Date;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A cluster to compute on. */
export interface ClusterChoice {
  readonly profile: Profile;
  readonly client: Client;
  /**
   * `wait`: until the run is done. `submit`: what can be submitted now is, and whatever is there is
   * gathered, without waiting. `plan`: nothing is submitted; what would be is told. `here`: the run leaves
   * the cluster, and what is left of it is computed on this machine.
   */
  readonly mode: "wait" | "submit" | "plan" | "here";
}

/** Thrown where a run cannot go on before jobs have ended that nobody waits for; not an error. */
export class JobsUnderWay extends Error {
  constructor(readonly submission: Submission) {
    super("The run goes on when its jobs have ended");
    this.name = "JobsUnderWay";
  }
}

/** Jobs that a run is waiting for. */
export interface Submission {
  /** The run folder. */
  readonly folder: string;
  readonly profile: string;
  readonly where: string;
  readonly stage: string;
  /** Array jobs under way, and their tasks; `waiting` tasks are not submitted yet for a limit of the site. */
  readonly jobs: readonly string[];
  readonly tasks: number;
  readonly waiting: number;
  /** Shards of the stage in the run folder. */
  readonly done: number;
  readonly total: number;
  /** What to type next. */
  readonly next: string;
}

/** Thrown in place of submitting, where only a plan was asked for; not an error. */
export class Planned extends Error {
  constructor(readonly plan: StagePlan) {
    super("Nothing was submitted");
    this.name = "Planned";
  }
}

/** What would be submitted for a stage. */
export interface StagePlan {
  readonly profile: string;
  readonly where: string;
  readonly stage: string;
  readonly shards: number;
  readonly tasks: number;
  /** Array jobs, because of the site's MaxArraySize. */
  readonly jobs: number;
  /** Pairs of the smallest and the largest task. */
  readonly pairsPerTask: readonly [number, number];
  readonly cpus: number;
  readonly gpus: number;
  readonly memory_MiB: number;
  /** Time limit, where siren sets it. */
  readonly minutes: number | undefined;
  /** Seconds that the largest task is expected to take. */
  readonly seconds: number;
  /** Size of the work file. */
  readonly bytes: number;
  /** The batch script, and sbatch's command line of the first job. */
  readonly script: string;
  readonly command: readonly string[];
  /** Things worth a word, such as limits that could not be asked for. */
  readonly notes: readonly string[];
}
