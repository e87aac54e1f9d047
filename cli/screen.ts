/**
 * `siren screen`: a grid of settings, and which of them to take.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { ScreenRow, ScreenSummary } from "../cluster/screen.ts";
import { AXES, BY_DISTANCE, ScreenOptionsSchema } from "../cluster/screen_options.ts";
import { UsageError } from "../core/errors.ts";
import { quoteForShell } from "../core/shell.ts";
import { numberReader, textReader } from "./arguments.ts";
import { goingOn } from "./going_on.ts";
import {
  addJobFlags,
  type Context,
  forceFlag,
  outdirFlag,
  printSummary,
  readFolderFlags,
  readJobFlags,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { enginePermissions, needPermissions } from "./permissions.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

const MAPS = "Maps:", SAMPLE = "Sample:";
const GRID = "Settings to try (values with commas between them):";
const RULE = "Rule:", HALVES = "Stability:";

/** Makes the command. */
export function screen(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("screen")
    .summary("try a grid of settings, and recommend one")
    .description(
      "Finds the blocks under every combination of thresholds and options, and tells their number, sizes, " +
        "coverage and overlap, and how stable they are: the volumes are parted in two halves at random, and the " +
        "blocks of the halves compared. Maps are read once, and pairs of voxels counted once a threshold. " +
        "Stopped, it goes on when the same command is given again.",
    )
    .argument(
      "[run]",
      "run folder whose volumes and thresholds are taken, in place of maps",
      textReader("run"),
    )
    .addHelpText(
      "after",
      `
Examples:
  siren screen --voldir maps --bins 0.5,0.6,0.7,0.8 --outdir screened
  siren screen --voldir maps --bins 0.6,0.7 --join 0.4,0.5,0.6 --outdir screened
  siren screen --voldir maps --bins 0.7 --rule siren --posp_factor distance,1.5 --outdir screened
  siren screen out --join 0.4,0.5,0.6,0.7 --outdir screened

Recommended is a setting whose blocks in one half of the volumes tell much of those in the other
(the mutual information, in bits a voxel: many voxels, in many blocks, that come back), in the midst
of others that do as well. Its blocks are in OUTDIR/blocks.json.`,
    );
  const { shape } = ScreenOptionsSchema;
  const flags = [
    ...schemaFlags(shape, {
      voldir: { value: "folder", help: "folder of aligned maps (.mrc, .map, .ccp4, also gzipped)" },
      apix: { value: "angstrom", help: "voxel size; default from the maps' headers" },
    }, MAPS),
    list("--bins <densities>", "thresholds, each for all maps", MAPS),
    new Option("--binfile <files>", "CSVs with a threshold for each map, in place of --bins")
      .argParser(filesReader("--binfile")).helpGroup(MAPS),
    ...schemaFlags(shape, {
      filter: { help: "leave out maps whose threshold is over 2 standard deviations off" },
    }, MAPS),
    ...schemaFlags(shape, {
      subsample: { value: "n", help: "sample one n-th of the union's voxels; default auto" },
      seed: { value: "number", help: "seed of everything drawn; default 0" },
    }, SAMPLE),
    ...schemaFlags(shape, {
      rule: { value: "name", help: "rule that links voxels", fallback: "phi, or the run's" },
      communities: { value: "method", help: "how blocks are found in the graph" },
      cutoff_method: { value: "name", help: "how cutoffs are computed" },
      trials: { value: "count", help: "draws that a cutoff stands for" },
    }, RULE),
    ...AXES.map((name) => list(`--${name} <values>`, HELP[name], GRID)),
    ...schemaFlags(shape, {
      halvings: { value: "count", help: "how often the volumes are parted in two halves" },
    }, HALVES),
    outdirFlag("folder for the results, made if it is missing"),
    forceFlag("replace results of another screen"),
  ];
  for (const flag of flags) command.addOption(flag);
  addJobFlags(command, io);
  needPermissions(command, ({ engine }) => enginePermissions(engine));
  return command.action(async () => {
    const [run] = command.processedArgs as [string | undefined];
    const { outdir, force } = readFolderFlags(command);
    const { binfile, ...given } = { ...command.opts() } as Record<string, unknown>;
    const options = checkOptions(
      ScreenOptionsSchema,
      { ...given, run, binfiles: binfile },
      "screen",
      { binfiles: "binfile" },
    );
    const job = readJobFlags(command);
    const { screen } = await import("../cluster/mod.ts");
    const summary = await goingOn(() =>
      tellNews(
        io,
        job.quiet,
        undefined,
        (tell) => screen({ options, outdir, force }, surroundingsOf(context, job, tell)),
      )
    );
    printSummary(io, job, summary, formatScreen);
  });
}

