/**
 * What a command says at its end, and what `siren status` says at any time.
 *
 * @module
 */
import type { Holder } from "./lock.ts";
import type { ClusterUse } from "./slurm/status.ts";

/** One line of the table of blocks. */
export interface BlockLine {
  readonly id: number;
  readonly voxels: number;
  readonly volume_A3: number;
  readonly mean_occupancy: number;
  readonly cohesion: number;
}

/** What came out of a sketch or an expansion. */
export interface StageSummary {
  /** Results folder. */
  readonly folder: string;
  readonly blocks: readonly BlockLine[];
  /** Pairs of sampled voxels tested, and how many of them are linked; sketch only. */
  readonly pairs?: number;
  readonly edges?: number;
  /** Union voxels in no block; expansion only. */
  readonly unassigned?: number;
  /** Result files that were changed since siren wrote them, and were left as they are. */
  readonly changed: readonly string[];
}

/** What a command did. */
export interface RunSummary {
  /** The run folder. */
  readonly folder: string;
  readonly rule: string;
  readonly volumes: number;
  readonly kept: number;
  readonly union: number;
  readonly sampled: number;
  /** Engines that compared voxels; absent if nothing was left to compare. */
  readonly engine?: string;
  readonly sketch: StageSummary;
  readonly expand?: StageSummary;
}

/** How far one stage is. */
export interface StageStatus {
  /** `thresholds` are predicted first, by `--weights`; `count` is the first half of the sketch under rule fdr. */
  readonly name: "thresholds" | "volumes" | "count" | "sketch" | "expand";
  readonly state: "not asked for" | "waiting" | "under way" | "done";
  /** Shards there and whole, of how many; absent while the plan is not made. */
  readonly shards?: { readonly done: number; readonly total: number; readonly damaged: number };
}

/** Where a run stands. */
export interface RunStatus {
  readonly folder: string;
  /** `on the cluster`: jobs of it are under way there, and nobody here waits for them. */
  readonly state: "done" | "running" | "on the cluster" | "interrupted";
  /** Who works on it now. */
  readonly holder?: Holder;
  readonly volumes: number;
  readonly rule: string;
  readonly stages: readonly StageStatus[];
  /** What it has used of a cluster, if it was on one. */
  readonly cluster?: ClusterUse;
  /** What to type next, if anything is left to do. */
  readonly next?: string;
}
