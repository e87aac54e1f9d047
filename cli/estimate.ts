/**
 * What a run would take on this machine, as `--dry-run` prints it.
 *
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { RunEstimate } from "../cluster/estimate.ts";
import type { ExpandOptionsInput, SketchOptionsInput } from "../cluster/options.ts";
import {
  type Context,
  dropClusterPermissions,
  printResult,
  readJobFlags,
  surroundingsOf,
  tellNews,
} from "./job.ts";
import { formatBytes, formatCount, formatCounted, formatDuration } from "./table.ts";

/** Estimates a run and prints what it would take. */
export async function tellEstimate(
  context: Context,
  command: CommandUnknownOpts,
  sketch: SketchOptionsInput,
  expand?: ExpandOptionsInput,
): Promise<void> {
  const { io } = context;
  const flags = readJobFlags(command);
  dropClusterPermissions(io, flags);
  const { estimate } = await import("../cluster/mod.ts");
  const result = await tellNews(
    io,
    flags.quiet,
    undefined,
    (tell) => estimate(sketch, expand, surroundingsOf(context, flags, tell)),
  );
  printResult(io, flags.json, result, formatEstimate);
}

/** An estimate as text. */
export function formatEstimate(estimate: RunEstimate): string {
  const { maps, box, mapBytes, threads, seconds, union, sampled, pairs, links, blocks } = estimate;
  const time = (value: number) =>
    value < 1 ? "less than a second" : `about ${formatDuration(value * 1000)}`;
  const rows = [
    [
      "reading",
      `${formatCounted(maps, "map")} of ${box}^3, ${formatBytes(mapBytes)}`,
      time(seconds.reading),
    ],
    [
      "sketch",
      `${formatCount(rounded(sampled))} of ${formatCount(rounded(union))} voxels, ` +
      `${formatCount(rounded(pairs))} pairs, ${formatCount(rounded(links))} links`,
      time(seconds.sketch),
    ],
    ...(seconds.expansion === 0
      ? []
      : [["expansion", "every voxel of the union", time(seconds.expansion)]]),
    ["results", `${formatCounted(blocks, "block")} or so`, time(seconds.results)],
  ].map(([what, how, long]) => [what!, how!, long!] as const); // each has three
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map(([what, how, long]) =>
    `${what.padEnd(widths[0]!)}  ${how.padEnd(widths[1]!)}  ${long}\n`
  );
  return `Nothing was written. By a look at some of the maps, this run would take, on ${
    formatCounted(threads, "thread")
  }:\n\n${lines.join("")}\n` +
    `time    ${time(seconds.total)}\n` +
    `memory  about ${formatBytes(estimate.memory)}\n` +
    `disk    about ${formatBytes(estimate.disk)}\n\n` +
    `Engine: ${estimate.engine}\n`;
}

/** Two digits: more would pretend to knowledge. */
const rounded = (value: number) => Number(value.toPrecision(2));
