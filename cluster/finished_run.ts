/**
 * A run that has found its blocks, as those who work on with them read it: its maps are not needed.
 *
 * @module
 */
import { palette } from "../core/report/colours.ts";
import { RunError } from "../core/errors.ts";
import { isThere, readIfThere } from "../core/files.ts";
import { readBlocks } from "../core/score/read_blocks.ts";
import { quoteForShell } from "../core/shell.ts";
import { volumesKey } from "./read_volumes.ts";
import { EXPAND, SKETCH } from "./results.ts";
import { LIST } from "./result_files.ts";
import { readRun, type Run } from "./run_file.ts";
import { decodeVolumes, type SampledUnion } from "./volumes_file.ts";

/** A block of a finished run. */
export interface FinishedBlock {
  readonly id: number;
  /** Flat indices (z * box + y) * box + x of its voxels. */
  readonly voxels: Uint32Array;
  /** Rows of the union of the same voxels. */
  readonly members: Uint32Array;
  /** "#rrggbb", the same in all that shows the block. */
  readonly colour: string;
}

/** A run with its blocks. */
export interface FinishedRun {
  readonly folder: string;
  /** Folder of the blocks' files: that of the expansion, or of the sketch where there was no expansion. */
  readonly results: string;
  readonly run: Run;
  /** File names of the volumes that were kept, in the order of the bits of `union.matrix`: length N. */
  readonly volumes: readonly string[];
  readonly union: SampledUnion;
  readonly blocks: readonly FinishedBlock[];
}

/**
 * Reads a finished run from its folder. Nothing is written, and no map is read.
 *
 * @throws {RunError} There is no run in the folder, or it has not found its blocks yet.
 * @throws {InputError} One of its files is damaged, or a block holds a voxel that the run does not know.
 */
export async function readFinishedRun(folder: string): Promise<FinishedRun> {
  const run = await readRun(folder);
  const results = `${folder}/${run.expand === undefined ? SKETCH : EXPAND}`;
  const path = `${folder}/volumes.arrow`;
  const bytes = await readIfThere(path);
  if (bytes === undefined || !await isThere(`${results}/${LIST}`)) {
    throw new RunError(
      `Cannot use the run in ${folder}: it has not found its blocks yet`,
      `Go on with it: siren resume ${quoteForShell(folder)}`,
    );
  }
  const union = decodeVolumes(bytes, volumesKey(run), path);
  const { blocks: found, path: blocksPath } = await readBlocks(`${results}/blocks.json`);
  const rowOf = new Map(Array.from(union.flat, (voxel, row) => [voxel, row]));
  const colours = palette(found.size);
  const blocks = Array.from(found, ([id, voxels], i): FinishedBlock => ({
    id: Number(id),
    voxels: Uint32Array.from(voxels),
    members: Uint32Array.from(voxels, (voxel) => {
      const row = rowOf.get(voxel);
      if (row !== undefined) return row;
      throw new RunError(
        `Cannot use the run in ${folder}: block ${id} of ${blocksPath} holds a voxel that is not of ` +
          `the run's union (${voxel})`,
        `Remove ${blocksPath}, and \`siren resume ${quoteForShell(folder)}\` writes it again.`,
      );
    }),
    colour: colours[i]!,
  }));
  const volumes = run.volumes.filter(({ kept }) => kept).map(({ file }) => file);
  return { folder, results, run, volumes, union, blocks };
}
