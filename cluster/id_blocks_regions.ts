/**
 * Regions that were found, and what is said of each.
 *
 * @module
 */
import { jaccardIndex } from "../core/blocks/overlaps.ts";
import { type ClassDifference, connectedPieces } from "../core/id_blocks/mod.ts";
import { percentiles } from "../core/volumes/levels/select.ts";
import type { Ensemble } from "./id_blocks_ensemble.ts";
import type { IdBlocksOptions } from "./id_blocks_options.ts";
import type { Question } from "./id_blocks_questions.ts";

/** A region that tells high from low volumes. */
export interface IdentifiedRegion {
  /** Number of its mask. */
  readonly id: number;
  /** The block of which volumes are high or low, or "where". */
  readonly of: string;
  /** `with`: it is there in high volumes; `instead`: in low ones. */
  readonly kind: "with" | "instead";
  readonly voxels: number;
  readonly high: number;
  readonly low: number;
  /** Occupancy above which volumes are high. */
  readonly cutoff?: number;
  /** Jaccard index with the block itself, where that is a block of the run. */
  readonly jaccard?: number;
  /** Of density: mean difference, and greatest |t|. */
  readonly difference?: number;
  readonly t?: number;
}

/** Voxels that were found for a question. */
export interface Found {
  readonly question: Question;
  readonly kind: "with" | "instead";
  readonly voxels: Uint32Array;
  readonly difference?: number;
  readonly t?: number;
}

/** The pieces that are denser in one class of volumes. */
export function byDensity(
  question: Question,
  { difference, t }: ClassDifference,
  box: number,
  options: IdBlocksOptions,
): Found[] {
  const [low, high] = percentiles(difference, [100 - options.diff_p, options.diff_p]);
  const places = Uint32Array.from(difference.keys());
  const isWith = (v: number) => difference[v]! > high! && difference[v]! > 0;
  const isInstead = (v: number) => difference[v]! < low! && difference[v]! < 0;
  return ([["with", isWith], ["instead", isInstead]] as const).flatMap(([kind, test]) => {
    const pieces = connectedPieces(places.filter(test), box)
      .filter((piece) => piece.length >= options.min_size);
    const together = options.pieces || pieces.length === 0
      ? pieces
      : [Uint32Array.from(pieces.flatMap((piece) => [...piece])).sort()];
    return together.map((voxels): Found => ({
      question,
      kind,
      voxels,
      difference: voxels.reduce((sum, v) => sum + difference[v]!, 0) / voxels.length,
      ...(t && { t: voxels.reduce((most, v) => Math.max(most, Math.abs(t[v]!)), 0) }),
    }));
  });
}

/** What is said of each region, in the order in which they were found. */
export function describe(
  found: readonly Found[],
  { run }: Ensemble,
  { pieces, method, where }: IdBlocksOptions,
): IdentifiedRegion[] {
  // A region of a whole block has the block's number.
  const isOfBlocks = !pieces && method === "occupied" && where === undefined &&
    found.every(({ question }) => /^b(0|[1-9]\d{0,8})$/.test(question.name));
  const blocks = new Map(run?.blocks.map((block) => [`b${block.id}`, new Set(block.voxels)]));
  return found.map(({ question, kind, voxels, difference, t }, i) => {
    const { name, classes, cutoff } = question;
    const block = blocks.get(name);
    const shared = block && voxels.reduce((sum, v) => sum + (block.has(v) ? 1 : 0), 0);
    return {
      id: isOfBlocks ? Number(name.slice(1)) : i,
      of: name,
      kind,
      voxels: voxels.length,
      high: classes.high.length,
      low: classes.low.length,
      ...(cutoff === undefined ? {} : { cutoff }),
      ...(block && { jaccard: jaccardIndex(shared!, voxels.length, block.size) }),
      ...(difference === undefined ? {} : { difference }),
      ...(t === undefined ? {} : { t }),
    };
  });
}
