/**
 * What masks are made of: maps, the blocks of a run or of a file, models.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { chainFileNames } from "../core/atoms/mod.ts";
import { InputError, UsageError } from "../core/errors.ts";
import { isThere } from "../core/files.ts";
import { otherGrid } from "../core/masks/mod.ts";
import { type Grid, readMap } from "../core/mrc/mod.ts";
import { readBlocks } from "../core/score/mod.ts";
import { findMaps, mapStem } from "../core/volumes/mod.ts";
import { CONSENSUS } from "./block_masks.ts";
import { readFinishedRun } from "./finished_run.ts";
import type { MaskOptions } from "./mask_options.ts";
import { chooseGrid, type GridChoice, gridOfMap } from "./model_grid.ts";
import { type ModelParts, partDensities, readParts } from "./molmap.ts";
import type { Surroundings } from "./progress.ts";

/** What masks are made of. */
export type MaskSource =
  /** Maps and folders of maps. */
  | { readonly kind: "maps"; readonly paths: readonly string[] }
  /**
   * A run, or a `blocks.json` or the folder that holds it; of the latter, `map` is a map of their grid.
   * `which` names blocks, with or without the b before their number.
   */
  | {
    readonly kind: "blocks";
    readonly path: string;
    readonly which?: readonly string[] | undefined;
    readonly map?: string | undefined;
  }
  /** Atomic models on a grid, which the options of the masks may bring into another box. */
  | ({ readonly kind: "models"; readonly grid: Pick<GridChoice, "map" | "origin"> } & ModelParts);

/** Something that becomes a mask. */
export interface MaskInput {
  /** What the mask is called after. */
  readonly name: string;
  /** The file it comes from, for messages. */
  readonly path: string;
}

/** Its densities, and which of them are in the mask. */
export interface MaskDensities {
  /** By (z, y, x): box^3 values. */
  readonly data: Float32Array;
  readonly grid: Grid;
  readonly threshold: number;
  /** Whether all densities are 0 or 1. */
  readonly isSet: boolean;
}

/** Something that becomes a mask, read when its turn comes. */
export interface MaskMaker extends MaskInput {
  /** Reads it; undefined where there is nothing of it, which was said. */
  read(): Promise<MaskDensities | undefined>;
}

type Watch = Pick<Surroundings, "signal" | "tell">;

/** Threshold of models in electrons per Å^3: that of MAVEn. */
const MODEL_THRESHOLD = 0.01;
const MASK_THRESHOLD = 0.5;

/**
 * What the masks will be made of, in order; maps are not read yet.
 *
 * @throws {UsageError | InputError} The source cannot be used.
 */
export function maskMakers(
  source: MaskSource,
  options: MaskOptions,
  watch: Watch,
): Promise<MaskMaker[]> {
  switch (source.kind) {
    case "maps":
      return ofMaps(source.paths, options);
    case "blocks":
      return ofBlocks(source, options, watch);
    case "models":
      return ofModels(source, options, watch);
  }
}

async function ofMaps(
  paths: readonly string[],
  { threshold, from_apix, box, apix }: MaskOptions,
): Promise<MaskMaker[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (!await isFolder(path)) found.push(path);
    else found.push(...(await findMaps(path)).filter((map) => basename(map) !== CONSENSUS));
  }
  return found.map((path) => ({
    name: mapStem(basename(path)),
    path,
    async read() {
      const { data, grid } = await readMap(path);
      // Where a header does not tell, the box of the masks is that of the map, as it was before cropping.
      const told = from_apix ?? grid.apix ??
        (apix === undefined ? undefined : apix * (box ?? grid.box) / grid.box);
      if (told === undefined) {
        throw new InputError(
          `Cannot make a mask of ${path}: its voxel size is not known`,
          "Give it as --from_apix.",
        );
      }
      const { least, greatest, isSet } = rangeOf(data, path);
      const isMask = least >= 0 && greatest <= 1 && greatest > 0.99;
      if (threshold === undefined && !isMask) {
        throw new UsageError(
          `Cannot make a mask of ${path}: it needs --threshold, for it is no mask from 0 to 1 but holds ` +
            `densities from ${short(least)} to ${short(greatest)}`,
        );
      }
      return { data, grid: { ...grid, apix: told }, threshold: threshold ?? MASK_THRESHOLD, isSet };
    },
  }));
}

