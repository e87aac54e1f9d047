/**
 * The flags of the sketch and of the expansion, as the commands share them.
 *
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { z } from "zod";
import { ExpandOptionsSchema, MOST_SAMPLED, SketchOptionsSchema } from "../cluster/options.ts";
import { PHI_JOIN } from "../core/blocks/phi_seeds.ts";
import { UsageError } from "../core/errors.ts";
import { checkOptions, type FlagText, schemaFlags } from "./options.ts";

const MAPS = "Maps:";
const CUTOFFS = "Linking voxels:";
const BLOCKS = "Blocks:";

type Texts<T> = Readonly<Partial<Record<keyof T & string, FlagText>>>;

const maps: Texts<typeof SketchOptionsSchema.shape> = {
  voldir: { value: "folder", help: "folder of aligned maps (.mrc, .map, .ccp4, also gzipped)" },
  apix: { value: "angstrom", help: "voxel size; default from the maps' headers" },
  bin: {
    value: "density",
    help: "a voxel is occupied where the density is above this; 0 is a value too",
  },
  binfile: { value: "file", help: "CSV with a threshold for each map, in place of --bin" },
  filter: {
    help: "leave out maps whose threshold is over 2 standard deviations off; with --binfile",
  },
};

const levels: Texts<typeof SketchOptionsSchema.shape> = {
  posp: { value: "p", help: "level of the test for occupied together, before correction" },
  negp: { value: "p", help: "level of the test for empty together, before correction" },
  posp_factor: {
    value: "factor",
    help: "factor on the positive cutoff, in place of the one by distance",
  },
  negp_factor: { value: "factor", help: "factor on the negative cutoff" },
  join: {
    value: "phi",
    help: "least phi of a voxel and its block, for rule phi",
    fallback: String(PHI_JOIN),
  },
};

const sample: Texts<typeof SketchOptionsSchema.shape> = {
  subsample: {
    value: "n",
    help: `sample one n-th of the union's voxels; auto: half, but no more than ${MOST_SAMPLED}`,
  },
  seed: { value: "number", help: "seed of everything drawn; same seed, same result" },
  voxels: { value: "file", help: "text file of flat voxel indices to use as the sample" },
};

const blocks: Texts<typeof SketchOptionsSchema.shape> = {
  communities: { value: "method", help: "how blocks are found in the graph" },
  min_block_size: { value: "voxels", help: "fewest voxels of a block" },
};

const rules = {
  rule: { value: "name", help: "rule that links voxels" },
  cutoff_method: { value: "name", help: "how cutoffs are computed" },
  trials: { value: "count", help: "draws that a cutoff stands for" },
} satisfies Texts<typeof SketchOptionsSchema.shape>;

/**
 * Flags of the sketch.
 *
 * @param rule What `--rule` is if it is not given.
 */
export function sketchFlags(rule: string) {
  const { shape } = SketchOptionsSchema;
  return [
    ...schemaFlags(shape, maps, MAPS),
    ...schemaFlags(shape, sample, MAPS.replace("Maps", "Sample")),
    ...schemaFlags(shape, {
      rule: { ...rules.rule, fallback: rule },
      ...levels,
      cutoff_method: rules.cutoff_method,
      trials: rules.trials,
      cutoffs: { value: "file", help: "CSV of cutoffs, instead of computing them" },
    }, CUTOFFS),
    ...schemaFlags(shape, blocks, BLOCKS),
  ];
}

const expFrac: FlagText = {
  value: "share",
  help: "share of a block's voxels that a voxel must be linked with to join it",
};

/** Flags of the expansion alone, when the sketch's stand beside them. */
export function expandExtraFlags() {
  return schemaFlags(ExpandOptionsSchema.shape, {
    exp_frac: expFrac,
    cutoffs: {
      name: "expand_cutoffs",
      value: "file",
      help: "CSV of cutoffs for the expansion, instead of computing them",
    },
  }, "Expansion:");
}

/** Flags of the expansion on its own. */
export function expandFlags() {
  return schemaFlags(ExpandOptionsSchema.shape, {
    exp_frac: expFrac,
    ...levels,
    cutoffs: { value: "file", help: "CSV of cutoffs, instead of computing them" },
  }, CUTOFFS);
}

/** Flags of thresholds that a network predicts. */
export function networkFlags() {
  return schemaFlags(NetworkFlagsSchema.shape, {
    weights: {
      value: "file",
      help:
        "weights of SIREn's network (.pth, .safetensors), which predicts each map's threshold, in " +
        "place of --bin",
    },
    box: {
      value: "voxels",
      help: "with --weights, box that the maps are Fourier-cropped to before blocks are found; " +
        "default 64, or the maps' own if it is smaller",
    },
  }, MAPS);
}

const NetworkFlagsSchema = z.object({
  weights: z.string().optional(),
  box: z.number().int().gte(8).lte(1024).optional(),
});

/**
 * What was given for {@linkcode networkFlags}; undefined without `--weights`.
 *
 * @throws {UsageError} Another flag goes with `--weights` only.
 */
export function readNetworkFlags(
  command: CommandUnknownOpts,
): { readonly weights: string; readonly box?: number } | undefined {
  const { weights, box } = checkOptions(NetworkFlagsSchema, command.opts(), "run");
  if (weights !== undefined) return { weights, ...(box === undefined ? {} : { box }) };
  if (box === undefined) return undefined;
  throw new UsageError(
    `Cannot use --box: it goes with --weights (${box})`,
    "siren preprocess --box makes maps of another box.",
  );
}

/** Flags that the expansion remembers from the sketch; giving them again checks them. */
export function rememberedFlags() {
  const known: Texts<typeof SketchOptionsSchema.shape> = {
    ...maps,
    ...sample,
    ...rules,
    ...blocks,
  };
  const texts = Object.fromEntries(
    Object.entries(known).map((
      [key, text],
    ) => [key, { ...text, mandatory: false, fallback: false as const }]),
  );
  return schemaFlags(
    SketchOptionsSchema.shape,
    texts,
    "Remembered from the sketch (may be repeated, not changed):",
  );
}
