/**
 * `siren occupancy`: how much of each mask or block is in each map.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { MeasuredOccupancies, OccupancyFiles } from "../cluster/occupancy.ts";
import { OccupancyOptionsSchema } from "../cluster/occupancy_options.ts";
import { type Measure, MEASURES } from "../core/occupancy/measure.ts";
import { columnOf } from "../core/occupancy/table.ts";
import { quoteForShell } from "../core/shell.ts";
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
import { checkOptions, schemaFlags } from "./options.ts";
import { formatCount, formatCounted, formatNumber, formatTable, withoutControls } from "./table.ts";

const MAPS = "Maps:";
const REGIONS = "Masks or blocks:";
const MEASURING = "Measuring:";

/** Most regions that the summary lists. */
const MOST_LISTED = 40;

const OwnFlagsSchema = FolderFlagsSchema.extend({
  maven: z.boolean().default(false),
  threads: z.number().optional(),
});

/** Makes the command. */
export function occupancy({ io }: Context): CommandUnknownOpts {
  const command: CommandUnknownOpts = new Command("occupancy")
    .summary("measure how much of each mask or block is in each map")
    .description(
      "Measures the fractional occupancy of masks, of any names, or of found blocks in every map. With a " +
        "threshold it is the share of the region's voxels that are above it, those of a mask being where the " +
        "mask is above one half. Without, it is the density under the mask: sum(mask x map) divided by the " +
        "sum of the region's reference map where --refdir gives one, as MAVEn does, and else by the sum of " +
        "the mask, which makes it a mean density. Writes occupancy.csv and occupancy.arrow into OUTDIR.",
    )
    .addHelpText(
      "after",
      `
Examples:
  siren occupancy --mapdir maps --maskdir masks --bin 0.7 --outdir occupancies
  siren occupancy --mapdir maps --maskdir masks --refdir chains --maven --outdir occupancies
  siren occupancy --mapdir maps --blocks out --binfile predictions.csv --outdir occupancies
  siren occupancy --blocks out --outdir occupancies

A share runs from 0 to 1. Densities are in the maps' own units: compare them between maps, and
between regions only where both are of the same maps and --refdir was given. Mask_NAME.mrc has the
reference map NAME.mrc or Mask_NAME.mrc; any other mask, and block_N.mrc, that of its own name.`,
    );
  const flags = [
    ...schemaFlags(OccupancyOptionsSchema.shape, {
      mapdir: {
        value: "folder",
        help:
          "folder of maps (.mrc, .map, .ccp4, also .gz); a finished run's blocks need none, as " +
          "the run keeps which of its voxels are occupied",
      },
    }, MAPS),
    ...schemaFlags(OccupancyOptionsSchema.shape, {
      maskdir: { value: "folder", help: "folder of masks, 0 to 1, in the maps' box" },
      blocks: {
        value: "path",
        help: "instead: a run folder, a blocks.json, or a folder of block_N.mrc masks",
      },
      refdir: { value: "folder", help: "folder of a reference map for each mask or block" },
    }, REGIONS),
    ...schemaFlags(OccupancyOptionsSchema.shape, {
      bin: { value: "density", help: "threshold above which a voxel is occupied" },
      binfile: {
        value: "file",
        help: "instead: CSV of a threshold for each map (column denormalized_predictions)",
      },
    }, MEASURING),
    threadsFlag(io),
    outdirFlag(),
    new Option("--maven", "write MAVEn's CSV too, with two rows of headings: occupancy_maven.csv")
      .helpGroup("Output:"),
    forceFlag("replace occupancies that are in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const flags = OwnFlagsSchema.parse(command.opts());
    const { outdir, maven, force } = flags;
    const options = checkOptions(OccupancyOptionsSchema, command.opts(), "measure occupancies");
    const { checkOutdir, measureOccupancies, writeOccupancies } = await import(
      "../cluster/occupancy.ts"
    );
    await checkOutdir(outdir, maven, force);
    const summary = await tellNews(io, flags.quiet, undefined, async (tell) => {
      const threads = flags.threads ?? io.threads;
      const measured = await measureOccupancies(options, { threads, signal: io.signal, tell });
      return summaryOf(measured, await writeOccupancies(outdir, measured, { maven, force }));
    });
    printSummary(io, flags, summary, formatOccupancies);
  });
}

/** What was measured, and where it is. */
export interface OccupancySummary extends OccupancyFiles {
  readonly measure: Measure;
  readonly volumes: number;
  readonly regions: readonly {
    readonly name: string;
    readonly voxels: number;
    readonly least: number;
    readonly mean: number;
    readonly greatest: number;
  }[];
}

function summaryOf(
  { table, measure }: MeasuredOccupancies,
  files: OccupancyFiles,
): OccupancySummary {
  return {
    ...files,
    measure,
    volumes: table.volumes.length,
    regions: table.regions.map(({ name, voxels }, region) => {
      const column = columnOf(table, region).sort();
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      return { name, voxels, least: column[0]!, mean, greatest: column.at(-1)! };
    }),
  };
}

/** The summary as it is printed. */
export function formatOccupancies(summary: OccupancySummary): string {
  const { regions, volumes, measure, csv, arrow, maven } = summary;
  const table = formatTable(
    ["region", "voxels", "least", "mean", "greatest"].map((title, i) => ({
      title,
      align: i === 0 ? "left" : "right",
    })),
    regions.slice(0, MOST_LISTED).map(({ name, voxels, least, mean, greatest }) => [
      withoutControls(name).replaceAll(/\s/g, " "),
      formatCount(voxels),
      ...[least, mean, greatest].map(formatNumber),
    ]),
  );
  const more = regions.length - MOST_LISTED;
  const rest = more > 0 ? `... and ${formatCounted(more, "more region")}\n` : "";
  const files = [
    ["Table:", csv],
    ["Arrow:", arrow],
    ...(maven === undefined ? [] : [["MAVEn:", maven]]),
  ];
  return `${formatCounted(regions.length, "region")} in ${formatCounted(volumes, "map")}: ${
    MEASURES[measure]
  }\n\n${table}${rest}\n${
    files.map(([title, path]) => `${title!.padEnd(8)}${path}\n`).join("")
  }Next:   siren analyse --occupancy ${quoteForShell(csv)} --outdir analysis\n`;
}
