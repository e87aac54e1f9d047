/**
 * `siren eval_model`: thresholds predicted by the network.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { isThere, makeFolder } from "../core/files.ts";
import { quoteForShell } from "../core/shell.ts";
import { networkEngineNames } from "../core/threshold_cnn/engine.ts";
import type { Measures } from "../core/threshold_cnn/measures.ts";
import type { Prediction } from "../core/threshold_cnn/predictions.ts";
import { countReader, textReader } from "./arguments.ts";
import type { Tell } from "./cluster_side.ts";
import {
  addOutputFlags,
  type Context,
  FolderFlagsSchema,
  forceFlag,
  outdirFlag,
  printSummary,
  tellNews,
  threadsFlag,
} from "./job.ts";
import { NeededOption } from "./options.ts";
import { needPermissions, networkPermissions } from "./permissions.ts";
import { formatEvaluation, summaryOf } from "./evaluation.ts";
import { evaluationNames, writeEvaluation } from "./evaluation_files.ts";
import { networkEngineFlag, networkParts } from "./training.ts";

const MAPS = "Maps:", NETWORK = "Network:";

/** More are a slip of the keyboard. */
const LARGEST_BATCH = 1024;
/** As with SIREn. */
const BATCH_SIZE = 4;

const FlagsSchema = FolderFlagsSchema.extend({
  voldir: z.string(),
  raw: z.boolean().default(false),
  normalize_csv: z.string().optional(),
  labels: z.string().optional(),
  weights_file: z.string().optional(),
  batch_size: z.number().default(BATCH_SIZE),
  engine: z.enum(networkEngineNames).default("auto"),
  threads: z.number().optional(),
});

type Flags = z.output<typeof FlagsSchema>;

/**
 * Makes the command.
 *
 * @param parts What computes the network.
 */
