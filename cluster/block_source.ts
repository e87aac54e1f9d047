/**
 * Blocks wherever they lie: in a run, in a folder of its results, in a `blocks.json`, as a folder of masks.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { InputError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import {
  type Grid,
  gridOf,
  type MapGrid,
  readMap,
  readMapHeader,
  sameApix,
} from "../core/mrc/mod.ts";
import { insideOf, isWithinBounds, sparseMask } from "../core/occupancy/mask.ts";
import { readBlocks } from "../core/score/read_blocks.ts";
import { findMaps, mapStem } from "../core/volumes/find_maps.ts";
import { list } from "../core/volumes/map_table.ts";
import { CONSENSUS } from "./block_masks.ts";
import type { Surroundings } from "./progress.ts";
import { changedResults } from "./result_files.ts";
import { readRun, type Run } from "./run_file.ts";

/** The greatest flat index that there can be. */
const LAST_VOXEL = 2 ** 32 - 1;

/** Blocks and what is known of them. */
export interface BlockSource {
  /** The file or folder that they were read from. */
  readonly path: string;
  /** Flat indices (z * box + y) * box + x of each block's voxels, ascending, by its id. */
  readonly blocks: ReadonlyMap<string, Uint32Array>;
  /** Where the voxels lie; undefined for a `blocks.json` that lies in no run and beside no mask of its blocks. */
  readonly grid: MapGrid | undefined;
  /** The run that they are of, and its folder. */
  readonly run: { readonly folder: string; readonly run: Run } | undefined;
}

/**
 * Reads blocks: those of a run folder (expanded ones before sketched ones), of a folder of results or a
 * `blocks.json`, or the masks of a folder that has no `blocks.json`. A mask `block_N.mrc` is block N, others
 * have their file name without its ending; a mask's voxels are those above 0.5.
 *
 * @throws {InputError} There are no blocks, a file is damaged, masks differ in box or voxel size, or a block
 *   holds a voxel that is not in the run's box.
 */
export async function readBlockSource(path: string): Promise<BlockSource> {
  const places = ["blocks.json", "02_expand/blocks.json", "00_sketch/blocks.json"];
  const isFolder = await isDirectory(path);
  const hasBlocks = await Promise.all(places.map((place) => isThere(`${path}/${place}`)));
  if (isFolder && !hasBlocks.includes(true)) return await readMasks(path);

  const { blocks, path: found } = await readBlocks(path);
  const run = await runOf(found);
  const sorted = new Map(
    Array.from(blocks, ([id, voxels]) => {
      const strange = Array.from(voxels).find((voxel) => voxel > LAST_VOXEL);
      if (strange !== undefined) {
        throw new InputError(
          `Cannot use ${found}: block ${id} holds a voxel that no map has (${strange})`,
          "Voxels are flat indices (z * box + y) * box + x, from 0.",
        );
      }
      return [id, Uint32Array.from(voxels).sort()] as const;
    }),
  );
  const grid = run?.run.grid ?? await gridBeside(found, [...blocks.keys()]);
  if (grid !== undefined) checkBlocks(sorted, grid.box, found);
  return { path: found, blocks: sorted, grid, run };
}

/** Says that masks were edited, where it is the list of the blocks that was read. */
export async function tellEdited(
  { path }: Pick<BlockSource, "path">,
  { tell }: Pick<Surroundings, "tell">,
): Promise<void> {
  if (await isDirectory(path)) return;
  const edited = await changedResults(dirname(path), (name) => /^block_\d+\.mrc$/.test(name));
  if (edited.length === 0) return;
  tell({
    kind: "warning",
    text:
      `Masks beside ${path} were changed since siren wrote them (${list(edited)}): blocks are ` +
      "read from the file, not from the masks",
  });
}

/** Refuses blocks with a voxel outside the box. */
export function checkBlocks(
  blocks: ReadonlyMap<string, Uint32Array>,
  box: number,
  path: string,
): void {
  for (const [id, voxels] of blocks) {
    const last = voxels.at(-1) ?? 0;
    if (last < box ** 3) continue;
    throw new InputError(
      `Cannot use ${path}: block ${id} holds a voxel outside the box of ${box} (${last})`,
      "Give the blocks and the run that belong together.",
    );
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}

/** The run that a `blocks.json` lies in: in its folder of results, or beside its run.json. */
async function runOf(path: string): Promise<BlockSource["run"]> {
  const own = dirname(resolve(path));
  for (const folder of [own, dirname(own)]) {
    if (await isThere(`${folder}/run.json`)) return { folder, run: await readRun(folder) };
  }
  return undefined;
}

/** The grid of a block's mask that lies beside its `blocks.json`. */
async function gridBeside(path: string, ids: readonly string[]): Promise<MapGrid | undefined> {
  for (const id of ids) {
    const mask = `${dirname(path)}/block_${id}.mrc`;
    if (await isThere(mask)) return gridOf(await readMapHeader(mask), mask);
  }
  return undefined;
}

async function readMasks(folder: string): Promise<BlockSource> {
  const paths = (await findMaps(folder, "blocks.json or block masks"))
    .filter((path) => basename(path) !== CONSENSUS);
  const blocks = new Map<string, Uint32Array>();
  let first: { grid: MapGrid; path: string } | undefined;
  for (const path of paths) {
    const { header, data } = await readMap(path);
    const grid = gridOf(header, path);
    first ??= { grid, path };
    if (grid.box !== first.grid.box || !isSameSize(grid, first.grid)) {
      throw new InputError(
        `Cannot use ${first.path} and ${path} together: their boxes or voxel sizes differ (${
          describeGrid(first.grid)
        } and ${describeGrid(grid)})`,
        "All masks of a folder need the same grid.",
      );
    }
    const mask = sparseMask(data, path);
    if (!isWithinBounds(mask)) {
      throw new InputError(
        `Cannot use ${path} as a block: it is no mask, for its values are not 0 to 1 (${mask.least} to ` +
          `${mask.greatest})`,
        "Give a folder of masks, or take the map out of it.",
      );
    }
    const voxels = insideOf(mask, path);
    const stem = mapStem(basename(path));
    const id = /^block_(\d{1,9})$/.exec(stem)?.[1];
    const name = id === undefined ? stem : String(Number(id));
    if (blocks.has(name)) {
      throw new InputError(
        `Cannot use the masks of ${folder}: two are block ${name}`,
        "Rename one of them.",
      );
    }
    blocks.set(name, voxels);
  }
  return { path: folder, blocks, grid: first?.grid, run: undefined };
}

function isSameSize({ apix: a }: MapGrid, { apix: b }: MapGrid): boolean {
  return a === undefined || b === undefined ? a === b : sameApix(a, b);
}

/** A grid in words: "64 voxels of 6.55 A". */
export function describeGrid({ box, apix }: Pick<Grid, "box"> & Pick<MapGrid, "apix">): string {
  return `${box} voxels${apix === undefined ? "" : ` of ${apix} A`}`;
}
