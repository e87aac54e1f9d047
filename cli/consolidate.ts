/**
 * `siren consolidate`: merging blocks that overlap.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { ConsolidateSummary } from "../cluster/consolidate.ts";
import { ConsolidateOptionsSchema } from "../core/blocks/consolidate.ts";
import { textReader } from "./arguments.ts";
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
import { checkOptions, schemaFlags } from "./options.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

const MERGING = "Merging:";

const OwnFlagsSchema = FolderFlagsSchema.extend({
  run: z.string().optional(),
  threads: z.number().optional(),
});

/** Makes the command. */
export function consolidate(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("consolidate")
    .summary("merge blocks that overlap")
    .description(
      "Merges blocks that share many of their voxels, as an expansion by rule siren may leave them, and writes " +
        "the merged blocks to a folder of their own: masks, tables, pictures, and consolidated.csv, which says " +
        "which block became which.",
    )
    .argument(
      "<blocks>",
      "run folder, folder of results, blocks.json, or folder of masks",
      textReader("blocks"),
    )
    .addHelpText(
      "after",
      `
Examples:
  siren consolidate out --outdir merged
  siren consolidate out/00_sketch --jaccard 0.3 --containment 0.8 --outdir merged
  siren consolidate edited.json --run out --outdir merged

Method components merges all blocks that are joined by pairs that overlap enough, and again until no
two do; method siren unites each block once with all that overlap with it, as SIREn did, so that a
block can be in several.`,
    );
  const flags = [
    ...schemaFlags(ConsolidateOptionsSchema.shape, {
      jaccard: { value: "share", help: "merge blocks whose Jaccard index is above this" },
      containment: {
        value: "share",
        help: "also merge blocks that share more than this of the smaller one; off unless given",
      },
      method: { value: "name", help: "how pairs that overlap make merged blocks" },
    }, MERGING),
    new Option("--run <folder>", "run that the blocks are of, where they do not lie in one")
      .argParser(textReader("--run")).helpGroup(MERGING),
    threadsFlag(io),
    outdirFlag(),
    forceFlag("replace what is in the folder"),
  ];
  for (const flag of flags) command.addOption(flag);
  addOutputFlags(command);
  return command.action(async () => {
    const { run, outdir, force, threads, json, quiet } = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(ConsolidateOptionsSchema, command.opts(), "merge blocks");
    const [blocks] = command.processedArgs as [string];
    const { consolidateBlocks } = await import("../cluster/consolidate.ts");
    const summary = await tellNews(io, quiet, undefined, (tell) => {
      const call = { blocks, ...(run === undefined ? {} : { run }), options, outdir, force };
      return consolidateBlocks(call, surroundingsOf(context, { threads }, tell));
    });
    printSummary(io, { json, quiet }, summary, formatConsolidation);
  });
}

/** A consolidation as it is printed. */
export function formatConsolidation(
  { blocks, before, outdir, source }: ConsolidateSummary,
): string {
  const hasOccupancy = blocks.some((block) => block.mean_occupancy !== undefined);
  const titles = ["block", "made of", "voxels", "least Jaccard", "occupancy", "cohesion"];
  const table = formatTable(
    titles.slice(0, hasOccupancy ? 6 : 4).map((title, i) => ({
      title,
      align: i === 1 ? "left" : "right",
    })),
    blocks.map((block) => [
      String(block.id),
      block.parts.join(" + "),
      formatCount(block.voxels),
      block.parts.length === 1 ? "" : block.least_jaccard.toFixed(3),
      block.mean_occupancy?.toFixed(3) ?? "",
      block.cohesion?.toFixed(3) ?? "",
    ]),
  );
  const merged = blocks.some(({ parts }) => parts.length > 1);
  const heading = merged
    ? `${formatCounted(before, "block")} of ${source} became ${formatCount(blocks.length)}`
    : `No two of the ${formatCounted(before, "block")} of ${source} overlap that much`;
  return `${heading}\n\n${table}\nMasks, tables and pictures: ${outdir}\n` +
    `To see the blocks, open ${outdir}/open_blocks.cxc in ChimeraX.\n`;
}
