/**
 * `siren stability`: how far the blocks of a run can be relied on.
 *
 * @module
 */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { join } from "node:path";
import { z } from "zod";
import type { SourceSummary, StabilitySummary } from "../cluster/stability.ts";
import { DRAWN, StabilityOptionsSchema } from "../cluster/stability_options.ts";
import { textReader } from "./arguments.ts";
import { goingOn } from "./going_on.ts";
import {
  addJobFlags,
  type Context,
  forceFlag,
  optionalOutdirFlag,
  OutputFlagsSchema,
  printSummary,
  readJobFlags,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { checkOptions, schemaFlags } from "./options.ts";
import { enginePermissions, needPermissions } from "./permissions.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

const REPLICATES = "Replicates:";

const OwnFlagsSchema = OutputFlagsSchema.extend({ outdir: z.string().optional() });

/** Makes the command. */
export function stability(context: Context): CommandUnknownOpts {
  const { io } = context;
  const command: CommandUnknownOpts = new Command("stability")
    .summary("tell how far the blocks of a run can be relied on")
    .description(
      "Draws the ensemble of a run anew, many times, finds the blocks of each replicate by the run's own rule " +
        "and options, and compares them with the run's: how often each block comes back, and how sure each " +
        "voxel is of its block. No map is read. The results are in RUN/04_stability. Stopped, it goes on when " +
        "the same command is given again.",
    )
    .argument("<run>", "run folder, with an expansion", textReader("run"))
    .addHelpText(
      "after",
      `
Examples:
  siren stability out
  siren stability out --over each --bootstraps 200 --threads 8
  siren stability out --over volumes --seed 1 --outdir stability

A block comes back in a replicate where the Jaccard index with its match is 0.5 or more. Blocks are
matched one to one, as by siren compare. A voxel's confidence is the share of the replicates in
which it is in the match of its own block.`,
    );
  const flags = [
    ...schemaFlags(StabilityOptionsSchema.shape, {
      bootstraps: { value: "count", help: "number of replicates" },
      over: {
        value: "what",
        help: "what a replicate draws: volumes with replacement, other samples of the union's " +
          "voxels, both, or each of these by itself",
      },
      samples: {
        value: "voxels",
        help: "voxels that a replicate samples; default as many as the run",
      },
      seed: { value: "number", help: "seed of everything drawn; same seed, same result" },
    }, REPLICATES),
    optionalOutdirFlag("folder for the results; default RUN/04_stability"),
    forceFlag("replace results of other options"),
  ];
  for (const flag of flags) command.addOption(flag);
  addJobFlags(command, io);
  needPermissions(command, ({ engine }) => enginePermissions(engine));
  return command.action(async () => {
    const { outdir, force } = OwnFlagsSchema.parse(command.opts());
    const options = checkOptions(StabilityOptionsSchema, command.opts(), "tell the stability");
    const job = readJobFlags(command);
    const [run] = command.processedArgs as [string];
    const { stability } = await import("../cluster/mod.ts");
    const call = { run, options, force, ...(outdir === undefined ? {} : { outdir }) };
    const summary = await goingOn(() =>
      tellNews(
        io,
        job.quiet,
        undefined,
        (tell) => stability(call, surroundingsOf(context, job, tell)),
      )
    );
    printSummary(io, job, summary, formatStability);
  });
}

/** Blocks that come back more seldom are pointed at. */
const SELDOM = 0.5;

/** The summary as it is printed. */
export function formatStability(summary: StabilitySummary): string {
  const { bootstraps, rule, samples, folder, sources, engine } = summary;
  const lines = sources.flatMap((source) => [
    `${formatCount(bootstraps)} replicates over ${DRAWN[source.over]}, by rule ${rule}: ` +
    `${formatCounted(samples, "voxel")} sampled, ${blocksOf(source)}`,
    "",
    source.blocks.length === 0 ? "The run has no blocks.\n" : formatSource(source),
  ]);
  const seldom = sources.flatMap(({ over, blocks }) => {
    const ids = blocks.filter(({ back }) => back < SELDOM).map(({ block }) => block);
    return ids.length === 0 ? [] : [
      `Over ${DRAWN[over]}, ${ids.length === 1 ? "block" : "blocks"} ${ids.join(", ")} ` +
      `${ids.length === 1 ? "comes" : "come"} back in fewer than half of the replicates.`,
    ];
  });
  return [
    ...lines,
    ...seldom,
    ...(seldom.length === 0 ? [] : [""]),
    ...(engine === undefined ? [] : [`Engine:     ${engine}`]),
    `Stability:  ${folder}`,
    `Confidence: ${join(folder, "confidence.mrc")}`,
    `To see it, open ${join(folder, "open_confidence.cxc")} in ChimeraX.`,
  ].join("\n") + "\n";
}

function blocksOf({ replicate_blocks: { least, median, most } }: SourceSummary): string {
  const range = least === most
    ? formatCount(most)
    : `${formatCount(least)} to ${formatCount(most)}`;
  return `${range} ${most === 1 && least === 1 ? "block" : "blocks"}` +
    (least === most ? "" : `, median ${median}`);
}

function formatSource({ blocks }: SourceSummary): string {
  const share = (value: number) => `${(100 * value).toFixed(0)} %`;
  return formatTable(
    [
      "block",
      "voxels",
      "back",
      "merged",
      "split",
      "lost",
      "Jaccard",
      "5 to 95 %",
      "confidence",
      "core voxels",
    ].map((title) => ({ title, align: "right" })),
    blocks.map((row) => [
      String(row.block),
      formatCount(row.voxels),
      share(row.back),
      share(row.merged),
      share(row.split),
      share(row.lost),
      row.jaccard_mean.toFixed(3),
      `${row.jaccard_p05.toFixed(2)} - ${row.jaccard_p95.toFixed(2)}`,
      row.confidence.toFixed(3),
      formatCount(row.core_voxels),
    ]),
  );
}
