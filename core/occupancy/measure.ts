/**
 * The ways to measure an occupancy, and what is said of them in files and messages.
 *
 * @module
 */

/** How occupancies were measured. */
export type Measure = "occupied_share" | "mean_density" | "density_over_reference";

/** What the values of a table are, by how they were measured. */
export const MEASURES: Readonly<Record<Measure, string>> = {
  occupied_share: "share of the region's voxels whose density is above the threshold, 0 to 1",
  mean_density: "mean density in the region: sum(mask x map) / sum(mask), in the maps' own units",
  density_over_reference: "density in the region over that of its reference map: " +
    "sum(mask x map) / sum(reference), as MAVEn has it, in the maps' own units",
};
