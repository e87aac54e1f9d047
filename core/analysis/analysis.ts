/**
 * What an analysis of an occupancy table finds: the words that tables, pictures, scripts and the report
 * share.
 *
 * @module
 */
import type { OccupancyTable } from "../occupancy/table.ts";

/** Two clusters joined into one. */
export interface Merge {
  /**
   * The clusters joined, `a` before `b` in the tree's leaf order: a leaf is its place 0 to n - 1, the cluster
   * that merge m made is n + m, as in SciPy's linkage matrix.
   */
  readonly a: number;
  readonly b: number;
  /** Distance of the two; it never falls from merge to merge. */
  readonly height: number;
  /** Leaves of the cluster made. */
  readonly size: number;
}

/** A hierarchical clustering of n leaves. */
export interface Tree {
  /** n - 1 of them, by height. */
  readonly merges: readonly Merge[];
  /** Leaves from left to right, so that neighbours are as alike as the tree allows: a permutation of 0 to n - 1. */
  readonly order: readonly number[];
}

/** How two regions go together, over the volumes but for junk. A region is present in a volume or absent. */
export interface PairStatistics {
  /** Places of the regions, a < b. */
  readonly a: number;
  readonly b: number;
  /** Volumes with both, with a alone, with b alone, with neither. */
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Phi coefficient of the two presences, -1 to 1; 0 where one is always or never there. */
  readonly phi: number;
  /** Volumes that would hold both if the two were independent. */
  readonly expected: number;
  /** Fisher's exact test, one-sided: as many together, or more, by chance. */
  readonly pTogether: number;
  /** As few together, or fewer, by chance. */
  readonly pApart: number;
  /** The same after Benjamini and Hochberg, over all pairs. */
  readonly qTogether: number;
  readonly qApart: number;
  /** Whether they exclude each other: (nearly) never together, and significantly so. */
  readonly exclusive: boolean;
}

/** "`region` is never seen without `needs`." */
export interface Dependency {
  /** Places of the regions. */
  readonly region: number;
  readonly needs: number;
  /** Volumes with `region`, but for junk, and those of them without `needs`: exceptions, few or none. */
  readonly volumes: number;
  readonly exceptions: number;
  /** Fisher's exact test that the two are so often together by chance, and the same after Benjamini and Hochberg. */
  readonly p: number;
  readonly q: number;
  /** Whether it follows from no two other dependencies: the edges of the assembly order. */
  readonly direct: boolean;
}

/** Principal components of the volumes. */
export interface Components {
  /** What the components are of: occupancies of regions, or of voxels. */
  readonly of: "regions" | "voxels";
  /** Share of the variance of each component, falling: length P. */
  readonly shares: readonly number[];
  /** N x P, row by row. */
  readonly scores: Float64Array;
}

/** A volume unlike the others. */
export interface JunkVolume {
  /** Place in the table. */
  readonly volume: number;
  readonly kind: "empty" | "over-full" | "unlike";
  /** Why, with the figures, as a sentence. */
  readonly reason: string;
}

/** Everything that is found in a table of N volumes by K regions. */
export interface Analysis {
  readonly table: OccupancyTable;
  /** A region is present in a volume where its occupancy is at least this: length K. */
  readonly cutoffs: readonly number[];
  /** N x K, row by row: 1 present, 0 absent. */
  readonly presence: Uint8Array;
  /** How trees join clusters. */
  readonly linkage: "ward" | "average";
  readonly volumeTree: Tree;
  readonly regionTree: Tree;
  /** The cluster of each volume, 1, 2, ... from left to right in the volume tree's order: length N. */
  readonly clusters: readonly number[];
  /** K (K - 1) / 2 of them, by a, then b. */
  readonly pairs: readonly PairStatistics[];
  /** By region, then by what it needs. */
  readonly dependencies: readonly Dependency[];
  /** Of regions always, of voxels too where they are known. */
  readonly components: readonly Components[];
  /** By place. */
  readonly junk: readonly JunkVolume[];
}
