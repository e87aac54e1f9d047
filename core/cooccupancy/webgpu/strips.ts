/**
 * Tiles in the pieces that the kernels take: strips of up to 64 rows, within what one buffer holds of each
 * matrix.
 *
 * @module
 */
import type { Tile } from "../engine.ts";
import { NO_DIAGONAL, SEGMENT, SIDE, STRIP_WORDS } from "./shaders.ts";

/** Most strips of a dispatch: no dimension of it may be larger. */
const MOST_STRIPS = 65535;

/** Up to 64 rows of a tile against some of its columns, by their places in the matrices. */
export interface Strip {
  /** Index of the tile. */
  readonly tile: number;
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** Ranges of [start, end) that do not cross a multiple of `page`, of at most `most` each. */
export function* pieces(
  start: number,
  end: number,
  page: number,
  most = Infinity,
): Generator<[number, number]> {
  for (let from = start; from < end;) {
    const to = Math.min(end, from + most, (Math.floor(from / page) + 1) * page);
    yield [from, to];
    from = to;
  }
}

/**
 * Cuts tiles into strips: one tile after the other, ranges of columns before ranges of rows.
 *
 * @param page Voxels that a buffer holds.
 * @param mostColumns Most columns of a strip.
 */
export function* stripsOf(
  tiles: readonly Tile[],
  page: number,
  mostColumns = Infinity,
): Generator<Strip> {
  for (const [tile, { rowStart, rowEnd, columnStart, columnEnd }] of tiles.entries()) {
    for (const [column, columnTo] of pieces(columnStart, columnEnd, page, mostColumns)) {
      for (const [row, rowTo] of pieces(rowStart, rowEnd, page, SIDE)) {
        yield { tile, row, rows: rowTo - row, column, columns: columnTo - column };
      }
    }
  }
}

/** Strips that one dispatch counts. */
export interface Batch {
  readonly strips: readonly Strip[];
  /** Index of the buffer that holds the rows, and of that which holds the columns. */
  readonly rowPage: number;
  readonly columnPage: number;
}

/**
 * Puts strips that follow each other into batches.
 *
 * @param share For each strip the share that it takes of what a batch may be; a batch's shares add up to
 *   at most 1, unless it is a single strip.
 */
export function* batchesOf(
  strips: Iterable<Strip>,
  page: number,
  share: (strip: Strip) => number,
): Generator<Batch> {
  let held: Strip[] = [];
  let rowPage = 0, columnPage = 0, taken = 0;
  for (const strip of strips) {
    const ofRow = Math.floor(strip.row / page), ofColumn = Math.floor(strip.column / page);
    const own = share(strip);
    const fits = ofRow === rowPage && ofColumn === columnPage && taken + own <= 1 &&
      held.length < MOST_STRIPS;
    if (!fits && held.length > 0) {
      yield { strips: held, rowPage, columnPage };
      held = [];
      taken = 0;
    }
    [rowPage, columnPage] = [ofRow, ofColumn];
    held.push(strip);
    taken += own;
  }
  if (held.length > 0) yield { strips: held, rowPage, columnPage };
}

/** Words that hold a bit for each column: whole squares of pairs. */
export const maskWords = (columns: number) => Math.ceil(columns / SIDE) * (SIDE / 32);
/** Segments that a row's links are written in. */
export const segmentsOf = (columns: number) => Math.ceil(columns / SEGMENT);

/** A batch as the kernels read it. */
export interface EncodedBatch {
  readonly strips: Uint32Array<ArrayBuffer>;
  /** Words that are written, and segments. */
  readonly words: number;
  readonly segments: number;
  /** Most columns of a strip. */
  readonly columns: number;
}

/**
 * Lays a batch out.
 *
 * @param stride Words that are written for a row of so many columns.
 * @param triangular Whether only pairs with column > row count.
 */
export function encodeBatch(
  { strips, rowPage, columnPage }: Batch,
  page: number,
  stride: (columns: number) => number,
  triangular: boolean,
): EncodedBatch {
  const result = new Uint32Array(strips.length * STRIP_WORDS);
  const diagonal = triangular ? (rowPage - columnPage) * page : NO_DIAGONAL;
  let words = 0, segments = 0, mostColumns = 0;
  strips.forEach(({ row, rows, column, columns }, i) => {
    const step = stride(columns);
    result.set(
      [
        row - rowPage * page,
        rows,
        column - columnPage * page,
        columns,
        // Negative numbers as the kernels' i32 have them.
        diagonal >>> 0,
        words,
        step,
        segments,
      ],
      i * STRIP_WORDS,
    );
    words += rows * step;
    segments += rows * segmentsOf(columns);
    mostColumns = Math.max(mostColumns, columns);
  });
  return { strips: result, words, segments, columns: mostColumns };
}
