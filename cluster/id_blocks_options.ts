/**
 * The options of `id_blocks`: the command line and the library go through one schema.
 *
 * @module
 */
import { z } from "zod";

const path = z.string().min(1);
const percent = z.number().gte(0).lte(100);
const share = z.number().gte(0).lte(1);

/** Defaults of the options that not every way of telling volumes apart looks at. */
const DEFAULTS = { p: 99, low: 0, in_high: 1, in_low: 1, diff_p: 99, normalise: "none" } as const;

/** What tells volumes apart, and how. */
export const IdBlocksOptionsSchema = z.strictObject({
  /** Run folder; its maps, thresholds and occupancies are taken unless others are given. */
  run: path.optional(),
  /** Folder of maps, in place of the run's. */
  mapdir: path.optional(),
  /** Occupancy table, CSV or Arrow, in place of the run's blocks. */
  occupancy: path.optional(),
  /** Names of regions of the table, parted by commas; all of them unless given. */
  block: path.optional(),
  /** Volumes that are high, as a condition on the table; all others are low. */
  where: path.optional(),
  /** A volume is high where its occupancy is above this percentile of the occupancies. */
  p: percent.default(DEFAULTS.p),
  /** A volume is low where its occupancy is at most this. */
  low: z.number().gte(0).default(DEFAULTS.low),
  /** By occupied voxels, as SIREn does, or by the means of densities. */
  method: z.enum(["occupied", "density"]).default("occupied"),
  /** Least share of the high volumes in which a voxel is occupied. */
  in_high: share.gt(0).default(DEFAULTS.in_high),
  /** Most low volumes in which a voxel is occupied. */
  in_low: z.number().int().gte(0).default(DEFAULTS.in_low),
  /** A voxel tells by its density where the difference of means is above this percentile of the differences. */
  diff_p: percent.default(DEFAULTS.diff_p),
  /** What is done to each map before means are taken. */
  normalise: z.enum(["none", "standard"]).default(DEFAULTS.normalise),
  /** Takes each piece of a region that hangs together for a region of its own. */
  pieces: z.boolean().default(false),
  /** Fewest voxels of a region. */
  min_size: z.number().int().gte(1).default(31),
  /** One threshold for all maps of `mapdir`. */
  bin: z.number().optional(),
  /** CSV of a threshold for each map of `mapdir`. */
  binfile: path.optional(),
}).superRefine((options, context) => {
  const complain = (message: string) => context.addIssue({ code: "custom", message });
  const { run, mapdir, occupancy, method, bin, binfile } = options;
  const isBinarised = bin !== undefined || binfile !== undefined;
  if (bin !== undefined && binfile !== undefined) {
    complain("--bin and --binfile exclude each other");
  }
  if (run === undefined && (mapdir === undefined || occupancy === undefined)) {
    complain("a run is needed, or --mapdir and --occupancy");
  }
  if (isBinarised && (mapdir === undefined || method !== "occupied")) {
    complain("--bin and --binfile go with --mapdir and --method occupied");
  } else if (mapdir !== undefined && method === "occupied" && !isBinarised) {
    complain("--mapdir needs --bin or --binfile, or --method density");
  }
  if (options.block !== undefined && options.where !== undefined) {
    complain("--block and --where exclude each other");
  }
  const strangers = (names: readonly (keyof typeof DEFAULTS)[], goesWith: string) => {
    for (const name of names) {
      if (options[name] !== DEFAULTS[name]) complain(`--${name} goes with ${goesWith}`);
    }
  };
  if (method === "density") strangers(["in_high", "in_low"], "--method occupied");
  else strangers(["diff_p", "normalise"], "--method density");
  if (options.where !== undefined) strangers(["p", "low"], "occupancies, not with --where");
});

/** See {@linkcode IdBlocksOptionsSchema}. */
export type IdBlocksOptions = z.infer<typeof IdBlocksOptionsSchema>;
/** The options before defaults are filled in. */
export type IdBlocksOptionsInput = z.input<typeof IdBlocksOptionsSchema>;
