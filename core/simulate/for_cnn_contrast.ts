/**
 * How the densities of a simulated particle compare with each other.
 *
 * @module
 */
import type { KnownLevel } from "./for_cnn_level.ts";

/** Width of a bright spot: standard deviation of a Gaussian, in voxels. */
const SPOT = 0.8;

/**
 * Makes dense parts stand out less, as maps look that were scaled locally or whose density was modified.
 * Densities keep their order, so that each level encloses what it did: with t a density over the level,
 * t becomes `((1 + t)^c - 1) / (2^c - 1)`; 0 and 1 stay, and so do negative densities.
 *
 * @param map Changed in place.
 * @param known Levels of the map, above 0.
 * @param contrast c, 1 or less: 1 changes nothing, 0 stands for the logarithm.
 * @returns The levels after the change; the level itself is the same.
 */
export function changeContrast(
  map: Float32Array,
  { level, lower, upper }: KnownLevel,
  contrast: number,
): KnownLevel {
  if (contrast === 1) return { level, lower, upper };
  const change = (density: number) => {
    if (density <= 0) return density;
    const t = density / level;
    return level *
      (contrast === 0 ? Math.log2(1 + t) : ((1 + t) ** contrast - 1) / (2 ** contrast - 1));
  };
  for (let v = 0; v < map.length; v++) map[v] = change(map[v]!);
  return { level, lower: change(lower), upper: change(upper) };
}

/**
 * Adds a bright spot of a few voxels, such as a metal or an artefact on an axis of symmetry.
 *
 * @param map box^3 voxels, changed in place.
 * @param place x, y and z in voxels.
 * @param height As a multiple of the map's greatest density; 0 for none.
 */
export function addSpot(
  map: Float32Array,
  box: number,
  place: Float64Array,
  height: number,
): void {
  if (height === 0) return;
  let greatest = 0;
  for (let v = 0; v < map.length; v++) greatest = Math.max(greatest, map[v]!);
  const [x = 0, y = 0, z = 0] = place;
  for (let v = 0; v < map.length; v++) {
    const squared = (v % box - x) ** 2 + (Math.floor(v / box) % box - y) ** 2 +
      (Math.floor(v / box ** 2) - z) ** 2;
    if (squared < 25 * SPOT ** 2) {
      map[v]! += height * greatest * Math.exp(-squared / (2 * SPOT ** 2));
    }
  }
}
