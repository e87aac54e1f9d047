/**
 * The occupancy table: how much of each region is there in each volume.
 *
 * @module
 */

/** What is measured in every volume: a block, or what a mask covers. */
export interface Region {
  /** Name, unique in a table: `b7` for block 7 of a run, a mask's file name without its ending otherwise. */
  readonly name: string;
  /** Number of voxels of a block, or above one half in a mask; NaN where the table's file does not tell. */
  readonly voxels: number;
}

/** N volumes by K regions. */
export interface OccupancyTable {
  /** File names of the volumes, in the maps' natural order: length N, none twice. */
  readonly volumes: readonly string[];
  /** Length K, no name twice. */
  readonly regions: readonly Region[];
  /**
   * N x K, row by row: `values[volume * K + region]`. Shares of a region's voxels that are occupied, 0 to 1,
   * or densities under a mask, in the maps' own units.
   */
  readonly values: Float64Array;
}

/**
 * One column of a table.
 *
 * @param region Place of the region, 0 to K - 1.
 * @returns The region's occupancy in each volume: length N.
 * @example
 * ```ts
 * import { columnOf } from "./table.ts";
 * import assert from "node:assert";
 *
 * const table = {
 *   volumes: ["vol_000.mrc", "vol_001.mrc"],
 *   regions: [{ name: "b0", voxels: 9 }, { name: "b3", voxels: 7 }],
 *   values: Float64Array.of(0.1, 0.2, 0.3, 0.4),
 * };
 * assert.deepStrictEqual(columnOf(table, 1), Float64Array.of(0.2, 0.4));
 * ```
 */
export function columnOf(
  { volumes, regions, values }: OccupancyTable,
  region: number,
): Float64Array {
  return Float64Array.from(volumes, (_, volume) => values[volume * regions.length + region]!);
}
