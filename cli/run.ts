/**
 * `siren run`: sketch and expansion in one.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { ExpandOptionsSchema, SketchOptionsSchema } from "../cluster/options.ts";
import { addJobFlags, type Context, doJob, outFlags, readOutFlags } from "./job.ts";
import { checkOptions } from "./options.ts";
import { expandExtraFlags, sketchFlags } from "./run_flags.ts";

/** The rule that finds blocks best on simulated ensembles. */
const RULE = "phi";

/** Makes the command. */
export function run(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("run")
    .summary("find the blocks of an ensemble: sketch and expansion in one")
    .description(
      "Finds the structural blocks of an ensemble of aligned maps: parts that are there in some maps and " +
        "missing in others, each as a whole. The results are in OUTDIR/02_expand. A run that was stopped goes " +
        "on with siren resume OUTDIR.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren run --voldir maps --bin 0.7 --outdir out
  siren run --voldir maps --binfile thresholds.csv --filter --outdir out --threads 8`,
    );
  for (const flag of [...sketchFlags(RULE), ...expandExtraFlags(), ...outFlags()]) {
    command.addOption(flag);
  }
  addJobFlags(command, context.io);
  return command.action(async () => {
    const { outdir, force } = readOutFlags(command);
    const given: Record<string, unknown> = { ...command.opts() };
    // Cutoffs belong to the reference's rule: who brings them means it.
    const hasCutoffs = given["cutoffs"] !== undefined || given["expand_cutoffs"] !== undefined;
    given["rule"] ??= hasCutoffs ? "siren" : RULE;
    const sketch = checkOptions(SketchOptionsSchema, given, "run");
    // Under rule fdr the expansion does not test: it links by the p-value that the sketch found.
    const posp = given["rule"] === "fdr" ? undefined : given["posp"];
    const expand = checkOptions(
      ExpandOptionsSchema,
      { ...given, posp, cutoffs: given["expand_cutoffs"] },
      "run",
      { cutoffs: "expand_cutoffs" },
    );
    const { runAll } = await import("../cluster/mod.ts");
    await doJob(
      context,
      command,
      outdir,
      (surroundings) => runAll(sketch, expand, outdir, surroundings, force),
    );
  });
}
