/**
 * Grids to put atomic models on.
 *
 * @module
 */
import { InputError, UsageError } from "../core/errors.ts";
import { type Grid, gridOf, readMapHeader, sameApix, type Vector } from "../core/mrc/mod.ts";
import { MOST_BOX } from "./molmap_options.ts";
import type { Surroundings } from "./progress.ts";

/** A grid: that of a map, or one described by numbers. */
export interface GridChoice {
  /** A map whose grid it is. */
  readonly map?: string | undefined;
  /** Edge in voxels, where there is no map. */
  readonly box?: number | undefined;
  /** Voxel size in Å; of a map, instead of what its header says. */
  readonly apix?: number | undefined;
  /** Position of the first voxel in Å; of a map, instead of what its header says. By default 0, 0, 0. */
  readonly origin?: Vector | undefined;
}

const ZERO: Vector = { x: 0, y: 0, z: 0 };

/**
 * The grid that was chosen.
 *
 * @throws {UsageError} Neither a map nor a box and a voxel size, or both.
 * @throws {InputError} The map cannot be used, or its voxel size is not known.
 */
export async function chooseGrid(
  { map, box, apix, origin }: GridChoice,
  { tell }: Pick<Surroundings, "tell">,
): Promise<Grid> {
  if (map === undefined) {
    if (box === undefined || apix === undefined) {
      throw new UsageError(
        "Cannot choose a grid: neither --map nor --box and --apix are given",
        "Give a map of the ensemble as --map, and the densities lie on its grid.",
      );
    }
    return { box, apix, origin: origin ?? ZERO, nstart: ZERO };
  }
  if (box !== undefined) {
    throw new UsageError("Cannot choose a grid: --map and --box exclude each other");
  }
  const grid = await gridOfMap(map, apix, tell);
  return origin === undefined ? grid : { ...grid, origin, nstart: ZERO };
}

/**
 * The grid of a map.
 *
 * @param apix Voxel size in Å, instead of what the map's header says.
 * @throws {InputError} The map cannot be used, or its voxel size is not known.
 */
export async function gridOfMap(
  map: string,
  apix: number | undefined,
  tell: Surroundings["tell"],
): Promise<Grid> {
  const grid = gridOf(await readMapHeader(map), map);
  if (grid.box > MOST_BOX) {
    throw new InputError(
      `Cannot use the grid of ${map}: its box is larger than ${MOST_BOX} (${grid.box})`,
    );
  }
  const used = apix ?? grid.apix;
  if (used === undefined) {
    throw new InputError(
      `Cannot use the grid of ${map}: its voxel size is not known`,
      "Give it as --apix.",
    );
  }
  if (grid.apix !== undefined && !sameApix(used, grid.apix)) {
    tell({
      kind: "warning",
      text: `${map} says that its voxels are of ${grid.apix} Å; taken is --apix ${used}`,
    });
  }
  return { ...grid, apix: used };
}
