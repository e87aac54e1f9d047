/**
 * What a run tells whoever watches it. The command line turns it into bars, lines or JSON.
 *
 * @module
 */

import type { EngineName } from "../core/cooccupancy/mod.ts";
import type { ClusterChoice } from "./slurm/choice.ts";

/** One piece of news from a run. */
export type News =
  /** `done` of `total` pieces of a stage are ready. */
  | {
    readonly kind: "progress";
    readonly stage: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    /** Where the rest stands, as in "12 tasks running, 30 pending". */
    readonly detail?: string;
  }
  /** Something worth a line. */
  | { readonly kind: "note"; readonly text: string }
  /** Something that may be wrong with the input. */
  | { readonly kind: "warning"; readonly text: string };

/** What a run needs from its surroundings. */
export interface Surroundings {
  /** Threads to compute with, 1 or more. */
  readonly threads: number;
  /** Name of the engine, or "auto". */
  readonly engine: EngineName;
  /** Host name, for the lock. */
  readonly host: string;
  /** What the user typed, for the lock. */
  readonly command: string;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /** The cluster to compute on; if absent, this machine computes. */
  readonly cluster?: ClusterChoice;
  /** Receives news as it happens. */
  tell(news: News): void;
}
