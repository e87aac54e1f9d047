/**
 * `siren id_blocks`: regions that tell volumes with a block from volumes without it.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { IdBlocksSummary } from "../cluster/id_blocks.ts";
import { IdBlocksOptionsSchema } from "../cluster/id_blocks_options.ts";
import { textReader } from "./arguments.ts";
import {
  addOutputFlags,
  type Context,
  forceFlag,
  outdirFlag,
  printSummary,
  readFolderFlags,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

const VOLUMES = "Volumes:", CLASSES = "High and low volumes:", REGIONS = "Regions:";

/** Makes the command. */
export function idBlocks(context: Context): CommandUnknownOpts {
  const { io } = context;
  const { shape } = IdBlocksOptionsSchema;
  const command: CommandUnknownOpts = new Command("id_blocks")
    .summary("find what tells volumes with a block from those without")
    .description(
      "For each block, parts the volumes into those that hold most of it and those that hold nothing of it, and " +
        "writes the voxels that tell the two apart as masks: all that comes and goes with the block. Voxels " +
        "tell by being occupied, as in SIREn's tool of this name, or by their mean density.",
    )
    .argument(
      "[run]",
      "run folder; without it, --mapdir and --occupancy are needed",
      textReader("run"),
    )
    .addHelpText(
      "after",
      `
Examples:
  siren id_blocks out --outdir identified
  siren id_blocks out --block b3 --p 90 --low 0.1 --in_high 0.9 --outdir identified
  siren id_blocks out --where 'b3 > 0.8 && b5 < 0.1' --method density --outdir identified
  siren id_blocks --mapdir maps --occupancy occupancy.csv --bin 0.7 --outdir identified

Method occupied takes voxels that are occupied in all high volumes (--in_high) and in one low volume
at most (--in_low). Method density takes voxels whose mean over the high volumes is much above that
over the low ones, or much below ("instead"), and writes maps of the difference and of Welch's t;
--normalise standard brings every map to mean 0 and standard deviation 1 first.`,
    );
  const flags = [
    ...schemaFlags(shape, {
      mapdir: { value: "folder", help: "folder of maps; default that of the run" },
      occupancy: {
        value: "file",
        help: "occupancies (CSV or Arrow) of any regions, instead of the run's blocks",
      },
      bin: { value: "density", help: "threshold of the maps of --mapdir" },
      binfile: { value: "file", help: "CSV of a threshold for each map of --mapdir" },
    }, VOLUMES),
    ...schemaFlags(shape, {
      block: { value: "names", help: "regions to ask about, parted by commas; default all" },
      where: { value: "condition", help: "volumes that are high, instead; all others are low" },
      p: {
        value: "percent",
        help: "volumes above this percentile of a block's occupancies are high",
      },
      low: { value: "share", help: "volumes of at most this occupancy are low" },
    }, CLASSES),
    ...schemaFlags(shape, {
      method: { value: "name", help: "how voxels tell volumes apart" },
      in_high: {
        value: "share",
        help: "of occupied: share of the high volumes that a voxel is in",
      },
      in_low: { value: "count", help: "of occupied: most low volumes that a voxel is in" },
      diff_p: {
        value: "percent",
        help: "of density: percentile of the differences that a voxel is above",
      },
      normalise: { value: "name", help: "of density: what is done to each map" },
      pieces: { help: "write each piece that hangs together as a mask of its own" },
      min_size: { value: "voxels", help: "fewest voxels of a region" },
    }, REGIONS),
    outdirFlag(),
    forceFlag("replace what is in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { outdir, force, json, quiet } = readFolderFlags(command);
    const [run] = command.processedArgs as [string | undefined];
    const given = { ...command.opts(), ...(run === undefined ? {} : { run }) };
    const options = checkOptions(IdBlocksOptionsSchema, given, "tell volumes apart");
    const { identifyBlocks } = await import("../cluster/id_blocks.ts");
    const place = { outdir, force };
    const summary = await tellNews(
      io,
      quiet,
      undefined,
      (tell) => identifyBlocks(options, place, surroundingsOf(context, {}, tell)),
    );
    printSummary(io, { json, quiet }, summary, formatIdentified);
  });
}

/** Regions as they are printed. */
export function formatIdentified(summary: IdBlocksSummary): string {
  const { outdir, method, volumes, regions, without } = summary;
  const isDensity = method === "density";
  const columns = isDensity
    ? ["mask", "of", "", "voxels", "high", "low", "difference", "greatest t"]
    : ["mask", "of", "voxels", "high", "low", "Jaccard"];
  const table = formatTable(
    columns.map((title) => ({ title, align: title === "of" || title === "" ? "left" : "right" })),
    regions.map((region) => [
      String(region.id),
      region.of,
      ...(isDensity ? [region.kind] : []),
      formatCount(region.voxels),
      formatCount(region.high),
      formatCount(region.low),
      ...(isDensity
        ? [
          region.difference === undefined ? "" : formatNumber(region.difference),
          region.t === undefined ? "" : formatNumber(region.t),
        ]
        : [region.jaccard?.toFixed(3) ?? ""]),
    ]),
  );
  const rest = without.map(({ of, reason }) => `No region for ${of}: ${reason}.\n`).join("");
  return `${formatCounted(regions.length, "region")} from ${formatCounted(volumes, "volume")}\n\n` +
    (regions.length > 0 ? `${table}\n` : "") + (rest === "" ? "" : `${rest}\n`) +
    `Masks and tables: ${outdir}\n` +
    (regions.length > 0 ? `To see the masks, open ${outdir}/open_blocks.cxc in ChimeraX.\n` : "");
}
