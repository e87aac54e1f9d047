/**
 * The blocks of a folder of masks: those that the sketch wrote, those that a user edited, those that a
 * user added.
 *
 * @module
 */
import { basename } from "node:path";
import type { Block } from "../core/blocks/block.ts";
import { InputError } from "../core/errors.ts";
import { readMap } from "../core/mrc/mod.ts";
import { INSIDE } from "../core/occupancy/mask.ts";
import { findMaps } from "../core/volumes/mod.ts";
import type { Surroundings } from "./progress.ts";
import type { SampledUnion } from "./volumes_file.ts";

/** Name of the map of mean occupancies that lies beside the masks. */
export const CONSENSUS = "consensus.mrc";

/** Level at which it is shown: voxels occupied in at least a quarter of the volumes. */
export const CONSENSUS_LEVEL = 0.25;

/**
 * Reads every mask of a folder. `block_N` keeps its number; other names get the numbers after the
 * largest, in the natural order of the names, and are said to whoever watches.
 *
 * @throws {InputError} No masks, a mask of another box, an empty one, one with voxels that are not
 *   numbers, or two of one number.
 */
export async function readBlockMasks(
  folder: string,
  union: SampledUnion,
  surroundings: Surroundings,
): Promise<Block[]> {
  const paths = (await findMaps(folder, "block masks")).filter((path) =>
    basename(path) !== CONSENSUS
  );
  if (paths.length === 0) {
    throw new InputError(
      `Cannot expand the blocks in ${folder}: it holds no masks`,
      "Give the folder of block_N.mrc files, such as RUN/00_sketch.",
    );
  }
  const rowOf = new Int32Array(union.box ** 3).fill(-1);
  union.flat.forEach((voxel, row) => rowOf[voxel] = row);
  const numbers = paths.map((path) => /^block_(\d{1,9})\./.exec(basename(path))?.[1]);
  let next = Math.max(-1, ...numbers.map((number) => Number(number ?? -1))) + 1;
  const blocks: Block[] = [];
  const names = new Map<number, string>();
  for (const [i, path] of paths.entries()) {
    const { header, data } = await readMap(path);
    const { nx, ny, nz } = header;
    if (nx !== union.box || ny !== union.box || nz !== union.box) {
      throw new InputError(
        `Cannot use ${path} as a block: its box is ${nx} x ${ny} x ${nz}, the maps' is ${union.box}`,
        "Resample the mask to the maps' grid, or take it out of the folder.",
      );
    }
    const rows: number[] = [];
    let outside = 0;
    data.forEach((value, voxel) => {
      if (Number.isNaN(value)) {
        throw new InputError(
          `Cannot use ${path} as a block: voxel ${voxel} is not a number`,
          "Mend the mask, or take it out of the folder.",
        );
      }
      if (value <= INSIDE) return;
      const row = rowOf[voxel]!;
      if (row < 0) outside++;
      else rows.push(row);
    });
    if (rows.length === 0) {
      throw new InputError(
        `Cannot use ${path} as a block: none of its voxels is above ${INSIDE} and occupied in more ` +
          `than 1 % of the volumes`,
        "Mend the mask, or take it out of the folder.",
      );
    }
    const id = numbers[i] === undefined ? next++ : Number(numbers[i]);
    const twin = names.get(id);
    if (twin !== undefined) {
      throw new InputError(
        `Cannot use ${path} as block ${id}: so is ${twin}`,
        "Rename one of them.",
      );
    }
    names.set(id, path);
    const name = basename(path);
    if (numbers[i] === undefined) {
      surroundings.tell({ kind: "note", text: `${name} is taken as block ${id}` });
    }
    if (outside > 0) {
      surroundings.tell({
        kind: "warning",
        text: `${outside} voxels of ${name} are occupied in at most 1 % of the volumes: ` +
          `they say nothing and are left out`,
      });
    }
    blocks.push({ id, members: Uint32Array.from(rows) });
  }
  return blocks.sort((a, b) => a.id - b.id);
}
