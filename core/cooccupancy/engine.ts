/**
 * What a co-occupancy engine does: exact counts of the volumes in which two voxels are both occupied,
 * and comparison of the counts with integer tables. Engines know nothing of statistics or distances.
 *
 * @module
 */
import type { BitMatrix } from "./bit_matrix.ts";

/** A least count that no pair reaches: such a pair is never linked. */
export const NEVER = 0xffff;

/** A rectangle of voxel pairs: rows [rowStart, rowEnd) of one matrix against rows [columnStart, columnEnd) of another. */
export interface Tile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

/**
 * Least counts by pair of classes. A voxel's class says which row and column of the table holds for it
 * (voxels of the same total share a class). A pair is linked when `both >= least[class of row * columnClassCount + class of column]`.
 */
export interface LeastCounts {
  /** Class of each row voxel of the matrix: length `rows.voxels`. */
  readonly rowClasses: Uint16Array;
  /** Class of each column voxel of the matrix: length `columns.voxels`. */
  readonly columnClasses: Uint16Array;
  /** Number of column classes. */
  readonly columnClassCount: number;
  /** Row classes x column classes; {@linkcode NEVER} where no pair can be linked. */
  readonly least: Uint16Array;
}

/** Linked pairs in order of (row, column), as three arrays of the same length. */
export interface Links {
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly columns: Uint32Array<ArrayBuffer>;
  /** Number of volumes in which both voxels of the pair are occupied. */
  readonly both: Uint16Array<ArrayBuffer>;
}

/**
 * Columns in blocks, each with classes of its own: block `b` is the columns `starts[b]` to
 * `starts[b + 1] - 1`.
 */
export interface ColumnBlocks {
  /** Ascending, each within the columns: length number of blocks + 1. */
  readonly starts: Uint32Array;
  /** Class of each column voxel of the matrix within its block: length `columns.voxels`. */
  readonly classes: Uint16Array;
  /** Number of classes of each block. */
  readonly classCounts: ArrayLike<number>;
}

/** A value that an engine may have at once, or later. */
export type Awaitable<T> = T | Promise<T>;

/** An engine over fixed matrices; make one per worker. All engines give the same answers to the bit. */
export interface Engine {
  readonly name: string;
  /**
   * Counts for every pair of the tile.
   *
   * @returns (rowEnd - rowStart) x (columnEnd - columnStart) counts, row-major; a view that the next call overwrites.
   */
  counts(tile: Tile): Awaitable<Uint16Array>;
  /**
   * The pairs of some tiles whose count reaches its least count: those of one tile after those of another,
   * each tile's in order of (row, column).
   *
   * @param triangular Keep only pairs with column > row (both indices into the same list of voxels).
   */
  links(
    tiles: readonly Tile[],
    thresholds: LeastCounts,
    triangular: boolean,
  ): Awaitable<Links>;
  /**
   * For each row and each block of columns, how many of the block's columns the row is linked with.
   *
   * @param least Least counts, each row having its own: for each block, one block after the other,
   *   (rowEnd - rowStart) x (classes of the block), row-major.
   * @returns (rowEnd - rowStart) x (number of blocks), row-major.
   */
  tally(
    rowStart: number,
    rowEnd: number,
    blocks: ColumnBlocks,
    least: Uint16Array,
  ): Awaitable<Uint32Array<ArrayBuffer>>;
  /** Gives back what the engine holds outside this program's memory; it is not used afterwards. */
  close(): void;
}

/** An engine that answers at once. */
export interface SyncEngine extends Engine {
  counts(tile: Tile): Uint16Array;
  links(tiles: readonly Tile[], thresholds: LeastCounts, triangular: boolean): Links;
  tally(
    rowStart: number,
    rowEnd: number,
    blocks: ColumnBlocks,
    least: Uint16Array,
  ): Uint32Array<ArrayBuffer>;
}

/** Makes an engine for the pairs (row of `rows`, row of `columns`); both matrices have the same volumes. */
export type EngineFactory = (rows: BitMatrix, columns: BitMatrix) => Awaitable<Engine>;

/** Makes an engine that answers at once. */
export type SyncEngineFactory = (rows: BitMatrix, columns: BitMatrix) => SyncEngine;
