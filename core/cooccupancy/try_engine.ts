/**
 * Trying an engine on some voxels: whether it works, whether it is right, and how fast it is.
 *
 * @module
 */
import { type BitMatrix, takeVoxels, totals } from "./bit_matrix.ts";
import type { Engine, LeastCounts, Tile } from "./engine.ts";
import { findEngine, type OneEngine } from "./engines.ts";
import type { MissingEngine, WorkingEngine } from "./found.ts";
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
const CHECKED = 8;

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
          remedy: "Please tell us; another engine computes in its place.",
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
    // Whatever is wrong with a candidate, no memory for it say, is no reason for a run to end.
    return { name, works: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

const allPairs = ({ voxels }: BitMatrix): Tile => ({
  rowStart: 0,
  rowEnd: voxels,
  columnStart: 0,
  columnEnd: voxels,
});

/** Whether an engine says what the reference says: links, tallies and counts of voxels from the whole matrix. */
async function isRight(
  engine: Engine,
  matrix: BitMatrix,
  thresholds: LeastCounts,
): Promise<boolean> {
  const reference = referenceEngine(matrix, matrix);
  const { voxels } = matrix;
  const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
  const blocks = {
    starts: Uint32Array.of(0, Math.floor(voxels / 3), voxels),
    classes: columnClasses,
    classCounts: [columnClassCount, columnClassCount],
  };
  const at = Array.from({ length: CHECKED }, (_, i) => Math.floor(i * voxels / CHECKED));
  const tiles = [...new Set(at)].map((row) => ({
    ...allPairs(matrix),
    rowStart: row,
    rowEnd: row + 1,
  }));
  const found = await engine.links(tiles, thresholds, true);
  const expected = reference.links(tiles, thresholds, true);
  if (!(["rows", "columns", "both"] as const).every((key) => isSame(found[key], expected[key]))) {
    return false;
  }
  for (const tile of tiles) {
    const from = rowClasses[tile.rowStart]! * columnClassCount;
    const ofRow = least.subarray(from, from + columnClassCount);
    const twice = new Uint16Array(2 * columnClassCount);
    twice.set(ofRow);
    twice.set(ofRow, columnClassCount);
    const { rowStart, rowEnd } = tile;
    const tally = await engine.tally(rowStart, rowEnd, blocks, twice);
    if (!isSame(tally, reference.tally(rowStart, rowEnd, blocks, twice))) return false;
  }
  const [tile] = tiles.slice(-1);
  return tile === undefined || isSame(await engine.counts(tile), reference.counts(tile));
}

const isSame = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);

/** Pairs a second, of the fastest round: the others waited for a compiler, for memory, or for other programs. */
async function speed(
  engine: Engine,
  matrix: BitMatrix,
  thresholds: LeastCounts,
  milliseconds: number,
  now: () => number,
): Promise<number> {
  const tile = allPairs(matrix);
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
