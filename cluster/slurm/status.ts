/**
 * What a run on a cluster has used, and where its tasks stand: from its own files.
 *
 * @module
 */

/** One array task of a run. */
export interface TaskLine {
  /** How it is called: "sketch-1/12", the batch and the place in it. */
  readonly task: string;
  /** Slurm's id: "4711_12"; absent while it is not submitted. */
  readonly job?: string;
  readonly state: "waiting" | "pending" | "running" | "done" | "left" | "ended badly";
  readonly node?: string;
  readonly device?: string;
  /** Seconds it has run, as far as is known. */
  readonly seconds?: number;
  readonly shards: number;
  readonly shardsDone: number;
  /** How it ended, in words, if not well. */
  readonly reason?: string;
}

/** What a stage has used on a cluster. */
export interface StageUse {
  readonly stage: string;
  readonly batches: number;
  readonly jobs: readonly string[];
  /** Tasks by state, over all batches. */
  readonly tasks: Readonly<Record<TaskLine["state"], number>>;
  /** Tasks that were submitted again, with the reason of each batch: "1 task ran out of memory: ...". */
  readonly retries: readonly string[];
  readonly cpuHours: number;
  readonly gpuHours: number;
  /** The tasks that took longest, at most 3. */
  readonly slowest: readonly TaskLine[];
  /** Tasks that computed on the CPU although a GPU was granted: "3 tasks on n1, n2: reason". */
  readonly fallbacks: readonly string[];
}

/** A run's use of a cluster. */
export interface ClusterUse {
  readonly profile: string;
  readonly where: string;
  /** The run's folder there; absent where it was removed, as all is in the run folder. */
  readonly folder?: string;
  readonly stages: readonly StageUse[];
}
