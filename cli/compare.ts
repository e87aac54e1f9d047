/**
 * `siren compare`: two runs, or two sets of blocks, side by side.
 *
 * @module
 */
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { SourceComparison } from "../cluster/compare.ts";
import { LEAST_JACCARD } from "../core/compare/compare_blocks.ts";
import { numberReader, textReader } from "./arguments.ts";
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
import { checkOptions } from "./options.ts";
import { formatCount, formatCounted, formatNumber, formatTable } from "./table.ts";

const FlagsSchema = OutputFlagsSchema.extend({
  jaccard: z.number().gte(0).lte(1).optional(),
  outdir: z.string().optional(),
});

/** Makes the command. */
export function compare(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("compare")
    .summary("compare the blocks of two runs")
    .description(
      "Tells which block of A is which of B (the one-to-one assignment with the greatest sum of Jaccard " +
        "indices), which were split or merged, where voxels went, and in which options and maps the runs " +
        "differ. Boxes must be the same.",
    )
    .argument(
      "<a>",
      "run folder, folder of results, blocks.json, or folder of masks",
      textReader("a"),
    )
    .argument("<b>", "the same", textReader("b"))
    .addOption(
      new Option(
        "--jaccard <share>",
        `least Jaccard index of a pair, 0 to 1; default ${LEAST_JACCARD}`,
      ).argParser(numberReader("--jaccard")).helpGroup("Comparing:"),
    )
    .addOption(optionalOutdirFlag("folder for tables and a picture; none are written without it"))
    .addOption(forceFlag("replace what is in the folder"))
    .addHelpText(
      "after",
      `
Examples:
  siren compare out_phi out_siren
  siren compare out/00_sketch out/02_expand --outdir compared
  siren compare masks out --json`,
    );
  addOutputFlags(command);
  return command.action(async () => {
    const { jaccard, outdir, force, json, quiet } = checkOptions(
      FlagsSchema,
      command.opts(),
      "compare",
    );
    const [a, b] = command.processedArgs as [string, string];
    const { comparisonJson, compareSources } = await import("../cluster/compare.ts");
    const result = await tellNews(io, quiet, undefined, (tell) => {
      const options = {
        ...(jaccard === undefined ? {} : { jaccard }),
        ...(outdir === undefined ? {} : { outdir }),
        force,
      };
      return compareSources(a, b, options, surroundingsOf(context, {}, tell));
    });
    printSummary(io, { json, quiet }, comparisonJson(result), () => formatComparison(result));
  });
}

/** A comparison as it is printed. */
export function formatComparison(result: SourceComparison): string {
  const { comparison, differences, files } = result;
  const { pairs, splits, merges, onlyA, onlyB, lost, gained, voxels } = comparison;
  const sizes = (flows: typeof lost) => new Map(flows.map(({ block, voxels }) => [block, voxels]));
  const sizesA = sizes(lost), sizesB = sizes(gained);
  const none = (flows: typeof lost, id: string) => flows.find(({ block }) => block === id)!.none;
  const table = formatTable(
    ["A", "B", "Jaccard", "voxels A", "voxels B", "both", "lost", "gained", "shift A"].map(
      (title, i) => ({ title, align: i < 2 ? "left" : "right" }),
    ),
    [
      ...pairs.map((pair) => [
        pair.a,
        pair.b,
        pair.jaccard.toFixed(3),
        formatCount(pair.voxelsA),
        formatCount(pair.voxelsB),
        formatCount(pair.both),
        formatCount(pair.voxelsA - pair.both),
        formatCount(pair.voxelsB - pair.both),
        pair.shift === undefined ? "" : pair.shift.toFixed(1),
      ]),
      ...onlyA.map((id) => [id, "-", "", formatCount(sizesA.get(id)!), "", "", ""]),
      ...onlyB.map((id) => ["-", id, "", "", formatCount(sizesB.get(id)!), "", ""]),
    ],
  );
  const unions = [
    ...splits.map(({ block, pieces, jaccard }) =>
      `Block ${block} of A is ${pieces.join(" + ")} of B (Jaccard ${jaccard.toFixed(3)})`
    ),
    ...merges.map(({ block, pieces, jaccard }) =>
      `Block ${block} of B is ${pieces.join(" + ")} of A (Jaccard ${jaccard.toFixed(3)})`
    ),
  ];
  const moved = [
    ...pairs.flatMap(({ a, b }) => {
      const others = lost.find(({ block }) => block === a)!.into.filter(({ block }) => block !== b);
      return others.map(({ block, voxels }) =>
        `${formatCounted(voxels, "voxel")} of block ${a} of A ${
          voxels === 1 ? "is" : "are"
        } in block ${block} of B`
      );
    }),
    ...pairs.flatMap(({ a, b }) => {
      const gone = none(lost, a), come = none(gained, b);
      return [
        ...(gone > 0
          ? [
            `${formatCounted(gone, "voxel")} of block ${a} of A ${
              gone === 1 ? "is" : "are"
            } in no block of B`,
          ]
          : []),
        ...(come > 0
          ? [
            `${formatCounted(come, "voxel")} of block ${b} of B ${
              come === 1 ? "was" : "were"
            } in no block of A`,
          ]
          : []),
      ];
    }),
  ];
  const paragraphs = [
    `A: ${result.a}, ${formatCounted(comparison.a.length, "block")}, ${
      formatCounted(voxels.a, "voxel")
    }\nB: ${result.b}, ${formatCounted(comparison.b.length, "block")}, ${
      formatCounted(voxels.b, "voxel")
    }\n`,
    `${formatCounted(pairs.length, "pair")} of blocks, mean Jaccard ${
      Number.isNaN(comparison.meanJaccard) ? "-" : formatNumber(comparison.meanJaccard)
    }; adjusted Rand index ${formatNumber(comparison.adjustedRandIndex)}; ${
      formatCounted(voxels.both, "voxel")
    } in blocks of both\n`,
    comparison.a.length + comparison.b.length > 0 ? table : "",
    unions.map((line) => `${line}\n`).join(""),
    moved.map((line) => `${line}\n`).join(""),
    differences.length === 0 ? "" : "The runs differ in:\n" + formatTable(
      ["", "A", "B"].map((title) => ({ title, align: "left" })),
      differences.map(({ what, a, b }) => [what, a, b]),
    ),
    files.map((file) => `${file}\n`).join(""),
  ];
  return paragraphs.filter((paragraph) => paragraph !== "").join("\n");
}
