/**
 * What opens an analysis in other programs: ChimeraX scripts of its volumes and clusters, and a notebook.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { type Analysis, volumeClusters } from "../core/analysis/mod.ts";
import { UsageError } from "../core/errors.ts";
import { firstVoxel } from "../core/mrc/mod.ts";
import { programFile } from "../core/program_files.ts";
import {
  blockMarkers,
  fillCluster,
  fillColourVolume,
  makeNotebook,
  type PythonValue,
  quoteChimeraPath,
  type ScriptBlock,
  type ScriptVolume,
} from "../core/report/mod.ts";
import { CONSENSUS, CONSENSUS_LEVEL } from "./block_masks.ts";
import type { FinishedRun } from "./finished_run.ts";
import type { MakeFile } from "./result_files.ts";

/** Name of the markers that surfaces are coloured after. */
const MARKERS = "block_markers.cmm";
/** Name of the notebook. */
const NOTEBOOK = "analysis.ipynb";

/** Most volumes of a cluster that its script opens beside the first. */
const MOST_VOLUMES = 8;

/** Files that open an analysis elsewhere. */
export interface SceneFiles {
  readonly files: ReadonlyMap<string, MakeFile>;
  /** What could not be made, and why, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * The files that open an analysis in other programs: `analysis.ipynb`, and of a run's blocks
 * `block_markers.cmm`, `colour_volume.cxc` and, for each cluster of volumes, `cluster_N.cxc`.
 *
 * Paths in them are seen from their folder where the other file lies in the run, or the folder itself in the
 * run; so a run can be moved as a whole. Maps elsewhere are named by their whole path.
 *
 * @param run The run whose blocks are the regions; undefined where the analysis is of a table alone.
 * @param folder Folder that the files will lie in.
 */
export function sceneFiles(
  analysis: Analysis,
  run: FinishedRun | undefined,
  folder: string,
): SceneFiles {
  const files = new Map<string, MakeFile>();
  if (run === undefined) {
    files.set(NOTEBOOK, notebook({ results: null, maps: null, run: null, colours: {} }));
    return { files, warnings: [] };
  }
  const own = resolve(folder), root = resolve(run.folder);
  const isInRun = isWithin(own, root);
  /** A path as files in the folder name it. */
  const seen = (path: string) =>
    isInRun && isWithin(resolve(path), root) ? relative(own, resolve(path)) || "." : resolve(path);
  const results = seen(run.results);
  const maps = seen(run.run.sketch.voldir);
  files.set(
    NOTEBOOK,
    notebook({
      results,
      maps,
      run: seen(run.folder),
      colours: Object.fromEntries(run.blocks.map(({ id, colour }) => [`b${id}`, colour])),
    }),
  );
  try {
    // What ChimeraX cannot be told is found out before any file is made.
    for (const path of [results, maps, ...run.volumes]) quoteChimeraPath(path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const why = error.message.replace(/^.*?: /, "");
    return { files, warnings: [`There are no ChimeraX scripts: ${why}`] };
  }
  for (const [name, make] of scripts(analysis, run, results, maps)) files.set(name, make);
  return { files, warnings: [] };
}

/** Whether a path is a folder, or lies within it; both are whole paths. */
function isWithin(path: string, folder: string): boolean {
  const from = relative(folder, path);
  return from === "" || (from !== ".." && !from.startsWith("../") && !from.startsWith("/"));
}

function scripts(
  analysis: Analysis,
  { run, union, volumes, blocks }: FinishedRun,
  results: string,
  maps: string,
): Map<string, MakeFile> {
  const files = new Map<string, MakeFile>();
  files.set(MARKERS, () => blockMarkers(blocks, union.flat, run.grid));
  const markers = { path: MARKERS, apix: run.grid.apix, first: firstVoxel(run.grid) };
  const scriptBlocks = blocks.map(({ id, colour }): ScriptBlock => ({
    path: join(results, `block_${id}.mrc`),
    id,
    colour,
  }));
  const volume = { path: join(results, CONSENSUS), name: "consensus", level: CONSENSUS_LEVEL };
  files.set(
    "colour_volume.cxc",
    filled(
      "colour_volume.cxc",
      (template) => fillColourVolume(template, { volume, markers, blocks: scriptBlocks }),
    ),
  );
  const thresholdOf = new Map(run.volumes.map(({ file, threshold }) => [file, threshold]));
  const blockOf = new Map(scriptBlocks.map((block) => [`b${block.id}`, block]));
  const known = new Set(volumes);
  for (const { cluster, volumes: places, regions } of volumeClusters(analysis)) {
    const [medoid, ...others] = places.map((place) => analysis.table.volumes[place]!)
      .filter((file) => known.has(file))
      .map((file): ScriptVolume => ({
        path: join(maps, file),
        name: file,
        level: thresholdOf.get(file)!,
      }));
    if (medoid === undefined) continue;
    const present = regions.map((region) => blockOf.get(analysis.table.regions[region]!.name))
      .filter((block) => block !== undefined);
    files.set(
      `cluster_${cluster}.cxc`,
      filled("cluster.cxc", (template) =>
        fillCluster(template, {
          medoid: { ...medoid, name: `cluster ${cluster}: ${medoid.name}` },
          markers,
          blocks: present,
          volumes: others.slice(0, MOST_VOLUMES),
        })),
    );
  }
  return files;
}

function notebook(values: Readonly<Record<string, PythonValue>>): MakeFile {
  return filled("analysis.py", (script) => makeNotebook(script, new Map(Object.entries(values))));
}

/** A file made from one of siren's templates. */
function filled(template: string, fill: (template: string) => string): MakeFile {
  return async () => {
    const text = await Deno.readTextFile(programFile(`templates/${template}`));
    return new TextEncoder().encode(fill(text));
  };
}
