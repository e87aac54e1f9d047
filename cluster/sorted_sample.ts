/**
 * The sample as the engines see it.
 *
 * @module
 */
import { type LeastCounts, takeVoxels } from "../core/cooccupancy/mod.ts";
import { totalClasses } from "../core/null_model/mod.ts";
import type { News } from "./progress.ts";
import type { Run } from "./run_file.ts";
import type { CompleteStage } from "./shards.ts";
import type { SampledUnion } from "./volumes_file.ts";
import type { SketchWork } from "./work.ts";

/** What a sketch is made from. */
export interface Sketching {
  readonly run: Pick<Run, "sketch" | "grid">;
  readonly union: SampledUnion;
  /** Has its stages computed. */
  readonly complete: CompleteStage;
  /** Receives what is worth a word. */
  readonly tell: (news: News) => void;
}

/** The sample, sorted by total, so that whole tiles fall under the pruning. */
export interface SortedSample {
  /** Place in the sample of each row. */
  readonly order: Uint32Array;
  /** Rows of the union. */
  readonly rows: Uint32Array;
  /** Distinct totals, ascending, and the class of each row among them. */
  readonly totals: Uint32Array;
  readonly classes: Uint16Array;
}

/** Sorts the sample by total, then by draw. */
export function sortSample({ sampled, totals }: SampledUnion): SortedSample {
  const own = Uint32Array.from(sampled, (row) => totals[row]!);
  const order = Uint32Array.from(own.keys()).sort((a, b) => own[a]! - own[b]! || a - b);
  const rows = order.map((i) => sampled[i]!);
  return { order, rows, ...totalClasses(order.map((i) => own[i]!)) };
}

/** Least counts for the sorted sample against itself. */
export function thresholdsOf({ totals, classes }: SortedSample, least: Uint16Array): LeastCounts {
  return { rowClasses: classes, columnClasses: classes, columnClassCount: totals.length, least };
}

/** What the jobs work on. */
export function workOf(
  { union }: Pick<Sketching, "union">,
  { order, rows, totals }: SortedSample,
  thresholds: LeastCounts,
  byDistance: SketchWork["byDistance"],
): SketchWork {
  return {
    matrix: takeVoxels(union.matrix, rows, true),
    flat: rows.map((row) => union.flat[row]!),
    totals,
    places: order,
    thresholds,
    ...(byDistance === undefined ? {} : { byDistance }),
  };
}
