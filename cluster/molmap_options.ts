/**
 * Options of the densities of atomic models.
 *
 * @module
 */
import { z } from "zod";

/** Largest box; a map of it takes 4 GiB. */
export const MOST_BOX = 1024;

/** Options of a model's density. */
export const MolmapOptionsSchema = z.strictObject({
  /** Resolution in Å. */
  res: z.number().positive(),
  /** A map of each chain, or one of all chains. */
  by: z.enum(["chain", "all"]).default("chain"),
  /** Whose names of chains an mmCIF file's are: the authors' or the archive's. */
  chain_names: z.enum(["auth", "label"]).default("auth"),
  /** Whether water is kept. */
  water: z.boolean().default(false),
  /**
   * How the density comes onto the grid: `direct`, computed at its voxels, as `molmap` with `onGrid`; or
   * `resampled`, interpolated from a grid of a third of the resolution, as `molmap` and then `volume resample`,
   * which is less at the mercy of where between coarse voxels atoms lie. By default `resampled` where voxels
   * are larger than a third of the resolution.
   */
  sampling: z.enum(["direct", "resampled"]).optional(),
});

/** Options of a model's density, complete. */
export type MolmapOptions = z.output<typeof MolmapOptionsSchema>;
