/**
 * Options of masks.
 *
 * @module
 */
import { z } from "zod";
import { MOST_BOX } from "./molmap_options.ts";

/** Options of masks. */
export const MaskOptionsSchema = z.strictObject({
  /**
   * Voxels above this are in the mask. By default 0.5 for masks and blocks, 0.01 electrons per Å^3 for models;
   * for other maps it must be given.
   */
  threshold: z.number().optional(),
  /** How far a mask goes beyond them, in Å; by default as far as RELION's 3 pixels at 2 Å. */
  extend: z.number().min(0).default(6),
  /** How wide the edge after that is, in Å; by default as wide as 6 such pixels. */
  soft: z.number().min(0).default(12),
  /** Whether there is one mask of everything instead of one of each. */
  union: z.boolean().default(false),
  /** Whether masks are 1 outside and 0 inside. */
  invert: z.boolean().default(false),
  /** Edge in voxels and voxel size in Å of the masks, where they differ from those of what they are made of. */
  box: z.int().min(1).max(MOST_BOX).optional(),
  apix: z.number().positive().optional(),
  /** Whether another cube is padded or cropped about its centre voxel. */
  centre: z.boolean().default(false),
  /** Voxel size in Å of maps, instead of what their headers say. */
  from_apix: z.number().positive().optional(),
});

/** Options of masks, complete. */
export type MaskOptions = z.output<typeof MaskOptionsSchema>;
