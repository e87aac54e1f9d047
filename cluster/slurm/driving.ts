/**
 * What the parts of a drive share: a stage on its way over a cluster.
 *
 * @module
 */
import type { Surroundings } from "../progress.ts";
import type { ShardedStage } from "../shards.ts";
import type { StageBatches } from "./batches.ts";
import type { ClusterChoice } from "./choice.ts";
import type { Batch } from "./files.ts";
import type { Gatherer } from "./gather.ts";
import type { Estimate } from "./plan.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Site } from "./site.ts";
import type { Submitter } from "./submit.ts";

/** What a drive is about. */
export interface Driving {
  readonly folder: string;
  readonly stage: ShardedStage;
  readonly site: Site;
  readonly choice: ClusterChoice;
  readonly surroundings: Surroundings;
}

/** A drive under way. */
export interface Drive extends Driving {
  readonly batches: StageBatches;
  readonly plan: Estimate;
  readonly gatherer: Gatherer;
  readonly scheduler: Scheduler;
  readonly submitter: Submitter;
  /** Batches that were there before: whoever goes on with a run knows that their jobs were cancelled. */
  readonly before: readonly Batch[];
  /** Reasons to wait that the user was told of. */
  readonly stuck: Set<string>;
}
