/**
 * `siren run` and `siren submit`: sketch and expansion in one, here or on a cluster.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { ExpandOptionsSchema, SketchOptionsSchema } from "../cluster/options.ts";
import type { Target } from "./choose_cluster.ts";
import {
  addClusterFlags,
  addSubmitFlags,
  isEstimate,
  readClusterFlags,
  readTarget,
} from "./cluster_flags.ts";
import { tellEstimate } from "./estimate.ts";
import { UsageError } from "../core/errors.ts";
import { addJobFlags, type Context, doJob, outFlags, readFolderFlags } from "./job.ts";
import { checkOptions } from "./options.ts";
import { expandExtraFlags, networkFlags, readNetworkFlags, sketchFlags } from "./run_flags.ts";

/** The rule that finds blocks best on simulated ensembles. */
const RULE = "phi";

/** Makes the command `run`. */
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
  siren run --voldir maps --binfile thresholds.csv --filter --outdir out --threads 8
  siren run --voldir maps --weights weights.pth --outdir out
  siren run --voldir maps --bin 0.7 --outdir out --dry-run
  siren run --voldir maps --bin 0.7 --outdir out --on bigcluster`,
    );
  addRunFlags(command);
  addClusterFlags(command, true);
  addJobFlags(command, context.io);
  return command.action(() =>
    doRun(context, command, "run", isEstimate(command) ? "estimate" : readTarget(command))
  );
}

/** Makes the command `submit`. */
export function submit(context: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("submit")
    .summary("begin a run on a cluster and return at once")
    .description(
      "Does what siren run --on PROFILE --detach does: reads the maps, submits the first jobs to the cluster, " +
        "and returns. siren gather OUTDIR takes the run on when they have ended, from any terminal; siren " +
        "resume OUTDIR does so and waits for the end.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren submit --on bigcluster --voldir maps --bin 0.7 --outdir out
  siren submit --on bigcluster --voldir maps --bin 0.7 --outdir out --dry-run`,
    );
  addRunFlags(command);
  addSubmitFlags(command);
  addJobFlags(command, context.io);
  return command.action(() => {
    const { on, clusters, mode } = readClusterFlags(command);
    const target = { name: on!, file: clusters, mode: mode === "plan" ? mode : "submit" } as const; // --on is needed
    return doRun(context, command, "submit", target);
  });
}

function addRunFlags(command: CommandUnknownOpts): void {
  const flags = [...sketchFlags(RULE), ...networkFlags(), ...expandExtraFlags(), ...outFlags()];
  for (const flag of flags) {
    command.addOption(flag);
  }
}

async function doRun(
  context: Context,
  command: CommandUnknownOpts,
  what: string,
  target: Target | "estimate" | undefined,
): Promise<void> {
  const { outdir, force } = readFolderFlags(command);
  const given: Record<string, unknown> = { ...command.opts() };
  // Cutoffs belong to the reference's rule: who brings them means it.
  const hasCutoffs = given["cutoffs"] !== undefined || given["expand_cutoffs"] !== undefined;
  given["rule"] ??= hasCutoffs ? "siren" : RULE;
  const network = readNetworkFlags(command);
  if (["bin", "binfile", "weights"].every((flag) => given[flag] === undefined)) {
    throw new UsageError(`Cannot ${what}: one of --bin, --binfile and --weights is needed`);
  }
  if (network !== undefined) {
    refuseWithWeights(given, target);
    given["binfile"] = "predictions.csv"; // in the run folder, as soon as it is predicted
  }
  const sketch = checkOptions(SketchOptionsSchema, given, what);
  // Under rule fdr the expansion does not test: it links by the p-value that the sketch found.
  const posp = given["rule"] === "fdr" ? undefined : given["posp"];
  const expand = checkOptions(
    ExpandOptionsSchema,
    { ...given, posp, cutoffs: given["expand_cutoffs"] },
    what,
    { cutoffs: "expand_cutoffs" },
  );
  if (target === "estimate") return await tellEstimate(context, command, sketch, expand);
  const { runAll, runByNetwork } = await import("../cluster/mod.ts");
  await doJob(
    context,
    command,
    outdir,
    (surroundings) =>
      network === undefined
        ? runAll(sketch, expand, outdir, surroundings, force)
        : runByNetwork({ ...network, sketch, expand }, outdir, surroundings, force),
    target,
  );
}

/** Thresholds come from the network, and nothing can be told of a run before they are there. */
function refuseWithWeights(
  given: Readonly<Record<string, unknown>>,
  target: Target | "estimate" | undefined,
): void {
  for (const flag of ["bin", "binfile"]) {
    if (given[flag] === undefined) continue;
    throw new UsageError(
      `Cannot use --${flag} with --weights: the network predicts the thresholds`,
      "Leave one of the two out.",
    );
  }
  if (target === "estimate" || target?.mode === "plan") {
    throw new UsageError(
      "Cannot use --dry-run with --weights: without the thresholds, nothing can be told of the run",
      "siren preprocess and siren eval_model predict them; then use --binfile.",
    );
  }
}
