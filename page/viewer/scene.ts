/**
 * What the viewer draws: unpacked from the page's text.
 *
 * @module
 */

/** Voxels of a cubic grid, and what they are to the blocks. */
export interface Grid {
  /** Side of the grid in voxels. */
  readonly box: number;
  /** Side of a voxel in Angstrom. */
  readonly apix: number;
  /** Voxels of the run's grid along each side of one of this grid's; 1 where the grid is the run's. */
  readonly binning: number;
  /** Flat indices (z * box + y) * box + x of the union's voxels, ascending: length M. */
  readonly union: Uint32Array;
  /** Share of the volumes that occupy each, 0 to 255: length M. */
  readonly consensus: Uint8Array;
  /** Rows of each block's voxels in the union, ascending, in the order of the scene's blocks. */
  readonly members: readonly Uint32Array[];
}

/** A block as the page lists it. */
export interface SceneBlock {
  readonly id: number;
  readonly name: string;
  /** "#rrggbb". */
  readonly colour: string;
}

/** Everything that is drawn. */
export interface Scene {
  readonly blocks: readonly SceneBlock[];
  /** The grid of the blocks and of the consensus. */
  readonly shape: Grid;
  /** Absent where the volumes are too many to be kept in a page. */
  readonly volumes: {
    /** Number of volumes, N, in the order of the run's kept volumes. */
    readonly count: number;
    /** The grid they are told on: `shape`, or a coarser one (`binning` says how coarse). */
    readonly grid: Grid;
    /** M rows of ceil(N / 8) bytes: bit `k & 7` of byte `k >> 3` says whether volume k occupies the voxel. */
    readonly bits: Uint8Array;
  } | undefined;
}
