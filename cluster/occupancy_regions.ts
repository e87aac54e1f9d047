/**
 * The regions whose occupancy is measured: masks of a folder, or blocks of a run, of a `blocks.json`, or of a
 * folder of block masks.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { InputError } from "../core/errors.ts";
import { firstVoxel, gridOf, type MapGrid, readMapHeader, sameApix } from "../core/mrc/mod.ts";
import { checkNames } from "../core/occupancy/occupancy_file.ts";
import { insideOf, isWithinBounds } from "../core/occupancy/mask.ts";
import type { NamedRegion } from "../core/occupancy/references.ts";
import type { WeightedVoxels } from "../core/occupancy/region_weights.ts";
import { findMaps, list, mapStem } from "../core/volumes/mod.ts";
import { CONSENSUS } from "./block_masks.ts";
import { checkBlocks, readBlockSource } from "./block_source.ts";
import { sha256 } from "./hashes.ts";
import type { Surroundings } from "./progress.ts";
import { changedResults } from "./result_files.ts";
import type { JobOutput, ThreadPool } from "./threads/pool.ts";

/** A region, and what it is measured by. */
export interface MeasuredRegion extends NamedRegion, WeightedVoxels {
  /** Number of voxels of a block, or above one half in a mask. */
  readonly inside: number;
}

/** A grid, and whose it is. */
export interface NamedGrid {
  readonly name: string;
  readonly grid: MapGrid;
}

type Telling = Pick<Surroundings, "tell">;

const BLOCK_MASK = /^block_\d{1,9}\./;

/**
 * Reads the masks of a folder.
 *
 * @param isBinary Whether a mask stands for its voxels above one half, each of which counts 1.
 * @throws {InputError} A mask cannot be read, is empty, not of the maps' box, or holds what is no number.
 */
export async function readMasks(
  folder: string,
  isBinary: boolean,
  maps: NamedGrid,
  pool: ThreadPool,
  surroundings: Telling,
): Promise<MeasuredRegion[]> {
  const { tell } = surroundings;
  const paths = withoutConsensus(await findMaps(folder, "masks"), surroundings);
  const grids: NamedGrid[] = [];
  for (const path of paths) grids.push(await namedGrid(path));
  checkGrids(grids, maps, surroundings);
  const names = paths.map((path) => mapStem(basename(path)));
  checkFileNames(names, paths);
  const masks: JobOutput<"readMask">[] = [];
  let done = 0;
  const report = () =>
    tell({ kind: "progress", stage: "masks", done, total: paths.length, unit: "masks" });
  report();
  await pool.map("readMask", paths.map((path) => ({ path })), (mask, i) => {
    masks[i] = mask;
    done++;
    report();
  });
  tellOdd(masks, paths, surroundings);
  return masks.map((mask, i): MeasuredRegion => {
    const { voxels, weights, inside } = mask;
    const region = { name: names[i]!, inside };
    return isBinary
      ? { ...region, voxels: insideOf(mask, paths[i]!) }
      : { ...region, voxels, weights };
  });
}

/**
 * Reads blocks: those of a run's folder, of a `blocks.json` or a folder that holds one, or of a folder of masks,
 * of which `block_7.mrc` is block 7.
 *
 * @throws {InputError} There are none, or they are not of the maps' box.
 */
export async function readBlockRegions(
  path: string,
  maps: NamedGrid,
  surroundings: Telling,
): Promise<MeasuredRegion[]> {
  const source = await readBlockSource(path);
  const { blocks, grid } = source;
  if (basename(source.path) === "blocks.json") {
    await tellChanged(dirname(source.path), surroundings);
  }
  if (grid !== undefined) {
    checkGrids([{ name: `the blocks of ${source.path}`, grid }], maps, surroundings);
  } else {
    const { box } = maps.grid;
    surroundings.tell({
      kind: "warning",
      text:
        `${source.path} does not say what box its voxels are of: it is taken to be ${box}, the maps'`,
    });
    checkBlocks(blocks, box, source.path);
  }
  if (blocks.size === 0) {
    throw new InputError(`Cannot measure the blocks of ${source.path}: it has none`);
  }
  return Array.from(blocks, ([id, voxels]) => {
    if (voxels.length === 0) {
      throw new InputError(
        `Cannot measure block ${id} of ${source.path}: it holds no voxel`,
        "Take it out of the file.",
      );
    }
    const name = /^\d+$/.test(id) ? `b${id}` : id;
    return { name, aliases: name === id ? [] : [`block_${id}`], voxels, inside: voxels.length };
  });
}

