/**
 * What the report's page draws in 3-D, as text in the page: see {@linkcode packScene}.
 *
 * @module
 */

/** Voxels of a cubic grid, packed. */
export interface PackedGrid {
  /** Side of the grid in voxels. */
  readonly box: number;
  /** Side of a voxel in Angstrom. */
  readonly apix: number;
  /** Voxels of the run's grid along each side of one of this grid's; 1 where the grid is the run's. */
  readonly binning: number;
  /** Voxels of the union, M. */
  readonly voxels: number;
  /** Voxels of each block, in the order of the scene's blocks. */
  readonly members: readonly number[];
  /**
   * Base64 of a zlib stream of: the union's flat indices (z * box + y) * box + x, as varints (LEB128) of how
   * far each lies above the one before, less one; one byte for each voxel, the share of the volumes that
   * occupy it, 0 to 255; and, block after block, the rows of its voxels in the union, ascending, as varints
   * in the same way.
   */
  readonly data: string;
}

/** A scene, packed: JSON. */
export interface PackedScene {
  readonly format: 1;
  /** In the order in which the page lists them; their voxels are in the grids. */
  readonly blocks: readonly {
    readonly id: number;
    readonly name: string;
    readonly colour: string;
  }[];
  /** The grid of the blocks and of the consensus. */
  readonly shape: PackedGrid;
  /** Which voxels each volume occupies; absent where that would take too many bytes. */
  readonly volumes?: {
    /** Number of volumes, N. */
    readonly count: number;
    /** A coarser grid that they are told on; absent where it is `shape`. */
    readonly grid?: PackedGrid;
    /**
     * Base64 of a zlib stream of M rows of ceil(N / 8) bytes: bit `k & 7` of byte `k >> 3` says whether the
     * voxel is occupied in volume k. Voxels of a block have much the same row, which is what packs well.
     */
    readonly data: string;
  };
}