const HELP: Readonly<Record<(typeof AXES)[number], string>> = {
  join: "least phi of a voxel and its block, for rule phi",
  posp: "levels of the test for occupied together",
  negp: "levels of the test for empty together",
  posp_factor: `factors on the positive cutoff; ${BY_DISTANCE}: the one by distance`,
  negp_factor: "factors on the negative cutoff",
  exp_frac: "share of a block's voxels that a voxel must be linked with to join it",
  min_block_size: "fewest voxels of a block",
};

function list(flags: string, help: string, group: string): Option {
  const [flag] = flags.split(" ");
  return new Option(flags, help).argParser(listReader(flag!)).helpGroup(group); // there is a first word
}

/** Makes the reader of a list of numbers, or of the word for the factor by distance. */
function listReader(flag: string): (text: string) => (number | string)[] {
  const read = numberReader(flag), readText = textReader(flag);
  return (text) =>
    readText(text).split(",").map((part) => {
      const word = part.trim();
      return word === BY_DISTANCE && flag === "--posp_factor" ? word : read(word);
    });
}

function filesReader(flag: string): (text: string) => string[] {
  const read = textReader(flag);
  return (text) => {
    const files = read(text).split(",");
    if (!files.includes("")) return files;
    throw new UsageError(`Cannot use ${flag}: the name of a file is empty (${text})`);
  };
}

/** Most settings that are listed: the best, where there are more. */
const MOST_LISTED = 60;

/** The summary as it is printed. */
export function formatScreen(summary: ScreenSummary): string {
  const { rows, rule, volumes, axes, recommended, reason, folder, engine } = summary;
  const listed = rows.length <= MOST_LISTED ? rows : rows
    .toSorted((a, b) => b.information - a.information || a.setting - b.setting)
    .slice(0, MOST_LISTED)
    .sort((a, b) => a.setting - b.setting);
  const titles = ["", "threshold", ...axes.map(({ name }) => name), "blocks", "median", "largest"];
  const table = formatTable(
    [...titles, "coverage", "overlap", "agreement", "bits"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    listed.map((row) => [
      mark(row),
      String(row.threshold),
      ...Object.values(row.values).map(String),
      formatCount(row.blocks),
      formatCount(row.median_size),
      formatCount(row.largest),
      `${(100 * row.coverage).toFixed(1)} %`,
      `${(100 * row.overlap).toFixed(1)} %`,
      row.agreement.toFixed(3),
      row.information.toFixed(3),
    ]),
  );
  const command = recommended === undefined
    ? []
    : ["", `Recommended is setting ${recommended.setting}:  ${recommended.command}`];
  return [
    `${formatCounted(rows.length, "setting")} of rule ${rule}, ${formatCounted(volumes, "volume")}`,
    "",
    table.trimEnd(),
    ...(listed.length === rows.length
      ? []
      : [`... and ${formatCounted(rows.length - listed.length, "setting")} that tell less`]),
    ...(recommended === undefined ? [] : ["", "* recommended, + as good"]),
    "",
    reason,
    ...command,
    "",
    ...(engine === undefined ? [] : [`Engine: ${engine}`]),
    `Screen: ${quoteForShell(folder)}`,
  ].join("\n") + "\n";
}

const mark = ({ recommended, as_good }: ScreenRow) => recommended ? "*" : as_good ? "+" : "";