/** The grid of a map's file. */
export async function namedGrid(path: string): Promise<NamedGrid> {
  return { name: path, grid: gridOf(await readMapHeader(path), path) };
}

/** The consensus map that lies beside block masks is none of them. */
function withoutConsensus(paths: readonly string[], { tell }: Telling): string[] {
  const isBeside = paths.some((path) => BLOCK_MASK.test(basename(path)));
  const masks = paths.filter((path) => !isBeside || basename(path) !== CONSENSUS);
  if (masks.length < paths.length) {
    tell({
      kind: "note",
      text: `${CONSENSUS}, the map that lies beside siren's block masks, is not measured`,
    });
  }
  return masks;
}

/** Says that block masks were edited, though it is the list of the blocks that is measured. */
async function tellChanged(folder: string, { tell }: Telling): Promise<void> {
  const changed = await changedResults(folder, (name) => BLOCK_MASK.test(name));
  if (changed.length === 0) return;
  tell({
    kind: "warning",
    text:
      `Masks were changed since siren wrote them (${
        list(changed)
      } in ${folder}): measured is what ` +
      "blocks.json holds; --maskdir measures the masks",
  });
}

/** Refuses two masks of one name, such as `a.mrc` and `a.map`. */
function checkFileNames(names: readonly string[], paths: readonly string[]): void {
  const pathOf = new Map<string, string>();
  names.forEach((name, i) => {
    const other = pathOf.get(name);
    if (other !== undefined) {
      throw new InputError(
        `Cannot use ${other} and ${paths[i]} together: both are called ${name}`,
        "Rename one of them.",
      );
    }
    pathOf.set(name, paths[i]!);
  });
  checkNames(names.map((name) => ({ name, voxels: 0 })));
}

/** Says what is odd about masks, though it can be measured. */
function tellOdd(
  masks: readonly JobOutput<"readMask">[],
  paths: readonly string[],
  { tell }: Telling,
): void {
  const beyond = masks.flatMap((mask, i) =>
    isWithinBounds(mask) ? [] : [{ mask, path: paths[i]! }]
  );
  const [first] = beyond;
  if (first !== undefined) {
    const { least, greatest } = first.mask;
    tell({
      kind: "warning",
      text: `Masks hold 0 to 1, but ${first.path} holds ${least} to ${greatest}${
        beyond.length === 1 ? "" : `, and others do alike (${beyond.length - 1})`
      }: is it a map?`,
    });
  }
  const alike = Map.groupBy(
    paths.keys(),
    (i) => sha256(bytesOf(masks[i]!.voxels)) + sha256(bytesOf(masks[i]!.weights)),
  );
  for (const same of alike.values()) {
    if (same.length === 1) continue;
    tell({
      kind: "warning",
      text: `Masks are the same, voxel by voxel: ${list(same.map((i) => basename(paths[i]!)))}`,
    });
  }
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Looks whether masks, blocks or reference maps lie on the maps' grid.
 *
 * @throws {InputError} Their box is another.
 */
export function checkGrids(
  others: readonly NamedGrid[],
  { name, grid }: NamedGrid,
  { tell }: Telling,
): void {
  for (const other of others) {
    if (other.grid.box === grid.box) continue;
    throw new InputError(
      `Cannot use ${other.name} with the maps: its box is ${other.grid.box}, theirs is ${grid.box} (${name})`,
      `siren mask --box ${grid.box} brings masks onto the maps' grid.`,
    );
  }
  const differences = [
    [
      "voxel size",
      ({ apix }: MapGrid) =>
        apix !== undefined && grid.apix !== undefined && !sameApix(apix, grid.apix),
    ],
    ["position", (other: MapGrid) => isElsewhere(other, grid)],
  ] as const;
  for (const [what, differs] of differences) {
    const found = others.filter((other) => differs(other.grid));
    if (found.length === 0) continue;
    tell({
      kind: "warning",
      text: `The ${what} of ${list(found.map(({ name }) => name))} is not that of ${name}: ` +
        "voxels are matched by their place in the box, whatever the headers say",
    });
  }
}

/** Whether two grids' first voxels are more than half a voxel apart. */
function isElsewhere(a: MapGrid, b: MapGrid): boolean {
  const apix = b.apix ?? 1;
  const [p, q] = [a, b].map((grid) => firstVoxel({ ...grid, apix: grid.apix ?? apix }));
  return Math.hypot(p!.x - q!.x, p!.y - q!.y, p!.z - q!.z) > apix / 2;
}
