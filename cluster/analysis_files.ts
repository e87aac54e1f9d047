/**
 * The files that tell what an analysis found.
 *
 * @module
 */
import {
  type Analysis,
  ANALYSIS_JSON,
  assemblyPicture,
  componentsPicture,
  formatAnalysis,
  formatAssemblyDot,
  formatAssemblyGexf,
  formatDependenciesCsv,
  formatPairsCsv,
  formatRegionsCsv,
  formatTreeCsv,
  formatVolumesCsv,
  heatMap,
  pairsPicture,
} from "../core/analysis/mod.ts";
import {
  formatOccupancyCsv,
  OCCUPANCY_ARROW,
  OCCUPANCY_CSV,
  occupancyArrow,
} from "../core/occupancy/occupancy_file.ts";
import { type Drawing, encodePng, formatSvg } from "../core/report/mod.ts";
import type { FinishedRun } from "./finished_run.ts";
import type { MakeFile } from "./result_files.ts";

/** Pixels of a PNG for each pixel of its drawing. */
const SCALE = 2;

/** What the files are made of. */
export interface AnalysisFilesInput {
  readonly analysis: Analysis;
  /** Occupied voxels of the union in each volume, where they are known. */
  readonly occupied?: ArrayLike<number>;
  /** The run whose blocks are the regions; undefined where a table was given. */
  readonly run?: FinishedRun;
}

/**
 * The files of an analysis, by name.
 *
 * @returns Tables (`occupancy.csv`, `occupancy.arrow`, `volumes.csv`, `regions.csv`, `block_pairs.csv`,
 *   `dependencies.csv`, `volume_tree.csv`, `block_tree.csv`), graphs (`dependencies.dot`,
 *   `dependencies.gexf`), pictures (`heatmap`, `pca`, `dependencies` and `block_pairs`, each .svg and .png)
 *   and `analysis.json`.
 */
export function analysisFiles({ analysis, occupied }: AnalysisFilesInput): Map<string, MakeFile> {
  const files = new Map<string, MakeFile>([
    [OCCUPANCY_CSV, () => formatOccupancyCsv(analysis.table)],
    [OCCUPANCY_ARROW, () => occupancyArrow(analysis.table)],
    ["volumes.csv", () => formatVolumesCsv(analysis, occupied)],
    ["regions.csv", () => formatRegionsCsv(analysis)],
    ["block_pairs.csv", () => formatPairsCsv(analysis)],
    ["dependencies.csv", () => formatDependenciesCsv(analysis)],
    ["dependencies.dot", () => formatAssemblyDot(analysis)],
    ["dependencies.gexf", () => formatAssemblyGexf(analysis)],
    ["volume_tree.csv", () => formatTreeCsv(analysis.volumeTree)],
    ["block_tree.csv", () => formatTreeCsv(analysis.regionTree)],
    [ANALYSIS_JSON, () => formatAnalysis(analysis)],
  ]);
  const pictures: readonly (readonly [string, (analysis: Analysis) => Drawing])[] = [
    ["heatmap", heatMap],
    ["pca", componentsPicture],
    ["block_pairs", pairsPicture],
    ["dependencies", assemblyPicture],
  ];
  for (const [name, draw] of pictures) {
    let drawn: Drawing | undefined;
    const drawing = () => drawn ??= draw(analysis);
    files.set(`${name}.svg`, () => formatSvg(drawing()));
    files.set(`${name}.png`, () => encodePng(drawing(), SCALE));
  }
  return files;
}
