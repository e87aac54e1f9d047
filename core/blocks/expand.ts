/**
 * Expansion by links: every union voxel against every block, for the rules whose links are decided pair
 * by pair (`siren` and `fdr`).
 *
 * @module
 */
import type { Engine } from "../cooccupancy/mod.ts";

/** The blocks' voxels as columns of an engine, block after block. */
export interface BlockColumns {
  /** First column of each block and, last, the number of columns: number of blocks + 1. */
  readonly starts: Uint32Array;
  /** For each block the classes (places among the distinct totals) that its voxels have. */
  readonly classesOfBlock: readonly Uint16Array[];
  /** For each column the place of its class among its block's classes. */
  readonly places: Uint16Array;
}

/**
 * Puts the blocks' voxels in order.
 *
 * @param blocks Class of each voxel of each block.
 */
export function blockColumns(blocks: readonly Uint16Array[]): BlockColumns {
  const starts = new Uint32Array(blocks.length + 1);
  blocks.forEach((classes, i) => starts[i + 1] = starts[i]! + classes.length);
  const classesOfBlock = blocks.map((classes) => Uint16Array.from(new Set(classes)).sort());
  const places = new Uint16Array(starts[blocks.length]!);
  blocks.forEach((classes, i) => {
    const place = new Map(Array.from(classesOfBlock[i]!, (own, at) => [own, at]));
    places.set(classes.map((own) => place.get(own)!), starts[i]);
  });
  return { starts, classesOfBlock, places };
}

/** Says from which count on a voxel is linked with a voxel of each class of a block. */
export interface LeastOfRow {
  /**
   * @param row Row of the voxel in the union.
   * @param block Place of the block in the list.
   * @param classes Classes that the block's voxels have.
   * @param least Filled: a least count for each of `classes`.
   */
  (row: number, block: number, classes: Uint16Array, least: Uint16Array): void;
}

/** Voxels that join blocks, each pair of row and block once. */
export interface Joined {
  readonly rows: Uint32Array<ArrayBuffer>;
  /** Place of the block in the list. */
  readonly blocks: Uint32Array<ArrayBuffer>;
  /** What decided: for rules by links the share of the block's voxels the voxel is linked with. */
  readonly scores: Float64Array<ArrayBuffer>;
}

/** Rows compared at a time: an engine keeps them prepared while the blocks go by. */
const ROWS_AT_ONCE = 1024;

/**
 * The voxels of [rowStart, rowEnd) that join a block because the share of the block's voxels they are
 * linked with is at least `share`. A voxel may join several blocks, or none.
 *
 * @param engine Union voxels as rows, the blocks' voxels as columns.
 * @param share 0 to 1, the reference's `exp_frac`.
 */
export async function expandByLinks(
  engine: Engine,
  rowStart: number,
  rowEnd: number,
  columns: BlockColumns,
  leastOfRow: LeastOfRow,
  share: number,
): Promise<Joined> {
  const rows: number[] = [], blocks: number[] = [], scores: number[] = [];
  const { starts, classesOfBlock, places } = columns;
  const classCounts = classesOfBlock.map((classes) => classes.length);
  const width = classesOfBlock.length;
  const perRow = classCounts.reduce((sum, count) => sum + count, 0);
  const blockVoxels = { starts, classes: places, classCounts };
  for (let first = rowStart; first < rowEnd; first += ROWS_AT_ONCE) {
    const last = Math.min(first + ROWS_AT_ONCE, rowEnd);
    const least = new Uint16Array((last - first) * perRow);
    let at = 0;
    for (const [block, classes] of classesOfBlock.entries()) {
      for (let row = first; row < last; row++, at += classes.length) {
        leastOfRow(row, block, classes, least.subarray(at, at + classes.length));
      }
    }
    const tally = await engine.tally(first, last, blockVoxels, least);
    for (let block = 0; block < width; block++) {
      const size = starts[block + 1]! - starts[block]!;
      for (let row = first; row < last; row++) {
        const score = tally[(row - first) * width + block]! / size;
        if (!(score >= share)) continue;
        rows.push(row);
        blocks.push(block);
        scores.push(score);
      }
    }
  }
  return {
    rows: Uint32Array.from(rows),
    blocks: Uint32Array.from(blocks),
    scores: Float64Array.from(scores),
  };
}
