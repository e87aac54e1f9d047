/**
 * `siren threshold`: thresholds without a network.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { basename, join } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { isThere, makeFolder, writeWhole } from "../core/files.ts";
import { quoteForShell } from "../core/shell.ts";
import { normaliseLevel } from "../core/threshold_cnn/normalise.ts";
import { formatPredictions, PREDICTIONS_FILE } from "../core/threshold_cnn/predictions.ts";
import type { MapLevel } from "../core/threshold_cnn/map_levels.ts";
import { levelOptions, SIGMAS } from "../core/volumes/levels/find_level.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  FolderFlagsSchema,
  forceFlag,
  outdirFlag,
  printSummary,
  tellNews,
} from "./job.ts";
import { checkOptions, NeededOption, schemaFlags } from "./options.ts";
import { formatCounted, formatNumber, formatTable } from "./table.ts";

const MAPS = "Maps:";
const THRESHOLDS = "Thresholds:";

const OwnFlagsSchema = FolderFlagsSchema.extend({ voldir: z.string() });

/** Makes the command. */
export function threshold({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("threshold")
    .summary("find each map's threshold without a network")
    .description(
      "Finds a threshold for each map from its densities: Otsu's, which parts them into two classes; the mean " +
        "and some standard deviations; or the level that encloses the volume of the molecule's mass. " +
        `Writes OUTDIR/${PREDICTIONS_FILE}, which --binfile of run and sketch_communities takes.`,
    )
    .addHelpText(
      "after",
      `
Examples:
  siren threshold --voldir maps --method otsu --outdir thresholds
  siren threshold --voldir maps --method sigma --sigmas 2 --outdir thresholds
  siren threshold --voldir maps --method volume --mass 1350 --density 1.6 --outdir thresholds
  siren run --voldir maps --binfile thresholds/${PREDICTIONS_FILE} --outdir out

Otsu's threshold mostly encloses the dense parts alone; 2 standard deviations enclose more. Method
volume gives every map the full mass, so it is for complete particles. Look at some maps at their
thresholds.`,
    );
  const flags = [
    new NeededOption("--voldir <folder>", "folder of maps (.mrc, .map, .ccp4, also .gz); required")
      .argParser(textReader("--voldir")).helpGroup(MAPS),
    ...schemaFlags(levelOptions.shape, {
      method: { value: "name", help: "how thresholds are found" },
      sigmas: {
        value: "number",
        help: `of sigma: standard deviations above the mean; default ${SIGMAS}`,
      },
      mass: { value: "kda", help: "of volume, which needs it: mass of the molecule in kDa" },
      density: {
        value: "density",
        help: "of volume: protein, nucleic, or a number in g/cm^3, such as 1.6 for ribosomes; " +
          "default protein, 1.37 g/cm^3 or 1.21 cubic Angstrom per Da",
      },
      apix: {
        value: "angstrom",
        help: "of volume: voxel size, instead of that in the maps' headers",
      },
    }, THRESHOLDS),
    outdirFlag(),
    forceFlag("replace thresholds that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { voldir, outdir, force, json, quiet } = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(levelOptions, command.opts(), "find thresholds");
    const path = join(outdir, PREDICTIONS_FILE);
    if (!force && await isThere(path)) {
      throw new UsageError(
        `Cannot write the thresholds: there are others already (${path})`,
        "Give another folder, or --force to replace them.",
      );
    }
    const [{ findLevels }, { findMaps }] = await Promise.all([
      import("../core/threshold_cnn/map_levels.ts"),
      import("../core/volumes/find_maps.ts"),
    ]);
    const maps = await findMaps(voldir);
    await makeFolder(outdir);
    const found = await tellNews(io, quiet, undefined, async (tell) => {
      const found = await findLevels(maps, options, (done) => {
        io.signal.throwIfAborted();
        tell({
          kind: "progress",
          stage: "Finding thresholds",
          done,
          total: maps.length,
          unit: "maps",
        });
      });
      const rows = found.map(({ map, level, statistics }) => {
        return { map, statistics, prediction: normaliseLevel(level, statistics), level };
      });
      await writeWhole(path, formatPredictions(rows));
      return found;
    });
    printSummary(
      io,
      { json, quiet },
      summaryOf(found, options.method, path),
      (summary) => formatSummary(summary, voldir),
    );
  });
}

interface Summary {
  readonly thresholds: string;
  readonly method: string;
  readonly volumes: number;
  /** In the maps' natural order. */
  readonly maps: readonly {
    readonly map: string;
    readonly threshold: number;
    /** Share of the voxels above it. */
    readonly occupied: number;
  }[];
}

function summaryOf(found: readonly MapLevel[], method: string, thresholds: string): Summary {
  return {
    thresholds,
    method,
    volumes: found.length,
    maps: found.map(({ map, level, occupied }) => ({
      map: basename(map),
      threshold: level,
      occupied,
    })),
  };
}

function formatSummary({ thresholds, maps }: Summary, voldir: string): string {
  const range = (of: (map: Summary["maps"][number]) => number) => {
    const sorted = maps.map(of).sort((a, b) => a - b);
    return [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]; // there is at least one map
  };
  const table = formatTable(
    ["", "least", "median", "greatest"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    [
      ["threshold", ...range(({ threshold }) => threshold).map(formatNumber)],
      [
        "occupied",
        ...range(({ occupied }) => occupied).map((share) => `${formatNumber(100 * share)} %`),
      ],
    ],
  );
  return `Thresholds of ${formatCounted(maps.length, "map")}\n\n${table}\n` +
    `Thresholds: ${thresholds}\n` +
    `Next:       siren run --voldir ${quoteForShell(voldir)} --binfile ${
      quoteForShell(thresholds)
    } --outdir out\n`;
}
