/**
 * The command line that finds blocks under a setting.
 *
 * @module
 */
import { quoteForShell } from "../core/shell.ts";
import { ExpandOptionsSchema, SketchOptionsSchema } from "./options.ts";
import type { Setting } from "./work.ts";

/** Options that `siren run` gives to sketch and expansion alike. */
const OF_BOTH = ["join", "posp", "negp", "posp_factor", "negp_factor"] as const;

/**
 * The command line: `siren run`, or, where the expansion has other options than the sketch,
 * `siren sketch_communities` and `siren expand_communities`.
 *
 * @param outdir The folder it names.
 */
export function runCommand({ sketch, expand }: Setting, outdir: string): string {
  const defaults = SketchOptionsSchema.parse({ voldir: ".", bin: 0, rule: sketch.rule });
  const ownDefaults = ExpandOptionsSchema.parse({});
  const isOne = OF_BOTH.every((name) =>
    (sketch.rule === "fdr" && name === "posp") || sketch[name] === expand[name]
  );
  const { rule, ...others } = sketch;
  const ofSketch = [...flags({ ...others, rule }, { ...defaults, rule: undefined })];
  const out = ["--outdir", outdir];
  if (isOne) {
    const { exp_frac, cutoffs } = expand;
    const more = flags({ exp_frac, expand_cutoffs: cutoffs }, ownDefaults);
    return line("run", [...ofSketch, ...more, ...out]);
  }
  const folder = `${outdir}/00_sketch`;
  const expanding = ["--config", folder, "--blockdir", folder, ...flags(expand, ownDefaults)];
  return `${line("sketch_communities", [...ofSketch, ...out])} && ${
    line("expand_communities", expanding)
  }`;
}

function flags(
  options: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === defaults[name] && name !== "bin" && name !== "voldir") {
      return [];
    }
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}

const line = (command: string, words: readonly string[]) =>
  ["siren", command, ...words].map(quoteForShell).join(" ");
