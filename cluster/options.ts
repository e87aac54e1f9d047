/**
 * The options of a run: one zod schema each for the sketch and the expansion. The command line, the
 * library and run.json all go through them.
 *
 * @module
 */
import { z } from "zod";

const pValue = z.number().gt(0).lte(1);
const positive = z.number().gt(0).lt(Infinity);
/** Least phi of a voxel and its block; 0.5 (`PHI_JOIN`) if not given. */
const join = z.number().gt(0).lte(1).optional();

/** Names of the rules that say which voxels belong together. */
export const RULES = ["siren", "phi", "fdr"] as const;
/** See {@linkcode RULES}. */
export type Rule = (typeof RULES)[number];

/** Defaults of the options that not every rule looks at. */
const DEFAULTS = {
  posp: 0.01,
  negp: 0.05,
  negp_factor: 1,
  cutoff_method: "quantile",
  trials: 1000,
  communities: "labels",
  exp_frac: 0.25,
} as const;

/**
 * Most voxels that an automatic sample has: their pairs, all of which might be linked, are just below
 * 10^8, which is what the graph of links is made for.
 */
export const MOST_SAMPLED = 14142;

/** The rules that look at them. */
const RULES_OF = {
  negp: ["siren"],
  posp_factor: ["siren"],
  negp_factor: ["siren"],
  cutoffs: ["siren"],
  cutoff_method: ["siren"],
  trials: ["siren"],
  communities: ["siren", "fdr"],
  join: ["phi"],
  exp_frac: ["siren", "fdr"],
} satisfies Record<string, readonly Rule[]>;

/** Under rule fdr the expansion links by the sketch's p-value. */
const RULES_OF_EXPANSION = { ...RULES_OF, posp: ["siren", "phi"] } satisfies Record<
  string,
  readonly Rule[]
>;

/** Options that have a value although the rule does not look at them, as messages. */
function strangers(
  rule: Rule,
  options: Readonly<Record<string, unknown>>,
  rulesOf: Readonly<Record<string, readonly Rule[]>>,
): string[] {
  const defaults: Readonly<Record<string, unknown>> = DEFAULTS;
  return Object.entries(rulesOf).flatMap(([name, rules]) => {
    const isGiven = options[name] !== undefined && options[name] !== defaults[name];
    return isGiven && !rules.includes(rule)
      ? [`--${name} goes with --rule ${rules.join(" or ")}, not with ${rule}`]
      : [];
  });
}

/** What decides the sketch's result. Together with the maps it fixes every byte of `00_sketch`. */
export const SketchOptionsSchema = z.strictObject({
  /** Folder of aligned maps. */
  voldir: z.string().min(1),
  /** Voxel size in Angstrom; from the maps' headers if not given. */
  apix: positive.optional(),
  /** One threshold for all maps: a voxel is occupied where density > bin. Any finite number, 0 too. */
  bin: z.number().optional(),
  /** CSV of a threshold for each map, instead of `bin`. */
  binfile: z.string().min(1).optional(),
  /** Leave out maps whose threshold is more than two standard deviations from the mean. */
  filter: z.boolean().default(false),
  /** Level of the test for occupied together, before the Bonferroni correction. */
  posp: pValue.default(DEFAULTS.posp),
  /** Level of the test for empty together, before the Bonferroni correction. */
  negp: pValue.default(DEFAULTS.negp),
  /** Factor on the positive cutoff at every distance, in place of F(d). */
  posp_factor: positive.optional(),
  /** Factor on the negative cutoff. */
  negp_factor: positive.default(DEFAULTS.negp_factor),
  /**
   * Divisor: 1/subsample of the union voxels are sampled. "auto" samples half of them, but no more than
   * {@linkcode MOST_SAMPLED}.
   */
  subsample: z.number().gte(1).lt(Infinity).or(z.literal("auto")).default("auto"),
  /** Seed of everything that is drawn: the sample, bootstrapped cutoffs, Louvain's order. */
  seed: z.number().int().gte(0).lte(Number.MAX_SAFE_INTEGER).default(0),
  /** Text file of flat voxel indices, one a line: the sample, instead of drawing one. */
  voxels: z.string().min(1).optional(),
  /** CSV of cutoffs for the sketch, instead of computing them. */
  cutoffs: z.string().min(1).optional(),
  cutoff_method: z.enum(["quantile", "bootstrap", "exact"]).default(DEFAULTS.cutoff_method),
  /** Draws that a bootstrapped cutoff stands for. */
  trials: z.number().int().gte(2).lte(1_000_000).default(DEFAULTS.trials),
  rule: z.enum(RULES).default("siren"),
  communities: z.enum(["labels", "louvain"]).default(DEFAULTS.communities),
  /** Least phi of a sampled voxel and its block, for rule phi. */
  join,
  /** Fewest voxels of a block. */
  min_block_size: z.number().int().gte(1).default(6),
}).superRefine((options, context) => {
  if ((options.bin === undefined) === (options.binfile === undefined)) {
    context.addIssue({
      code: "custom",
      message: options.bin === undefined
        ? "one of --bin and --binfile is needed"
        : "--bin and --binfile exclude each other",
    });
  }
  if (options.filter && options.binfile === undefined) {
    context.addIssue({ code: "custom", message: "--filter needs --binfile" });
  }
  for (const message of strangers(options.rule, options, RULES_OF)) {
    context.addIssue({ code: "custom", message });
  }
  if (options.rule === "phi" && options.min_block_size < 2) {
    context.addIssue({
      code: "custom",
      message: "--rule phi needs a --min_block_size of 2 or more",
    });
  }
});

/** See {@linkcode SketchOptionsSchema}. */
export type SketchOptions = z.infer<typeof SketchOptionsSchema>;
/** The sketch's options before defaults are filled in. */
export type SketchOptionsInput = z.input<typeof SketchOptionsSchema>;

/** What decides the expansion's result, given the sketch's options and the blocks. */
export const ExpandOptionsSchema = z.strictObject({
  /** Least share of a block's voxels that a voxel is linked with to join it. */
  exp_frac: z.number().gt(0).lte(1).default(DEFAULTS.exp_frac),
  posp: pValue.default(DEFAULTS.posp),
  negp: pValue.default(DEFAULTS.negp),
  posp_factor: positive.optional(),
  negp_factor: positive.default(DEFAULTS.negp_factor),
  /** Least phi of a voxel and the block that it joins, for rule phi. */
  join,
  /** CSV of cutoffs for the expansion, instead of computing them. */
  cutoffs: z.string().min(1).optional(),
});

/** See {@linkcode ExpandOptionsSchema}. */
export type ExpandOptions = z.infer<typeof ExpandOptionsSchema>;
/** The expansion's options before defaults are filled in. */
export type ExpandOptionsInput = z.input<typeof ExpandOptionsSchema>;

/**
 * Options of the expansion that have a value although the rule does not look at them.
 *
 * @returns A message for each.
 */
export function strangersToExpansion(rule: Rule, options: ExpandOptions): string[] {
  return strangers(rule, { ...options }, RULES_OF_EXPANSION);
}
