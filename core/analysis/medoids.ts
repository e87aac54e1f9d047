/**
 * What stands for a cluster of volumes.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";

/** A cluster of volumes. */
export interface VolumeCluster {
  /** 1, 2, ... */
  readonly cluster: number;
  /**
   * Places of its volumes: first the medoid, whose distances to all of them have the least sum, then the
   * others by their distance from it; of equals the first in the table.
   */
  readonly volumes: readonly number[];
  /** Places of the regions that are present in more than half of them. */
  readonly regions: readonly number[];
}

/**
 * The clusters of an analysis, by number. Distances are Euclidean, of the volumes' occupancies.
 *
 * @example
 * ```ts
 * import { volumeClusters } from "./medoids.ts";
 * import assert from "node:assert";
 *
 * const table = {
 *   volumes: ["a.mrc", "b.mrc", "c.mrc", "d.mrc"],
 *   regions: [{ name: "b0", voxels: 9 }],
 *   values: Float64Array.of(0.7, 0, 1, 0.8),
 * };
 * const presence = Uint8Array.of(1, 0, 1, 1);
 * assert.deepStrictEqual(volumeClusters({ table, presence, clusters: [2, 1, 2, 2] }), [
 *   { cluster: 1, volumes: [1], regions: [] },
 *   { cluster: 2, volumes: [3, 0, 2], regions: [0] },
 * ]);
 * ```
 */
export function volumeClusters(
  { table, presence, clusters }: Pick<Analysis, "table" | "presence" | "clusters">,
): VolumeCluster[] {
  const { regions, values } = table;
  const distance = (a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < regions.length; k++) {
      sum += (values[a * regions.length + k]! - values[b * regions.length + k]!) ** 2;
    }
    return Math.sqrt(sum);
  };
  const members = Map.groupBy(clusters.keys(), (volume) => clusters[volume]!);
  return [...members].sort(([a], [b]) => a - b).map(([cluster, volumes]) => {
    const spread = volumes.map((a) => volumes.reduce((sum, b) => sum + distance(a, b), 0));
    const least = spread.reduce((least, sum) => Math.min(least, sum), Infinity);
    const medoid = volumes[spread.indexOf(least)]!;
    const away = new Map(volumes.map((volume) => [volume, distance(volume, medoid)]));
    const others = volumes.filter((volume) => volume !== medoid)
      .sort((a, b) => away.get(a)! - away.get(b)! || a - b);
    const present = (region: number) =>
      volumes.filter((volume) => presence[volume * regions.length + region] === 1).length;
    return {
      cluster,
      volumes: [medoid, ...others],
      regions: [...regions.keys()].filter((region) => 2 * present(region) > volumes.length),
    };
  });
}
