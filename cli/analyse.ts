/**
 * `siren analyse`: what the occupancies of blocks or masks tell.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { OccupancySource, WrittenAnalysis } from "../cluster/analysis.ts";
import { analysisOptions } from "../core/analysis/analyse.ts";
import { assemblyLines } from "../core/analysis/assembly_order.ts";
import { UsageError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { told } from "../core/told.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  optionalOutdirFlag,
  OutputFlagsSchema,
  printSummary,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { formatCount, formatCounted, formatTable, withoutControls } from "./table.ts";

const OCCUPANCIES = "Occupancies:";
const ANALYSIS = "Analysis:";

/** Most lines of a list in the summary. */
const MOST_LISTED = 40;

const OwnFlagsSchema = OutputFlagsSchema.extend({
  occupancy: z.string().optional(),
  outdir: z.string().optional(),
});

/** Makes the command. */
export function analyse(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("analyse")
    .alias("analyze")
    .summary("find clusters of volumes, the order of assembly, and junk")
    .description(
      "Tells from the occupancies of a run's blocks, or from a table that siren occupancy wrote, which volumes " +
        "are alike, which blocks come and go together or exclude each other, which is never seen without " +
        "which other (the order of assembly), and which volumes are unlike all others. Writes tables, " +
        "graphs and pictures into RUN/03_analysis, or into --outdir.",
    )
    .argument("[run]", "run folder with blocks", textReader("run"))
    .addHelpText(
      "after",
      `
Examples:
  siren analyse out
  siren analyse out --clusters 6 --linkage average
  siren analyse --occupancy occupancies/occupancy.csv --outdir analysis

A block is present in a volume from the cutoff that parts the volumes best (Otsu's) where they
fall into two classes, else from an occupancy of 0.5; or from --present on. Block B needs A where it
is not chance that they are together so often, and B is never without A, but for so few volumes that
these may be called wrong. Two blocks exclude each other likewise. Junk counts for neither.`,
    );
  const flags = [
    new Option("--occupancy <file>", "instead of a run: occupancy table, CSV or Arrow")
      .argParser(textReader("--occupancy")).helpGroup(OCCUPANCIES),
    ...schemaFlags(analysisOptions.shape, {
      linkage: { value: "name", help: "how clusters are joined" },
      clusters: {
        value: "count",
        help: "number of clusters of volumes; by default found, by their silhouettes",
      },
      present: { value: "occupancy", help: "occupancy from which on a block is present" },
      miscalls: {
        value: "rate",
        help: "share of presences that are called wrong; by default from how clear they are",
      },
      fdr: { value: "rate", help: "false discovery rate of dependencies and exclusions" },
    }, ANALYSIS),
    optionalOutdirFlag("folder to write to; by default 03_analysis in the run folder"),
    forceFlag("replace what is in --outdir"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { occupancy, outdir, force, json, quiet } = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(analysisOptions, command.opts(), "analyse");
    const source = sourceOf(command.processedArgs[0], occupancy, "analyse");
    if (occupancy !== undefined && outdir === undefined) {
      throw new UsageError(
        "Cannot write the analysis of a table: --outdir is missing",
        "Give a folder to write to: --outdir analysis",
      );
    }
    const { writeAnalysis } = await import("../cluster/analysis.ts");
    const place = { ...(outdir === undefined ? {} : { outdir }), force };
    const written = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => writeAnalysis(source, options, place, surroundingsOf(context, {}, tell)),
    );
    printSummary(
      io,
      { json, quiet },
      summaryOf(written),
      () => formatAnalysis(written, source),
    );
  });
}

/**
 * Where occupancies come from, by the command line.
 *
 * @param what What cannot be done without, as in "Cannot <what>: ...".
 * @throws {UsageError} Neither a run nor a table was given, or both were.
 */
export function sourceOf(
  run: unknown,
  occupancy: string | undefined,
  what: string,
): OccupancySource {
  if (typeof run === "string" && occupancy === undefined) return { run };
  if (run === undefined && occupancy !== undefined) return { occupancy };
  throw new UsageError(
    `Cannot ${what}: ${
      run === undefined ? "nothing to work on was given" : "both a run and a table were given"
    }`,
    "Give a run folder, or --occupancy and a table.",
  );
}

/** The summary as a JSON value. */
function summaryOf({ analysis, folder, files }: WrittenAnalysis) {
  const { table, clusters, dependencies, pairs, junk } = analysis;
  const name = (region: number) => table.regions[region]!.name;
  return {
    folder,
    volumes: table.volumes.length,
    regions: table.regions.map(({ name }) => name),
    clusters: clusterSizes(clusters),
    dependencies: dependencies.map(({ region, needs, ...rest }) => ({
      region: name(region),
      needs: name(needs),
      ...rest,
    })),
    exclusive: pairs.filter(({ exclusive }) => exclusive).map(({ a, b }) => [name(a), name(b)]),
    junk: junk.map(({ volume, ...rest }) => ({ map_file: table.volumes[volume]!, ...rest })),
    files,
  };
}

function clusterSizes(clusters: readonly number[]): number[] {
  const sizes = new Array<number>(Math.max(...clusters)).fill(0);
  for (const cluster of clusters) sizes[cluster - 1]!++;
  return sizes;
}

/** An analysis as it is printed. */
export function formatAnalysis(
  { analysis, folder }: WrittenAnalysis,
  source: OccupancySource,
): string {
  const { table, clusters, pairs, dependencies, junk } = analysis;
  const oneLine = (text: string) => withoutControls(text).replaceAll(/\s/g, " ");
  const name = (region: number) => oneLine(table.regions[region]!.name);
  const sizes = clusterSizes(clusters);
  const exclusive = pairs.filter((pair) => pair.exclusive);
  const direct = dependencies.filter((dependency) => dependency.direct).length;
  const from = "run" in source
    ? quoteForShell(source.run)
    : `--occupancy ${quoteForShell(source.occupancy)}`;
  const paragraphs = [
    `${formatCounted(table.volumes.length, "volume")}, ${
      formatCounted(table.regions.length, "region")
    }\n`,
    formatTable(
      [{ title: "cluster", align: "right" }, { title: "volumes", align: "right" }],
      sizes.map((size, i) => [String(i + 1), formatCount(size)]),
    ),
    `Order of assembly: ${formatCounted(direct, "direct dependency", "direct dependencies")}\n` +
    listed(assemblyLines(analysis).map(oneLine), "region"),
    exclusive.length === 0 ? "No regions exclude each other.\n" : "Exclude each other:\n" +
      listed(
        exclusive.map(({ a, b, both, expected }) =>
          `${name(a)} and ${name(b)} (${both} together, ${expected.toFixed(1)} by chance)`
        ),
        "pair",
      ),
    junk.length === 0 ? "No volume is unlike all others.\n" : "Junk, as it seems:\n" +
      listed(
        junk.map(({ volume, kind, reason }) =>
          `${told(table.volumes[volume]!)}  ${kind}: ${oneLine(reason)}`
        ),
        "volume",
      ),
    `Written: ${folder}\nNext:    siren volumes ${from} --where 'cluster == 1'\n`,
  ];
  return paragraphs.join("\n");
}

/** Lines, indented; of many the first. */
function listed(lines: readonly string[], one: string): string {
  const more = lines.length - MOST_LISTED;
  const shown = more > 1 ? lines.slice(0, MOST_LISTED) : lines;
  return shown.map((line) => `  ${line}\n`).join("") +
    (more > 1 ? `  ... and ${formatCounted(more, `more ${one}`)}\n` : "");
}
