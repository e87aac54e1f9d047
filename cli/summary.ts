/**
 * The summary of a run: what was found, and where to look.
 *
 * @module
 */
import { join } from "node:path";
import type { BlockLine, RunSummary, StageSummary } from "../cluster/summary.ts";
import { quoteForShell } from "../core/shell.ts";
import { formatCount, formatCounted, formatTable } from "./table.ts";

/** Most blocks that the summary lists; the largest, where there are more. */
const MOST_LISTED = 40;

/** The summary as it is printed at the end of a command. */
export function formatSummary(summary: RunSummary): string {
  const { sketch, expand } = summary;
  const last = expand ?? sketch;
  return [
    formatCounts(summary),
    "",
    last.blocks.length === 0 ? NO_BLOCKS : formatBlocks(last.blocks),
    "",
    ...changedLines([sketch, ...(expand === undefined ? [] : [expand])]),
    `Sketch:  ${sketch.folder}`,
    ...(expand === undefined ? [] : [`Blocks:  ${expand.folder}`]),
    ...(last.blocks.length === 0 ? [] : [
      `To see the blocks, open ${join(last.folder, "open_blocks.cxc")} in ChimeraX.`,
      `Next:    siren view ${quoteForShell(summary.folder)}`,
    ]),
  ].join("\n") + "\n";
}

const NO_BLOCKS = "No block was found. Check the threshold first: siren info shows each map's " +
  "densities, and a good\nthreshold outlines the particle. Fewer than some 50 maps seldom have enough to tell.";

function formatCounts({ volumes, kept, union, sampled, rule, engine, sketch, expand }: RunSummary) {
  const lines = [
    `${formatCounted(volumes, "map")}${kept === volumes ? "" : `, ${formatCount(kept)} kept`}; ` +
    `${formatCounted(union, "voxel")} in the union, ${formatCount(sampled)} sampled`,
  ];
  if (sketch.pairs !== undefined && sketch.edges !== undefined) {
    lines.push(
      `${formatCounted(sketch.pairs, "pair")} tested by rule ${rule}` +
        `${engine === undefined ? "" : ` (engine ${engine})`}, ` +
        `${formatCount(sketch.edges)} linked`,
    );
  }
  lines.push(`${formatCounted(sketch.blocks.length, "block")} in the sketch`);
  if (expand !== undefined) {
    const rest = expand.unassigned === undefined
      ? ""
      : `; ${formatCounted(expand.unassigned, "voxel")} of the union in none`;
    lines.push(`${formatCounted(expand.blocks.length, "block")} after expansion${rest}`);
  }
  return lines.join("\n");
}

function formatBlocks(blocks: readonly BlockLine[]): string {
  const listed = blocks.length <= MOST_LISTED ? blocks : blocks
    .toSorted((a, b) => b.voxels - a.voxels || a.id - b.id).slice(0, MOST_LISTED)
    .sort((a, b) => a.id - b.id);
  const columns = ["block", "voxels", "volume (A^3)", "mean occupancy", "cohesion"]
    .map((title) => ({ title, align: "right" as const }));
  const table = formatTable(
    columns,
    listed.map((block) => [
      String(block.id),
      formatCount(block.voxels),
      formatCount(block.volume_A3),
      block.mean_occupancy.toFixed(3),
      block.cohesion.toFixed(3),
    ]),
  ).trimEnd();
  const more = blocks.length - listed.length;
  return more === 0 ? table : `${table}\n... and ${formatCounted(more, "smaller block")}`;
}

function changedLines(stages: readonly StageSummary[]): string[] {
  const changed = stages.flatMap((stage) => stage.changed);
  if (changed.length === 0) return [];
  return [
    "Left as they are, because they were changed since siren wrote them:",
    ...changed.map((path) => `  ${path}`),
    "",
  ];
}
