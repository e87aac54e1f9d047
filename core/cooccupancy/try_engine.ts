/**
 * Trying an engine on some voxels: whether it works, whether it is right, and how fast it is.
 *
 * @module
 */
import { type BitMatrix, takeVoxels, totals } from "./bit_matrix.ts";
import type { Engine, LeastCounts, Tile } from "./engine.ts";
import { findEngine, type OneEngine } from "./engines.ts";
import { EngineError, type MissingEngine, type WorkingEngine } from "./found.ts";
import { referenceEngine } from "./reference.ts";

/** An engine that works here. */
export interface Trial extends Pick<WorkingEngine, "what" | "on" | "devices" | "software"> {
  readonly name: OneEngine;
  readonly works: true;
  /** Pairs a second of one thread, or of one device, links found and handed over. */
  readonly pairsPerSecond: number;
  /** See {@linkcode WorkingEngine.limit}. */
  readonly limit?: number;
}

/** What came of trying an engine. */
export type Tried = Trial | (MissingEngine & { readonly name: OneEngine });

/** Voxels whose pairs with all others are checked before an engine is timed. */
const CHECKED = 16;

/**
 * Least counts that about 1 % of the pairs of independent voxels reach: 2.33 standard deviations above
 * the mean of the hypergeometric distribution, by total. A table for trying engines, not for finding blocks.
 */
export function onePercent(matrix: BitMatrix): LeastCounts {
  const { volumes } = matrix;
  const own = totals(matrix);
  const distinct = [...new Set(own)].sort((a, b) => a - b);
  const placeOf = new Map(distinct.map((total, i) => [total, i]));
  const classes = Uint16Array.from(own, (total) => placeOf.get(total)!); // every total has its place
  const size = distinct.length;
  const least = Uint16Array.from({ length: size * size }, (_, i) => {
    const [f1, f2] = [distinct[Math.floor(i / size)]!, distinct[i % size]!];
    const mean = f1 * f2 / volumes;
    const deviation = Math.sqrt(mean * (1 - f1 / volumes) * (1 - f2 / volumes));
    return Math.ceil(mean + 2.33 * deviation + 0.5);
  });
  return { rowClasses: classes, columnClasses: classes, columnClassCount: size, least };
}

/**
 * Voxels for trying engines: at most so many, evenly spread over the matrix.
 *
 * @param shared Whether the words lie over shared memory.
 */
export function someVoxels(matrix: BitMatrix, most: number, shared = false): BitMatrix {
  const count = Math.min(most, matrix.voxels);
  const rows = Array.from({ length: count }, (_, i) => Math.floor(i * matrix.voxels / count));
  return takeVoxels(matrix, rows, shared);
}

/**
 * Tries an engine. Never throws for what is wrong with the engine: that is the answer.
 *
 * @param matrix At least one voxel, best sorted by total; all pairs of them are compared.
 * @param milliseconds How long to time it; 0 for one round.
 * @param now Gives milliseconds.
 * @param isAsked Whether the user asked for this engine.
 */
export async function tryEngine(
  name: OneEngine,
  matrix: BitMatrix,
  milliseconds: number,
  now: () => number,
  isAsked = false,
): Promise<Tried> {
  const found = await findEngine(name, isAsked);
  if (!found.works) return { name, ...found };
  const { what, on, devices, software } = found;
  const thresholds = onePercent(matrix);
  try {
    const engine = await found.open(0)(matrix, matrix);
    try {
      if (!await isRight(engine, matrix, thresholds)) {
        return {
          name,
          works: false,
          reason: `it counts wrongly on ${what}`,
          remedy: "Update its driver, or tell us.",
        };
      }
      const pairsPerSecond = await speed(engine, matrix, thresholds, milliseconds, now);
      const limit = found.limit?.(matrix);
      return {
        name,
        works: true,
        what,
        on,
        devices,
        ...(software === undefined ? {} : { software }),
        pairsPerSecond,
        ...(limit === undefined ? {} : { limit }),
      };
    } finally {
      engine.close();
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { name, works: false, reason: error.message };
  }
}

const firstPairs = ({ voxels }: BitMatrix, most: number): Tile => ({
  rowStart: 0,
  rowEnd: Math.min(voxels, most),
  columnStart: 0,
  columnEnd: Math.min(voxels, most),
});

/** Whether an engine says what the reference says of some pairs: across the matrix, for all shares to occur. */
async function isRight(
  engine: Engine,
  matrix: BitMatrix,
  thresholds: LeastCounts,
): Promise<boolean> {
  const tile = { ...firstPairs(matrix, CHECKED), columnEnd: matrix.voxels };
  const found = await engine.links([tile], thresholds, true);
  const expected = referenceEngine(matrix, matrix).links([tile], thresholds, true);
  return (["rows", "columns", "both"] as const).every((key) =>
    found[key].length === expected[key].length &&
    found[key].every((value, i) => value === expected[key][i])
  );
}

/** Pairs a second, of the fastest round: the others waited for a compiler, for memory, or for other programs. */
async function speed(
  engine: Engine,
  matrix: BitMatrix,
  thresholds: LeastCounts,
  milliseconds: number,
  now: () => number,
): Promise<number> {
  const tile = firstPairs(matrix, matrix.voxels);
  const start = now();
  let fastest = Infinity;
  for (
    let before = start, after;
    before - start < milliseconds || fastest === Infinity;
    before = after
  ) {
    await engine.links([tile], thresholds, false);
    after = now();
    fastest = Math.min(fastest, after - before);
  }
  return matrix.voxels ** 2 * 1000 / Math.max(fastest, 1e-3);
}