async function ofBlocks(
  { path, which, map }: Extract<MaskSource, { kind: "blocks" }>,
  options: MaskOptions,
  { tell }: Watch,
): Promise<MaskMaker[]> {
  const isRun = await isThere(join(path, "run.json"));
  let grid: Grid;
  let blocks: Map<string, ArrayLike<number>>;
  if (isRun && map === undefined) {
    const run = await readFinishedRun(path);
    grid = { ...run.run.grid, apix: options.from_apix ?? run.run.grid.apix };
    blocks = new Map(run.blocks.map(({ id, voxels }) => [String(id), voxels]));
  } else {
    const read = await readBlocks(path);
    blocks = new Map(read.blocks);
    grid = await gridOfMap(
      map ?? await mapBeside(read.path, [...blocks.keys()]),
      options.from_apix,
      tell,
    );
  }
  const wanted = which?.map((name) => {
    const id = blocks.has(name) ? name : name.replace(/^b(?=\d)/, "");
    if (blocks.has(id)) return id;
    throw new InputError(
      `Cannot make a mask of block ${name}: there is none in ${path} (${
        [...blocks.keys()].map((id) => `b${id}`).join(", ")
      })`,
    );
  });
  const names = chainFileNames([...blocks.keys()]);
  return [...new Set(wanted ?? blocks.keys())].map((id) => ({
    name: `b${names.get(id)!}`, // all have names
    path: `block ${id} of ${path}`,
    read() {
      const voxels = blocks.get(id)!; // it was looked for above
      const data = new Float32Array(grid.box ** 3);
      for (let i = 0; i < voxels.length; i++) {
        const voxel = voxels[i]!;
        if (voxel >= data.length) {
          throw new InputError(
            `Cannot make a mask of block ${id} of ${path}: a box of ${grid.box} voxels has no voxel ${voxel}`,
            "Give a map of the box in which the blocks were found as --map.",
          );
        }
        data[voxel] = 1;
      }
      return Promise.resolve({ data, grid, threshold: MASK_THRESHOLD, isSet: true });
    },
  }));
}

/** A map of the grid of blocks, beside their file. */
async function mapBeside(path: string, ids: readonly string[]): Promise<string> {
  for (const name of [CONSENSUS, ...ids.map((id) => `block_${id}.mrc`)]) {
    const map = join(dirname(path), name);
    if (await isThere(map)) return map;
  }
  throw new UsageError(
    `Cannot tell the grid of the blocks in ${path}: there is no map beside it`,
    "Give a map of the ensemble as --map, or the run folder.",
  );
}

async function ofModels(
  source: Extract<MaskSource, { kind: "models" }>,
  options: MaskOptions,
  watch: Watch,
): Promise<MaskMaker[]> {
  const { map, origin } = source.grid;
  const { box, apix, from_apix } = options;
  const grid = map === undefined
    ? await chooseGrid({ box, apix, origin }, watch)
    : otherGrid(await chooseGrid({ map, origin, apix: from_apix }, watch), options, map);
  const { parts } = await readParts(source, watch);
  // Computed one after the other, in the order in which they are read.
  const densities = partDensities(parts, grid, source.options, watch);
  let next = densities.next();
  return parts.map((part) => ({
    name: part.name,
    path: `${part.name} of ${part.model}`,
    read() {
      if (next.done === true || next.value.name !== part.name) return Promise.resolve(undefined);
      const { data } = next.value;
      next = densities.next();
      const threshold = options.threshold ?? MODEL_THRESHOLD;
      return Promise.resolve({ data, grid, threshold, isSet: false });
    },
  }));
}

/** Least and greatest density of a map, and whether there are no others than 0 and 1. */
function rangeOf(data: Float32Array, path: string) {
  let least = Infinity, greatest = -Infinity, isSet = true;
  for (let i = 0; i < data.length; i++) {
    const density = data[i]!;
    if (!Number.isFinite(density)) {
      throw new InputError(
        `Cannot make a mask of ${path}: voxel ${i} is not a finite number (${density})`,
        "Mend the map.",
      );
    }
    least = Math.min(least, density);
    greatest = Math.max(greatest, density);
    isSet &&= density === 0 || density === 1;
  }
  return { least, greatest, isSet };
}

async function isFolder(path: string): Promise<boolean> {
  return await isThere(path) && (await Deno.stat(path)).isDirectory;
}

function short(density: number): number {
  return Number(density.toPrecision(4));
}
