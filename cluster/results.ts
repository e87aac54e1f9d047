/**
 * What a stage leaves for its user: masks, tables, pictures, scripts.
 *
 * @module
 */
import { relative } from "node:path";
import type { Block } from "../core/blocks/block.ts";
import { formatCutoffsCsv } from "../core/null_model/mod.ts";
import { pickleDict, pickleList } from "../core/report/mod.ts";
import { VERSION } from "../core/version.ts";
import { encodeArrow } from "./arrow_file.ts";
import { blockFiles } from "./block_files.ts";
import type { Expansion } from "./expand.ts";
import type { Surroundings } from "./progress.ts";
import { writeResults } from "./result_files.ts";
import { fingerprint } from "./hashes.ts";
import type { Run } from "./run_file.ts";
import type { Sketch } from "./sketch.ts";
import type { StageSummary } from "./summary.ts";
import { unionKey } from "./read_volumes.ts";
import type { ThreadPool } from "./threads/pool.ts";
import type { SampledUnion } from "./volumes_file.ts";

/** Folder of the sketch's results in a run folder. */
export const SKETCH = "00_sketch";
/** Folder of the expansion's results in a run folder. */
export const EXPAND = "02_expand";
/** Folder of what is told from the blocks' occupancies in a run folder. */
export const ANALYSIS = "03_analysis";
/** Folder in a run folder of how well its blocks come back. */
export const STABILITY = "04_stability";
/** The report of a run folder. */
export const REPORT = "report.html";
/** What is made of a run's blocks: it goes when other blocks come. */
export const MADE_OF_BLOCKS = [ANALYSIS, STABILITY, REPORT] as const;

/** Writes the sketch's results. */
export async function writeSketch(
  folder: string,
  run: Run,
  union: SampledUnion,
  sketch: Sketch,
  pool: () => ThreadPool,
  surroundings: Surroundings,
): Promise<StageSummary> {
  const { flat, sampled } = union;
  const { edges, pairs, blocks, cutoffs } = sketch;
  const own = `${folder}/${SKETCH}`;
  const flatOf = (places: Uint32Array) => places.map((i) => flat[sampled[i]!]!);
  const { files, lines } = await blockFiles(run, union, sketch.edges, blocks, pool);
  files.set("config.json", () => configJson(folder, own, run));
  files.set("voxels.txt", () => Array.from(sampled, (row) => `${flat[row]}\n`).join(""));
  files.set("edges.arrow", () => {
    return encodeArrow({ columns: { u: flatOf(edges.u), v: flatOf(edges.v) }, metadata: {} });
  });
  files.set("blocks_dict.pkl", () => pickleDict(membersById(blocks)));
  if (cutoffs !== undefined) files.set("cutoffs.csv", () => formatCutoffsCsv(cutoffs));
  const key = fingerprint([run.sketch, unionKey(union), edges.u, edges.v, VERSION]);
  // A mask that a user took away is a block not to be expanded.
  const isMask = (name: string) => /^block_\d+\.mrc$/.test(name);
  const changed = await writeResults(own, key, files, surroundings, isMask);
  return { folder: own, blocks: lines, pairs, edges: edges.u.length, changed };
}

/** Writes the expansion's results. */
export async function writeExpansion(
  folder: string,
  run: Run,
  union: SampledUnion,
  sketch: Sketch,
  expansion: Expansion,
  pool: () => ThreadPool,
  surroundings: Surroundings,
): Promise<StageSummary> {
  const { blocks, unassigned, cutoffs } = expansion;
  const own = `${folder}/${EXPAND}`;
  const { files, lines } = await blockFiles(run, union, sketch.edges, blocks, pool);
  files.set("blocks_dict_expand.pkl", () => pickleDict(membersById(blocks)));
  files.set("unadded_list.pkl", () => pickleList(unassigned));
  if (cutoffs !== undefined) files.set("cutoffs.csv", () => formatCutoffsCsv(cutoffs));
  const members = blocks.map(({ id, members }) => [id, members]);
  const key = fingerprint([run.sketch, run.expand, unionKey(union), members, VERSION]);
  const changed = await writeResults(own, key, files, surroundings);
  return { folder: own, blocks: lines, unassigned: unassigned.length, changed };
}

const membersById = (blocks: readonly Block[]) =>
  new Map(blocks.map(({ id, members }) => [id, members]));

/** What `expand_communities` reads: the run, and for the reader how it was made. */
function configJson(folder: string, own: string, run: Run): string {
  const { sketch, grid, volumes } = run;
  const config = {
    siren: VERSION,
    // Relative, so that the run can be moved as a whole.
    run: relative(own, folder),
    volumes: volumes.length,
    kept: volumes.filter((volume) => volume.kept).length,
    ...grid,
    ...sketch,
  };
  return JSON.stringify(config, undefined, 1) + "\n";
}
