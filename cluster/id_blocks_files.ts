/**
 * The names and tables of identified regions, and the map to see them in.
 *
 * @module
 */
import { basename, join, relative, resolve } from "node:path";
import type { MapGrid } from "../core/mrc/mod.ts";
import type { OccupancyTable } from "../core/occupancy/mod.ts";
import { csvCell } from "../core/volumes/mod.ts";
import { CONSENSUS, CONSENSUS_LEVEL } from "./block_masks.ts";
import type { FinishedRun } from "./finished_run.ts";
import type { Question } from "./id_blocks_questions.ts";
import type { IdentifiedRegion } from "./id_blocks_regions.ts";

/** Names of regions as parts of file names, no two the same. */
export function stemsOf(questions: readonly Question[]): string[] {
  const stems: string[] = [];
  for (const { name } of questions) {
    const plain = name.replace(/[^\w.-]/g, "_");
    let stem = plain;
    for (let i = 2; stems.includes(stem); i++) stem = `${plain}_${i}`;
    stems.push(stem);
  }
  return stems;
}

/** The run's consensus map, to be opened under the masks, seen from their folder. */
export function consensusOf(run: FinishedRun | undefined, outdir: string) {
  if (run === undefined) return undefined;
  const path = relative(resolve(outdir), join(resolve(run.results), CONSENSUS));
  // ChimeraX could not be told of such a path.
  // deno-lint-ignore no-control-regex
  if (/[$\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path)) return undefined;
  return { path, level: CONSENSUS_LEVEL };
}

/** The table of regions. Empty cells are not known, or not asked of the method. */
export function formatRegions(regions: readonly IdentifiedRegion[], { apix }: MapGrid): string {
  const rows = regions.map((region) => [
    region.id,
    csvCell(region.of),
    region.kind,
    region.voxels,
    apix === undefined ? "" : (region.voxels * apix ** 3).toFixed(1),
    region.high,
    region.low,
    region.cutoff ?? "",
    region.jaccard?.toFixed(5) ?? "",
    region.difference ?? "",
    region.t ?? "",
  ]);
  const header = [
    "id",
    "of",
    "kind",
    "voxels",
    "volume_A3",
    "high_volumes",
    "low_volumes",
    "high_above",
    "jaccard",
    "mean_difference",
    "greatest_t",
  ];
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}

/** Which volume is high or low, for each question. */
export function formatClasses({ volumes }: OccupancyTable, questions: readonly Question[]): string {
  const columns = questions.map(({ classes }) => {
    const column = volumes.map(() => "");
    for (const volume of classes.high) column[volume] = "high";
    for (const volume of classes.low) column[volume] = "low";
    return column;
  });
  const header = ["map_file", ...questions.map(({ name }) => csvCell(name))];
  const rows = volumes.map((file, volume) => [
    csvCell(basename(file)),
    ...columns.map((column) => column[volume]!),
  ]);
  return [header, ...rows].map((cells) => cells.join(",") + "\n").join("");
}
