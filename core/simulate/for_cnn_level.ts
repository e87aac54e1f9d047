/**
 * The known level of a simulated map.
 *
 * @module
 */
import { select } from "../volumes/levels/select.ts";

/** The resolution in Å at which a good level encloses the molecule's own volume. */
const TIGHT = 3;
/** Share of its volume by which it encloses more for every Å of resolution beyond. */
const LOOSER = 0.045;

/** Volumes that the bounds enclose, as a share of that which the level does. */
const LOWER = 1.3, UPPER = 0.8;

/** A good level, and those between which others are good too. */
export interface KnownLevel {
  readonly level: number;
  /** Encloses 1.3 times the volume. */
  readonly lower: number;
  /** Encloses 0.8 of the volume. */
  readonly upper: number;
}

/**
 * The volume in Å^3 that a good level encloses.
 *
 * Contour levels are mostly chosen so that they enclose the volume of the known mass (see
 * `molecularVolume`). At low resolution such a level is too high: blurred density that spreads beyond the
 * molecule's surface is weak, so thin and faint parts fall below the level while the dense middle swells
 * above it. Those who choose by eye go lower there. Here the volume grows by 4.5 % of the molecule's for
 * every Å beyond 3 Å: 1.45 times at 13 Å, which is what users' level of 0.7 encloses in maps of nearly
 * complete 50S ribosomes of that resolution (EMPIAR-10076).
 *
 * @param molecule The molecule's own volume in Å^3.
 * @param resolution In Å: what the map shows, with the B-factor and the voxels taken into account.
 */
export function goodVolume(molecule: number, resolution: number): number {
  return molecule * (1 + LOOSER * Math.max(0, resolution - TIGHT));
}

/**
 * The level that encloses a volume in a map without noise, and bounds: enclosing 1.3 times and 0.8 of it.
 *
 * @param voxels Number of voxels that make up the volume; with a third more, fewer than there are.
 * @returns Levels halfway between two densities; undefined where there are too few voxels.
 */
export function knownLevel(map: Float32Array, voxels: number): KnownLevel | undefined {
  const counts = [1, LOWER, UPPER].map((share) => Math.round(share * voxels));
  if (counts.some((count) => count < 1 || count >= map.length)) return undefined;
  const ranks = counts.flatMap((count) => [map.length - count - 1, map.length - count]);
  const densities = select(map, ranks);
  const [level, lower, upper] = counts.map((_, i) =>
    (densities[2 * i]! + densities[2 * i + 1]!) / 2
  ) as [number, number, number];
  return { level, lower, upper };
}