export function evalModel(context: Context, parts = networkParts): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("eval_model")
    .summary("predict each map's threshold with the network")
    .description(
      "Predicts a threshold for each map with SIREn's network, of normalised maps as siren preprocess writes " +
        "them, or with --raw of maps as they are. Writes OUTDIR/predictions.csv, which --binfile of run and " +
        "sketch_communities takes; with --labels also how well it agrees with them.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren eval_model --voldir maps --raw --weights_file weights.pth --outdir thresholds
  siren run --voldir maps --binfile thresholds/predictions.csv --outdir out
  siren eval_model --voldir out/normalized --weights_file weights.pth --labels labels.csv \\
    --normalize_csv out/normalized/map_stats_downsampled.csv --outdir thresholds

Thresholds are levels of the maps whose statistics --normalize_csv holds: of the downsampled maps
with map_stats_downsampled.csv, of the maps before that with map_stats_raw.csv; with --raw, of the
maps of --voldir. The levels of --labels must be those of the same maps, whereas siren preprocess
takes them as levels of the downsampled maps.

Engine auto is ONNX Runtime on the processor; where the variable SIREN_TFJS_NODE_GPU names a folder
with TensorFlow.js for CUDA, that if it works.`,
    );
  const flags = [
    new NeededOption(
      "--voldir <folder>",
      "folder of normalised maps, or with --raw of any; required",
    )
      .argParser(textReader("--voldir")).helpGroup(MAPS),
    new Option(
      "--normalize_csv <file>",
      "statistics of the maps, as siren preprocess writes them; required, except with --raw",
    ).argParser(textReader("--normalize_csv")).helpGroup(MAPS),
    new Option("--raw", "the maps are as they come, of any box: normalise them in memory")
      .helpGroup(MAPS),
    new Option(
      "--labels <file>",
      "CSV with a contour_level for each map that has one, as a level of the maps that thresholds are for; " +
        "to measure the predictions by",
    ).argParser(textReader("--labels")).helpGroup(MAPS),
    new Option("--weights_file <file>", "the network's weights: .pth, .pt or .safetensors")
      .argParser(textReader("--weights_file")).helpGroup(NETWORK),
    new Option(
      "--batch_size <count>",
      `maps that are in memory together; default ${BATCH_SIZE}`,
    ).argParser(countReader("--batch_size", 1, LARGEST_BATCH)).helpGroup(NETWORK),
    threadsFlag(io),
    networkEngineFlag(),
    outdirFlag(),
    forceFlag("replace predictions that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  // What `auto` may find takes what tfjs takes.
  needPermissions(command, ({ engine }) => networkPermissions(engine));
  return command.action(async () => {
    const flags = FlagsSchema.parse(command.opts());
    const { outdir, quiet, labels } = flags;
    checkTogether(flags);
    await checkFree(flags);
    const { rows, measures, engine } = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => evaluate(context, flags, parts, tell),
    );
    const pictures = labels === undefined ? [] : [evaluationNames.svg, evaluationNames.png];
    printSummary(
      io,
      flags,
      summaryOf(rows, {
        predictions: join(outdir, "predictions.csv"),
        engine,
        ...(measures === undefined ? {} : {
          measures: { ...measures, file: join(outdir, evaluationNames.measures) },
          pictures: pictures.map((name) => join(outdir, name)),
        }),
      }),
      (summary) => formatEvaluation(summary, flags.raw ? quoteForShell(flags.voldir) : "MAPS"),
    );
  });
}

/** Refuses flags that do not go together. */
function checkTogether({ raw, normalize_csv }: Flags): void {
  if (raw && normalize_csv !== undefined) {
    throw new UsageError(
      "Cannot use --normalize_csv: with --raw the maps' own statistics are taken",
      "Leave one of the two out.",
    );
  }
  if (!raw && normalize_csv === undefined) {
    throw new UsageError(
      "Cannot predict thresholds: --normalize_csv is missing",
      "Give the map_stats_downsampled.csv or map_stats_raw.csv of siren preprocess; or, where --voldir holds " +
        "maps that are not normalised, --raw.",
    );
  }
}

/** Refuses to replace what another evaluation has written. */
async function checkFree({ outdir, force }: Flags): Promise<void> {
  const { PREDICTIONS_FILE } = await import("../core/threshold_cnn/predictions.ts");
  const path = join(outdir, PREDICTIONS_FILE);
  if (force || !await isThere(path)) return;
  throw new UsageError(
    `Cannot write the predictions: there are others already (${path})`,
    "Give another folder, or --force to replace them.",
  );
}

/** What was predicted, and how well. */
interface Evaluation {
  readonly rows: readonly Prediction[];
  readonly measures?: Measures;
  /** What computed it. */
  readonly engine: string;
}

/** Predicts, measures, and writes all files. */
async function evaluate(
  { io }: Context,
  flags: Flags,
  { network, findEngine }: typeof networkParts,
  tell: Tell,
): Promise<Evaluation> {
  const [
    { findMaps },
    { readStatistics },
    { readLabels },
    { labelWarnings },
    { readCheckpoint },
    weights,
    predicting,
  ] = await Promise.all([
    import("../core/volumes/find_maps.ts"),
    import("../core/threshold_cnn/map_statistics.ts"),
    import("../core/threshold_cnn/labels.ts"),
    import("../core/threshold_cnn/measures.ts"),
    import("../core/threshold_cnn/weights_file/weights_file.ts"),
    import("../core/threshold_cnn/default_weights.ts"),
    import("../core/threshold_cnn/predict_maps.ts"),
  ]);
  const path = await weights.weightsPath(flags.weights_file, "--weights_file");
  // All that can be wrong with small files shows before the work begins.
  const checkpoint = await readCheckpoint(path, network);
  const maps = await findMaps(flags.voldir);
  const statistics = flags.normalize_csv === undefined
    ? "raw"
    : await readStatistics(flags.normalize_csv, maps);
  const labels = flags.labels === undefined
    ? undefined
    : await readLabels(flags.labels, maps, "contour_level");
  await makeFolder(flags.outdir);
  const engine = await findEngine(flags.engine, flags.threads ?? io.threads);
  tell({ kind: "note", text: `Predicting with ${engine.what}` });
  const rows = await predicting.predictThresholds({
    maps,
    statistics,
    network,
    weights: checkpoint.weights,
    engine,
    batchSize: flags.batch_size,
    signal: io.signal,
    onProgress: (done) =>
      tell({ kind: "progress", stage: "Predicting", done, total: maps.length, unit: "maps" }),
  });
  const warnings = predicting.predictionWarnings(rows);
  if (labels !== undefined) {
    const of = flags.normalize_csv === undefined
      ? "the maps of --voldir"
      : `the maps whose statistics ${flags.normalize_csv} holds`;
    warnings.push(...labelWarnings(rows, labels, flags.labels ?? "", of));
  }
  for (const text of warnings) tell({ kind: "warning", text });
  const measures = await writeEvaluation(flags.outdir, rows, labels);
  return { rows, engine: engine.what, ...(measures === undefined ? {} : { measures }) };
}
