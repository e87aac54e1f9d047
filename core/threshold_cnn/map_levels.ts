/**
 * Thresholds of the maps of a folder, found without a network.
 *
 * @module
 */
import { readMap } from "../mrc/read.ts";
import { findLevel, type LevelOptions } from "../volumes/levels/find_level.ts";
import { mapRange, type MapStatistics } from "./normalise.ts";

/** A map's threshold. */
export interface MapLevel {
  /** Path of the map. */
  readonly map: string;
  /** A voxel is occupied where its density exceeds this. */
  readonly level: number;
  /** Share of the voxels that do, 0 to 1. */
  readonly occupied: number;
  /** What the map would be normalised by for the network, in its own box. */
  readonly statistics: MapStatistics;
}

/**
 * Finds the threshold of each map, one map after the other and each for itself.
 *
 * @param maps Paths.
 * @param onMap Called after each map with the number done; what it throws ends the work.
 * @throws {InputError} A map cannot be read, or has no threshold (see {@linkcode findLevel}).
 */
export async function findLevels(
  maps: readonly string[],
  options: LevelOptions,
  onMap: (done: number) => void = () => {},
): Promise<MapLevel[]> {
  const found: MapLevel[] = [];
  for (const map of maps) {
    const { data, grid } = await readMap(map);
    const level = findLevel({ data, apix: grid.apix, name: map }, options);
    let above = 0;
    for (let v = 0; v < data.length; v++) if (data[v]! > level) above++;
    const { min, max } = mapRange(data, map);
    found.push({ map, level, occupied: above / data.length, statistics: { min, max } });
    onMap(found.length);
  }
  return found;
}
