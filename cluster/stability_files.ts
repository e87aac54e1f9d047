/**
 * The files that tell how far blocks can be relied on: tables, maps, a picture, a ChimeraX script.
 *
 * @module
 */
import { encodeMap } from "../core/mrc/mod.ts";
import { programFile } from "../core/program_files.ts";
import { fillScript, formatSvg, quoteChimeraPath } from "../core/report/mod.ts";
import {
  formatReplicatesCsv,
  formatStabilityCsv,
  stabilityArrow,
  stabilityPicture,
  surfaceConfidence,
} from "../core/stability/mod.ts";
import type { FinishedRun } from "./finished_run.ts";
import type { MakeFile } from "./result_files.ts";
import type { SourceStability, StabilitySummary } from "./stability.ts";
import { DRAWN, type Source } from "./stability_options.ts";
import type { ThreadPool } from "./threads/pool.ts";

const TEMPLATE = programFile("templates/open_confidence.cxc");

/** The voxels of all blocks, and their confidences as a surface is coloured with. */
const SURFACE = "blocks.mrc", SURFACE_CONFIDENCE = "confidence_surface.mrc";

/** What is appended to the names of the files of one kind among several; the first needs nothing. */
const suffixOf = (over: Source, sources: readonly Source[]) =>
  over === sources[0] ? "" : `_${over}`;

/** Names of the files that there will be. */
export function stabilityNames({ blocks }: FinishedRun, sources: readonly Source[]): string[] {
  return [
    "stability.csv",
    "stability.arrow",
    "replicates.csv",
    "stability.json",
    SURFACE,
    SURFACE_CONFIDENCE,
    "open_confidence.cxc",
    ...sources.flatMap((over) => {
      const suffix = suffixOf(over, sources);
      return [`confidence${suffix}.mrc`, `stability${suffix}.svg`, `stability${suffix}.png`];
    }),
    ...blocks.map(({ id }) => `confidence_block_${id}.mrc`),
  ];
}

/**
 * The files.
 *
 * @param found Replicates of each kind; maps of blocks and surfaces are of the first.
 * @param pool Threads that paint the pictures.
 */
export async function stabilityFiles(
  { run, union, blocks }: FinishedRun,
  found: readonly SourceStability[],
  summary: Omit<StabilitySummary, "run" | "folder" | "engine" | "files">,
  pool: () => ThreadPool,
): Promise<Map<string, MakeFile>> {
  const { grid } = run, { flat } = union;
  const template = await Deno.readTextFile(TEMPLATE);
  const size = grid.box ** 3;
  const spread = (values: ArrayLike<number>, scale = 1) => {
    const map = new Float32Array(size);
    flat.forEach((voxel, row) => map[voxel] = values[row]! * scale);
    return map;
  };
  const inBlocks = new Uint8Array(size);
  for (const { voxels } of blocks) for (const voxel of voxels) inBlocks[voxel] = 1;
  const rows = summary.sources.flatMap((source) => source.blocks);
  const { rule, bootstraps, seed, samples } = summary;
  const files = new Map<string, MakeFile>([
    ["stability.csv", () => formatStabilityCsv(rows)],
    ["stability.arrow", () => stabilityArrow(rows)],
    ["replicates.csv", () => formatReplicatesCsv(found)],
    ["stability.json", () => {
      const told = { rule, bootstraps, seed, samples, sources: summary.sources };
      return JSON.stringify(told, undefined, 1) + "\n";
    }],
    [SURFACE, () => encodeMap(Float32Array.from(inBlocks), grid, "siren: voxels of all blocks")],
    ["open_confidence.cxc", () => {
      const values = new Map([
        ["blocks.path", quoteChimeraPath(SURFACE)],
        ["confidence.path", quoteChimeraPath(SURFACE_CONFIDENCE)],
      ]);
      return fillScript(template, { values, lists: new Map() });
    }],
  ]);
  const sources = found.map(({ over }) => over);
  for (const { over, stability } of found) {
    const suffix = suffixOf(over, sources);
    const label = `siren: confidence, ${bootstraps} replicates over ${DRAWN[over]}`;
    files.set(`confidence${suffix}.mrc`, () => {
      return encodeMap(spread(stability.confidence), grid, label);
    });
    const title = `${bootstraps} replicates over ${DRAWN[over]}`;
    const draw = () =>
      stabilityPicture(
        title,
        blocks.map(({ id, colour, members }, b) => {
          const { jaccards, memberships } = stability.blocks[b]!;
          const confidences = Float32Array.from(members, (row) => memberships[row]! / bootstraps);
          return { id, colour, jaccards, confidences };
        }),
      );
    files.set(`stability${suffix}.svg`, () => formatSvg(draw()));
    files.set(`stability${suffix}.png`, async () => {
      const { png } = await pool().run("drawPng", { drawing: draw() });
      return png;
    });
  }
  const [first] = found;
  if (first === undefined) return files;
  files.set(SURFACE_CONFIDENCE, () => {
    const filled = surfaceConfidence(spread(first.stability.confidence), inBlocks, grid.box);
    return encodeMap(filled, grid, "siren: confidence, for colouring a surface");
  });
  for (const [b, { id }] of blocks.entries()) {
    files.set(`confidence_block_${id}.mrc`, () => {
      const map = spread(first.stability.blocks[b]!.memberships, 1 / bootstraps);
      return encodeMap(map, grid, `siren: confidence of being in block ${id}`);
    });
  }
  return files;
}
