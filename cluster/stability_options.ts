/**
 * How replicates of a run are drawn.
 *
 * @module
 */
import { z } from "zod";

/** What replicates may draw anew, one kind after the other where it is each. */
export const SOURCES = ["both", "volumes", "samples", "each"] as const;

/** A kind of replicates. */
export type Source = Exclude<(typeof SOURCES)[number], "each">;

/** How replicates are drawn. */
export const StabilityOptionsSchema = z.strictObject({
  /** Number of replicates, of each kind. */
  bootstraps: z.number().int().gte(2).lte(100_000).default(100),
  /** What a replicate draws anew: the volumes, with replacement; the sampled voxels; or both. */
  over: z.enum(SOURCES).default("both"),
  /** Voxels that a replicate samples; as many as the run, if not given. */
  samples: z.number().int().gte(2).lte(2 ** 32 - 1).optional(),
  /** Seed of all that is drawn. */
  seed: z.number().int().gte(0).lte(Number.MAX_SAFE_INTEGER).default(0),
});
/** See {@linkcode StabilityOptionsSchema}. */
export type StabilityOptions = z.infer<typeof StabilityOptionsSchema>;
/** The options before defaults are filled in. */
export type StabilityOptionsInput = z.input<typeof StabilityOptionsSchema>;

/** What replicates of a kind drew anew, in words. */
export const DRAWN: Readonly<Record<Source, string>> = {
  both: "volumes and samples",
  volumes: "volumes",
  samples: "samples",
};
