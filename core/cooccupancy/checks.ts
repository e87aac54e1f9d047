/**
 * What every engine asks of what it is given: wrong shapes are refused, never counted wrongly.
 *
 * @module
 */
import type { BitMatrix } from "./bit_matrix.ts";
import type { ColumnBlocks, LeastCounts, Tile } from "./engine.ts";

/** Most volumes an engine takes: any count, and one more, is below {@linkcode NEVER}. */
export const MAX_VOLUMES = 65534;

/**
 * Checks that two matrices can be counted against each other.
 *
 * @throws {RangeError} Where their volumes differ or are none or too many, or where their words are too few.
 */
export function checkMatrices(rows: BitMatrix, columns: BitMatrix): void {
  if (rows.volumes !== columns.volumes) {
    throw new RangeError(
      `Cannot count voxels of different ensembles: volumes differ (${rows.volumes}, ${columns.volumes})`,
    );
  }
  const { volumes } = rows;
  if (!Number.isInteger(volumes) || volumes < 1 || volumes > MAX_VOLUMES) {
    throw new RangeError(`Cannot count voxels: volumes must be 1 to ${MAX_VOLUMES} (${volumes})`);
  }
  for (const { voxels, wordsPerVoxel, words } of [rows, columns]) {
    if (wordsPerVoxel !== Math.ceil(volumes / 32) || words.length !== voxels * wordsPerVoxel) {
      throw new RangeError(
        `Cannot count voxels: words do not match voxels and volumes (${words.length}, ${voxels}, ${volumes})`,
      );
    }
  }
}

/**
 * Checks that a tile lies within its matrices.
 *
 * @throws {RangeError}
 */
export function checkTile(tile: Tile, rows: BitMatrix, columns: BitMatrix): void {
  const within = (start: number, end: number, size: number) =>
    Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= size;
  const { rowStart, rowEnd, columnStart, columnEnd } = tile;
  if (
    !within(rowStart, rowEnd, rows.voxels) || !within(columnStart, columnEnd, columns.voxels)
  ) {
    throw new RangeError(
      `Cannot count a tile: it does not lie within ${rows.voxels} x ${columns.voxels} voxels ` +
        `(rows ${rowStart} to ${rowEnd}, columns ${columnStart} to ${columnEnd})`,
    );
  }
}

function checkClasses(
  classes: Uint16Array,
  voxels: number,
  [start, end]: [number, number],
  count: number,
): void {
  if (classes.length !== voxels) {
    throw new RangeError(
      `Cannot compare counts: one class is needed for each of ${voxels} voxels (${classes.length})`,
    );
  }
  for (let v = start; v < end; v++) {
    if (classes[v]! >= count) {
      throw new RangeError(`Cannot compare counts: class is not below ${count} (${classes[v]})`);
    }
  }
}

/**
 * Checks that a table of least counts matches a tile and its matrices.
 *
 * @throws {RangeError}
 */
export function checkLeastCounts(
  tile: Tile,
  thresholds: LeastCounts,
  rows: BitMatrix,
  columns: BitMatrix,
): void {
  const { rowClasses, columnClasses, columnClassCount, least } = thresholds;
  const { rowStart, rowEnd, columnStart, columnEnd } = tile;
  const rowClassCount = Math.floor(least.length / Math.max(columnClassCount, 1));
  checkClasses(rowClasses, rows.voxels, [rowStart, rowEnd], rowClassCount);
  checkClasses(columnClasses, columns.voxels, [columnStart, columnEnd], columnClassCount);
}

/**
 * Checks blocks of columns and the least counts of their tally.
 *
 * @throws {RangeError}
 */
export function checkBlocks(
  rowStart: number,
  rowEnd: number,
  { starts, classes, classCounts }: ColumnBlocks,
  least: Uint16Array,
  rows: BitMatrix,
  columns: BitMatrix,
): void {
  if (starts.length !== classCounts.length + 1) {
    throw new RangeError(
      `Cannot compare counts: ${classCounts.length} blocks need one start more (${starts.length})`,
    );
  }
  let needed = 0;
  for (let block = 0; block < classCounts.length; block++) {
    const columnStart = starts[block]!, columnEnd = starts[block + 1]!;
    checkTile({ rowStart, rowEnd, columnStart, columnEnd }, rows, columns);
    checkClasses(classes, columns.voxels, [columnStart, columnEnd], classCounts[block]!);
    needed += (rowEnd - rowStart) * classCounts[block]!;
  }
  if (least.length !== needed) {
    throw new RangeError(
      `Cannot compare counts: each of ${
        rowEnd - rowStart
      } rows needs a least count for each class ` +
        `(${needed}, not ${least.length})`,
    );
  }
}
