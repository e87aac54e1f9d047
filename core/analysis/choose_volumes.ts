/**
 * Choosing volumes of an analysis: by a condition, a cluster, or whether they are junk.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import type { Analysis } from "./analysis.ts";
import { selectVolumes } from "./where.ts";

/** Which volumes are wanted: those that meet all that is given. */
export interface VolumeChoice {
  /** A condition, see {@linkcode selectVolumes}. */
  readonly where?: string | undefined;
  /** Number of a cluster, from 1. */
  readonly cluster?: number | undefined;
  /** Junk alone, or none of it. */
  readonly junk?: boolean | undefined;
  /** The others: those that do not meet all that is given. */
  readonly not?: boolean | undefined;
}

/** Number of clusters of volumes. */
export function clusterCount({ clusters }: Pick<Analysis, "clusters">): number {
  return clusters.reduce((most, cluster) => Math.max(most, cluster), 0);
}

/**
 * The volumes that are wanted.
 *
 * @returns Places in the table, ascending; all of them where nothing is asked for.
 * @throws {UsageError} The condition is none, or there is no such cluster.
 */
export function chooseVolumes(
  analysis: Analysis,
  { where, cluster, junk, not = false }: VolumeChoice,
): number[] {
  const { table, clusters } = analysis;
  const count = clusterCount(analysis);
  if (cluster !== undefined && !(Number.isInteger(cluster) && cluster >= 1 && cluster <= count)) {
    throw new UsageError(
      `Cannot choose the volumes of cluster ${cluster}: there is none of this number`,
      count === 1 ? "All volumes are in cluster 1." : `Clusters are numbered from 1 to ${count}.`,
    );
  }
  const met = where === undefined ? undefined : new Set(selectVolumes(analysis, where));
  const isJunk = new Set(analysis.junk.map(({ volume }) => volume));
  return table.volumes.map((_, volume) => volume).filter((volume) => {
    const isMet = met?.has(volume) !== false &&
      (cluster === undefined || clusters[volume] === cluster) &&
      (junk === undefined || isJunk.has(volume) === junk);
    return isMet !== not;
  });
}
