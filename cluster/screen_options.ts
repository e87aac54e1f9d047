/**
 * What a screen tries.
 *
 * @module
 */
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { ExpandOptionsSchema, SketchOptionsSchema, strangersToExpansion } from "./options.ts";
import type { Run } from "./run_file.ts";
import type { Setting } from "./work.ts";

const { shape } = SketchOptionsSchema;
const listOf = <T extends z.ZodType>(one: T) => z.array(one).min(1).optional();

/** In a list of factors on the positive cutoff: the one that grows with distance. */
export const BY_DISTANCE = "distance";

/** What a screen tries, and on which maps. */
export const ScreenOptionsSchema = z.strictObject({
  /** Folder of a finished run, whose volumes and thresholds are taken; else maps are read. */
  run: z.string().min(1).optional(),
  voldir: shape.voldir.optional(),
  apix: shape.apix,
  /** Thresholds, one for all maps each. */
  bins: listOf(z.number()),
  /** Files of a threshold for each map. */
  binfiles: listOf(z.string().min(1)),
  filter: z.boolean().optional(),
  subsample: shape.subsample.unwrap().optional(),
  seed: shape.seed.unwrap().optional(),
  rule: shape.rule.unwrap().optional(),
  communities: shape.communities.unwrap().optional(),
  cutoff_method: shape.cutoff_method.unwrap().optional(),
  trials: shape.trials.unwrap().optional(),
  join: listOf(shape.join.unwrap()),
  posp: listOf(shape.posp.unwrap()),
  negp: listOf(shape.negp.unwrap()),
  posp_factor: listOf(z.union([shape.posp_factor.unwrap(), z.literal(BY_DISTANCE)])),
  negp_factor: listOf(shape.negp_factor.unwrap()),
  exp_frac: listOf(ExpandOptionsSchema.shape.exp_frac.unwrap()),
  min_block_size: listOf(shape.min_block_size.unwrap()),
  /** How often the volumes are parted in two halves. */
  halvings: z.number().int().gte(1).lte(1000).default(3),
});
/** See {@linkcode ScreenOptionsSchema}. */
export type ScreenOptions = z.infer<typeof ScreenOptionsSchema>;
/** The options before defaults are filled in. */
export type ScreenOptionsInput = z.input<typeof ScreenOptionsSchema>;

/** The options that a screen tries values of, beside thresholds. */
export const AXES = [
  "join",
  "posp",
  "negp",
  "posp_factor",
  "negp_factor",
  "exp_frac",
  "min_block_size",
] as const;

/** A value on an axis. */
export type AxisValue = number | typeof BY_DISTANCE;

/** An option of which several values are tried, ascending. */
export interface Axis {
  readonly name: (typeof AXES)[number];
  readonly values: readonly AxisValue[];
}

/** One setting of the grid, but for the threshold. */
export interface GridSetting {
  /** Place along each axis. */
  readonly place: readonly number[];
  readonly setting: Setting;
}

/** The axes that were asked for: values ascending, each once. */
export function axesOf(options: ScreenOptions): Axis[] {
  return AXES.flatMap((name): Axis[] => {
    const values = options[name];
    if (values === undefined) return [];
    // The factor by distance begins at 1.25.
    const order = (value: AxisValue) => value === BY_DISTANCE ? 1.25 - 1e-9 : value;
    const sorted = [...new Set<AxisValue>(values)].sort((a, b) => order(a) - order(b));
    return [{ name, values: sorted }];
  });
}

/** Options that the expansion takes too, as by `siren run`. */
const OF_BOTH: readonly string[] = ["join", "posp", "negp", "posp_factor", "negp_factor"];

/**
 * The settings of a grid, at one threshold: every value of every axis with every other.
 *
 * @param base Options of the sketch, and of the expansion if it has others, before the axes'.
 * @throws {UsageError} They do not go together.
 */
export function gridSettings(
  axes: readonly Axis[],
  base: { readonly sketch: Record<string, unknown>; readonly expand: Record<string, unknown> },
): GridSetting[] {
  let places: number[][] = [[]];
  for (const { values } of axes) {
    places = places.flatMap((place) => values.map((_, i) => [...place, i]));
  }
  return places.map((place) => {
    const sketch: Record<string, unknown> = { ...base.sketch };
    const expand: Record<string, unknown> = { ...base.expand };
    for (const [a, { name, values }] of axes.entries()) {
      const value = values[place[a]!];
      const own = value === BY_DISTANCE ? undefined : value;
      if (name !== "exp_frac") sketch[name] = own;
      if (name === "exp_frac" || OF_BOTH.includes(name)) expand[name] = own;
    }
    // Under rule fdr the expansion links by the p-value that the sketch found.
    if (sketch["rule"] === "fdr") delete expand["posp"];
    const setting = {
      sketch: parse(SketchOptionsSchema, sketch),
      expand: parse(ExpandOptionsSchema, expand),
    };
    const [stranger] = strangersToExpansion(setting.sketch.rule, setting.expand);
    if (stranger !== undefined) throw new UsageError(`Cannot screen: ${stranger}`);
    return { place, setting };
  });
}

function parse<T extends z.ZodType>(schema: T, input: Record<string, unknown>): z.output<T> {
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const option = issue?.path.length ? `--${issue.path.join(".")}: ` : "";
  throw new UsageError(`Cannot screen: ${option}${issue?.message ?? "the options do not fit"}`);
}

/** Options of a run that depend on its rule: another rule does not take them over. */
const OF_MAPS = [
  "voldir",
  "apix",
  "bin",
  "binfile",
  "filter",
  "subsample",
  "seed",
  "voxels",
  "min_block_size",
] as const;

/** The options that a screen of a run begins with: the run's own, as far as the rule is the same. */
export function baseOfRun(
  { sketch, expand }: Pick<Run, "sketch" | "expand">,
  rule: Run["sketch"]["rule"],
): { sketch: Record<string, unknown>; expand: Record<string, unknown> } {
  if (sketch.rule === rule) return { sketch: { ...sketch }, expand: { ...expand } };
  const own = Object.fromEntries(OF_MAPS.map((name) => [name, sketch[name]]));
  return { sketch: { ...own, rule }, expand: {} };
}
