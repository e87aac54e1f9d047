/**
 * The occupancies, maps and run that regions are identified from.
 *
 * @module
 */
import { InputError } from "../core/errors.ts";
import { gridOf, type MapGrid, readMapHeader } from "../core/mrc/mod.ts";
import { blockOccupancy, type OccupancyTable } from "../core/occupancy/mod.ts";
import { readOccupancy } from "../core/occupancy/read_occupancy.ts";
import { fileKey, findMaps, list, readThresholds } from "../core/volumes/mod.ts";
import { type FinishedRun, readFinishedRun } from "./finished_run.ts";
import type { IdBlocksOptions } from "./id_blocks_options.ts";
import type { Surroundings } from "./progress.ts";

/** Where maps are read, if any. */
interface Maps {
  /** Of the volumes of the table, in its order. */
  readonly paths: readonly string[];
  readonly thresholds: Float64Array | undefined;
}

/** What questions are asked of. */
export interface Ensemble {
  readonly table: OccupancyTable;
  readonly grid: MapGrid;
  readonly run: FinishedRun | undefined;
  /** Undefined where the run's own bits say all that is asked. */
  readonly maps: Maps | undefined;
}

/**
 * Opens what questions are asked of.
 *
 * @throws {InputError} Maps, table and run cannot be used, or not together.
 */
export async function openEnsemble(
  options: IdBlocksOptions,
  surroundings: Surroundings,
): Promise<Ensemble> {
  const run = options.run === undefined ? undefined : await readFinishedRun(options.run);
  if (run !== undefined && run.blocks.length === 0 && options.occupancy === undefined) {
    throw new InputError(`Cannot tell volumes apart: the run in ${run.folder} has no blocks`);
  }
  const given = options.occupancy === undefined
    ? undefined
    : await readOccupancy(options.occupancy);
  const table = given === undefined
    ? blockOccupancy(run!.union.matrix, run!.blocks, run!.volumes) // the schema asks for one of the two
    : run === undefined
    ? given
    : inOrderOf(given, run, options.occupancy!);
  const needsMaps = options.mapdir !== undefined || options.method === "density";
  if (!needsMaps) return { table, grid: run!.run.grid, run, maps: undefined };

  const folder = options.mapdir ?? run!.run.sketch.voldir;
  const all = await findMaps(folder);
  const pathOf = new Map(all.map((path) => [fileKey(path), path]));
  const missing = table.volumes.filter((volume) => !pathOf.has(fileKey(volume)));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot tell volumes apart: there are no maps in ${folder} for volumes of the occupancies (${
        list(missing)
      })`,
      "Give the folder of the maps that the occupancies were measured in.",
    );
  }
  const paths = table.volumes.map((volume) => pathOf.get(fileKey(volume))!);
  if (paths.length < all.length) {
    surroundings.tell({
      kind: "note",
      text: `${
        all.length - paths.length
      } maps of ${folder} have no occupancies and are passed over`,
    });
  }
  const grid = await sharedGrid(paths, run);
  const thresholds = options.binfile !== undefined
    ? await readThresholds(options.binfile, paths)
    : options.bin === undefined
    ? undefined
    : new Float64Array(paths.length).fill(options.bin);
  return { table, grid, run, maps: { paths, thresholds } };
}

/** A table with its volumes in the order of a run's; they must be the same. */
function inOrderOf(table: OccupancyTable, run: FinishedRun, path: string): OccupancyTable {
  const placeOf = new Map(table.volumes.map((volume, place) => [fileKey(volume), place]));
  const ofRun = new Set(run.volumes.map(fileKey));
  const strangers = table.volumes.filter((volume) => !ofRun.has(fileKey(volume)));
  const missing = run.volumes.filter((volume) => !placeOf.has(fileKey(volume)));
  if (strangers.length + missing.length > 0) {
    throw new InputError(
      `Cannot use ${path} with the run in ${run.folder}: ` +
        (strangers.length > 0
          ? `it has volumes that the run has not (${list(strangers)})`
          : `it lacks volumes of the run (${list(missing)})`),
      "Give occupancies of the volumes that the run kept, or --mapdir in place of the run.",
    );
  }
  const { length } = table.regions;
  const values = new Float64Array(table.values.length);
  run.volumes.forEach((volume, row) => {
    const from = placeOf.get(fileKey(volume))! * length;
    values.set(table.values.subarray(from, from + length), row * length);
  });
  return { volumes: run.volumes, regions: table.regions, values };
}

/** The grid of the maps, which must be the run's where there is one. */
async function sharedGrid(
  paths: readonly string[],
  run: FinishedRun | undefined,
): Promise<MapGrid> {
  let first: { grid: MapGrid; path: string } | undefined = run &&
    { grid: run.run.grid, path: `the run in ${run.folder}` };
  for (const path of paths) {
    const grid = gridOf(await readMapHeader(path), path);
    first ??= { grid, path };
    if (grid.box === first.grid.box) continue;
    throw new InputError(
      `Cannot use ${first.path} and ${path} together: their boxes differ (${first.grid.box} and ${grid.box})`,
      "All maps of an ensemble need the same box.",
    );
  }
  return first!.grid; // a table has volumes
}
