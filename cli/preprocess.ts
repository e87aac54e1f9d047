/**
 * `siren preprocess`: maps as the network that predicts thresholds takes them.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { PreprocessSummary } from "../cluster/preprocess.ts";
import { preprocessFolder, PreprocessOptionsSchema } from "../cluster/preprocess_file.ts";
import { JobsUnderWay, type Submission } from "../cluster/slurm/choice.ts";
import { quoteForShell } from "../core/shell.ts";
import { textReader } from "./arguments.ts";
import { chooseCluster } from "./choose_cluster.ts";
import { clustersFlag, readTarget } from "./cluster_flags.ts";
import {
  addOutputFlags,
  type Context,
  FolderFlagsSchema,
  forceFlag,
  outdirFlag,
  printSummary,
  surroundingsOf,
  tellNews,
  threadsFlag,
} from "./job.ts";
import { Stop } from "./io.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { clusterPermissions, needPermissions } from "./permissions.ts";
import { formatJobs } from "./submission.ts";
import { formatCount, formatCounted } from "./table.ts";

const MAPS = "Maps:";
const CLUSTER = "Cluster:";

const OwnFlagsSchema = FolderFlagsSchema.extend({
  labels: z.string().optional(),
  threads: z.number().optional(),
});

/** Makes the command. */
export function preprocess(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("preprocess")
    .summary("normalise and downsample maps, for thresholds to be predicted")
    .description(
      "Brings each map into a box of 64 by Fourier cropping and normalises it, as the network that predicts " +
        "thresholds takes it. Where the maps were larger, the downsampled maps are written too, to be " +
        "sketched with the thresholds. Stopped, it goes on when the same command is given again.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren preprocess --voldir maps --outdir out
  siren preprocess --voldir maps --outdir out --labels labels.csv
  siren preprocess --voldir maps --outdir out --box 96 --threads 8
  siren preprocess --voldir maps --outdir out --on bigcluster`,
    );
  const flags: Option[] = [
    ...schemaFlags(PreprocessOptionsSchema.shape, {
      voldir: { value: "folder", help: "folder of maps (.mrc, .map, .ccp4, also gzipped)" },
      box: {
        value: "voxels",
        help: "edge of the downsampled maps, if larger ones are to be sketched",
      },
    }, MAPS),
    new Option(
      "--labels <file>",
      "CSV with a contour_level for each map that has one, as a level of the downsampled map",
    ).argParser(textReader("--labels")).helpGroup(MAPS),
    threadsFlag(io),
    new Option("--on <profile>", "profile of the cluster to compute on; default none, this machine")
      .argParser(textReader("--on")).helpGroup(CLUSTER),
    clustersFlag(),
    new Option("--detach", "submit and return, without waiting for the jobs").helpGroup(CLUSTER),
    outdirFlag(),
    ...schemaFlags(PreprocessOptionsSchema.shape, {
      outdir_downsampled: {
        value: "folder",
        help: "folder for the downsampled maps",
        fallback: "OUTDIR/normalized/downsampled",
      },
    }, "Output:"),
    forceFlag("start over if other maps were preprocessed into the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  needPermissions(command, ({ on }) => on === undefined ? [] : clusterPermissions);
  return command.action(() => run(context, command));
}

async function run(context: Context, command: CommandUnknownOpts): Promise<void> {
  const { io } = context;
  const flags = OwnFlagsSchema.parse(command.opts());
  const options = checkOptions(PreprocessOptionsSchema, command.opts(), "preprocess");
  const target = readTarget(command);
  const { preprocess } = await import("../cluster/preprocess.ts");
  let outcome: PreprocessSummary | Submission;
  try {
    outcome = await tellNews(io, flags.quiet, undefined, async (tell, ask) => {
      const cluster = target === undefined
        ? {}
        : { cluster: await chooseCluster(context, target, ask) };
      const { outdir, force, labels, threads } = flags;
      try {
        return await preprocess(
          { options, outdir, force, ...(labels === undefined ? {} : { labels }) },
          { ...surroundingsOf(context, { threads }, tell), ...cluster },
        );
      } catch (error) {
        if (error instanceof JobsUnderWay) return error.submission;
        throw error;
      }
    });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    throw new Stop(error.by, goOn(target !== undefined, flags.outdir));
  }
  if ("jobs" in outcome) {
    const submission = { ...outcome, next: `siren ${context.args.map(quoteForShell).join(" ")}` };
    printSummary(io, flags, submission, formatUnderWay);
  } else printSummary(io, flags, outcome, formatPreprocess);
}

function goOn(isOnCluster: boolean, outdir: string): string {
  if (!isOnCluster) return "What is done is kept. To go on, give the same command again.";
  const folder = quoteForShell(preprocessFolder(outdir));
  return "What is done is kept, and jobs on the cluster go on. The same command goes on with them; " +
    `\`siren cancel ${folder}\` stops them.`;
}

/** Jobs that are not waited for, and what to type next. */
export function formatUnderWay(submission: Submission): string {
  const { folder, profile, where, tasks, waiting, jobs, next } = submission;
  const own = quoteForShell(folder);
  return [
    `On the cluster ${profile} (${where}): ${formatCounted(tasks, "task")} in ${formatJobs(jobs)}` +
    (waiting === 0 ? "" : `; ${formatCount(waiting)} of them could not be submitted yet`),
    "",
    `To look:  siren logs ${own}`,
    `To stop:  siren cancel ${own}`,
    `Next:     ${next}`,
    "",
  ].join("\n");
}

/** What was written, and what to type next. */
export function formatPreprocess(summary: PreprocessSummary): string {
  const { outdir, maps, box, normalized, sketch, downsampled, statistics } = summary;
  const own = quoteForShell(normalized);
  const rows = [
    ["Normalised:", `${normalized} (${formatCounted(maps, "map")} of ${summary.network_box}^3)`],
    downsampled
      ? ["Downsampled:", `${sketch} (${formatCounted(maps, "map")} of ${box}^3)`]
      : ["To sketch:", `${sketch}, as the maps are of ${box}^3 already`],
    ["Statistics:", statistics],
    ...(summary.raw_statistics === undefined ? [] : [["", summary.raw_statistics]]),
    ...(summary.normalized_labels === undefined ? [] : [[
      "Labels:",
      `${summary.normalized_labels} (${formatCounted(summary.labels ?? 0, "label")})`,
    ]]),
    [
      "Next:",
      `siren eval_model --voldir ${own} --normalize_csv ${quoteForShell(statistics)} ` +
      `--weights_file weights.pth --outdir ${quoteForShell(outdir)}`,
    ],
    [
      "",
      `siren run --voldir ${quoteForShell(sketch)} --binfile ${
        quoteForShell(`${outdir}/predictions.csv`)
      } --outdir blocks`,
    ],
  ];
  const width = Math.max(...rows.map(([title]) => title!.length));
  return rows.map(([title, text]) => `${title!.padEnd(width)}  ${text}\n`).join("");
}
