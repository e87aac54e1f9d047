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

/** An engine over fixed matrices; make one per worker. All engines give the same answers to the bit. */
export interface Engine {
  readonly name: string;
  /**
   * Counts for every pair of the tile.
   *
   * @returns (rowEnd - rowStart) x (columnEnd - columnStart) counts, row-major; a view that the next call overwrites.
   */
  counts(tile: Tile): Uint16Array;
  /**
   * The pairs of the tile whose count reaches its least count.
   *
   * @param triangular Keep only pairs with column > row (both indices into the same list of voxels).
   */
  links(tile: Tile, thresholds: LeastCounts, triangular: boolean): Links;
  /**
   * For each row of the tile, how many of its columns it is linked with.
   *
   * @param least (rowEnd - rowStart) x columnClassCount least counts, row-major: each row has its own.
   * @returns Length rowEnd - rowStart.
   */
  tally(
    tile: Tile,
    columnClasses: Uint16Array,
    columnClassCount: number,
    least: Uint16Array,
  ): Uint32Array<ArrayBuffer>;
}

/** Makes an engine for the pairs (row of `rows`, row of `columns`); both matrices have the same volumes. */
export type EngineFactory = (rows: BitMatrix, columns: BitMatrix) => Engine;
