/**
 * What the tally kernel reads, and a tally in pieces of which each fits into a device's buffers.
 *
 * @module
 */
import type { ColumnBlocks } from "../engine.ts";
import { SIDE } from "./shaders.ts";
import { pieces } from "./strips.ts";

/** Words of what the kernel reads of a column. */
const COLUMN_WORDS = 4;

/** Rows [rowStart, rowEnd) and blocks [blockStart, blockEnd). */
export interface TallyPiece {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly blockStart: number;
  readonly blockEnd: number;
}

/** Sums of the classes of the blocks before each block: number of blocks + 1. */
export function classStarts({ classCounts }: ColumnBlocks): Float64Array {
  const result = new Float64Array(classCounts.length + 1);
  for (let b = 0; b < classCounts.length; b++) result[b + 1] = result[b]! + classCounts[b]!;
  return result;
}

/** Blocks in groups of which each has at most `most` classes, or is a single block. */
function* blockGroups(starts: Float64Array, most: number): Generator<[number, number]> {
  const blocks = starts.length - 1;
  for (let from = 0, to = 0; from < blocks; from = to) {
    for (to = from + 1; to < blocks && starts[to + 1]! - starts[from]! <= most;) to++;
    yield [from, to];
  }
}

/**
 * Cuts a tally into pieces.
 *
 * @param page Rows that a buffer holds.
 * @param limit Most bytes of a buffer.
 * @param rowsAtOnce Most rows, where that is more than {@linkcode SIDE}; asked before each piece of rows.
 */
export function* tallyPieces(
  rowStart: number,
  rowEnd: number,
  blocks: ColumnBlocks,
  page: number,
  limit: number,
  rowsAtOnce: (blockStart: number, blockEnd: number) => number,
): Generator<TallyPiece> {
  const starts = classStarts(blocks);
  // So that many rows of a group's least counts, and of its tally, find room together.
  const most = Math.floor(limit / 4 / SIDE);
  for (const [first, end] of blockGroups(starts, most)) {
    for (const [blockStart, blockEnd] of pieces(first, end, Infinity, most)) {
      const classes = starts[blockEnd]! - starts[blockStart]!;
      const bytes = Math.max(2 * classes + 2, 4 * (blockEnd - blockStart));
      const fitting = Math.max(1, Math.floor(limit / bytes));
      for (let from = rowStart; from < rowEnd;) {
        const wanted = Math.max(SIDE, Math.floor(rowsAtOnce(blockStart, blockEnd) / SIDE) * SIDE);
        const ofPage = (Math.floor(from / page) + 1) * page;
        const to = Math.min(rowEnd, ofPage, from + Math.min(wanted, fitting));
        yield { rowStart: from, rowEnd: to, blockStart, blockEnd };
        from = to;
      }
    }
  }
}

/** The least counts of a piece: for each of its blocks rows x classes. Whole words. */
export function pieceLeast(
  { rowStart, rowEnd, blockStart, blockEnd }: TallyPiece,
  [firstRow, endRow]: readonly [number, number],
  starts: Float64Array,
  least: Uint16Array,
): Uint16Array<ArrayBuffer> {
  const size = (rowEnd - rowStart) * (starts[blockEnd]! - starts[blockStart]!);
  const result = new Uint16Array(size + size % 2);
  let to = 0;
  for (let b = blockStart; b < blockEnd; b++) {
    const classes = starts[b + 1]! - starts[b]!;
    const block = starts[b]! * (endRow - firstRow);
    const from = block + (rowStart - firstRow) * classes;
    const part = least.subarray(from, from + (rowEnd - rowStart) * classes);
    result.set(part, to);
    to += part.length;
  }
  return result;
}

/**
 * What the kernel reads of columns [columnStart, columnEnd), which belong to blocks of the piece: four
 * words each.
 */
export function pieceColumns(
  { rowStart, rowEnd, blockStart, blockEnd }: TallyPiece,
  [columnStart, columnEnd]: readonly [number, number],
  blocks: ColumnBlocks,
  starts: Float64Array,
): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array((columnEnd - columnStart) * COLUMN_WORDS);
  for (let b = blockStart; b < blockEnd; b++) {
    const first = Math.max(blocks.starts[b]!, columnStart);
    const end = Math.min(blocks.starts[b + 1]!, columnEnd);
    const least = (starts[b]! - starts[blockStart]!) * (rowEnd - rowStart);
    for (let column = first; column < end; column++) {
      const at = (column - columnStart) * COLUMN_WORDS;
      result[at] = least + blocks.classes[column]!;
      result[at + 1] = blocks.classCounts[b]!;
      result[at + 2] = b - blockStart;
      result[at + 3] = end - columnStart;
    }
  }
  return result;
}
